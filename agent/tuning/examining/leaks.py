"""Pairs whose question is one of those held out: trained on, they would make every test a lie."""

from collections.abc import Iterator, Sequence

import numpy as np

from agent.tuning.examining.findings import Examined, Finding, World
from agent.tuning.examining.likeness import (
    Alike,
    close_rows,
    close_spelled,
    likeness,
    spelling,
)
from agent.tuning.examining.subjects import same_subject


def find(pairs: Sequence[Examined], world: World) -> list[Finding]:
    """One finding a pair, of the nearest held-out question; CPU-bound.

    The question is not repeated: whoever cleans by it should not learn the test by heart.
    """
    if not pairs or not world.held_out:
        return []
    best: dict[int, tuple[float, str]] = {}
    for place, score, how in (*_same(pairs, world), *_close(pairs, world)):
        if place not in best or best[place][0] < score:
            best[place] = score, how
    return [
        Finding("leak", "drop", (pairs[place].id,), f"{how} a held-out question", score)
        for place, (score, how) in sorted(best.items())
    ]


def _same(pairs: Sequence[Examined], world: World) -> Iterator[tuple[int, float, str]]:
    """By the words: all questions together, so that only links across the two sides count."""
    found = likeness([*(one.question for one in pairs), *world.held_out])
    held = set(found.number[len(pairs) :])
    own: dict[int, list[int]] = {}
    for place, number in enumerate(found.number[: len(pairs)]):
        own.setdefault(number, []).append(place)
        if number in held:
            yield place, 1.0, "the same as"
    for alike in found.alike:
        for one, other in _both_ways(alike):
            if other in held:
                for place in own.get(one, ()):
                    yield place, alike.score * 0.999, "in the words of"


def _both_ways(alike: Alike) -> tuple[tuple[int, int], tuple[int, int]]:
    return (alike.one, alike.other), (alike.other, alike.one)


def _close(pairs: Sequence[Examined], world: World) -> Iterator[tuple[int, float, str]]:
    """By the meaning: by vectors where both have one, by n-grams where neither has."""
    read = [place for place, one in enumerate(pairs) if one.id in world.vectors]
    theirs = list(world.held_out_vectors)
    if read and theirs:
        mine = np.stack([world.vectors[pairs[place].id] for place in read])
        others = np.stack([world.held_out_vectors[place] for place in theirs])
        for row, column, cosine in close_rows(mine, others):
            yield from _about(pairs, read[row], world.held_out[theirs[column]], cosine)
    spelled = [place for place, one in enumerate(pairs) if one.id not in world.vectors]
    unread = [place for place in range(len(world.held_out)) if place not in world.held_out_vectors]
    if spelled and unread:
        texts = [pairs[place].question for place in spelled]
        table = spelling([*texts, *(world.held_out[place] for place in unread)])
        for row, column, cosine in close_spelled(table[: len(texts)], table[len(texts) :]):
            yield from _about(pairs, spelled[row], world.held_out[unread[column]], cosine)


def _about(
    pairs: Sequence[Examined], place: int, question: str, cosine: float
) -> Iterator[tuple[int, float, str]]:
    own = pairs[place].question
    if same_subject(own, question):
        yield place, cosine * 0.998, "means the same as"
