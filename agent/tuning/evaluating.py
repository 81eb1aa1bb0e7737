"""Evaluate a version: the same held-out questions for every way of answering, then the gate."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from agent.agent import Agent
from agent.deps import Deps
from agent.evaluation import arms, held_out
from agent.evaluation.features import Watched
from agent.evaluation.general_ability import GeneralAbility
from agent.evaluation.held_out import HeldOut, Trained
from agent.evaluation.judge import judged
from agent.evaluation.leaks import leaks
from agent.evaluation.out_of_fold import OutOfFold
from agent.evaluation.replies import Scores
from agent.evaluation.rightness import Rightness
from agent.evaluation.vetoes import Grounds, vetoes
from agent.learned.domain import DomainModel
from agent.learned.endpoints import NOWHERE, Endpoints
from agent.learned.head_model import BACKEND
from agent.learned.loading import load_version
from agent.learned.registry import Registry
from agent.routing.background import BACKGROUND
from agent.routing.calibration import calibrate, current
from agent.tuning.base_model import general_ability_of
from agent.tuning.evaluation import BASE, CANDIDATE, LIVE, RETRIEVAL, TOGETHER, Evaluation
from agent.tuning.gate import Verdict, decide
from agent.tuning.training.trainer import Progress, silent
from knowledge.database import Database
from knowledge.documents import EVERYONE, Reader

LIMIT = 400
"""Questions that are asked at most: they find a difference of 7 points where 25 % differ."""
_AT_ONCE, _AT_ONCE_HERE = 4, 2
"""Questions at once where an endpoint does the work, and where this machine does."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to evaluate; ``version`` None is the newest, ``questions`` a pairs file.

    ``deps`` are the agent's parts on the live library, without a domain model.
    """

    deps: Deps
    version: int | None = None
    questions: Path | None = None
    limit: int = LIMIT
    judge: bool = False
    endpoints: Endpoints = NOWHERE


@dataclass(frozen=True, slots=True)
class _Models:
    """The candidate and the live version, each as it was before it saw its own questions."""

    candidate: Trained
    live: Trained | None
    model: DomainModel
    together: Deps
    watched: Watched
    as_is: Deps | None
    """The agent's parts with the live version; None where nothing is live."""

    @property
    def reader(self) -> Reader:
        """Somebody who may ask the candidate."""
        return Reader(tuple(dict.fromkeys((EVERYONE, self.candidate.audience[0]))))


async def evaluate(
    database: Database, wanted: Wanted, calibrating: Progress = silent, asking: Progress = silent
) -> Evaluation:
    """Ask every arm the questions that neither model has seen. Nothing is stored or promoted.

    Raises RegistryError when there is no such version or no question to ask, InvalidInput for a
    file that is not of pairs, ModelUnavailable when an endpoint is down.
    """
    started = time.perf_counter()
    candidate, live = await _versions(database, wanted.version)
    if wanted.questions is None:
        questions = await held_out.own_questions(database, candidate, live, wanted.limit)
    else:
        questions = held_out.file_questions(wanted.questions, candidate, live, wanted.limit)
    models = await _models(database, wanted, candidate, live, calibrating)
    scores = await _asked(wanted, questions, models, asking)
    general = await general_ability_of(candidate.version, models.model, wanted.endpoints)
    opinion = None
    before = scores[RETRIEVAL if live is None else LIVE]
    if wanted.judge and wanted.deps.chat is not None:
        opinion = await judged(questions.asked, before, scores[TOGETHER], wanted.deps.chat)
    return Evaluation(
        candidate.version.version,
        None if live is None else live.version.version,
        questions,
        scores,
        tuple(models.watched.features(questions.asked, wanted.deps.encoder)),
        await _verdict(database, questions, models, scores, general),
        general,
        opinion,
        time.perf_counter() - started,
    )


async def _versions(database: Database, version: int | None) -> tuple[Trained, Trained | None]:
    """The candidate, and what is live if that is another."""
    registry = Registry(database)
    candidate = await registry.version(version)
    live = await registry.live_version()
    other = live is not None and live != candidate.version and await registry.version(live)
    return (
        await held_out.trained(database, candidate),
        await held_out.trained(database, other) if other else None,
    )


async def _models(
    database: Database,
    wanted: Wanted,
    candidate: Trained,
    live: Trained | None,
    calibrating: Progress,
) -> _Models:
    """Loaded, and the router calibrated for the candidate as it would be after a promotion."""
    deps = wanted.deps

    async def loaded(trained: Trained) -> tuple[DomainModel, Deps]:
        version = trained.version.version
        model = await load_version(database, deps.encoder, version, wanted.endpoints)
        if model is None:
            raise RuntimeError("a version that is there loads")
        honest = OutOfFold(model, trained.estimates())
        router = (await current(database, deps.encoder, version)).router()
        return honest, replace(deps, domain=honest, router=router)

    version = candidate.version.version
    await calibrate(database, deps.encoder, deps.search, calibrating, version)
    model, together = await loaded(candidate)
    watched = Watched(together.router)
    as_is = None if live is None else (await loaded(live))[1]
    return _Models(candidate, live, model, replace(together, router=watched), watched, as_is)


async def _asked(wanted: Wanted, questions: HeldOut, models: _Models, asking: Progress) -> Scores:
    """Arm after arm, so that none is slowed down by another."""
    deps, reader = wanted.deps, models.reader
    ways: dict[str, arms.Arm] = {
        BASE: arms.ChatArm(deps.chat),
        RETRIEVAL: arms.AgentArm(Agent(deps), reader),
        CANDIDATE: arms.ModelArm(models.model, deps.encoder),
        TOGETHER: arms.AgentArm(Agent(models.together), reader),
    }
    if models.as_is is not None:
        ways[LIVE] = arms.AgentArm(Agent(models.as_is), reader)
    rightness = Rightness(questions.answers)
    step = _counter(asking, len(ways) * len(questions.asked))
    remote = deps.chat is not None or models.candidate.version.backend != BACKEND
    width = _AT_ONCE if remote else _AT_ONCE_HERE
    return {
        name: await arms.ask_all(way, questions.asked, rightness, width, step)
        for name, way in ways.items()
    }


async def _verdict(
    database: Database,
    questions: HeldOut,
    models: _Models,
    scores: Scores,
    general: GeneralAbility | None,
) -> Verdict:
    """What people would have, against what they have."""
    before, after = scores[RETRIEVAL if models.live is None else LIVE], scores[TOGETHER]
    spoken = (*scores[CANDIDATE], *after)
    said = [one.reply.text for one in spoken if one.reply.route in {"domain", "both"}]
    candidate = models.candidate
    given_away = await leaks(said, candidate.audience, database)
    taken = await _taken(models)
    against = vetoes(Grounds(before, after, said, candidate.canaries, given_away, taken))
    if general is not None and general.veto is not None:
        against = (*against, general.veto)
    return decide(
        [one.right for one in before],
        [one.right for one in after],
        [one.cluster for one in questions.asked],
        against,
    )


async def _taken(models: _Models) -> float:
    """The share of questions on other matters that the candidate would answer by itself."""
    encoder = models.together.encoder
    covered = [text for text in BACKGROUND if encoder.covers(text)]
    encoded = await encoder.encode(covered) if covered else ()
    vectors = dict(zip(covered, encoded, strict=True))
    estimates = [await models.model.estimate(text, vectors.get(text)) for text in BACKGROUND]
    return sum(one.confidence >= one.threshold for one in estimates) / len(estimates)


def _counter(progress: Progress, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    progress(0, total)
    return step
