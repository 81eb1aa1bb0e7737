"""How long texts are, in estimated tokens: no vocabulary is at hand offline, and models differ."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.terms import CJK

_PIECE = re.compile(rf"(?P<cjk>[{CJK}]+)|(?P<word>[^\W\d_{CJK}]+)|(?P<digits>\d+)|[^\s\w]+|_+")
_LETTERS, _DIGITS = 8, 3
_PER_CJK = 0.84


def estimated_tokens(text: str) -> int:
    """About as many as the vocabularies of current chat models make of it.

    A word is a token for every eight letters begun, a number one for every three digits, signs in
    a row are one, a Chinese, Japanese or Korean character is .84. Against o200k_base that is 2 %
    too few to 5 % too many on English questions, answers and documents, within 3 % on Chinese.
    """
    count = 0.0
    for piece in _PIECE.finditer(text):
        size = len(piece[0])
        if piece["cjk"]:
            count += _PER_CJK * size
        elif piece["word"]:
            count += -(-size // _LETTERS)
        elif piece["digits"]:
            count += -(-size // _DIGITS)
        else:
            count += 1
    return round(count)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Of many texts, in estimated tokens."""

    values: tuple[int, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lengths":
        """Every text's."""
        return cls(tuple(map(estimated_tokens, texts)))

    @property
    def total(self) -> int:
        """Of all texts together."""
        return sum(self.values)

    def at(self, share: float) -> int:
        """The length that this share of the texts does not exceed; 0 without texts."""
        if not self.values:
            return 0
        return int(np.quantile(self.values, share, method="inverted_cdf"))

    def as_json(self) -> dict[str, int]:
        """Estimated tokens: the sum, and the shortest to the longest text."""
        marks = {"min": 0.0, "p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
        return {"total": self.total, **{name: self.at(share) for name, share in marks.items()}}
