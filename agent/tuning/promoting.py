"""Promote on a passing verdict, or by force with a reason: nothing goes live on a hope."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent.errors import RegistryError
from agent.learned.promotions import Canary, Grounds
from agent.learned.registry import Registry
from agent.tuning.evaluation import Evaluation
from agent.tuning.stored_evaluations import newest, store
from knowledge.database import Database

Evaluates = Callable[[int], Awaitable[Evaluation]]
"""Evaluates a version against what is live."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What is asked for; ``force`` needs a reason and no verdict. ``version`` None: the newest."""

    version: int | None = None
    canary: Canary | None = None
    force: bool = False
    reason: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Promoted:
    """What answers now; ``evaluated`` is the evaluation that was made on the way, if one was."""

    version: int
    why: str
    evaluated: Evaluation | None = None


async def promote(database: Database, promotion: Promotion, evaluates: Evaluates) -> Promoted:
    """Let the version answer everyone, or as a canary some.

    Its last evaluation counts if it was against what is live now; without one, it is evaluated
    first. Raises RegistryError when the verdict is not to promote, with the verdict and what to do.
    """
    registry = Registry(database)
    version = (await registry.version(promotion.version)).version
    if promotion.force:
        grounds = Grounds(promotion.reason, forced=True, author=promotion.author)
        await registry.promote(version, grounds, promotion.canary)
        return Promoted(version, promotion.reason)
    standing = await registry.standing()
    live = standing.live.version if standing.live else None
    if live == version and promotion.canary is None and standing.canary is None:
        return Promoted(version, "it answers everyone already")
    stored, done = await newest(database, version), None
    if live == version:
        stored = None  # going back to everyone's from a canary of another is no new promotion
    elif stored is None or stored.against != live:
        done = await evaluates(version)
        stored = await store(done, database)
    if stored is not None and stored.verdict != "promote":
        raise RegistryError(refusal(version, stored.why))
    why = stored.why if stored else "it answers everyone already"
    evidence = None if stored is None else stored.id
    grounds = Grounds(promotion.reason or why, evidence, author=promotion.author)
    await registry.promote(version, grounds, promotion.canary)
    return Promoted(version, why, done)


def refusal(version: int, why: str) -> str:
    """Why not, and how to go on."""
    return (
        f"version {version} is {why}. Give more questions that it was not trained on: `knowhow "
        f"tune evaluate {version} --questions FILE`; or promote it on your own word: `knowhow tune "
        f"promote {version} --force --reason TEXT`"
    )
