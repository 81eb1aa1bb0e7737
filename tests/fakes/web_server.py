"""A web server over a real socket: pages by path, each as odd as a test needs it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Page:
    """What is sent; ``stream`` writes the body itself, without a Content-Length, if given."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Callable[[Callable[[bytes], object]], None] | None = None


def html(body: str, head: str = "", **headers: str) -> Page:
    """An HTML page; ``Last_Modified`` becomes the header Last-Modified."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return Page(text.encode(), headers={"Content-Type": "text/html; charset=utf-8", **named})


def redirect(to: str, status: int = 302) -> Page:
    """To another address."""
    return Page(status=status, headers={"Location": to})


@dataclass
class FakeWeb:
    """Serves ``pages`` by target, the last of a list for ever; ``asked`` keeps the requests."""

    pages: dict[str, Page | list[Page]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    at_once: int = 0
    most_at_once: int = 0

    @property
    def host(self) -> str:
        """As an admin allows it."""
        return f"site.example:{self.port}"

    def url(self, target: str) -> str:
        """Of a page, under a name that only a test's resolver knows."""
        return f"http://{self.host}{target}"

    def reply(self, target: str) -> Page:
        """The page that is next for a target."""
        page = self.pages.get(target, Page(b"not here", 404))
        if isinstance(page, list):
            return page.pop(0) if len(page) > 1 else page[0]
        return page


@contextmanager
def fake_web(pages: Mapping[str, Page | list[Page]] | None = None) -> Iterator[FakeWeb]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    web = FakeWeb(dict(pages or {}))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(web))
    server.daemon_threads = True
    server.block_on_close = False
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(web: FakeWeb) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                web.asked.append(self.path)
                web.headers.append({key.lower(): value for key, value in self.headers.items()})
                page = web.reply(self.path)
                web.at_once += 1
                web.most_at_once = max(web.most_at_once, web.at_once)
            try:
                # The client may have gone: it was shown too much, or for too long.
                with suppress(OSError):
                    self._send(page)
            finally:
                with lock:
                    web.at_once -= 1

        def _send(self, page: Page) -> None:
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.stream is None:
                if "Content-Length" not in page.headers:
                    self.send_header("Content-Length", str(len(page.body)))
                self.end_headers()
                self.wfile.write(page.body)
            else:
                self.end_headers()
                page.stream(self.wfile.write)

        def log_message(self, *_: object) -> None:
            """A test's output is its own."""

    return Handler
