"""How often the router sends a question where it should go, and how long that takes."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, get_args

import numpy as np

from agent.answers import Route
from agent.learned.domain import DomainModel
from agent.learned.loading import load_live
from agent.routing.calibration import current
from agent.routing.routing import Decision, Evidence, Router
from agent.routing.small_talk import SmallTalk
from knowledge.database import Database
from knowledge.documents import Query, Reader
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.retrieval.search import Search

_ROUTES = get_args(Route)


@dataclass(frozen=True, slots=True)
class RoutingReport:
    """``confusion`` counts by expected, then chosen route; times are of whole decisions."""

    questions: int
    accuracy: float
    macro_f1: float
    confusion: Mapping[str, Mapping[str, int]]
    p50_ms: float
    p95_ms: float
    llm_calls: int

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON contract of ``knowhow evaluate routing --json``."""
        return asdict(self)


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
) -> RoutingReport:
    """Route every question with the live documents, model and calibration; none is answered.

    A decision is timed whole: encoding, search, estimate, small talk, router. Raises InvalidInput
    for a malformed line, with its file and number.
    """
    asked = read_routes(path)
    parts = _Parts(
        encoder,
        search,
        SmallTalk(encoder),
        await load_live(database, encoder),
        (await current(database, encoder)).router(),
    )
    await _decide(asked[0][0], parts)  # opens the encoder, which a running process did long ago
    confusion: dict[str, Counter[str]] = {}
    milliseconds = []
    for number, (question, expected) in enumerate(asked, 1):
        started = time.perf_counter()
        decision = await _decide(question, parts)
        milliseconds.append((time.perf_counter() - started) * 1000)
        confusion.setdefault(expected, Counter())[decision.route] += 1
        progress(number, len(asked))
    p50, p95 = np.percentile(milliseconds, (50, 95))
    right = sum(row[expected] for expected, row in confusion.items())
    return RoutingReport(
        questions=len(asked),
        accuracy=right / len(asked),
        macro_f1=_macro_f1(confusion),
        confusion={expected: dict(row) for expected, row in sorted(confusion.items())},
        p50_ms=float(p50),
        p95_ms=float(p95),
        llm_calls=0,
    )


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


async def _decide(question: str, parts: _Parts) -> Decision:
    covered = parts.encoder.covers(question)
    vector = (await parts.encoder.encode([question]))[0] if covered else None
    found, small_talk = await asyncio.gather(
        parts.search.find(Query(question), Reader(), vector=vector),
        parts.small_talk.closeness(question, vector),
    )
    estimate = None if parts.model is None else await parts.model.estimate(question, vector)
    evidence = Evidence(question, found.signals, estimate, small_talk, found.passages, vector)
    return parts.router.decide(evidence)


def _macro_f1(confusion: Mapping[str, Counter[str]]) -> float:
    """Over the routes that were expected; one chosen wrongly costs those it was taken from."""
    scores = []
    for route, row in confusion.items():
        chosen = sum(other[route] for other in confusion.values())
        scores.append(2 * row[route] / (chosen + row.total()))
    return fmean(scores)
