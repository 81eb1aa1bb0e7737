"""What looking at pairs yields: each fault as a value; nobody changes a pair here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal[
    "format",
    "secret",
    "personal data",
    "exact duplicate",
    "near duplicate",
    "semantic duplicate",
    "contradiction",
    "leak",
    "label error",
    "ungrounded",
    "refusal",
    "language",
    "length",
    "low quality",
]
Action = Literal["drop", "queue", "note"]
"""Left out at once, shown to a person who decides, or only said."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A stored pair as the detectors see it; ``passage`` is the text of its document, if any.

    ``state`` is candidate or approved: of two that say the same the approved one is kept.
    """

    id: int
    question: str
    answer: str
    topic: str
    source: str = ""
    language: str = ""
    audience: tuple[str, ...] = ("everyone",)
    passage: str | None = None
    state: str = "approved"


@dataclass(frozen=True, slots=True)
class World:
    """What pairs are held against.

    ``vectors`` has a unit vector for each pair whose question the encoder covers, by the pair's
    id; ``held_out`` are questions that training must never see, with their vectors by position.
    """

    vectors: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)
    held_out: Sequence[str] = ()
    held_out_vectors: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: of the first of ``pairs``, the rest being what it collides with.

    ``score`` says how near or how sure, in 0..1; ``why`` is one line for a person and never
    repeats a secret.
    """

    kind: Kind
    action: Action
    pairs: tuple[int, ...]
    why: str
    score: float | None = None
