from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import Parsed
from knowledge.sources import Root, Skipped, Source, roots, sources
from knowledge.sources.web_browser import Browser
from knowledge.sources.web_guard import Guard
from knowledge.storage.library import Library
from knowledge.uploading.upload import UploadReport, upload
from tests.fakes.web_server import FakeWeb, Page, fake_web, html, redirect

OLD = "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with fake_web() as served:
        yield served


def browser(web: FakeWeb) -> Browser:
    return Browser(Guard(frozenset([web.host]), lambda *_: ("127.0.0.1",)))


def found(web: FakeWeb, target: str) -> tuple[list[Source], dict[str, str]]:
    """The documents under an address, and reasons by what was skipped."""
    (root,) = roots([web.url(target)])
    items = list(sources(root, browser(web)))
    skipped = {item.uri: item.reason for item in items if isinstance(item, Skipped)}
    return [item for item in items if isinstance(item, Source)], skipped


def read(web: FakeWeb, target: str) -> Parsed:
    (page,), _ = found(web, target)
    return page.parse(page.read())


def sitemap(*pages: str) -> Page:
    entries = "".join(f"<url><loc>{page}</loc></url>" for page in pages)
    return Page(f"<urlset>{entries}</urlset>".encode())


def index(*sitemaps: str) -> Page:
    entries = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in sitemaps)
    return Page(f"<sitemapindex>{entries}</sitemapindex>".encode())


def test_an_address_is_a_root_and_nothing_is_asked_for_yet() -> None:
    assert roots(["HTTPS://Docs.example:443/a#part", "https://docs.example/a"]) == (
        Root("https://docs.example/a", None),
    )
    for name in ("sitemap.xml", "sitemap.xml.gz", "x/SiteMap_Index.XML?page=2"):
        (root,) = roots([f"https://docs.example/{name}"])
        assert root.prefix == f"{root.path}#"
    with pytest.raises(InvalidInput, match="names a user"):
        roots(["https://me:secret@docs.example/"])


def test_a_page_is_read_with_its_address_and_date(web: FakeWeb) -> None:
    canonical = f'<link rel="canonical" href="{web.url("/a")}">'
    web.pages["/a.html?x=1"] = html("<h1>A</h1><p>Text.", canonical, Last_Modified=OLD)
    (page,), _ = found(web, "/a.html?x=1#part")
    assert page.identity == page.uri == web.url("/a.html?x=1")
    parsed = page.parse(page.read())
    assert (parsed.title, parsed.uri) == ("A", web.url("/a"))
    assert parsed.updated_at == datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("stated", ["https://evil.example/a", "{front}", "javascript:alert(1)", ""])
def test_a_page_does_not_speak_for_another(web: FakeWeb, stated: str) -> None:
    link = f'<link rel="canonical" href="{stated.format(front=web.url("/"))}">'
    web.pages["/a"] = html("<p>Text.", link)
    assert read(web, "/a").uri == web.url("/a")
    web.pages["/b.md"] = Page(b"---\nurl: https://evil.example/\n---\nText.")
    assert read(web, "/b.md").uri == web.url("/b.md")


def test_after_a_redirect_the_address_is_the_pages_and_the_name_stays(web: FakeWeb) -> None:
    web.pages |= {"/old": redirect("/new"), "/new": html("<p>Text.")}
    (page,), _ = found(web, "/old")
    assert page.identity == web.url("/old")
    assert page.parse(page.read()).uri == web.url("/new")


