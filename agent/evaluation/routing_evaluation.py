"""How often the router sends a question where it should go, and how long that takes."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, get_args

import numpy as np

from agent.answers import Route
from agent.learned.domain import DomainModel
from agent.learned.loading import load_live
from agent.models import ChatModel
from agent.routing.calibration import current
from agent.routing.routing import Decision, Evidence, Router
from agent.routing.second_opinion import in_doubt, second_opinion
from agent.routing.small_talk import SmallTalk
from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.retrieval.search import Search

_ROUTES = get_args(Route)


@dataclass(frozen=True, slots=True)
class Routed:
    """One question with the route it should take and what the router made of it."""

    question: str
    expected: Route
    decision: Decision
    milliseconds: float

    @property
    def right(self) -> bool:
        """Whether it went where it should."""
        return self.decision.route == self.expected


@dataclass(frozen=True, slots=True)
class RoutingReport:
    """``least`` is the probability from which the domain model is asked today.

    ``calls`` counts questions to a chat model; times are of whole decisions without them.
    """

    source: str
    routed: tuple[Routed, ...]
    least: float
    calls: int = 0

    @property
    def accuracy(self) -> float:
        """The share of questions that went where they should."""
        return fmean(one.right for one in self.routed)

    @property
    def confusion(self) -> dict[str, dict[str, int]]:
        """Counts by expected, then chosen route."""
        counts: dict[str, Counter[str]] = {}
        for one in self.routed:
            counts.setdefault(one.expected, Counter())[one.decision.route] += 1
        return {expected: dict(row) for expected, row in sorted(counts.items())}

    @property
    def macro_f1(self) -> float:
        """Over the routes expected; one chosen wrongly costs those it was taken from."""
        scores = []
        for route, row in self.confusion.items():
            chosen = sum(one.decision.route == route for one in self.routed)
            scores.append(2 * row.get(route, 0) / (chosen + sum(row.values())))
        return fmean(scores)

    @property
    def latencies(self) -> tuple[float, float]:
        """The median and the 95th percentile of a decision, in milliseconds."""
        p50, p95 = np.percentile([one.milliseconds for one in self.routed], (50, 95))
        return float(p50), float(p95)

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON contract of ``knowhow evaluate routing --json``."""
        p50, p95 = self.latencies
        return {
            "questions": len(self.routed),
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "confusion": self.confusion,
            "p50_ms": p50,
            "p95_ms": p95,
            "llm_calls": self.calls,
        }


@dataclass(frozen=True, slots=True)
class _Parts:
    encoder: Encoder
    search: Search
    small_talk: SmallTalk
    model: DomainModel | None
    router: Router


async def evaluate_routing(
    path: Path,
    database: Database,
    encoder: Encoder,
    search: Search,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
    *,
    judge: ChatModel | None = None,
) -> RoutingReport:
    """Route every question with the live documents, model and calibration; none is answered.

    A decision is timed whole: encoding, search, estimate, small talk, router; not the ``judge``,
    who is asked where the router is in doubt. Raises InvalidInput for a malformed line, with its
    file and number, and ModelUnavailable as the judge does.
    """
    asked = read_routes(path)
    router = (await current(database, encoder)).router()
    model = await load_live(database, encoder)
    parts = _Parts(encoder, search, SmallTalk(encoder), model, router)
    await _evidence(asked[0][0], parts)  # opens the encoder, which a running process did long ago
    routed, calls = [], 0
    for number, (question, expected) in enumerate(asked, 1):
        started = time.perf_counter()
        evidence = await _evidence(question, parts)
        decision = router.decide(evidence)
        took = (time.perf_counter() - started) * 1000
        if judge is not None and in_doubt(decision, evidence):
            decision, _ = await second_opinion(decision, evidence, judge)
            calls += 1
        routed.append(Routed(question, expected, decision, took))
        progress(number, len(asked))
    return RoutingReport(path.name, tuple(routed), router.encoded.least, calls)


def read_routes(path: Path) -> list[tuple[str, Route]]:
    """Questions with the route each should take, from JSONL of ``{"question", "expected"}``."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as UTF-8 text: {error}") from error
    asked = [_route(line, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not asked:
        raise InvalidInput(f'{path} is empty: write {{"question": …, "expected": …}} per line')
    return asked


def _route(line: str, where: str) -> tuple[str, Route]:
    try:
        record = json.loads(line)
        question, expected = record["question"], record["expected"]
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput(f"{where}: expected an object with question and expected") from error
    if not isinstance(question, str) or not question.strip():
        raise InvalidInput(f"{where}: question must be a text that is not empty")
    if expected not in _ROUTES:
        raise InvalidInput(f"{where}: expected must be one of {', '.join(_ROUTES)}")
    return question, expected


async def _evidence(question: str, parts: _Parts) -> Evidence:
    covered = parts.encoder.covers(question)
    vector = (await parts.encoder.encode([question]))[0] if covered else None
    found, small_talk = await asyncio.gather(
        parts.search.find(Query(question), Reader(), vector=vector),
        parts.small_talk.closeness(question, vector),
    )
    estimate = None if parts.model is None else await parts.model.estimate(question, vector)
    return Evidence(question, found.signals, estimate, small_talk, found.passages, vector)
