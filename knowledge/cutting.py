"""A block that is too long for one chunk, cut into the parts that its kind has.

A list has items, a table rows (each cut repeats the header), a code block lines (each cut is
fenced again), prose sentences. Only a part that is too long alone is cut further: at lines,
sentences, words, and at last anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.structure import Block

TARGET = 200
"""The size that chunks of a longer text come near to, in about tokens."""

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_CJK_WEIGHT = 0.6
_UNIT = re.compile(r"[^\W\d_]{1,8}|\d{1,2}|[^\w\s]|_")
_BOUNDARIES = (
    re.compile(r"(?<=\n)"),
    re.compile(r"(?<=[.!?;]\s)|(?<=[。！？；])"),
    re.compile(r"(?<=\s)"),
)
_SLICE = 200
_FENCE = re.compile(r"\s*(`{3,9}(?!`)|~{3,9}(?!~))(.{0,40})$")
_TABLE_HEAD_LINES = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the parts of one block in each chunk that holds some of them."""

    prefix: str = ""
    suffix: str = ""

    @property
    def size(self) -> float:
        """In about tokens, like a part's."""
        return size(self.prefix + self.suffix)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece that stays whole; parts of the same ``frame`` object are joined without a gap."""

    text: str
    size: float
    frame: Frame


def size(text: str) -> float:
    """About how many WordPiece tokens a text has (within a tenth on English prose).

    Words count one per eight letters, digits one per two, marks one; CJK characters 0.6, so that
    a chunk holds about 330 of them.
    """
    units = len(_UNIT.findall(text))
    if text.isascii():
        return units
    cjk = len(_CJK.findall(text))
    return units if not cjk else len(_UNIT.findall(_CJK.sub(" ", text))) + _CJK_WEIGHT * cjk


def cut(block: Block, lines: Sequence[str]) -> Iterator[Part]:
    """The block's parts in order; a block of up to `TARGET` is one."""
    text = "\n".join(lines[block.start : block.end]).rstrip()
    whole = size(text)
    if whole <= TARGET:
        yield Part(text, whole, Frame())
        return
    frame, units = _units(block, lines[block.start : block.end], text)
    for unit in units:
        for piece in _short(unit):
            yield Part(piece, size(piece), frame)


def _units(block: Block, lines: Sequence[str], text: str) -> tuple[Frame, list[str]]:
    if block.kind == "list":
        starts = [start - block.start for start in block.items]
        ends = [*starts[1:], len(lines)]
        return Frame(), [
            "\n".join(lines[start:end]).rstrip() + "\n"
            for start, end in zip(starts, ends, strict=True)
        ]
    if block.kind == "table":
        head = "\n".join(lines[:_TABLE_HEAD_LINES]) + "\n"
        if size(head) <= TARGET / 2:
            return Frame(head), [row + "\n" for row in lines[_TABLE_HEAD_LINES:]]
    if block.kind == "code" and (match := _FENCE.match(lines[0])):
        fence = match[1]
        inner = lines[1:-1] if lines[-1].strip().startswith(fence) else lines[1:]
        frame = Frame(f"{fence}{match[2].rstrip()}\n", f"\n{fence}")
        return frame, [line + "\n" for line in inner]
    return Frame(), [text]


def _short(text: str, level: int = 0) -> Iterator[str]:
    if size(text) <= TARGET:
        yield text
    elif level == len(_BOUNDARIES):
        for start in range(0, len(text), _SLICE):
            yield text[start : start + _SLICE]
    else:
        for piece in _BOUNDARIES[level].split(text):
            if piece:
                yield from _short(piece, level + 1)
