"""Questions to compare on that neither model was trained on: the trainings' own, or a file's."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from agent.errors import RegistryError
from agent.evaluation.replies import Asked
from agent.learned.domain import Estimate
from agent.learned.head_model import BACKEND, Entry
from agent.learned.registry_rows import Version
from agent.learned.stale_pairs import is_current
from agent.tables import pair
from agent.tuning.clusters import question_clusters
from agent.tuning.datasets import HELD_OUT_FOLD, Dataset, as_trained
from agent.tuning.pair_files import Lineage, Pair, read_pairs
from agent.understanding import usable
from knowledge.database import Database
from knowledge.documents import EVERYONE


@dataclass(frozen=True, slots=True)
class Trained:
    """A version with the dataset that it was trained on; none for one trained elsewhere."""

    version: Version
    dataset: Dataset | None

    @property
    def audience(self) -> tuple[str, ...]:
        """Who may see all that it was trained on."""
        return (EVERYONE,) if self.dataset is None else self.dataset.audience

    @property
    def canaries(self) -> tuple[str, ...]:
        """Strings planted in the dataset that no answer may ever hold."""
        return () if self.dataset is None else tuple(self.dataset.manifest.get("canaries", ()))

    def recorded(self) -> dict[int, Estimate]:
        """By position in the dataset: what heads that never saw a question made of it."""
        manifest = self.version.manifest
        return {
            int(one["position"]): _estimate(one, manifest["answers"])
            for one in manifest.get("out_of_fold", ())
        }

    def unseen(self) -> set[int]:
        """Positions in its dataset that it can be asked about honestly."""
        if self.version.backend == BACKEND:
            return set(self.recorded())
        pairs = () if self.dataset is None else self.dataset.pairs
        return {place for place, one in enumerate(pairs) if one.fold == HELD_OUT_FOLD}

    def estimates(self) -> dict[str, Estimate]:
        """`recorded`, by the question as the agent asks it."""
        if self.dataset is None:
            return {}
        pairs = self.dataset.pairs
        return {
            usable(pairs[place].pair.question): estimate
            for place, estimate in self.recorded().items()
        }


@dataclass(frozen=True, slots=True)
class HeldOut:
    """``leaked`` are questions left out because a model has seen them or one too like them."""

    source: str
    asked: tuple[Asked, ...]
    answers: frozenset[str]
    """All answers that the team gives to anything, as far as the trainings and the file know."""
    leaked: tuple[str, ...] = ()
    stale: int = 0
    """Left out because the document behind them has changed or gone."""


async def trained(database: Database, version: Version) -> Trained:
    """The version with its dataset."""
    if version.dataset is None:
        return Trained(version, None)
    return Trained(version, await as_trained(database, version.dataset))


async def own_questions(
    database: Database, candidate: Trained, live: Trained | None, limit: int
) -> HeldOut:
    """Those that the candidate's training held out, and the live one's did not see either.

    Raises RegistryError when the training kept none, with what to do.
    """
    number, data = candidate.version.version, candidate.dataset
    places = candidate.unseen()
    if data is None or not places:
        raise RegistryError(
            f"version {number} holds no questions out of its training: train again with `knowhow "
            f"tune train`, or give some with `knowhow tune evaluate {number} --questions FILE`"
        )
    current = await _current(database, [data.pairs[place].pair_id for place in places])
    fresh = [data.pairs[place] for place in sorted(places) if data.pairs[place].pair_id in current]
    seen = _seen(live, [one.pair.question for one in fresh])
    pairs = [one.pair for one, leaked in zip(fresh, seen, strict=True) if not leaked]
    return HeldOut(
        f"dataset {data.version}",
        _sampled(pairs, limit),
        frozenset(one.pair.answer for one in data.pairs),
        tuple(one.pair.question for one, leaked in zip(fresh, seen, strict=True) if leaked),
        len(places) - len(fresh),
    )


def file_questions(path: Path, candidate: Trained, live: Trained | None, limit: int) -> HeldOut:
    """A pairs file's, without those that either training had, exactly or nearly.

    Raises InvalidInput for a file that is not of pairs, RegistryError when no question is left.
    """
    pairs = list({usable(one.question): one for one in read_pairs(path)}.values())
    questions = [one.question for one in pairs]
    seen = [
        any(either)
        for either in zip(
            _seen(candidate, questions, all_of_it=True),
            _seen(live, questions, all_of_it=True),
            strict=True,
        )
    ]
    kept = [one for one, leaked in zip(pairs, seen, strict=True) if not leaked]
    if not kept:
        raise RegistryError(
            f"{path}: all {len(pairs)} questions were trained on; give some that were not"
        )
    trained_on = candidate.dataset.pairs if candidate.dataset else ()
    return HeldOut(
        path.name,
        _sampled(kept, limit),
        frozenset((*(one.pair.answer for one in trained_on), *(one.answer for one in pairs))),
        tuple(one for one, leaked in zip(questions, seen, strict=True) if leaked),
    )


async def _current(database: Database, pairs: Sequence[int]) -> set[int]:
    query = select(pair.c.id).where(pair.c.id.in_(pairs), is_current())
    async with database.engine.connect() as connection:
        return set(await connection.scalars(query))


def _seen(
    model: Trained | None, questions: Sequence[str], *, all_of_it: bool = False
) -> list[bool]:
    """For each question whether the model's training had it or one too like it.

    Unless ``all_of_it`` counts, those that the training held out are not seen.
    """
    if model is None or model.dataset is None:
        return [False] * len(questions)
    spared = set() if all_of_it else model.unseen()
    pairs = model.dataset.pairs
    clusters = question_clusters([*(one.pair.question for one in pairs), *questions])
    own, asked = clusters[: len(pairs)], clusters[len(pairs) :]
    exact = {pairs[place].pair.question for place in spared}
    trained_on = set(own)
    return [
        cluster in trained_on and question not in exact
        for cluster, question in zip(asked, questions, strict=True)
    ]


def _sampled(pairs: Sequence[Pair], limit: int) -> tuple[Asked, ...]:
    """Files are sorted by topic: the same questions in every run, but not the first ones."""
    chosen = sorted(pairs, key=lambda one: hashlib.sha256(one.question.encode()).digest())[:limit]
    return tuple(
        Asked(usable(one.question), one.answer, _cluster(one.answer, one.lineage)) for one in chosen
    )


def _cluster(answer: str, lineage: Lineage | None) -> str:
    """Phrasings of one answer err together, and so do all questions on one document."""
    if lineage is not None:
        return f"document {lineage.document_id}"
    return hashlib.sha256(answer.encode()).hexdigest()[:16]


def _estimate(one: Mapping[str, Any], answers: Mapping[str, Any]) -> Estimate:
    entry = Entry(**answers[one["part"]][one["label"]])
    return Estimate(
        confidence=one["confidence"],
        similarity=one["similarity"],
        topic=entry.label,
        answer=entry.answer,
        threshold=one["threshold"],
    )
