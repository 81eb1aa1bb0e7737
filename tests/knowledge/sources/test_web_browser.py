import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count

import pytest

from knowledge.errors import DocumentGone, UnreadableDocument
from knowledge.sources.web_browser import Browser, Fetched
from knowledge.sources.web_guard import Guard
from knowledge.sources.web_urls import web_address
from tests.fakes.web_server import FakeWeb, Page, fake_web, html, redirect

OLD = "Mon, 01 Jan 2024 00:00:00 GMT"


def local(*_: object) -> Sequence[str]:
    return ("127.0.0.1",)


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with fake_web({"/": html("<p>Welcome")}) as served:
        yield served


def browser(web: FakeWeb, **options: float) -> Browser:
    return Browser(Guard(frozenset([web.host]), local), **options)


def elsewhere(web: FakeWeb) -> Browser:
    """Knows the fake's name; any other host is the address that it is written as."""

    def resolve(host: str, _: int) -> Sequence[str]:
        return ("127.0.0.1",) if host == "site.example" else (host,)

    return Browser(Guard(frozenset([web.host]), resolve))


def get(web: FakeWeb, target: str = "/", *, stay: bool = False, **options: float) -> Fetched:
    return browser(web, **options).get(web_address(web.url(target)), stay=stay)


def test_a_page_comes_with_its_kind_and_date(web: FakeWeb) -> None:
    web.pages["/a"] = html("<p>Text", Last_Modified=OLD)
    fetched = get(web, "/a#part")
    assert str(fetched.address) == web.url("/a")
    assert (fetched.content_type, fetched.charset) == ("text/html", "utf-8")
    assert fetched.changed_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert b"<p>Text" in fetched.body
    assert web.asked == ["/robots.txt", "/a"]
    sent = web.headers[1]
    assert sent["host"] == web.host
    assert sent["user-agent"].startswith("Knowhow/")
    assert not {"cookie", "authorization", "referer"} & sent.keys()


def test_a_date_of_now_says_nothing(web: FakeWeb) -> None:
    web.pages["/a"] = html("x", Last_Modified=OLD, Date=OLD)
    assert get(web, "/a").changed_at is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(web: FakeWeb, status: int) -> None:
    web.pages |= {"/a": redirect("/b", status), "/b": redirect(web.url("/c")), "/c": html("x")}
    assert str(get(web, "/a").address) == web.url("/c")


def test_redirects_without_end_are_not(web: FakeWeb) -> None:
    web.pages |= {"/a": redirect("/b"), "/b": redirect("/a")}
    with pytest.raises(UnreadableDocument, match="redirects more than 5 times"):
        get(web, "/a")
    assert len(web.asked) == 7


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254, which is not an address"),
        ("http://127.0.0.1/", "127.0.0.1, which is not an address"),
        ("http://[::ffff:127.0.0.1]/", "not an address of the public internet"),
        ("http://127.0.0.1:{port}/", "port .* is not one of the web's"),
        ("http://site.example/", "site.example is at 127.0.0.1"),
        ("http://user:pw@site.example/", "leave them out"),
        ("file:///etc/passwd", "no web address"),
        ("gopher://127.0.0.1:70/", "no web address"),
        ("", "redirects more than"),
    ],
)
def test_a_redirect_to_where_an_upload_must_not_go_is_refused(
    web: FakeWeb, to: str, reason: str
) -> None:
    web.pages["/a"] = redirect(to.format(port=web.port))
    with pytest.raises(UnreadableDocument, match=reason):
        elsewhere(web).get(web_address(web.url("/a")))
    assert "/" not in web.asked


def test_a_robots_txt_that_redirects_inside_is_refused(web: FakeWeb) -> None:
    web.pages["/robots.txt"] = redirect("http://169.254.169.254/")
    with pytest.raises(UnreadableDocument, match=r"169\.254\.169\.254 is at"):
        elsewhere(web).get(web_address(web.url("/")))
    assert web.asked == ["/robots.txt"]


