"""Markdown: front matter apart, HTML blocks turned into Markdown, a title found."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from knowledge.errors import EmptyDocument
from knowledge.parsing.anchors import Slugs, anchors_of
from knowledge.parsing.decoding import decode
from knowledge.parsing.formats.html import html_to_markdown
from knowledge.parsing.front_matter import split_front_matter, updated_at, web_address
from knowledge.parsing.parsed import Format, Parsed
from knowledge.structure import blocks

_EXPLICIT = re.compile(r"\{#([\w.:-]+)\}$")
_EMBEDDED_DATA = re.compile(r"\]\(\s*data:[^)\s]*")


def parse_markdown(data: bytes, name: str) -> Parsed:
    """The title is the front matter's, else the first heading of level 1, else the file's name."""
    metadata, text = split_front_matter(decode(data))
    if not text.strip():
        raise EmptyDocument("it is empty")
    heading, body = _heading_and_body(_EMBEDDED_DATA.sub("](", text))
    stated = metadata.get("title")
    title = " ".join(str(stated).split()) if isinstance(stated, str | int | float) else ""
    return Parsed(
        title or heading or PurePath(name).stem,
        body,
        metadata,
        web_address(metadata),
        updated_at(metadata),
        anchors_of(_headings(body)),
    )


def _headings(text: str) -> Iterator[tuple[str, str]]:
    """Titles with the fragments that GitHub and its like give them, or that ``{#id}`` names."""
    slugs = Slugs()
    lines = text.split("\n")
    for block in blocks(text):
        if block.kind == "heading":
            explicit = _EXPLICIT.search(lines[block.start].rstrip(" #"))
            yield block.title, explicit[1] if explicit else slugs.of(block.title)


def _heading_and_body(text: str) -> tuple[str, str]:
    """The first heading of level 1, and the text with its HTML blocks as Markdown.

    What a page hides in comments, scripts or hidden elements is not there for a reader to check,
    so it must not be there for a model to obey either.
    """
    lines = text.split("\n")
    heading, kept, done = "", list[str](), 0
    for block in blocks(text):
        if block.kind == "heading" and block.level == 1 and not heading:
            heading = block.title
        elif block.kind == "html":
            converted = html_to_markdown("\n".join(lines[block.start : block.end]))
            kept += lines[done : block.start]
            kept += [converted] if converted else []
            done = block.end
    return heading, "\n".join(kept + lines[done:])


FORMAT = Format((".md", ".markdown", ".mdx"), parse_markdown, sandboxed=False)
