"""Whether two questions are the same but for slips of the keyboard."""

from collections import Counter
from collections.abc import Iterable, Sequence

import Stemmer  # type: ignore[import-not-found]  # a C extension without stubs

from knowledge.embedding.scripts import is_cjk

_TELLING = frozenset(["not", "no", "never", "none", "without", "不", "没", "未", "无", "非", "别"])
_TELLING_CJK = frozenset("不没未无非别一二三四五六七八九十百千万零两")
_SHORTEST = 4
_SHORTEST_CJK = 8
_WORDS_PER_SLIP = 4
_MOST_APART = 6
"""Words of either side alone above which nothing is looked at any closer."""


def sameness(one: Sequence[str], other: Sequence[str]) -> float | None:
    """How many letters of two questions' sorted words are meant alike, 0..1; None: not only slips.

    Word endings count for nothing. A slip is a letter too many, too few, wrong, or two swapped; one
    word in four may have one, never a number or a negation.
    """
    if one == other:
        return 1.0
    if len(set(one) ^ set(other)) > _MOST_APART:
        return None
    left, right = Counter(one), Counter(other)
    mine, theirs = _unlike((left - right).elements(), (right - left).elements())
    if any(_tells(word) for word in [*mine, *theirs]):
        return None
    most = max(1, min(len(one), len(other)) // _WORDS_PER_SLIP)
    parted = "".join(mine) == "".join(theirs)
    letters = max(1, min(sum(map(len, one)), sum(map(len, other))))
    matching = len(mine) == len(theirs) <= most
    if not parted and not (matching and _slipped(mine, theirs, letters)):
        return None
    return 1 - max(len(mine), len(theirs)) / letters


def _unlike(mine: Iterable[str], theirs: Iterable[str]) -> tuple[list[str], list[str]]:
    """The words left on both sides when those that differ in their ending are taken off."""
    # PyStemmer's objects must not be shared by threads.
    stem = Stemmer.Stemmer("english").stemWord
    rest = {word: stem(word) for word in theirs}
    left = []
    for word in sorted(mine):
        match = next((one for one, root in rest.items() if root == stem(word)), None)
        if match is None:
            left.append(word)
        else:
            del rest[match]
    return left, sorted(rest)


def _tells(word: str) -> bool:
    return word in _TELLING or any(map(str.isdigit, word))


def _slipped(mine: list[str], theirs: list[str], letters: int) -> bool:
    """Whether each word on the one side has one of its own on the other, a slip away."""
    rest = list(theirs)
    for word in mine:
        meant = next((one for one in rest if _one_slip(word, one, letters)), None)
        if meant is None:
            return False
        rest.remove(meant)
    return True


def _one_slip(one: str, other: str, letters: int) -> bool:
    """``letters`` is the length of the shorter question: a Chinese run may be cut anywhere."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    mine, theirs = one[start : len(one) - end], other[start : len(other) - end]
    swapped = len(mine) == 2 and mine == theirs[::-1]  # noqa: PLR2004
    if not swapped and (len(mine) > 1 or len(theirs) > 1):
        return False
    shortest = min(len(one), len(other))
    if is_cjk(one[0]) or is_cjk(other[0]):
        return letters >= _SHORTEST_CJK and not _TELLING_CJK & {*mine, *theirs}
    # A short word with another first letter is another word (lost, cost, post), and so is one with
    # a letter before it: synchronous, asynchronous.
    wrong = len(mine) == len(theirs) and shortest > _SHORTEST + 1
    return shortest >= _SHORTEST and (swapped or start > 0 or wrong)
