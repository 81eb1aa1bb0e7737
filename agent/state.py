"""What one question carries through the graph, and the little that a conversation remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypedDict

import numpy as np
from langgraph.channels import UntrackedValue
from numpy.typing import NDArray

from agent.answers import Answer, Question, Turn
from agent.learned.domain import Estimate
from agent.reading.extractive import Reading
from agent.routing.routing import Decision
from agent.texts import Said
from knowledge.documents import Found, Passage, Query


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer as remembered; ``principals`` are those it was answered for.

    An answer given to one person alone must not colour what a whole channel reads later, so an
    exchange is only recalled for readers who hold all of its principals; and only while all the
    ``documents`` that it cited are there.
    """

    question: str
    answer: str
    principals: Sequence[str]
    documents: Sequence[int] = ()
    id: str = ""
    """The question's: asked again after a crash, it neither recalls itself nor is kept twice."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The question made to stand alone; ``lost`` when it refers to something that nobody said."""

    text: str
    query: Query
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """An answer of the domain model's or of a person's, free of mentions, and whose it is."""

    text: str
    model: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before the check: ``[n]`` in ``text`` is the nth of ``passages``."""

    text: str
    model: str
    passages: tuple[Passage, ...] = ()


class State(TypedDict, total=False):
    """Only ``exchanges`` is ever written to the database; the rest lives for one question."""

    exchanges: list[Exchange]
    question: Annotated[Question, UntrackedValue]
    turns: Annotated[tuple[Turn, ...], UntrackedValue]
    understood: Annotated[Understood, UntrackedValue]
    vector: Annotated[NDArray[np.float32] | None, UntrackedValue]
    standalone: Annotated[NDArray[np.float32] | None, UntrackedValue]
    found: Annotated[Found, UntrackedValue]
    estimate: Annotated[Estimate | None, UntrackedValue]
    small_talk: Annotated[float, UntrackedValue]
    decision: Annotated[Decision, UntrackedValue]
    reading: Annotated[Reading, UntrackedValue]
    answerable: Annotated[float, UntrackedValue]
    verified: Annotated[Verified, UntrackedValue]
    draft: Annotated[Draft, UntrackedValue]
    outage: Annotated[Said, UntrackedValue]
    notes: Annotated[tuple[Said, ...], UntrackedValue]
    prompts: Annotated[tuple[str, ...], UntrackedValue]
    costs: Annotated[tuple[float | None, ...], UntrackedValue]
    timings: Annotated[Mapping[str, float], UntrackedValue]
    answer: Annotated[Answer, UntrackedValue]
