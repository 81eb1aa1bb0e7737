"""Web pages as sources: a page by its URL, or what a sitemap lists.

A page of a sitemap is named ``SITEMAP#PAGE``, as a line of a corpus is named after its file: two
sitemaps of a site, or a page uploaded by itself, must not prune each other's documents.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from urllib.parse import unquote

from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import Parsed, parse
from knowledge.parsing.decoding import decode
from knowledge.sources.values import Root, Skipped, Source
from knowledge.sources.web_browser import Browser, Fetched
from knowledge.sources.web_formats import suffix_of
from knowledge.sources.web_sitemap import Entry, read_sitemap
from knowledge.sources.web_urls import URL_LIMIT, WebAddress, web_address

_PAGES = 5000
_SITEMAPS = 200
_DEPTH = 2

_UTF8 = {"utf-8", "utf8", "us-ascii"}


def web_root(url: str) -> Root:
    """A sitemap where the path ends with .xml or .xml.gz, else a page; nothing is fetched.

    Raises InvalidInput for what is no web address.
    """
    address = web_address(url)
    is_sitemap = address.path.lower().endswith((".xml", ".xml.gz"))
    return Root(str(address), f"{address}#" if is_sitemap else None)


def web_sources(root: Root, browser: Browser) -> Iterator[Source | Skipped]:
    """The pages of a root; each is fetched when it is read, sitemaps as they are reached."""
    address = web_address(str(root.path))
    if root.prefix is None:
        yield _source(address, browser)
    else:
        yield from _Walk(address, browser).pages(address, 0)


class _Walk:
    """One way through a sitemap and those it lists, each page and sitemap once."""

    def __init__(self, start: WebAddress, browser: Browser) -> None:
        self._start = start
        self._browser = browser
        self._sitemaps = {str(start)}
        self._pages: set[str] = set()
        self._full = False

    def pages(self, sitemap: WebAddress, depth: int) -> Iterator[Source | Skipped]:
        """Documents, and why a sitemap or some of its addresses are none."""
        try:
            listing = read_sitemap(self._browser.get(sitemap, stay=True).body)
        except UnreadableDocument as error:
            yield Skipped(str(sitemap), str(error), incomplete=True)
            return
        if listing.index and depth == _DEPTH:
            reason = f"sitemaps are followed {_DEPTH} deep: name this one itself"
            yield Skipped(str(sitemap), reason, incomplete=True)
            return
        elsewhere: list[str] = []
        for entry in listing.entries:
            try:
                address = sitemap.joined(entry.location)
            except InvalidInput as error:
                yield Skipped(str(sitemap), str(error))
                continue
            if not address.same_site(self._start):
                elsewhere.append(str(address))
            elif listing.index:
                yield from self._deeper(address, depth)
            else:
                yield from self._page(address, entry)
            if self._full:
                return
        if elsewhere:
            reason = f"{len(elsewhere)} addresses on other sites are not read: {elsewhere[0]}"
            yield Skipped(str(sitemap), reason)

    def _deeper(self, address: WebAddress, depth: int) -> Iterator[Source | Skipped]:
        if str(address) in self._sitemaps:
            return
        if len(self._sitemaps) == _SITEMAPS:
            self._full = True
            reason = f"it lists more than {_SITEMAPS} sitemaps: name them one by one"
            yield Skipped(str(self._start), reason, incomplete=True)
            return
        self._sitemaps.add(str(address))
        yield from self.pages(address, depth + 1)

    def _page(self, address: WebAddress, entry: Entry) -> Iterator[Source | Skipped]:
        if str(address) in self._pages:
            return
        if len(self._pages) == _PAGES:
            self._full = True
            reason = f"it lists more than {_PAGES:,} pages: upload its parts one by one"
            yield Skipped(str(self._start), reason, incomplete=True)
            return
        self._pages.add(str(address))
        yield _source(address, self._browser, sitemap=self._start, changed_at=entry.changed_at)


@dataclass(slots=True)
class _Page:
    """A page before and after it was fetched: how it is parsed, its answer decides."""

    address: WebAddress
    browser: Browser
    changed_at: datetime | None
    stay: bool
    fetched: Fetched | None = None

    def read(self) -> bytes:
        """Its bytes, by one or more requests."""
        fetched = self.browser.get(self.address, stay=self.stay)
        self.fetched = replace(fetched, body=b"")  # whoever reads holds the bytes already
        return fetched.body

    def parse(self, data: bytes) -> Parsed:
        """By the type that the server named, else by the suffix of the path."""
        fetched = self.fetched or Fetched(self.address, "", None, None, b"")
        suffix = suffix_of(fetched.content_type, fetched.address.path)
        name = PurePath(unquote(fetched.address.path).rstrip("/")).stem or fetched.address.host
        parsed = parse(_utf8(data, fetched), f"{name}{suffix}")
        return replace(
            parsed,
            uri=_shown_at(fetched.address, parsed.uri),
            updated_at=parsed.updated_at or fetched.changed_at or self.changed_at,
        )


def _source(
    address: WebAddress,
    browser: Browser,
    *,
    sitemap: WebAddress | None = None,
    changed_at: datetime | None = None,
) -> Source | Skipped:
    identity = f"{sitemap}#{address}" if sitemap else str(address)
    if len(identity) > URL_LIMIT:
        return Skipped(str(address), f"its address is longer than {URL_LIMIT} bytes", identity)
    page = _Page(address, browser, changed_at, stay=sitemap is not None)
    return Source(identity, str(address), page.read, page.parse)


def _shown_at(address: WebAddress, canonical: str | None) -> str:
    """The page's own word for its address, if it is of the same site and says this page.

    A site that calls every page its front page has a fault in its templates.
    """
    try:
        stated = web_address(canonical) if canonical else address
    except InvalidInput:
        return str(address)
    front = stated.target == "/" != address.target
    return str(stated if stated.same_site(address) and not front else address)


def _utf8(data: bytes, fetched: Fetched) -> bytes:
    """Text in the encoding that the server names, as UTF-8; what is not so is left as it is."""
    if not fetched.charset or fetched.charset in _UTF8:
        return data
    if not fetched.content_type.startswith("text/"):
        return data
    try:
        return decode(data, fetched.charset).encode()
    except UnreadableDocument:
        return data
