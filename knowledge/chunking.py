"""Documents to chunks along their structure.

A chunk holds about 200 tokens and never parts a code block, table row or list item that would fit
into one. What is encoded and indexed is `searchable`: title and heading path above the text.

Sizes are estimated without a tokenizer, so that a document gives the same chunks whatever the
encoder: changing the encoder re-embeds, never re-cuts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from knowledge.cutting import TARGET, Frame, Part, cut, size
from knowledge.documents import Chunk
from knowledge.structure import blocks

CHUNKING = "2"
"""Raised by whoever changes how documents are read or cut: uploads then renew every document."""

_LIMIT = 230
"""What is not longer stays whole: with its header it fits into the encoder's 256 tokens."""

_SHORT = 60
"""A section of less says too little to be found on its own, and joins its neighbour."""

_HEADER_LIMIT = 100

Path = tuple["Heading", ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """One step of a heading path."""

    level: int
    title: str


@dataclass(frozen=True, slots=True)
class _Section:
    path: Path
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of one section, small enough for a chunk; empty for a heading with nothing below."""

    path: Path
    text: str
    size: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Pieces that become one chunk, under the heading path that they share."""

    path: Path
    pieces: list[_Piece]
    size: float


def chunk(text: str, title: str = "") -> tuple[Chunk, ...]:
    """Cut a Markdown text; ``title`` is the document's, left out of the heading paths.

    A text of up to 230 tokens is one chunk. Nothing but headings that every chunk below carries
    in its path, and thematic breaks, is left out.
    """
    sections = _sections(text)
    pieces = [piece for section in sections for piece in _pieces(section)]
    if not pieces:  # rules and empty headings alone, if anything
        return tuple(Chunk(0, (), rest) for rest in (text.strip()[:_HEADER_LIMIT],) if rest)
    whole = sum(piece.size for piece in pieces) <= _LIMIT
    return tuple(
        Chunk(position, _named(group.path, title), _rendered(group))
        for position, group in enumerate(_joined(pieces, whole=whole))
    )


def searchable(title: str, chunk: Chunk) -> str:
    """What stands for the chunk in the encoder and the index."""
    header = " > ".join(part[:_HEADER_LIMIT] for part in (title, *chunk.heading) if part)
    return "\n".join(part for part in (header, chunk.context, chunk.text) if part)


def anchor_of(chunk: Chunk, anchors: Mapping[str, str]) -> str | None:
    """The fragment that leads to the chunk: that of its deepest heading which has one."""
    return next((anchors[title] for title in reversed(chunk.heading) if title in anchors), None)


def _sections(text: str) -> list[_Section]:
    """The text's sections that have something of their own, or nothing below them either."""
    lines = text.split("\n")
    sections = [_Section((), [])]
    for block in blocks(text):
        if block.kind == "heading":
            above = [step for step in sections[-1].path if step.level < block.level]
            sections.append(_Section((*above, Heading(block.level, block.title)), []))
        else:
            sections[-1].parts.extend(cut(block, lines))
    ends = [
        not section.parts and len(below.path) > len(section.path)
        for section, below in pairwise(sections)
    ]
    return [
        section
        for section, empty in zip(sections, [*ends, False], strict=True)
        if section.parts or (section.path and not empty)
    ]


def _pieces(section: _Section) -> Iterator[_Piece]:
    """Even pieces of about the target size, so that no short rest is left at the end."""
    total = sum(part.size for part in section.parts)
    goal = total if total <= _LIMIT else total / -(-total // TARGET)
    own = size(section.path[-1].title) if section.path else 0
    held: list[Part] = []
    filled = 0.0
    for part in section.parts:
        added = part.size
        if not held or held[-1].frame is not part.frame:
            added += part.frame.size
        if held and (filled + added / 2 > goal or filled + added > _LIMIT):
            yield _Piece(section.path, _text(held), filled + own)
            held, filled, added = [], 0.0, part.size + part.frame.size
        held.append(part)
        filled += added
    yield _Piece(section.path, _text(held), filled + own)


def _joined(pieces: Iterable[_Piece], *, whole: bool) -> Iterator[_Group]:
    """Neighbours that belong into one chunk: all of a short document, else short sections."""
    group: _Group | None = None
    for piece in pieces:
        shared = _common(group.path, piece.path) if group else ()
        if group and (whole or _belongs(group, piece, shared)):
            group.pieces.append(piece)
            group = _Group(shared, group.pieces, group.size + piece.size)
        else:
            if group:
                yield group
            group = _Group(piece.path, [piece], piece.size)
    if group:
        yield group


def _belongs(group: _Group, piece: _Piece, shared: Path) -> bool:
    """Whether one of the two is short and they are siblings, or one stands below the other."""
    related = len(shared) >= min(len(group.path), len(piece.path)) - 1
    return related and group.size + piece.size <= TARGET and min(group.size, piece.size) < _SHORT


def _common(one: Path, other: Path) -> Path:
    steps = zip(one, other, strict=False)
    return tuple(step for step, _ in takewhile(lambda both: both[0] == both[1], steps))


def _named(path: Path, title: str) -> tuple[str, ...]:
    titles = tuple(step.title for step in path)
    return titles[1:] if titles[:1] == (title,) else titles


def _rendered(group: _Group) -> str:
    """The pieces' text; headings that the common path does not carry stand in the text."""
    shown: list[str] = []
    before = group.path
    for piece in group.pieces:
        new = piece.path[len(_common(before, piece.path)) :]
        shown += [f"{'#' * step.level} {step.title}" for step in new]
        shown += [piece.text] if piece.text else []
        before = piece.path
    return "\n\n".join(shown) or group.path[-1].title


def _text(parts: Sequence[Part]) -> str:
    runs: list[tuple[Frame, list[str]]] = []
    for part in parts:
        if not runs or runs[-1][0] is not part.frame:
            runs.append((part.frame, []))
        runs[-1][1].append(part.text)
    return "\n\n".join(
        frame.prefix + "".join(texts).strip("\n").rstrip() + frame.suffix for frame, texts in runs
    )
