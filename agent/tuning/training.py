"""Train the embedded domain model: approved pairs in, a new version in the registry out."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from agent.errors import TrainingError
from agent.learned.head import Floats
from agent.learned.head_model import BACKEND, Entry, HeadModel, Part
from agent.learned.ngrams import Ngrams
from agent.learned.registry import Registry
from agent.routing.background import BACKGROUND
from agent.tuning.examples import Examples, examples
from agent.tuning.fitting import ENCODED_CURVE, SPELLED_CURVE, STEPS, HeldOut, fit_head
from agent.tuning.pair_files import Pair
from agent.tuning.pairs import trainable_pairs
from knowledge.database import Database
from knowledge.embedding import Encoder

Progress = Callable[[int, int | None], None]
"""Called with the steps done and their number; one step is a batch encoded or a fit."""

_BATCH = 128


@dataclass(frozen=True, slots=True)
class Trained:
    """A new version; the rates are of questions held out of it in cross-validation.

    They are None when there were too few pairs to hold any out.
    """

    version: int
    pairs: int
    answers: int
    seconds: float
    exact_answer_rate: float | None
    wrong_rate: float | None


@dataclass(frozen=True, slots=True)
class _Task:
    """One head's training set; ``background`` are the vectors of the questions in ``other``."""

    pairs: Sequence[Pair]
    vectors: Floats
    other: Sequence[str]
    background: Floats
    prior: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Fitted:
    part: Part
    held_out: HeldOut
    examples: Examples


def silent(_done: int, _total: int | None) -> None:
    """No progress report."""


async def train(database: Database, encoder: Encoder, progress: Progress = silent) -> Trained:
    """Fit a head per kind of script on all approved pairs that everyone may see, and store it.

    Raises TrainingError when there are none.
    """
    started = time.perf_counter()
    pairs = await trainable_pairs(database)
    if not pairs:
        raise TrainingError(
            "there are no approved pairs that everyone may see: run `knowhow tune import FILE`"
        )
    read = [pair for pair in pairs if encoder.covers(pair.question)]
    spelled = [pair for pair in pairs if not encoder.covers(pair.question)]
    steps = _Steps(progress, -(-len(read) // _BATCH) + STEPS * (bool(read) + bool(spelled)))
    ngrams = Ngrams.fit([pair.question for pair in spelled])
    by_vector = by_spelling = None
    if read:
        other = [text for text in BACKGROUND if encoder.covers(text)]
        vectors = await _encode(read, encoder, steps)
        background = await encoder.encode(other)
        task = _Task(read, vectors, other, background, ENCODED_CURVE)
        by_vector = await asyncio.to_thread(_fit, task, steps.step)
    if spelled:
        other = [text for text in BACKGROUND if not encoder.covers(text)] or list(BACKGROUND)
        vectors = ngrams.vectors([pair.question for pair in spelled])
        task = _Task(spelled, vectors, other, ngrams.vectors(other), SPELLED_CURVE)
        by_spelling = await asyncio.to_thread(_fit, task, steps.step)

    model = HeadModel(
        version=0,
        encoded=None if by_vector is None else by_vector.part,
        spelled=None if by_spelling is None else (by_spelling.part, ngrams),
    )
    heads = {"encoded": by_vector, "spelled": by_spelling}
    fitted = {name: one for name, one in heads.items() if one is not None}
    parameters, manifest = model.pack()
    manifest |= _lineage(pairs) | {"held_out": _rates(list(fitted.values()))}
    manifest["examples"] = {name: asdict(one.examples) for name, one in fitted.items()}
    version = await Registry(database).add(BACKEND, encoder.name, parameters, manifest)
    answers = len({pair.answer for pair in pairs})
    seconds = time.perf_counter() - started
    return Trained(version, len(pairs), answers, seconds, **manifest["held_out"])


class _Steps:
    """Counts steps for a progress report, from whatever thread they are taken in."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        progress(0, total)

    def step(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


async def _encode(pairs: Sequence[Pair], encoder: Encoder, steps: _Steps) -> Floats:
    vectors = []
    for start in range(0, len(pairs), _BATCH):
        batch = [pair.question for pair in pairs[start : start + _BATCH]]
        vectors.append(await encoder.encode(batch))
        steps.step()
    return np.concatenate(vectors)


def _fit(task: _Task, step: Callable[[], None]) -> _Fitted:
    """One label per distinct answer; CPU-bound."""
    pairs = task.pairs
    entries = {pair.answer: Entry(pair.answer, pair.topic, pair.question) for pair in pairs}
    label = {answer: number for number, answer in enumerate(entries)}
    labels = np.array([label[pair.answer] for pair in pairs], np.int32)
    head, held_out = fit_head(task.vectors, labels, task.background, task.prior, step)
    part = Part(head, tuple(entries.values()))
    questions = [pair.question for pair in pairs]
    return _Fitted(part, held_out, examples(head, held_out, questions, labels, task.other))


def _rates(fitted: Sequence[_Fitted]) -> dict[str, float | None]:
    """How the held-out questions of known answers fared, over all heads."""
    known = right = wrong = 0
    for one in fitted:
        asked = ~one.held_out.unknown
        answered = expit(one.held_out.features @ one.part.head.curve) >= one.part.head.threshold
        known += int(asked.sum())
        right += int((asked & answered & one.held_out.right).sum())
        wrong += int((asked & answered & ~one.held_out.right).sum())
    rates = (right / known, wrong / known) if known else (None, None)
    return dict(zip(("exact_answer_rate", "wrong_rate"), rates, strict=True))


def _lineage(pairs: Sequence[Pair]) -> dict[str, Any]:
    """What the model was made of, so that the same pairs can be told from other ones."""
    digest = hashlib.sha256("\n".join(sorted(pair.digest for pair in pairs)).encode())
    topics = len({pair.topic for pair in pairs})
    return {"pairs": len(pairs), "topics": topics, "pairs_sha256": digest.hexdigest()}
