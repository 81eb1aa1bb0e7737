"""Plain text: stored as it is."""

from pathlib import PurePath

from knowledge.parsing.decoding import decode
from knowledge.parsing.parsed import Format, Parsed


def parse_text(data: bytes, name: str) -> Parsed:
    """The file's name without its suffix is the title."""
    return Parsed(PurePath(name).stem, decode(data))


FORMAT = Format((".txt", ".text"), parse_text, sandboxed=False)
