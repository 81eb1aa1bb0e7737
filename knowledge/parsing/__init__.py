"""Bytes of a file to Markdown, one module per family of formats."""

from dataclasses import replace
from pathlib import PurePath

from knowledge.errors import UnreadableDocument
from knowledge.parsing.decoding import clean
from knowledge.parsing.html import parse_html
from knowledge.parsing.markdown import parse_markdown
from knowledge.parsing.parsed import MAX_BYTES, MAX_CHARACTERS, MAX_TITLE, Parsed, Parser
from knowledge.parsing.text import parse_text

__all__ = ["MAX_BYTES", "Parsed", "Parser", "check_format", "check_size", "parse"]

_PARSERS: dict[str, Parser] = {
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".mdx": parse_markdown,
    ".txt": parse_text,
    ".html": parse_html,
    ".htm": parse_html,
}


def parse(data: bytes, name: str) -> Parsed:
    """Read a document whose format its file name tells; blocking, some milliseconds.

    Raises UnreadableDocument with the reason, whatever the bytes are.
    """
    check_format(name)
    check_size(len(data))
    parser = _PARSERS[PurePath(name).suffix.lower()]
    try:
        parsed = parser(data, name)
    except UnreadableDocument:
        raise
    except Exception as error:  # hostile bytes may break a parser in any way
        raise UnreadableDocument(f"it cannot be parsed ({type(error).__name__})") from error
    if not parsed.text.strip():
        raise UnreadableDocument("it has no text")
    if len(parsed.text) > MAX_CHARACTERS:
        raise UnreadableDocument(f"its text exceeds {MAX_CHARACTERS:,} characters: split it")
    return replace(parsed, title=clean(parsed.title)[:MAX_TITLE])


def check_format(name: str) -> None:
    """Raise UnreadableDocument unless the file's suffix is of a known format."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in _PARSERS:
        raise UnreadableDocument(f"format {suffix or 'without a suffix'} is not supported yet")


def check_size(size: int) -> None:
    """Raise UnreadableDocument for a file of more than 20 MB."""
    if size > MAX_BYTES:
        raise UnreadableDocument(f"it has {size:,} bytes, more than the {MAX_BYTES:,} allowed")
