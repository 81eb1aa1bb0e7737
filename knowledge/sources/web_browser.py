"""Reads pages as a well-behaved visitor: robots.txt, pauses, redirects, a server's wish to wait."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus

from knowledge.errors import DocumentGone, InvalidInput, UnreadableDocument
from knowledge.parsing.parsed import MAX_BYTES
from knowledge.sources.web_guard import Guard
from knowledge.sources.web_reply import NoAnswer, Reply
from knowledge.sources.web_robots import PRODUCT, Robots, read_robots
from knowledge.sources.web_urls import WebAddress

_AT_ONCE = 2
_REDIRECTS = 5
_ATTEMPTS = 3
_SILENCES = 5
_LONGEST_PAUSE_S = 60.0
_PAUSE_S = 1.0
_PAGE_S = 60.0

_MADE_NOW = timedelta(seconds=5)

_MOVED = (
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
)
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_CLOSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came: from where, of what kind, last changed when by the server's word."""

    address: WebAddress
    content_type: str
    charset: str | None
    changed_at: datetime | None
    body: bytes


@dataclass(slots=True)
class _Host:
    """What is known of a server, and whose turn it is there."""

    turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AT_ONCE))
    lock: threading.Lock = field(default_factory=threading.Lock)
    robots: Robots | UnreadableDocument | None = None
    free_at: float = 0.0
    silences: int = 0


class Browser:
    """Reads web pages for one upload; may be used by several threads. Blocking."""

    def __init__(self, guard: Guard | None = None, *, page_s: float = _PAGE_S) -> None:
        self._guard = guard or Guard()
        self._page_s = page_s
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    def get(self, address: WebAddress, *, stay: bool = False) -> Fetched:
        """The page at an address, at most 20 MB; with ``stay``, only if its site has it.

        Raises DocumentGone where the server says so, else UnreadableDocument with the reason.
        """
        at = address
        for _ in range(_REDIRECTS + 1):
            reply = self._polite(at)
            if reply.status not in _MOVED:
                return _fetched(reply)
            at = _onward(reply)
            if stay and not at.same_site(address):
                raise UnreadableDocument(f"it redirects to another site, {at.host}")
        raise UnreadableDocument(f"it redirects more than {_REDIRECTS} times")

    def _polite(self, address: WebAddress) -> Reply:
        """The reply, if robots.txt allows it; a busy server is asked again when it says so."""
        host = self._host(address)
        robots = self._robots(address, host)
        if not robots.allow(address.target):
            raise UnreadableDocument(f"the robots.txt of {address.host} asks {PRODUCT} not to")
        if robots.delay_s > _LONGEST_PAUSE_S:
            raise UnreadableDocument(
                f"the robots.txt of {address.host} asks for {robots.delay_s:g} s between pages, "
                f"more than the {_LONGEST_PAUSE_S:g} s that are waited"
            )
        for attempt in range(_ATTEMPTS):
            with _turn(host, robots.delay_s):
                reply = self._counted(address, host)
            if reply.status not in _BUSY or attempt == _ATTEMPTS - 1:
                break
            pause = _retry_after(reply)
            if pause > _LONGEST_PAUSE_S:
                raise NoAnswer(f"{address.host} asks to come back in {pause:.0f} s")
            time.sleep(pause)
        return reply

    def _counted(self, address: WebAddress, host: _Host) -> Reply:
        """A server that stays silent is left alone: each page would wait out its time."""
        if host.silences >= _SILENCES:
            raise NoAnswer(f"{address.host} did not answer {_SILENCES} times: not asked again")
        try:
            reply = self._request(address)
        except NoAnswer:
            host.silences += 1
            raise
        host.silences = 0
        return reply

    def _robots(self, address: WebAddress, host: _Host) -> Robots:
        """Read once; where even that fails, each of the site's pages fails with the reason."""
        with host.lock:
            if host.robots is None:
                try:
                    host.robots = self._read_robots(address)
                except UnreadableDocument as error:
                    host.robots = error
        if isinstance(host.robots, UnreadableDocument):
            raise UnreadableDocument(str(host.robots))
        return host.robots

    def _read_robots(self, address: WebAddress) -> Robots:
        """RFC 9309: one that is not there allows all, one that cannot be had allows nothing."""
        at = address.joined("/robots.txt")
        for _ in range(_REDIRECTS + 1):
            reply = self._request(at)
            if reply.status not in _MOVED:
                break
            at = _onward(reply)
        if reply.status == HTTPStatus.OK:
            return read_robots(reply.body)
        refused = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        if refused and reply.status not in _BUSY:
            return Robots()
        raise NoAnswer(f"the robots.txt of {address.host} cannot be read ({reply.status})")

    def _request(self, address: WebAddress) -> Reply:
        from knowledge.sources.web_transport import request

        return request(address, self._guard, self._tls, seconds=self._page_s, size=MAX_BYTES)

    def _host(self, address: WebAddress) -> _Host:
        with self._lock:
            return self._hosts.setdefault(address.origin, _Host())

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpcore2

        return httpcore2.default_ssl_context()


@contextmanager
def _turn(host: _Host, delay_s: float) -> Iterator[None]:
    """One of two visits at a time, each begun ``delay_s`` after the one before."""
    with host.turns:
        with host.lock:
            pause = host.free_at - time.monotonic()
            host.free_at = max(host.free_at, time.monotonic()) + delay_s
        if pause > 0:
            time.sleep(pause)
        yield


def _onward(reply: Reply) -> WebAddress:
    try:
        return reply.address.joined(reply.headers.get("location", ""))
    except InvalidInput as error:
        raise UnreadableDocument(f"it redirects to what is no web address: {error}") from error


def _retry_after(reply: Reply) -> float:
    """Seconds; the header holds them, or a date."""
    stated = reply.headers.get("retry-after", "").strip()
    if stated.isdecimal() and len(stated) < 8:  # noqa: PLR2004 -- digits that make a number
        return float(stated)
    moment = _moment(stated)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment else _PAUSE_S


def _fetched(reply: Reply) -> Fetched:
    if reply.status in _GONE:
        raise DocumentGone(f"the server says that it is gone ({reply.status})")
    if reply.status in _CLOSED:
        raise UnreadableDocument(f"the server does not let us read it ({reply.status})")
    if reply.status != HTTPStatus.OK:
        raise UnreadableDocument(f"the server answered with status {reply.status}")
    kind = Message()
    kind["content-type"] = reply.headers.get("content-type", "")
    stated = "content-type" in reply.headers
    charset = kind.get_content_charset()
    return Fetched(
        reply.address,
        kind.get_content_type() if stated else "",
        charset,
        _changed_at(reply),
        reply.body,
    )


def _changed_at(reply: Reply) -> datetime | None:
    """Last-Modified, unless it is the moment of the request: a page made for it has no date."""
    changed = _moment(reply.headers.get("last-modified", ""))
    answered = _moment(reply.headers.get("date", "")) or datetime.now(UTC)
    return changed if changed and answered - changed > _MADE_NOW else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
