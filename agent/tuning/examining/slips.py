"""Whether two questions are the same but for slips of the keyboard."""

from collections import Counter
from collections.abc import Sequence

from knowledge.embedding.scripts import is_cjk

_TELLING = frozenset(["not", "no", "never", "none", "without", "不", "没", "未", "无", "非", "别"])
_TELLING_CJK = frozenset("不没未无非别一二三四五六七八九十百千万零两")
_SHORTEST = 4
_SHORTEST_CJK = 8
_WORDS_PER_SLIP = 4
_PARTED = 1
"""A word more where one was written as two: log in, login."""


def sameness(one: Sequence[str], other: Sequence[str]) -> float | None:
    """How much of two questions' sorted words is the same, 1 for all; None: more than slips differ.

    A slip is a letter too many, too few, wrong, or two swapped; one in four words may have one,
    never a number or a negation.
    """
    if one == other:
        return 1.0
    most = max(1, min(len(one), len(other)) // _WORDS_PER_SLIP)
    if len(set(one) ^ set(other)) > 2 * most + _PARTED:
        return None
    left, right = Counter(one), Counter(other)
    left, right = left - right, right - left
    mine, theirs = sorted(left.elements()), sorted(right.elements())
    if any(_tells(word) for word in [*mine, *theirs]):
        return None
    parted = "".join(mine) == "".join(theirs)
    if not parted and (len(mine) != len(theirs) or len(mine) > most or not _slipped(mine, theirs)):
        return None
    return 1 - max(len(mine), len(theirs)) / (2 * max(len(one), len(other)))


def _tells(word: str) -> bool:
    return word in _TELLING or any(character.isnumeric() for character in word)


def _slipped(mine: list[str], theirs: list[str]) -> bool:
    """Whether each word on the one side has one of its own on the other, a slip away."""
    rest = list(theirs)
    for word in mine:
        meant = next((one for one in rest if _one_slip(word, one)), None)
        if meant is None:
            return False
        rest.remove(meant)
    return True


def _one_slip(one: str, other: str) -> bool:
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
        return shortest >= _SHORTEST_CJK and not _TELLING_CJK & {*mine, *theirs}
    # A short word with another first letter is another word: lost, cost, post.
    return shortest >= _SHORTEST and (swapped or start > 0 or shortest > _SHORTEST + 1)