@pytest.mark.parametrize(
    ("target", "kind", "body", "expected"),
    [
        ("/a", "text/html", b"<h1>A</h1><p>Text.", ("A", "# A\n\nText.")),
        ("/a.pdf", "text/html; charset=utf-8", b"<p>Text.", ("a", "Text.")),
        ("/", "application/xhtml+xml", b"<p>Text.", ("site.example", "Text.")),
        ("/a.md", "text/plain", b"# A\n\n*Text.*", ("A", "# A\n\n*Text.*")),
        ("/a", "text/markdown", b"# A\n\n*Text.*", ("A", "# A\n\n*Text.*")),
        ("/a%20b/c%2Fd.html", "application/octet-stream", b"<p>Text.", ("d", "Text.")),
        ("/read.me", "text/plain", b"# Text", ("read", "# Text")),
        ("/a.html", "", b"<p>Text.", ("a", "Text.")),
        ("/a", "text/html; charset=iso-8859-1", b"<p>caf\xe9", ("a", "café")),
        ("/a", "text/plain; charset=gb2312", "你好世界".encode("gbk"), ("a", "你好世界")),
        ("/a", "text/html; charset=nonsense", b"<p>Text.", ("a", "Text.")),
    ],
)
def test_the_kind_of_a_page_is_the_servers_word_then_its_name(
    web: FakeWeb, target: str, kind: str, body: bytes, expected: tuple[str, str]
) -> None:
    web.pages[target] = Page(body, headers={"Content-Type": kind} if kind else {})
    parsed = read(web, target)
    assert (parsed.title, parsed.text.strip()) == expected


@pytest.mark.parametrize(
    ("target", "kind", "reason"),
    [
        ("/a.html", "image/png", "content image/png is not supported"),
        ("/a", "application/zip", "content application/zip is not supported"),
        ("/a", "", "content without a type is not supported"),
        ("/a", "text/html\x1b[31m", "is not supported"),
        ("/a.pdf", "application/pdf", "Pdf"),
    ],
)
def test_what_is_no_document_says_so(web: FakeWeb, target: str, kind: str, reason: str) -> None:
    web.pages[target] = Page(b"x", headers={"Content-Type": kind} if kind else {})
    with pytest.raises(UnreadableDocument, match=reason):
        read(web, target)


def test_a_sitemap_lists_pages_of_its_site_each_once(web: FakeWeb) -> None:
    web.pages["/sitemap.xml"] = sitemap(
        "/a", web.url("/b"), web.url("/a#x"), "https://other.example/c", "ftp://x/d", "b/../b"
    )
    pages, skipped = found(web, "/sitemap.xml")
    root = web.url("/sitemap.xml")
    assert [page.uri for page in pages] == [web.url("/a"), web.url("/b")]
    assert [page.identity for page in pages] == [f"{root}#{page.uri}" for page in pages]
    assert web.asked == ["/robots.txt", "/sitemap.xml"]
    assert skipped == {root: "1 addresses on other sites are not read: https://other.example/c"}


def test_a_sitemaps_date_is_believed_where_the_page_has_none(web: FakeWeb) -> None:
    entry = "<urlset><url><loc>/a</loc><lastmod>2024-05-06T07:08:09Z</lastmod></url></urlset>"
    web.pages |= {"/sitemap.xml": Page(entry.encode()), "/a": html("<p>Text.")}
    assert read(web, "/sitemap.xml").updated_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_indexes_are_followed_to_a_depth_and_never_round(web: FakeWeb) -> None:
    web.pages |= {
        "/sitemap.xml": index("/one.xml", "/sitemap.xml", "/two.xml", "https://x.example/s.xml"),
        "/one.xml": index("/sitemap.xml", "/two.xml", "/deep.xml"),
        "/two.xml": sitemap("/a"),
        "/deep.xml": index("/deeper.xml"),
    }
    pages, skipped = found(web, "/sitemap.xml")
    assert [page.uri for page in pages] == [web.url("/a")]
    assert web.asked == ["/robots.txt", "/sitemap.xml", "/one.xml", "/two.xml", "/deep.xml"]
    assert skipped == {
        web.url("/deep.xml"): "sitemaps are followed 2 deep: name this one itself",
        web.url("/sitemap.xml"): (
            "1 addresses on other sites are not read: https://x.example/s.xml"
        ),
    }


