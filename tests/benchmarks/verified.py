"""When a verified answer is the answer: ``python -m tests.benchmarks.verified DATA``.

DATA holds ``domain-stackfaq`` and ``intents-banking77``; the Chinese questions are the sample
team's. Of each answer one question is taken as the verified one, at random and three times over,
and all held-out questions are asked. ``precision`` is how many of those that find a verified answer
find their own, ``reach`` how many find their own of all. Without and with the look at the words.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.feedback.sameness import ask_the_same
from agent.learned.ngrams import Ngrams
from knowledge.embedding.minilm import MiniLM

_HERE = Path(__file__).parent
_SAMPLE = _HERE.parents[1] / "bot" / "sample" / "pairs.jsonl"
_STEPS = (0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94)
_STEPS_SPELLED = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_TIMES = 3

Row = tuple[str, str]
Floats = NDArray[np.float32]


def _rows(path: Path) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(one["question"], one["answer"]) for one in map(json.loads, lines)]


def _verified(rows: Sequence[Row], seed: int) -> list[Row]:
    by_answer: dict[str, list[str]] = {}
    for question, answer in rows:
        by_answer.setdefault(answer, []).append(question)
    chosen = np.random.default_rng(seed)
    return [(asked[chosen.integers(len(asked))], answer) for answer, asked in by_answer.items()]


def _found(asked: Sequence[Row], known: Sequence[Row], likeness: Floats, least: float) -> Floats:
    """The likeness of those that also ask the same by their words; 0 for all others."""
    worded = np.zeros_like(likeness)
    for row, column in np.argwhere(likeness >= least):
        if ask_the_same(asked[row][0], known[column][0]):
            worded[row, column] = likeness[row, column]
    return worded


def _report(name: str, likeness: Floats, right: NDArray[np.bool_], steps: Sequence[float]) -> None:
    best, top = likeness.argmax(axis=1), likeness.max(axis=1)
    hit = right[np.arange(len(best)), best]
    for step in steps:
        found = top >= step
        if found.any():
            share, reach = hit[found].mean(), (found & hit).mean()
            print(
                f"{name} {step:.2f}: {found.sum()} found, precision {share:.3f}, reach {reach:.3f}"
            )


async def _measure(name: str, rows: Sequence[Row], asked: Sequence[Row], encoder: MiniLM) -> None:
    spelled = not encoder.covers(asked[0][0])
    steps = _STEPS_SPELLED if spelled else _STEPS
    alike, worded, right = [], [], []
    for seed in range(_TIMES):
        known = _verified(rows, seed)
        questions, knowns = [question for question, _ in asked], [question for question, _ in known]
        if spelled:
            ngrams = Ngrams.fit(knowns)
            likeness = ngrams.vectors(questions) @ ngrams.vectors(knowns).T
        else:
            likeness = await encoder.encode(questions) @ (await encoder.encode(knowns)).T
        alike.append(likeness)
        worded.append(_found(asked, known, likeness, steps[0]))
        right.append(np.array([[own == other for _, other in known] for _, own in asked]))
    _report(name, np.concatenate(alike), np.concatenate(right), steps)
    _report(f"{name}, worded alike", np.concatenate(worded), np.concatenate(right), steps)


async def _main(data: Path) -> None:
    sample = [row for row in _rows(_SAMPLE) if not row[0].isascii()]
    sets = {
        name: (_rows(data / name / "pairs.jsonl"), _rows(data / name / "heldout.jsonl"))
        for name in ("domain-stackfaq", "intents-banking77")
    } | {"merrowby-zh": (sample, _rows(_HERE / "data" / "merrowby-zh.jsonl"))}
    with tempfile.TemporaryDirectory() as home:
        encoder = MiniLM(Path(home))
        for name, (rows, asked) in sets.items():
            await _measure(name, rows, asked, encoder)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
