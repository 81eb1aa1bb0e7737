"""The part of a web page that is its content: without navigation, banners, footers and the like.

A page says so with its elements and roles; then with class names and ids, which are believed only
where what they hold looks the part (links, a few words); then its shape says it. What is cut off
by class or shape must leave most of the page's words, else nothing of that is cut off.
"""

import re
from collections.abc import Iterator
from itertools import takewhile

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

_UNSEEN = (
    "title, script, style, noscript, template, button, input, select, iframe, object, svg, canvas, "
    "audio, video, dialog:not([open]), [hidden]:not([role=tabpanel]), [aria-hidden=true]"
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_NOT_CONTENT = (
    "nav, footer, aside, [role=navigation], [role=contentinfo], [role=complementary], "
    "[role=search], [role=menu], [role=menubar], [role=toolbar], [role=dialog], [role=alertdialog]"
)
_CALLOUT = re.compile(
    r"note|tip|warn|caution|danger|important|admonition|callout|\binfo", re.IGNORECASE
)

_MAIN = "main, [role=main], [itemprop=articleBody]"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_OF_LINKS = re.compile(
    r"\b(nav|navbar|navigation|sidenav|menu|sidebar|sphinxsidebar|toc|table of contents|"
    r"on this page|pagination|pager|paginator|prev|next|related|footer|masthead|topbar|share|"
    r"sharing|social|selector|toolbar|tags|skip)\b"
)
"""Class names of what is furniture where it is mostly links."""
_OF_FEW_WORDS = re.compile(
    r"\b(breadcrumbs?|skip (link|nav|to)|back to top|copyright|newsletter|"
    r"(page|site|global|doc) footer|edit (this|page|link|on)|(page|doc) (actions|tools|feedback)|"
    r"(share|sharing|social) (bar|buttons?|links?|icons?|tools|media)|social shar(e|ing)|"
    r"feedback|helpful|last updated|reading time)\b"
)
"""Class names of what is furniture where it is a few words, too."""
_BANNER = re.compile(
    r"\b(cookies?|consent|privacy) (\w+ )*(banner|consent|notice|bar|popup|modal|dialog|overlay)\b|"
    r"\b(gdpr|onetrust|cookiebot|cookieconsent)\b"
)
_NEVER_CUT = frozenset(
    ["html", "body", "main", "article", "code", "pre", "table", "tbody", "tr", "td", "th", "dd"]
) | frozenset(_HEADINGS)
_READ_ALOUD_ONLY = re.compile(
    r"\b(sr only|visually hidden|screen reader text|screen reader only)\b"
)
_BOXES = frozenset(["div", "section", "article", "table", "tbody", "tr", "td", "center", "header"])
_CENTRAL = 0.5
_FEW_CHARACTERS = 160
_MOSTLY_LINKS = 0.5
_ALL_LINKS = 0.8
_SMALL_SHARE = 0.5
_LINK_WORTH = 0.1
_ENOUGH = 0.25
_MANY_LINKS = 3


def without_the_unseen(soup: BeautifulSoup) -> None:
    """Take away what no reader of the page sees, in place.

    A hidden panel of a group of tabs stays: a click shows it.
    """
    for tag in [*soup.select(_UNSEEN), *soup.find_all(style=_HIDDEN_STYLE)]:
        tag.decompose()


def without_furniture(soup: BeautifulSoup) -> None:
    """Take away what the page itself marks as no content, by element or role, in place.

    A note in an ``<aside>`` stays. A table that only lays out the page is none any more.
    """
    for tag in soup.select(_NOT_CONTENT):
        if not tag.decomposed and not (tag.name == "aside" and _CALLOUT.search(_marks(tag))):
            tag.decompose()
    for tag in soup.select("header, [role=banner]"):
        if not tag.find_parent(["main", "article", "section"]) and not tag.find("h1"):
            tag.decompose()
    for table in soup.find_all("table"):
        if table.find(["h1", "h2", "table"]):
            _as_boxes(table)


def main_part(soup: BeautifulSoup) -> Tag:
    """The element that holds the page's content, cleaned; the whole page where that is unsure."""
    # A page that leaves out its tags has its content in the head, as the parser sees it.
    body = soup.body if soup.body and not (soup.head and soup.head.get_text(strip=True)) else soup
    whole = _Measure(body)
    wanted = _ENOUGH * whole.worth(body)
    marked = [tag for tag in body.select(_MAIN) if whole.worth(tag) >= wanted]
    articles = [tag for tag in body.find_all("article") if whole.worth(tag) >= wanted]
    if marked:
        part = max(marked, key=whole.worth)
    elif len(body.find_all("article")) == 1 and articles:
        part = articles[0]
    else:
        part = body
    original = str(part)
    _cut_marked(part)
    if part is body:
        _cut_by_shape(part)
    if _Measure(part).worth(part) >= wanted:
        return part
    return BeautifulSoup(f"<!doctype html>{original}", "lxml")


class _Measure:
    """Characters of text below each element, and how many of them are links'."""

    def __init__(self, root: Tag) -> None:
        self._text: dict[int, int] = {}
        self._links: dict[int, int] = {}
        # Children come after their parents in a document: counted from its end, they are known.
        for tag in reversed([root, *(tag for tag in root.descendants if isinstance(tag, Tag))]):
            text = links = 0
            for child in tag.children:
                if isinstance(child, Tag):
                    text += self._text[id(child)]
                    links += self._links[id(child)]
                elif isinstance(child, NavigableString) and not isinstance(
                    child, PreformattedString
                ):
                    text += len("".join(child.split()))
            self._text[id(tag)] = text
            self._links[id(tag)] = text if tag.name == "a" and tag.has_attr("href") else links

    def text(self, tag: Tag) -> int:
        """All of it."""
        return self._text[id(tag)]

    def own(self, tag: Tag) -> int:
        """What stands outside of links."""
        return self._text[id(tag)] - self._links[id(tag)]

    def worth(self, tag: Tag) -> float:
        """Own words count in full, those of links a tenth: a page may be a list of links."""
        return self.own(tag) + _LINK_WORTH * self._links[id(tag)]

    def is_linky(self, tag: Tag, share: float = _MOSTLY_LINKS) -> bool:
        """Whether most of what it says is links."""
        return self._links[id(tag)] >= share * max(1, self._text[id(tag)])


def _cut_marked(part: Tag) -> None:
    """What class names and ids call furniture, where it is small, or links, or a few words."""
    measure = _Measure(part)
    total = measure.own(part)
    for tag in part.find_all(name=True):
        if tag.decomposed or tag.name in _NEVER_CUT:
            continue
        marks = _marks(tag)
        if not marks or tag.find("h1"):
            continue
        few = measure.own(tag) <= _FEW_CHARACTERS and not tag.find(_HEADINGS)
        linky = measure.is_linky(tag)
        if (
            (linky and _OF_LINKS.search(marks))
            or ((linky or few) and _OF_FEW_WORDS.search(marks))
            or (few and _READ_ALOUD_ONLY.search(marks))
            or (measure.own(tag) <= _SMALL_SHARE * total and _BANNER.search(marks))
        ):
            tag.decompose()


def _cut_by_shape(body: Tag) -> None:
    """Blocks of links beside the content, where nothing says which part that is.

    From the body down to where the words stand. A list of links under a heading is content.
    """
    node = body
    while True:
        measure = _Measure(node)
        children = [child for child in node.children if isinstance(child, Tag)]
        if not children:
            return
        richest = max(children, key=measure.own)
        central = richest.name in _BOXES and measure.own(richest) >= _CENTRAL * measure.own(node)
        for child in _beside(children, richest) if central else _before_heading(children, measure):
            if measure.is_linky(child, _ALL_LINKS) and not child.find(_HEADINGS):
                child.decompose()
        if not central:
            return
        node = richest


def _beside(children: list[Tag], richest: Tag) -> Iterator[Tag]:
    """The blocks of links before and after the richest block, unless a heading announces them."""
    previous = ""
    for child in children:
        if child is not richest and previous not in _HEADINGS and _has_many_links(child):
            yield child
        previous = child.name


def _before_heading(children: list[Tag], measure: _Measure) -> list[Tag]:
    """The blocks of links that the page begins with; none where it has no heading after them."""
    headings = [child.name in _HEADINGS or bool(child.find(_HEADINGS)) for child in children]
    if True not in headings:
        return []
    leading = takewhile(
        lambda child: measure.text(child) == 0 or measure.is_linky(child),
        children[: headings.index(True)],
    )
    return [child for child in leading if _has_many_links(child)]


def _has_many_links(tag: Tag) -> bool:
    links = tag.find_all("a", href=True, limit=_MANY_LINKS)
    return tag.name in {*_BOXES, "ul", "ol", "p"} and len(links) == _MANY_LINKS


def _as_boxes(table: Tag) -> None:
    for tag in [table, *table.find_all(["caption", "thead", "tbody", "tfoot", "tr", "td", "th"])]:
        if tag is table or tag.find_parent("table") is None:
            tag.name = "div"


def _marks(tag: Tag) -> str:
    """Words of its class names and its id: ``theme-doc-breadcrumbs``, ``VPNavBar``.

    An id that repeats a heading inside was made from it, and says what the section is about.
    """
    names = [_split(name) for name in tag.get_attribute_list("class") if name]
    if tag.has_attr("id"):
        name = _split(tag["id"])
        heading = tag.find(_HEADINGS)
        if heading is None or _split(heading.get_text(" ")) != name:
            names.append(name)
    if tag.get("role") == "note":
        names.append("note")
    return " . ".join(names)


def _split(name: object) -> str:
    return " ".join(_WORDS.findall(str(name))).lower()
