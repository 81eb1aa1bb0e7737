"""The embedded backend: a head on the frozen encoder, fitted and calibrated in seconds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from agent.learned.head import Floats
from agent.learned.head_model import BACKEND, ENCODED, SPELLED, Entry, HeadModel, Part
from agent.learned.ngrams import Ngrams
from agent.learned.words import bag
from agent.routing.background import BACKGROUND
from agent.tuning.dataset_pairs import DatasetPair
from agent.tuning.datasets import Dataset
from agent.tuning.training.head_examples import Examples, examples, out_of_fold
from agent.tuning.training.head_fitting import ENCODED_CURVE, SPELLED_CURVE, STEPS, fit_head
from agent.tuning.training.head_held_out import HeldOut
from agent.tuning.training.head_lessons import Lessons
from agent.tuning.training.trainer import Made, Memory, Progress
from knowledge.embedding import Encoder

_BATCH = 128
_OUT_OF_FOLD = 400
"""Questions kept for whoever compares models, over both heads."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One head's training set: its pairs of the dataset, and their vectors.

    ``background`` are the vectors of the questions in ``other``; ``ngrams`` made all vectors of a
    head that knows questions by their spelling, and is None for the other.
    """

    pairs: Sequence[DatasetPair]
    vectors: Floats
    other: Sequence[str]
    background: Floats
    ngrams: Ngrams | None


@dataclass(frozen=True, slots=True)
class _Fitted:
    part: Part
    held_out: HeldOut
    examples: Examples
    out_of_fold: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class HeadTrainer:
    """A head per kind of script: one on the encoder's vectors, one on character n-grams."""

    encoder: Encoder
    backend: str = BACKEND

    @property
    def settings(self) -> Mapping[str, Any]:
        """There is nothing to choose."""
        return {}

    async def train(
        self,
        dataset: Dataset,
        progress: Progress,
        memory: Memory,  # noqa: ARG002 (seconds of work: begun anew)
    ) -> Made:
        """Fit in seconds for thousands of pairs, CPU-bound work off the event loop.

        The manifest's ``out_of_fold`` are up to 400 questions as heads judged them that never saw
        them or their clusters, for whoever compares models without fitting any.
        """
        covers, everything = self.encoder.covers, dataset.pairs
        read = [one for one in everything if covers(one.pair.question)]
        spelled = [one for one in everything if not covers(one.pair.question)]
        steps = _Steps(progress, -(-len(read) // _BATCH) + STEPS * (bool(read) + bool(spelled)))
        fitted: dict[str, _Fitted] = {}
        ngrams = None
        if read:
            other = [text for text in BACKGROUND if covers(text)]
            vectors = await self._encode(read, steps)
            background = await self.encoder.encode(other)
            task = _Task(read, vectors, other, background, None)
            share = _OUT_OF_FOLD * len(read) // len(everything)
            fitted[ENCODED] = await asyncio.to_thread(_fit, task, share, steps.step)
        if spelled:
            other = [text for text in BACKGROUND if not covers(text)] or list(BACKGROUND)
            ngrams = Ngrams.fit([one.pair.question for one in spelled])
            vectors = ngrams.vectors([one.pair.question for one in spelled])
            task = _Task(spelled, vectors, other, ngrams.vectors(other), ngrams)
            share = _OUT_OF_FOLD * len(spelled) // len(everything)
            fitted[SPELLED] = await asyncio.to_thread(_fit, task, share, steps.step)
        return _made(fitted, ngrams)

    async def _encode(self, pairs: Sequence[DatasetPair], steps: "_Steps") -> Floats:
        vectors = []
        for start in range(0, len(pairs), _BATCH):
            batch = [one.pair.question for one in pairs[start : start + _BATCH]]
            vectors.append(await self.encoder.encode(batch))
            steps.step()
        return np.concatenate(vectors)


class _Steps:
    """Counts steps for a progress report, from whatever thread they are taken in."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        progress(0, total)

    def step(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)


def _fit(task: _Task, share: int, step: Callable[[], None]) -> _Fitted:
    """One label per distinct answer; CPU-bound. ``share`` bounds the out-of-fold questions."""
    pairs = [one.pair for one in task.pairs]
    entries = {pair.answer: Entry(pair.answer, pair.topic, pair.question) for pair in pairs}
    label = {answer: number for number, answer in enumerate(entries)}
    ngrams = task.ngrams
    lessons = Lessons(
        vectors=task.vectors,
        labels=np.array([label[pair.answer] for pair in pairs], np.int32),
        folds=np.array([one.fold for one in task.pairs]),
        clusters=np.array([one.cluster for one in task.pairs]),
        background=task.background,
        hints=task.vectors[:0] if ngrams is None else ngrams.vectors(list(entries)),
        bags=[bag(pair.question) for pair in pairs] if ngrams is None else (),
        background_bags=[bag(text) for text in task.other] if ngrams is None else (),
    )
    head, held_out = fit_head(lessons, ENCODED_CURVE if ngrams is None else SPELLED_CURVE, step)
    found = examples(head, held_out, [pair.question for pair in pairs], lessons.labels, task.other)
    left_out = out_of_fold(head, held_out, lessons, [one.position for one in task.pairs], share)
    return _Fitted(Part(head, tuple(entries.values())), held_out, found, left_out)


def _made(fitted: Mapping[str, _Fitted], ngrams: Ngrams | None) -> Made:
    encoded, spelled = fitted.get(ENCODED), fitted.get(SPELLED)
    model = HeadModel(
        version=0,
        encoded=None if encoded is None else encoded.part,
        spelled=None if spelled is None or ngrams is None else (spelled.part, ngrams),
    )
    parameters, manifest = model.pack()
    found = {
        "held_out": _rates(list(fitted.values())),
        "examples": {name: asdict(one.examples) for name, one in fitted.items()},
        "out_of_fold": [
            {"part": name, **single} for name, one in fitted.items() for single in one.out_of_fold
        ],
    }
    return Made(parameters, {**manifest, **found})


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
