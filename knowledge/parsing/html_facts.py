"""What a web page says of itself: address, date, description, and where its headings stand."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from bs4 import BeautifulSoup, Tag

from knowledge.parsing.decoding import clean
from knowledge.parsing.front_matter import updated_at, web_address
from knowledge.parsing.html_measure import HEADINGS
from knowledge.structure import plain

_DATES = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
    "revised",
    "updated",
    "dt-updated",
    "modified",
    "article:published_time",
    "datepublished",
    "dt-published",
)
"""Properties, names and class names, lower case, the best first."""
_LINKED_DATA = re.compile(r'"dateModified"\s*:\s*"([^"]{4,40})"')
_DESCRIBED = re.compile("^description$", re.IGNORECASE)
_DESCRIPTION = 1000
_CLOCKS_DIFFER = timedelta(days=1)
_DECORATION = re.compile(r"header-?link|anchor|hash-?link|permalink|headinglink", re.IGNORECASE)


def words(tag: Tag | None) -> str:
    """An element's text in one line."""
    return " ".join(clean(tag.get_text(" ")).split()) if tag else ""


def address_of(soup: BeautifulSoup) -> str | None:
    """``<link rel=canonical>``, where it is a web address."""
    link = soup.find("link", rel="canonical", href=True)
    stated = str(link["href"]).partition("#")[0] if link else None
    return web_address({"url": stated}) if stated else None


def date_of(soup: BeautifulSoup) -> datetime | None:
    """When the page says that it was last changed, else published; a date to come is no such."""
    stated: dict[str, str] = {}
    for tag in soup.find_all(["meta", "time"]):
        text = str(tag.get("content") or tag.get("datetime") or "").strip()
        named = [tag.get("property"), tag.get("name"), tag.get("itemprop")]
        for name in [*named, *(tag.get_attribute_list("class") if tag.name == "time" else ())]:
            stated.setdefault(str(name).lower(), text)
    texts = [stated.get(name, "") for name in _DATES]
    for script in soup.find_all("script", type="application/ld+json", limit=5):
        texts += _LINKED_DATA.findall(script.get_text())[:1]
    moments = (updated_at({"updated": text}) for text in texts)
    latest = datetime.now(UTC) + _CLOCKS_DIFFER
    return next((moment for moment in moments if moment and moment <= latest), None)


def description_of(soup: BeautifulSoup) -> Mapping[str, object]:
    """As metadata: a sentence that the author wrote for search engines."""
    tag = soup.find("meta", {"name": _DESCRIBED}) or soup.find("meta", property="og:description")
    text = " ".join(clean(str(tag.get("content", ""))).split()) if tag else ""
    return {"description": text[:_DESCRIPTION]} if text else {}


def headings_of(part: Tag) -> Iterator[tuple[str, str | None]]:
    """Each heading's title, as it will stand in Markdown, and the id that leads to it.

    Links that only point to the heading itself (``¶``, ``#``) are taken out of it, in place.
    """
    for heading in part.find_all(list(HEADINGS)):
        fragment, whole = _fragment(heading), words(heading)
        for link in heading.find_all("a", href=re.compile("^#")):
            mark = not any(character.isalnum() for character in link.get_text())
            named = _DECORATION.search(" ".join(map(str, link.get_attribute_list("class"))))
            if mark or (named and words(link) != whole):
                link.decompose()
        yield plain(words(heading)), fragment


def _fragment(heading: Tag) -> str | None:
    """Of the heading, an anchor in it, one just before it, or the section that it opens."""
    if name := _name(heading):
        return name
    for inside in heading.find_all(name=True):
        if name := _name(inside):
            return name
    link = heading.find("a", href=re.compile("^#."))
    if link:
        return str(link["href"])[1:]
    before = heading.find_previous_sibling(name=True)
    if before is not None:
        return _name(before) if before.name in {"a", "span"} and not words(before) else None
    parent = heading.parent
    if parent is not None and parent.name == "header":
        parent = parent.parent
    return _name(parent) if parent is not None and parent.name in {"section", "div"} else None


def _name(tag: Tag) -> str | None:
    stated = tag.get("id") or (tag.get("name") if tag.name == "a" else None)
    return str(stated) if stated else None