def test_a_name_that_resolves_otherwise_the_second_time_is_not_believed(web: FakeWeb) -> None:
    """DNS rebinding: each connection checks the very address that it goes to."""
    lookups = count()

    def rebinding(*_: object) -> Sequence[str]:
        # The first, for robots.txt, is allowed to the fake; the page's own is another address.
        return ("127.0.0.1",) if next(lookups) == 0 else ("169.254.169.254",)

    with pytest.raises(UnreadableDocument, match=r"169\.254\.169\.254, which is not an address"):
        Browser(Guard(frozenset([web.host]), rebinding)).get(web_address(web.url("/")))
    assert web.asked == ["/robots.txt"]


def test_each_connection_goes_to_the_one_address_that_was_checked(web: FakeWeb) -> None:
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ("127.0.0.1",)

    Browser(Guard(frozenset([web.host]), resolve)).get(web_address(web.url("/")))
    # One look-up a connection: nothing below looks the name up again, and it has no address.
    assert asked == [("site.example", web.port)] * 2
    assert [headers["host"] for headers in web.headers] == [web.host] * 2


def test_tls_asks_for_the_name_and_believes_only_its_certificate() -> None:
    hello = b""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            nonlocal hello
            connection, _ = server.accept()
            with connection:
                hello = connection.recv(4096)

        listener = threading.Thread(target=listen)
        listener.start()
        host = f"site.example:{server.getsockname()[1]}"
        reader = Browser(Guard(frozenset([host]), local))
        with pytest.raises(UnreadableDocument, match=r"site\.example (broke|could not)"):
            reader.get(web_address(f"https://{host}/"))
        listener.join()
    assert b"site.example" in hello
    assert reader._tls.verify_mode == ssl.CERT_REQUIRED
    assert reader._tls.check_hostname


def test_the_environments_proxies_are_not_used(
    web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get(web).body


def test_a_sitemaps_page_stays_on_its_site(web: FakeWeb) -> None:
    web.pages |= {"/a": redirect("https://login.example/?next=a"), "/b": redirect("/")}
    assert get(web, "/b", stay=True).body
    with pytest.raises(UnreadableDocument, match=r"redirects to another site, login\.example"):
        get(web, "/a", stay=True)


def dripping(write: Callable[[bytes], object]) -> None:
    for _ in range(100):
        write(b"x")
        time.sleep(0.05)


def endless(write: Callable[[bytes], object]) -> None:
    while True:
        write(b"x" * 1_000_000)


def silent(_: Callable[[bytes], object]) -> None:
    time.sleep(5)


@pytest.mark.parametrize("stream", [dripping, silent])
def test_a_slow_page_is_given_up(
    web: FakeWeb, stream: Callable[[Callable[[bytes], object]], None]
) -> None:
    web.pages["/slow"] = Page(stream=stream)
    started = time.monotonic()
    with pytest.raises(UnreadableDocument, match="too slow"):
        get(web, "/slow", page_s=0.5)
    assert time.monotonic() - started < 2


def test_slow_headers_are_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                try:
                    for number in range(100):
                        connection.sendall(b"X-%d: 1\r\n" % number)
                        time.sleep(0.05)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        host = f"site.example:{server.getsockname()[1]}"
        with pytest.raises(UnreadableDocument, match="too slow"):
            Browser(Guard(frozenset([host]), local), page_s=0.5).get(web_address(f"http://{host}/"))


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(stream=endless), "more than the 20,000,000 bytes"),
        (Page(headers={"Content-Length": "30000000"}, stream=endless), "more than the 20,000,000"),
        (
            Page(gzip.compress(bytes(200_000_000)), headers={"Content-Encoding": "gzip"}),
            "more than the 20,000,000 bytes",
        ),
        (Page(b"not packed", headers={"Content-Encoding": "gzip"}), "compression is damaged"),
        (
            Page(gzip.compress(b"x" * 999)[:-9], headers={"Content-Encoding": "gzip"}),
            "compression ends too early",
        ),
        (Page(b"x", headers={"Content-Encoding": "br"}), "compression 'br' was not asked for"),
        (Page(b"x", headers={"Content-Length": "9"}), "broke the connection off"),
        (Page(b"x", headers={"X": "y" * 200_000}), "broke the connection off"),
        (Page(b"x", status=401), r"does not let us read it \(401\)"),
        (Page(b"x", status=403), r"does not let us read it \(403\)"),
        (Page(b"x", status=500), "status 500"),
        (Page(status=204), "status 204"),
        (Page(status=304), "status 304"),
        (Page(status=429, headers={"Retry-After": "9999"}), "asks to come back in 9999 s"),
        (
            Page(status=503, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
            "asks to come back in",
        ),
    ],
)
def test_what_is_too_much_or_not_a_page_is_refused_with_its_reason(
    web: FakeWeb, page: Page, reason: str
) -> None:
    web.pages["/bad"] = page
    with pytest.raises(UnreadableDocument, match=reason) as caught:
        get(web, "/bad")
    assert not isinstance(caught.value, DocumentGone)


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_told_from_one_that_fails(web: FakeWeb, status: int) -> None:
    web.pages["/gone"] = Page(status=status)
    with pytest.raises(DocumentGone, match=str(status)):
        get(web, "/gone")


