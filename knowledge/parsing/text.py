"""Plain text: stored as it is."""

from pathlib import PurePath

from knowledge.parsing.decoding import decode
from knowledge.parsing.parsed import Parsed


def parse_text(data: bytes, name: str) -> Parsed:
    """The file's name without its suffix is the title."""
    return Parsed(PurePath(name).stem, decode(data))
