"""The part of a web page that is its content: without navigation, banners, footers and the like.

A page says so with its elements and roles; then with class names and ids; then its shape says it.
What is cut off by name or shape must leave most of the page's words, else none of that is cut off.
"""

import re

from bs4 import BeautifulSoup, Tag

from knowledge.parsing.html_furniture import cut_by_shape, cut_marked, marks_of
from knowledge.parsing.html_measure import Measure, elements

_UNSEEN = frozenset(
    [
        "title",
        "script",
        "style",
        "noscript",
        "template",
        "button",
        "input",
        "select",
        "iframe",
        "object",
        "svg",
        "canvas",
        "audio",
        "video",
    ]
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_FURNITURE = frozenset(["nav", "footer", "aside"])
_FURNITURE_ROLES = frozenset(
    [
        "navigation",
        "contentinfo",
        "complementary",
        "search",
        "menu",
        "menubar",
        "toolbar",
        "dialog",
        "alertdialog",
    ]
)
_CALLOUT = re.compile(r"note|tip|warn|caution|danger|important|admonition|callout|\binfo\b")
_CONTENT = frozenset(["main", "article", "section"])
_CELLS = frozenset(["caption", "thead", "tbody", "tfoot", "tr", "td", "th"])
_ENOUGH = 0.25


def without_the_unseen(soup: BeautifulSoup) -> None:
    """Take away what no reader of the page sees, in place.

    A hidden panel of a group of tabs stays: a click shows it.
    """
    for tag in elements(soup):
        attributes = tag.attrs
        if (
            tag.name in _UNSEEN
            or ("hidden" in attributes and attributes.get("role") != "tabpanel")
            or attributes.get("aria-hidden") == "true"
            or (tag.name == "dialog" and "open" not in attributes)
            or ("style" in attributes and _HIDDEN_STYLE.search(str(attributes["style"])))
        ):
            tag.decompose()


def without_furniture(soup: BeautifulSoup) -> None:
    """Take away what the page itself marks as no content, by element or role, in place.

    A note in an ``<aside>`` stays. A table that only lays out the page is none any more.
    """
    for tag in elements(soup):
        role = tag.attrs.get("role")
        if tag.name in _FURNITURE or role in _FURNITURE_ROLES:
            if tag.name != "aside" or not _CALLOUT.search(marks_of(tag)):
                tag.decompose()
        elif tag.name == "header" or role == "banner":
            if not tag.find("h1") and not tag.find_parent(list(_CONTENT)):
                tag.decompose()
        elif tag.name == "table" and tag.find(["h1", "h2", "table"]):
            _as_boxes(tag)


def main_part(soup: BeautifulSoup) -> Tag:
    """The element that holds the page's content, cleaned; the whole page where that is unsure."""
    # A page that leaves out its tags has its content in the head, as the parser sees it.
    body = soup.body if soup.body and not (soup.head and soup.head.get_text(strip=True)) else soup
    whole = Measure(body)
    enough = _ENOUGH * whole.worth(body)
    part = _marked_part(body, whole, enough)
    original = str(part)
    cut_marked(part)
    if part is body:
        cut_by_shape(part)
    if Measure(part).worth(part) >= enough:
        return part
    return BeautifulSoup(f"<!doctype html>{original}", "lxml")


def _marked_part(body: Tag, whole: Measure, enough: float) -> Tag:
    """What says that it is the main part, or is the only article; else all."""
    mains: list[Tag] = []
    articles: list[Tag] = []
    for tag in elements(body):
        if tag.name == "main" or tag.attrs.get("role") == "main" or _is_named_content(tag):
            mains.append(tag)
        elif tag.name == "article":
            articles.append(tag)
    if mains and whole.worth(best := max(mains, key=whole.worth)) >= enough:
        return best
    if len(articles) == 1 and whole.worth(articles[0]) >= enough:
        return articles[0]
    return body


def _is_named_content(tag: Tag) -> bool:
    """``main-content`` is what "skip to the content" leads to, in Confluence and elsewhere."""
    return tag.attrs.get("itemprop") == "articleBody" or tag.attrs.get("id") == "main-content"


def _as_boxes(table: Tag) -> None:
    """Its cells may hold headings and lists, which a Markdown table cannot."""
    table.name = "div"
    for tag in elements(table):
        if tag.name in _CELLS and tag.find_parent("table") is None:
            tag.name = "div"
