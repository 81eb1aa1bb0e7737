import pytest

from tests.fakes.web_server import Page, fake_web, html
from tests.journeys.terminal import Terminal

LATER = "Five days may be carried over until the end of March. " * 30
YEARLY = "There are 27 days of leave a year for everybody who works here. " * 30


async def test_a_site_is_uploaded_asked_and_cited_where_it_says_so(terminal: Terminal) -> None:
    with fake_web() as web:
        host = f"127.0.0.1:{web.port}"
        page, gone = f"http://{host}/leave", f"http://{host}/gone"
        listed = f"<urlset><url><loc>{page}</loc></url><url><loc>{gone}</loc></url></urlset>"
        web.pages["/sitemap.xml"] = Page(listed.encode())
        content = f"<h1>Leave</h1><p>{YEARLY}</p><h2 id=later>Carry over</h2><p>{LATER}"
        web.pages["/leave"] = html(f"<nav>Menu</nav><main>{content}</main>")
        upload = ("upload", f"http://{host}/sitemap.xml", "--json")

        refused = await terminal.run(*upload)
        assert refused.code == 1
        (failure,) = refused.json["failed"]
        assert failure["reason"].endswith(f"add --allow-private-host {host}")
        assert web.asked == []

        done = await terminal.run(*upload, "--allow-private-host", host)
        assert done.json["added"] == 1
        assert done.json["failed"] == [
            {"uri": gone, "reason": "the server says that it is gone (404)"}
        ]

    asked = await terminal.run("ask", "How many days may be carried over?")
    assert f"{page}#later" in asked.out
    assert "Menu" not in asked.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("upload", "https://me:s3cret@wiki.example/"), "names a user or a password"),
        (("upload", "https://wiki.example/a", "--allow-private-host", "a/b"), "is not a host"),
    ],
)
async def test_an_address_that_cannot_be_used_is_one_clear_line(
    terminal: Terminal, arguments: tuple[str, ...], complaint: str
) -> None:
    ran = await terminal.run(*arguments)
    assert complaint in ran.complaint
    assert "s3cret" not in ran.err
