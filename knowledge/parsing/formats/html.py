"""HTML to Markdown: what a reader of the page would call its content."""

import re
from pathlib import PurePath

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector
from lxml import etree  # type: ignore[import-untyped]  # it ships no types
from markdownify import MarkdownConverter

from knowledge.errors import UnreadableDocument
from knowledge.parsing.anchors import anchors_of
from knowledge.parsing.decoding import clean, decode
from knowledge.parsing.html_content import main_part, without_furniture, without_the_unseen
from knowledge.parsing.html_facts import address_of, date_of, description_of, headings_of, words
from knowledge.parsing.parsed import Format, Parsed

_LANGUAGE = re.compile(r"(?:lang|language|highlight-source)-([\w+#-]{1,20})")
_BLANK_LINES = re.compile(r"\n{3,}")


def parse_html(data: bytes, name: str) -> Parsed:
    """The title is the first ``<h1>`` where ``<title>`` repeats it (beside the site's name).

    Else it is ``<title>``, else the ``<h1>``, else the file's name.
    """
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    soup = _soup(decode(data, declared))
    titled, first = words(soup.head and soup.head.title), words(soup.h1)
    address, date, metadata = address_of(soup), date_of(soup), description_of(soup)
    without_the_unseen(soup)
    without_furniture(soup)
    part = main_part(soup)
    anchors = anchors_of(headings_of(part))
    heading = next((one for one in (words(part.h1), first) if one and one in titled), "")
    return Parsed(
        heading or titled or words(part.h1) or first or PurePath(name).stem,
        _markdown(part),
        metadata,
        address,
        date,
        anchors,
    )


def html_to_markdown(fragment: str) -> str:
    """Markdown of a piece of HTML, as it stands inside a Markdown document."""
    soup = _soup(fragment)
    without_the_unseen(soup)
    for tag in soup.select("nav, footer, aside"):
        tag.decompose()
    return _markdown(soup)


def _soup(text: str) -> BeautifulSoup:
    # Beautiful Soup would build any depth, slowly; libxml2 itself stops at 256.
    parser = etree.HTMLParser(encoding="utf-8")
    etree.fromstring(f"<!doctype html>{text}".encode(), parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableDocument("its HTML is nested more than 256 deep")
    # The doctype in front keeps Beautiful Soup from guessing that the text is a path or XML.
    return BeautifulSoup(f"<!doctype html>{text}", "lxml")


def _markdown(part: Tag) -> str:
    return _BLANK_LINES.sub("\n\n", clean(_CONVERTER.convert_soup(part))).strip()


def _code_language(pre: Tag) -> str:
    tags = [pre, *pre.find_all("code", limit=1)]
    classes = " ".join(str(name) for tag in tags for name in tag.get_attribute_list("class"))
    match = _LANGUAGE.search(classes)
    return match[1] if match else ""


_CONVERTER = MarkdownConverter(
    heading_style="atx",
    bullets="-",
    escape_asterisks=False,
    escape_underscores=False,
    strip=["img"],
    code_language_callback=_code_language,
    table_infer_header=True,
)


FORMAT = Format((".html", ".htm", ".xhtml"), parse_html)
