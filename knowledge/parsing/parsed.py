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
    """One document's content; ``text`` is Markdown, ``uri`` and ``updated_at`` its own claims."""

    title: str
    text: str
    metadata: Mapping[str, object] = field(default_factory=dict)
    uri: str | None = None
    updated_at: datetime | None = None


class Parser(Protocol):
    """One family of formats. Pure, blocking, and may be given anything."""

    def __call__(self, data: bytes, name: str) -> Parsed:
        """Read the file's bytes; ``name`` is the file's, for a title when it has none.

        Raises UnreadableDocument with the reason.
        """
        ...
