"""What a sitemap (sitemaps.org) lists: pages, or further sitemaps."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from knowledge.errors import UnreadableDocument
from knowledge.parsing.front_matter import updated_at
from knowledge.parsing.parsed import MAX_BYTES
from knowledge.sources.web_transport import unpacked

_GZIP = b"\x1f\x8b"
_MOST = 50_000
"""Entries; the protocol's own limit."""

_MOST_ELEMENTS = 20 * _MOST
"""Each costs memory, also where it says nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``<loc>`` as it stands there, and when the sitemap says that it changed."""

    location: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """``index``: its entries are sitemaps, not pages."""

    index: bool
    entries: tuple[Entry, ...]


def read_sitemap(data: bytes) -> Sitemap:
    """Read one, gzipped or not; entities are left alone and nothing else is loaded.

    Raises UnreadableDocument for what is no sitemap.
    """
    if data.startswith(_GZIP):
        data = unpacked([data], MAX_BYTES)
    entries: list[Entry] = []
    try:
        reading = etree.iterparse(
            BytesIO(data), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        for number, (_, element) in enumerate(reading):
            if number > _MOST_ELEMENTS:
                raise UnreadableDocument(f"it has more than {_MOST_ELEMENTS:,} elements")
            if _name(element) in {"url", "sitemap"}:
                entries.extend(_entry(element))
                element.clear()
                if len(entries) > _MOST:
                    raise UnreadableDocument(f"it lists more than {_MOST:,} addresses")
        root = _name(reading.root) if reading.root is not None else ""
    except etree.XMLSyntaxError as error:
        raise UnreadableDocument("it is not a sitemap: not well-formed XML") from error
    if root not in {"urlset", "sitemapindex"}:
        raise UnreadableDocument("it is not a sitemap: expected <urlset> or <sitemapindex>")
    return Sitemap(root == "sitemapindex", tuple(entries))


def _entry(element: etree._Element) -> list[Entry]:
    """An image's or a translation's address inside the entry is not the page's."""
    texts = {_name(child): (child.text or "").strip() for child in element}
    changed_at = updated_at({"updated": texts.get("lastmod")})
    return [Entry(texts["loc"], changed_at)] if texts.get("loc") else []


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
