"""Sentences of a passage, for quoting: English, Chinese, Japanese, and Markdown's blocks."""

import re
from collections.abc import Iterator

_CJK_STOPS = "。！？；｡"
_CLOSERS = "\"'”’」』）)]】》*_"
_END = re.compile(
    rf"[{_CJK_STOPS}]+[{re.escape(_CLOSERS)}]*|[.!?…]+[{re.escape(_CLOSERS)}]*(?=\s)", re.UNICODE
)
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof rev gen col capt lt sgt sen rep gov st mt ft jr sr vs etc approx dept est
    ed eds inc ltd co corp al cf ca viz eg ie e.g i.e jan feb mar apr jun jul aug sep sept oct
    nov dec u.s u.k u.n a.m p.m
    """.split()  # noqa: SIM905 # a list of sixty strings reads worse
)
_BEFORE_NUMBERS = frozenset({"no", "nos", "fig", "figs", "eq", "vol", "p", "pp", "sec", "ch"})
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_QUOTE = re.compile(r"^\s{0,3}>\s?")
_TABLE_RULE = re.compile(r"[\s|:+-]*-[\s|:+-]*")
_FENCE = re.compile(r"\s*(?:```|~~~)")


def sentences(text: str) -> list[str]:
    """Split Markdown into sentences in reading order, each on one line.

    A list item, a table row and a line of code are never joined with their neighbours; headings
    are left out, because a heading quoted as an answer says nothing.
    """
    return [sentence for block in _blocks(text) for sentence in _split(block)]


def _blocks(text: str) -> Iterator[str]:
    paragraph: list[str] = []
    fenced = False
    for line in text.splitlines():
        alone = _own_line(line, fenced=fenced)
        if _FENCE.match(line):
            fenced = not fenced
        if (alone is not None or _ITEM.match(line)) and paragraph:
            yield " ".join(paragraph)
            paragraph = []
        if alone:
            yield alone
        elif alone is None:
            paragraph.append(_QUOTE.sub("", _ITEM.sub("", line, count=1), count=1).strip())
    if paragraph:
        yield " ".join(paragraph)


def _own_line(line: str, *, fenced: bool) -> str | None:
    """What a line that stands alone has to say ("" for nothing); None for a line of prose."""
    if _FENCE.match(line) or not line.strip() or _HEADING.match(line):
        return ""
    if fenced:
        return line.strip()
    if line.lstrip().startswith("|"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        return "" if _TABLE_RULE.fullmatch(line) else " · ".join(cell for cell in cells if cell)
    return None


def _split(block: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(block):
        if block[end.start()] == "." and not _ends(block, end):
            continue
        if piece := block[start : end.end()].strip():
            yield piece
        start = end.end()
    if piece := block[start:].strip():
        yield piece


def _ends(block: str, stop: re.Match[str]) -> bool:
    """Whether a full stop ends the sentence, and not an abbreviation or an initial."""
    word = block[: stop.start()].rsplit(maxsplit=1)[-1:] or [""]
    bare = word[0].lstrip(_CLOSERS + "([{“‘").lower()
    following = block[stop.end() :].lstrip()[:1]
    if following.islower():
        return False
    if following.isdigit() and bare in _BEFORE_NUMBERS:
        return False
    return not (bare in _ABBREVIATIONS or (len(bare) == 1 and bare.isalpha() and bare != "i"))
