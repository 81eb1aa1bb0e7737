"""Clusters of questions too alike to be told apart: they never stand on both sides of a split."""

import unicodedata
from collections.abc import Sequence


def question_clusters(questions: Sequence[str]) -> list[int]:
    """A number for each question; the same number means the same cluster."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(_folded(one), len(numbers)) for one in questions]


def _folded(question: str) -> str:
    """NFKC, lower case, letters and digits only."""
    plain = unicodedata.normalize("NFKC", question).casefold()
    return "".join(character for character in plain if character.isalnum()) or plain
