"""The embedded backend: a head on the frozen encoder, fitted and calibrated in seconds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from agent.learned.head import Floats
from agent.learned.head_model import BACKEND, Entry, HeadModel, Part
from agent.learned.ngrams import Ngrams
from agent.routing.background import BACKGROUND
from agent.tuning.datasets import Dataset
from agent.tuning.pair_files import Pair
from agent.tuning.training.head_examples import Examples, examples
from agent.tuning.training.head_fitting import (
    ENCODED_CURVE,
    SPELLED_CURVE,
    STEPS,
    HeldOut,
    fit_head,
)
from agent.tuning.training.trainer import Made, Memory, Progress
from knowledge.embedding import Encoder

_BATCH = 128


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
        """Fit in seconds for thousands of pairs, CPU-bound work off the event loop."""
        encoder = self.encoder
        pairs = [one.pair for one in dataset.pairs]
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
        found = {name: asdict(one.examples) for name, one in fitted.items()}
        rates = _rates(list(fitted.values()))
        return Made(parameters, {**manifest, "held_out": rates, "examples": found})


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
