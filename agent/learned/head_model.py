"""The live embedded model: one head on the encoder, one on n-grams for what it cannot read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from agent.errors import RegistryError
from agent.learned.domain import Estimate
from agent.learned.head import Floats, Head
from agent.learned.ngrams import Ngrams
from agent.learned.words import bag

BACKEND = "head"
ENCODED, SPELLED = "encoded", "spelled"
"""The names of a model's two parts in its manifest."""

_TOPIC_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer that a head can give; ``question`` is one of those it was trained on."""

    answer: str
    topic: str
    question: str

    @property
    def label(self) -> str:
        """The topic in words; a topic that is only a number says nothing to a person."""
        spoken = self.topic if any(c.isalpha() for c in self.topic) else self.question
        short = " ".join(spoken.split())
        return short if len(short) <= _TOPIC_LENGTH else short[: _TOPIC_LENGTH - 1] + "…"


@dataclass(frozen=True, slots=True)
class Part:
    """A head and the answers that its labels stand for."""

    head: Head
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class HeadModel:
    """A domain model that answers with the team's own words, or not at all.

    ``encoded`` judges questions by their embedding, ``spelled`` those that come without one; a
    part is None when there were no pairs to train it on, and then knows nothing.
    """

    version: int
    encoded: Part | None
    spelled: tuple[Part, Ngrams] | None

    @property
    def name(self) -> str:
        """``domain:VERSION``, stored with each answer."""
        return f"domain:{self.version}"

    async def estimate(self, question: str, vector: NDArray[np.float32] | None) -> Estimate:
        """Judge the question by its unit vector, or by its characters where it has none."""
        if vector is not None:
            estimate = _estimate(self.encoded, question, vector)
            if self.encoded is None:
                return estimate
            return replace(estimate, shared=self.encoded.head.shared(vector[None])[0])
        if self.spelled is None:
            return _estimate(None, question, np.zeros(0, np.float32))
        part, ngrams = self.spelled
        return _estimate(part, question, ngrams.vector(question))

    async def consult(self, question: str, estimate: Estimate) -> str:  # noqa: ARG002 (protocol)
        """The answer that the estimate already holds; RegistryError when it holds none."""
        if estimate.answer is None:
            raise RegistryError(f"{self.name} has no answer to this question; route it elsewhere")
        return estimate.answer

    def pack(self) -> tuple[bytes, dict[str, Any]]:
        """The arrays as safetensors and the answers as JSON, to be stored."""
        arrays: dict[str, NDArray[Any]] = {}
        answers: dict[str, Any] = {}
        if self.encoded is not None:
            arrays |= _prefixed(ENCODED, self.encoded)
            answers[ENCODED] = _listed(self.encoded)
        if self.spelled is not None:
            part, ngrams = self.spelled
            arrays |= _prefixed(SPELLED, part) | {"idf": ngrams.idf}
            answers[SPELLED] = _listed(part)
        return save(arrays), {"answers": answers}

    @classmethod
    def unpack(cls, version: int, parameters: bytes, manifest: Mapping[str, Any]) -> Self:
        """The inverse of `pack`; RegistryError when the stored bytes are not such a model."""
        try:
            arrays, answers = load(parameters), manifest["answers"]
            encoded, spelled = _part(ENCODED, arrays, answers), _part(SPELLED, arrays, answers)
            by_spelling = None if spelled is None else (spelled, Ngrams(arrays["idf"]))
            return cls(version, encoded, by_spelling)
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise RegistryError(
                f"domain model {version} cannot be read ({error}): run `knowhow tune train`, "
                "then `knowhow tune promote`"
            ) from error


def _estimate(part: Part | None, question: str, vector: Floats) -> Estimate:
    if part is None:
        return Estimate(confidence=0.0, similarity=0.0, topic="", answer=None)
    judged = part.head.judge(vector[None], [bag(question)])
    entry = part.entries[judged.label[0]]
    return Estimate(
        confidence=float(part.head.confidence(judged)[0]),
        similarity=float(judged.similarity[0]),
        topic=entry.label,
        answer=entry.answer,
        threshold=float(part.head.threshold),
    )


def _prefixed(prefix: str, part: Part) -> dict[str, NDArray[Any]]:
    return {f"{prefix}.{name}": array for name, array in part.head.arrays().items()}


def _listed(part: Part) -> Sequence[dict[str, str]]:
    return [
        {"answer": entry.answer, "topic": entry.topic, "question": entry.question}
        for entry in part.entries
    ]


def _part(
    prefix: str, arrays: Mapping[str, NDArray[Any]], answers: Mapping[str, Any]
) -> Part | None:
    if prefix not in answers:
        return None
    own = {
        name.removeprefix(f"{prefix}."): array
        for name, array in arrays.items()
        if name.startswith(f"{prefix}.")
    }
    return Part(Head.of_arrays(own), tuple(Entry(**entry) for entry in answers[prefix]))
