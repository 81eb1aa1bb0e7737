"""How well the live domain model answers questions whose right answers are known."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from agent.errors import RegistryError
from agent.learned.endpoints import NOWHERE, Endpoints
from agent.learned.loading import load_live
from agent.tuning.pair_files import read_pairs
from knowledge.database import Database
from knowledge.embedding import Encoder


@dataclass(frozen=True, slots=True)
class DomainReport:
    """Shares of all questions, which sum to 1; ``p50_ms`` is encoding and judging one."""

    questions: int
    exact_answer_rate: float
    abstained_rate: float
    wrong_rate: float
    p50_ms: float

    def as_json(self) -> dict[str, Any]:
        """The fixed JSON contract of ``knowhow evaluate domain --json``."""
        return asdict(self)


async def evaluate_domain(
    path: Path,
    database: Database,
    encoder: Encoder,
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
    endpoints: Endpoints = NOWHERE,
) -> DomainReport:
    """Ask the live model every question of a pairs file, as if it were asked alone.

    Right means the team's answer to the letter. Raises RegistryError when no model is live, and
    InvalidInput for a file that is not of pairs.
    """
    pairs = read_pairs(path)
    model = await load_live(database, encoder, endpoints)
    if model is None:
        raise RegistryError("no domain model is live: run `knowhow tune train`, then `promote`")
    exact = abstained = 0
    milliseconds = []
    for number, pair in enumerate(pairs, 1):
        started = time.perf_counter()
        covered = encoder.covers(pair.question)
        vector = (await encoder.encode([pair.question]))[0] if covered else None
        estimate = await model.estimate(pair.question, vector)
        milliseconds.append((time.perf_counter() - started) * 1000)
        if estimate.confidence < estimate.threshold:
            abstained += 1
        elif (await model.consult(pair.question, estimate)).strip() == pair.answer:
            exact += 1
        progress(number, len(pairs))
    wrong = len(pairs) - exact - abstained
    count = len(pairs)
    return DomainReport(
        count, exact / count, abstained / count, wrong / count, median(milliseconds)
    )
