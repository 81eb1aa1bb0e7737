"""When an answer counts as right, for every arm of a comparison the same: decided here alone.

A verified answer comes back to the letter, a quotation comes with sentences around it or, of a long
answer, only in part, and a written one in other words. To be fair to all three, an answer is right
when it *is* the team's answer after normalisation or contains it; when most of its words are that
answer's and the other way round (F1); or when one's runs of three words nearly all stand in the
other. What is only on the same subject reaches none of these. But the team's own answer to another
question is wrong, however alike: answers made from a template differ in the one word that matters.
"""

from collections.abc import Collection

import numpy as np

from agent.evaluation.answer_evaluation import contains_answer, normalised, token_f1
from knowledge.storage.fingerprints import Shingles, shingles_of

F1_BAR = 0.7
"""Of the different answers in StackFAQ and the sample team no two reach even .4."""
_STANDS_IN = 0.8
"""Of the runs of three words: one word in fifteen may differ."""
_QUOTED = 20
"""Runs of three words from which a part of the team's answer says enough: about two sentences."""
_DISTINCT = 12
"""Characters from which an answer at the start of a text is that answer, not a word such as no."""


class Rightness:
    """Judges against ``known``, all the answers that the team gives to anything."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = {normalised(one) for one in known}
        self._starts = tuple(one for one in self._known if len(one) >= _DISTINCT)

    def is_right(self, said: str, expected: str) -> bool:
        """Whether what was said is the team's answer."""
        if contains_answer(said, [expected]):
            return True
        plain = normalised(said)
        if plain in self._known or plain.startswith(self._starts):
            return False
        return token_f1(said, [expected]) >= F1_BAR or _quotes(
            shingles_of("", said), shingles_of("", expected)
        )


def _quotes(said: Shingles, expected: Shingles) -> bool:
    common = len(np.intersect1d(said, expected, assume_unique=True))
    if common >= _STANDS_IN * len(expected):
        return True
    return len(said) >= _QUOTED and common >= _STANDS_IN * len(said)
