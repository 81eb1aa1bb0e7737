"""Notion's export: pages as Markdown or HTML, whose names end with the page's id."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from knowledge.parsing import Parsed, parse

_NAME = re.compile(
    r"^(?P<title>.*?) ?(?P<id>[0-9a-f]{32})(?P<all>_all)?(?P<suffix>\.(?:md|html|csv))$"
)
_INNER_LINK = re.compile(r"!?\[([^\]]{0,300})\]\((?!https?://|mailto:)[^)\s]{0,1000}\)")
_PROPERTY = re.compile(r"^([^\s:][^:\n]{0,60}): (\S.{0,500})$")
_MOST_PROPERTIES = 50


def is_page(file: str) -> bool:
    """Whether the file has a name that Notion gives."""
    return _NAME.match(file) is not None


def address(file: str) -> str:
    """Where the page is on the web, for those who may see it there."""
    match = _NAME.match(file)
    return f"https://www.notion.so/{match['id']}" if match else file


def repeats_pages(name: str, names: Collection[str]) -> bool:
    """Whether a table is there twice, or beside the pages that its rows are."""
    path = PurePosixPath(name)
    match = _NAME.match(path.name)
    if match is None or match["suffix"] != ".csv":
        return False
    whole = path.with_name(f"{path.stem}_all.csv")
    pages = path.with_name(path.stem.removesuffix("_all"))
    titled = path.with_name(match["title"])
    return str(whole) in names or any(
        one.startswith((f"{pages}/", f"{titled}/")) and one.endswith((".md", ".html"))
        for one in names
    )


def parse_page(data: bytes, name: str) -> Parsed:
    """The page without ids; the lines below its title that are properties become metadata."""
    match = _NAME.match(name)
    plain = f"{match['title'] or 'Untitled'}{match['suffix']}" if match else name
    parsed = parse(data, plain)
    text, properties = _without_properties(parsed.text)
    return replace(
        parsed,
        text=_INNER_LINK.sub(r"\1", text),
        metadata={**parsed.metadata, **properties},
    )


def _without_properties(text: str) -> tuple[str, Mapping[str, str]]:
    """They stand between the title and the first blank line; in the text they stay as a list."""
    head, blank, rest = text.partition("\n\n")
    block, separator, body = rest.partition("\n\n")
    lines = block.split("\n")
    found = [_PROPERTY.match(line) for line in lines]
    if not head.startswith("# ") or not all(found) or len(lines) > _MOST_PROPERTIES:
        return text, {}
    properties = {match[1]: match[2] for match in found if match}
    listed = "\n".join(f"- **{name}**: {value}" for name, value in properties.items())
    return f"{head}{blank}{listed}{separator}{body}", properties
