"""Navigation, banners, footers and the like: known by class names and ids, or by their shape.

A name is believed only where what it holds looks the part: links, or a few words.
"""

import re
from collections.abc import Iterator
from itertools import takewhile

from bs4 import Tag

from knowledge.parsing.html_measure import HEADINGS, Measure, elements

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
_READ_ALOUD_ONLY = re.compile(r"\b(sr only|visually hidden|screen reader (text|only))\b")

_NEVER_CUT = HEADINGS | frozenset(
    ["html", "body", "main", "article", "code", "pre", "table", "tbody", "tr", "td", "th", "dd"]
)
_BOXES = frozenset(["div", "section", "article", "table", "tbody", "tr", "td", "center", "header"])
_CENTRAL = 0.5
_FEW_CHARACTERS = 160
_ALL_LINKS = 0.8
_SMALL_SHARE = 0.5
_MANY_LINKS = 3
_LONGEST_MARKS = 500
"""Characters; patterns run over them, and nobody's names are longer."""


def cut_marked(part: Tag) -> None:
    """Take away what names call furniture, where it is links, a few words, or a small banner."""
    measure = Measure(part)
    small = _SMALL_SHARE * measure.own(part)
    for tag in elements(part):
        if tag.name not in _NEVER_CUT and (marks := marks_of(tag)):
            own, headed = measure.own(tag), measure.has_heading(tag)
            few = own <= _FEW_CHARACTERS and not headed
            linky = measure.is_linky(tag)
            if (
                (linky and _OF_LINKS.search(marks))
                or ((linky or few) and _OF_FEW_WORDS.search(marks))
                or (few and _READ_ALOUD_ONLY.search(marks))
                or (own <= small and _BANNER.search(marks))
            ) and not (headed and _is_a_section(tag)):
                tag.decompose()


def _is_a_section(tag: Tag) -> bool:
    """It has the page's title, or an id that was made from its heading and says what it is about.

    >>> _is_a_section(BeautifulSoup('<div id="navigation"><h2>Navigation</h2>…</div>').div)
    True
    """
    heading = tag.find(list(HEADINGS))
    if heading is None or tag.find("h1"):
        return heading is not None
    return "id" in tag.attrs and _split(heading.get_text(" ")) == _split(tag["id"])


def cut_by_shape(body: Tag) -> None:
    """Blocks of links beside the content, where nothing says which part that is.

    From the body down to where the words stand. A list of links under a heading is content.
    """
    measure = Measure(body)
    node = body
    while True:
        children = [child for child in node.children if isinstance(child, Tag)]
        if not children:
            return
        richest = max(children, key=measure.own)
        central = richest.name in _BOXES and measure.own(richest) >= _CENTRAL * measure.own(node)
        for child in _beside(children, richest) if central else _before_heading(children, measure):
            if measure.is_linky(child, _ALL_LINKS) and not measure.has_heading(child):
                child.decompose()
        if not central:
            return
        node = richest


def _beside(children: list[Tag], richest: Tag) -> Iterator[Tag]:
    """The blocks of links before and after the richest block, unless a heading announces them."""
    previous = ""
    for child in children:
        if child is not richest and previous not in HEADINGS and _has_many_links(child):
            yield child
        previous = child.name


def _before_heading(children: list[Tag], measure: Measure) -> list[Tag]:
    """The blocks of links that the page begins with; none where it has no heading after them."""
    headings = [measure.has_heading(child) for child in children]
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


def marks_of(tag: Tag) -> str:
    """Words of its class names and its id: ``theme-doc-breadcrumbs``, ``VPNavBar``.

    An id that repeats a heading inside was made from it, and says what the section is about.
    """
    names = [_split(name) for name in tag.get_attribute_list("class") if name]
    if tag.has_attr("id"):
        name = _split(tag["id"])
        names.append(name)
    if tag.get("role") == "note":
        names.append("note")
    return " . ".join(names)[:_LONGEST_MARKS]


def _split(name: object) -> str:
    return " ".join(_WORDS.findall(str(name))).lower()