def test_sitemaps_without_end_are_not_followed(web: FakeWeb) -> None:
    web.pages["/sitemap.xml"] = index(*(f"/{number}.xml" for number in range(300)))
    for number in range(300):
        web.pages[f"/{number}.xml"] = sitemap(*(f"/{number}/{page}" for page in range(10)))
    pages, skipped = found(web, "/sitemap.xml")
    assert len(pages) == 1990
    assert skipped[web.url("/sitemap.xml")].startswith("it lists more than 200 sitemaps")
    web.pages["/sitemap.xml"] = sitemap(*(f"/{number}" for number in range(5002)))
    pages, skipped = found(web, "/sitemap.xml")
    assert len(pages) == 5000
    assert skipped[web.url("/sitemap.xml")].startswith("it lists more than 5,000 pages")


@pytest.mark.parametrize("broken", [Page(status=404), Page(status=500), html("Not found")])
def test_a_sitemap_that_cannot_be_read_leaves_its_site_alone(web: FakeWeb, broken: Page) -> None:
    web.pages |= {"/sitemap.xml": index("/one.xml", "/two.xml"), "/one.xml": sitemap("/a")}
    web.pages["/two.xml"] = broken
    (root,) = roots([web.url("/sitemap.xml")])
    page, lost = sources(root, browser(web))
    assert isinstance(page, Source)
    assert isinstance(lost, Skipped)
    assert lost.incomplete


async def test_a_site_is_uploaded_changed_and_pruned(
    web: FakeWeb, database: Database, encoder: MiniLM, tmp_path: Path
) -> None:
    library = Library(database, encoder)

    async def run(*targets: str, prune: bool = False) -> UploadReport:
        paths: list[Path | str] = [web.url(target) for target in targets]
        return await upload(
            [*paths, tmp_path / "a.md"],
            library=library,
            encoder=encoder,
            prune=prune,
            read=partial(sources, browser=browser(web)),
        )

    (tmp_path / "a.md").write_text("A file.")
    for name in "abcde":
        web.pages[f"/{name}"] = html(f"<h1>{name}</h1><p>This is page {name}.")
    web.pages["/sitemap.xml"] = sitemap("/a", "/b", "/c", "/d")
    first = await run("/sitemap.xml", "/e")
    assert (first.added, first.failed) == (6, ())
    assert (await run("/sitemap.xml", "/e")).unchanged == 6

    web.pages["/a"] = html("<h1>a</h1><p>Page a has changed.")
    web.pages["/b"] = Page(status=404)
    web.pages["/c"] = Page(status=500)
    web.pages["/sitemap.xml"] = sitemap("/a", "/b", "/c")
    second = await run("/sitemap.xml", "/e")
    assert (second.updated, second.removed) == (1, 0)
    assert {failure.uri: failure.reason[-5:] for failure in second.failed} == {
        web.url("/b"): "(404)",
        web.url("/c"): "s 500",
    }

    third = await run("/sitemap.xml", prune=True)
    assert third.removed == 2, "b says that it is gone, d is not listed; c may be well tomorrow"
    assert [failure.uri for failure in third.failed] == [web.url("/c")]
    root = f"{web.url('/sitemap.xml')}#"
    assert set(await library.hashes("default")) == {
        str(tmp_path / "a.md"),
        root + web.url("/a"),
        root + web.url("/c"),
        web.url("/e"),
    }

    for broken in (Page(status=500), sitemap("/d", "/b")):
        web.pages["/sitemap.xml"] = broken
        web.pages["/d"] = Page(status=404)
        fourth = await run("/sitemap.xml", prune=True)
        assert fourth.removed == 0
        assert fourth.failed[-1].reason.startswith("not pruned: ")
    assert len(await library.hashes("default")) == 4

    web.pages["/e"] = Page(status=410)
    assert (await run("/e", prune=True)).removed == 1, "a page that was itself named"
