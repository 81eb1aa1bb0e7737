"""Bytes of a file to Markdown, one module per family of formats."""

import pkgutil
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import PurePath

from knowledge.errors import EmptyDocument, UnreadableDocument
from knowledge.parsing import formats
from knowledge.parsing.decoding import clean
from knowledge.parsing.parsed import (
    MAX_BYTES,
    MAX_CHARACTERS,
    MAX_TITLE,
    Format,
    Parsed,
    Parser,
)

__all__ = [
    "MAX_BYTES",
    "Format",
    "Parsed",
    "Parser",
    "check_format",
    "check_size",
    "parse",
    "parse_here",
]


_BLANK = b" \t\r\n\f\v\xef\xbb\xbf"
"""White space, and UTF-8's byte order mark."""


def parse(data: bytes, name: str) -> Parsed:
    """Read a document whose format its file name tells; blocking, some milliseconds.

    A format that hostile bytes could abuse is read in the sandbox. Raises UnreadableDocument with
    the reason, whatever the bytes are; EmptyDocument for a text that is blank.
    """
    check_format(name)
    check_size(len(data))
    family = known_formats()[PurePath(name).suffix.lower()]
    if not family.binary and not data.strip(_BLANK):
        raise EmptyDocument("it is empty")
    if family.sandboxed:
        from knowledge.parsing.sandbox import SANDBOX

        return SANDBOX.parse(data, name)
    return parse_here(data, name)


def parse_here(data: bytes, name: str) -> Parsed:
    """As `parse`, in this process, which is the sandbox's for the formats that need it."""
    parser = known_formats()[PurePath(name).suffix.lower()].parse
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


@cache
def known_formats() -> dict[str, Format]:
    """The format of each file suffix: every module of `formats` says its own."""
    modules = (
        import_module(f"{formats.__name__}.{module.name}")
        for module in pkgutil.iter_modules(formats.__path__)
    )
    families: list[Format] = [module.FORMAT for module in modules]
    return {suffix: family for family in families for suffix in family.suffixes}


def check_format(name: str) -> None:
    """Raise UnreadableDocument unless the file's suffix is of a known format."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in known_formats():
        raise UnreadableDocument(f"format {suffix or 'without a suffix'} is not supported")


def check_size(size: int) -> None:
    """Raise UnreadableDocument for a file of more than 20 MB."""
    if size > MAX_BYTES:
        raise UnreadableDocument(f"it has {size:,} bytes, more than the {MAX_BYTES:,} allowed")
