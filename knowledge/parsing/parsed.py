"""What every parser gives back, and the limits that every document must keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

MAX_BYTES = 20_000_000
"""A longer file is refused before it is read."""

MAX_CHARACTERS = 10_000_000
"""A longer text is refused after parsing: nobody wrote it, and one answer never needs it."""

MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class Parsed:
    """One document's content; ``text`` is Markdown, ``uri`` and ``updated_at`` its own claims.

    ``anchors`` maps the title of a heading of ``text`` to the fragment that leads there in the
    original: ``{"Page 3": "page=3"}`` in a PDF, an element's id in a web page.
    """

    title: str
    text: str
    metadata: Mapping[str, object] = field(default_factory=dict)
    uri: str | None = None
    updated_at: datetime | None = None
    anchors: Mapping[str, str] = field(default_factory=dict)


class Parser(Protocol):
    """One family of formats. Pure, blocking, and may be given anything."""

    def __call__(self, data: bytes, name: str) -> Parsed:
        """Read the file's bytes; ``name`` is the file's, for a title when it has none.

        Raises UnreadableDocument with the reason.
        """
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A family of formats: its file suffixes, lower case, and who reads them.

    A ``sandboxed`` one is parsed in a process of its own: a binary format, or one whose parser
    hostile bytes can make slow or large. Each module of `knowledge.parsing.formats` holds one as
    ``FORMAT``; it is imported to learn the suffixes, so its heavy parts are imported in the parser.
    A blank file of a ``binary`` one is damaged, not empty.
    """

    suffixes: tuple[str, ...]
    parse: Parser
    sandboxed: bool = True
    binary: bool = False
