"""Pairs too short to say anything and too long to be taken in whole."""

from collections.abc import Sequence

from agent.tuning.examining.findings import Examined, Finding, World
from agent.tuning.examining.folding import folded
from knowledge.embedding.scripts import is_cjk

_SHORTEST = 4
_SHORTEST_CJK = 2
QUESTION_TOKENS = 256
"""The embedded encoder reads no more."""

PAIR_TOKENS = 2_048
"""What a small generative model is commonly trained on at a time."""


def find(pairs: Sequence[Examined], _: World) -> list[Finding]:
    """Short ones go to a person; of long ones is only said that backends cut them."""
    return [
        Finding("length", "queue" if short else "note", (one.id,), why)
        for one in pairs
        for short, why in _faults(one)
    ]


def _faults(pair: Examined) -> list[tuple[bool, str]]:
    letters = folded(pair.question)
    shortest = _SHORTEST_CJK if any(map(is_cjk, letters)) else _SHORTEST
    asked = tokens(pair.question)
    whole = asked + tokens(pair.answer)
    faults = [
        (len(letters) < shortest, True, f"a question of {len(letters)} letters asks nothing"),
        (
            asked > QUESTION_TOKENS,
            False,
            f"a question of about {asked} tokens is cut at {QUESTION_TOKENS} (an estimate)",
        ),
        (
            whole > PAIR_TOKENS,
            False,
            f"about {whole} tokens, more than the {PAIR_TOKENS} of one example (an estimate)",
        ),
    ]
    return [(short, why) for holds, short, why in faults if holds]


def tokens(text: str) -> int:
    """An estimate, for no tokenizer is at hand that every backend shares: within a fifth or so.

    Four Latin characters, one Chinese, Japanese or Korean one and two of any other script make a
    token.
    """
    if text.isascii():
        return -(-len(text) // 4)
    quarters = sum(
        1 if character.isascii() else 4 if is_cjk(character) else 2 for character in text
    )
    return -(-quarters // 4)