def test_a_packed_page_is_unpacked(web: FakeWeb) -> None:
    web.pages["/a"] = Page(gzip.compress(b"x" * 999), headers={"Content-Encoding": "gzip"})
    assert get(web, "/a").body == b"x" * 999
    assert web.headers[0]["accept-encoding"] == "gzip"


def test_a_busy_server_is_asked_again_when_it_says_so(web: FakeWeb) -> None:
    web.pages["/a"] = [Page(status=503, headers={"Retry-After": "1"}), html("x")]
    started = time.monotonic()
    assert get(web, "/a").body
    assert time.monotonic() - started >= 1
    assert web.asked.count("/a") == 2


def test_a_server_that_stays_silent_is_left_alone(web: FakeWeb) -> None:
    web.pages["/a"] = Page(stream=silent)
    reader = browser(web, page_s=0.1)
    reasons = []
    for _ in range(7):
        with pytest.raises(UnreadableDocument) as caught:
            reader.get(web_address(web.url("/a")))
        reasons.append(str(caught.value))
    assert web.asked.count("/a") == 5
    assert reasons[-1] == "site.example did not answer 5 times: not asked again"


def test_robots_txt_is_asked_once_and_kept(web: FakeWeb) -> None:
    rules = b"User-agent: knowhow\nDisallow: /private\n"
    web.pages |= {"/robots.txt": Page(rules), "/private": html("x"), "/a": redirect("/private")}
    reader = browser(web)
    assert reader.get(web_address(web.url("/"))).body
    for target in ("/private", "/a", "/%70rivate", "/x/../private"):
        with pytest.raises(UnreadableDocument, match=r"robots\.txt of .* asks Knowhow not to"):
            reader.get(web_address(web.url(target)))
    assert web.asked == ["/robots.txt", "/", "/a"]


@pytest.mark.parametrize("status", [404, 403, 410])
def test_without_a_robots_txt_all_may_be_read(web: FakeWeb, status: int) -> None:
    web.pages["/robots.txt"] = Page(status=status)
    assert get(web).body


@pytest.mark.parametrize("status", [500, 503, 429])
def test_with_a_robots_txt_that_cannot_be_read_nothing_may(web: FakeWeb, status: int) -> None:
    web.pages["/robots.txt"] = Page(status=status)
    reader = browser(web)
    for _ in range(2):
        with pytest.raises(
            UnreadableDocument, match=rf"robots\.txt .* cannot be read \({status}\)"
        ):
            reader.get(web_address(web.url("/")))
    assert web.asked == ["/robots.txt"]


def test_a_site_is_visited_at_its_own_pace(web: FakeWeb) -> None:
    web.pages["/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 0.2\n")
    reader = browser(web)
    started = time.monotonic()
    for _ in range(4):
        reader.get(web_address(web.url("/")))
    assert time.monotonic() - started >= 0.6
    web.pages["/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 3600\n")
    with pytest.raises(UnreadableDocument, match="asks for 3600 s between pages"):
        get(web)


def test_at_most_two_pages_of_a_site_are_asked_for_at_once(web: FakeWeb) -> None:
    def slowly(write: Callable[[bytes], object]) -> None:
        time.sleep(0.1)
        write(b"x")

    web.pages["/a"] = Page(stream=slowly)
    reader = browser(web)
    with ThreadPoolExecutor(6) as pool:
        bodies = list(pool.map(lambda _: reader.get(web_address(web.url("/a"))).body, range(6)))
    assert bodies == [b"x"] * 6
    assert web.most_at_once == 2
