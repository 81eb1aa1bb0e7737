"""The router's scales, from the live documents and the live model's own held-out questions.

Every held-out question is looked at three ways. With its topic known to the model it should go to
the domain model. With its topic left out, nobody knows it. With its topic left out of the model
but its answer put among the documents, it should go to the documents: the team's own questions
and answers show how a question meets a passage that answers it. Where the version was evaluated,
the questions of that evaluation say which side did answer better, and people's votes on answers add
a little (`agent.routing.voted`). No other question is involved.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import desc, func, select
from sqlalchemy.dialects.postgresql import insert

from agent.learned.loading import load_judge
from agent.learned.registry import Registry
from agent.routing.calibration_samples import (
    World,
    encoded_samples,
    measured_samples,
    spelled_samples,
)
from agent.routing.outcomes import outcomes
from agent.routing.routing import PRIOR, PRIOR_SPELLED, Router, Scale
from agent.routing.scales import fit_scale, joined
from agent.routing.voted import voted
from agent.tables import calibration
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.retrieval.search import Search
from knowledge.tables import corpus, document

Progress = Callable[[int, int | None], None]

_FEWEST = 10
"""Held-out questions of a kind below which the prior is better than what they say."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scales for questions that the encoder reads and for others.

    ``examples`` is how many held-out questions they rest on (0: the prior), ``near`` how much of
    the knowledge base is about what the pairs are about, in 0..1; ``outcomes`` of the examples are
    an evaluation's or rest on votes. ``framed`` is the nearness that the matches were framed with,
    0: plain cosines.
    """

    encoded: Scale = PRIOR
    spelled: Scale = PRIOR_SPELLED
    examples: int = 0
    near: float = 1.0
    framed: float = 0.0
    outcomes: int = 0

    def router(self) -> Router:
        """A router that decides by it."""
        return Router(self.encoded, self.spelled, self.framed)

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``."""
        # One of before was fitted on plain cosines, and on no outcomes.
        return cls(
            Scale(**stored["encoded"]),
            Scale(**stored["spelled"]),
            stored["examples"],
            stored["near"],
            stored.get("framed", 0.0),
            stored.get("outcomes", 0),
        )


async def calibrate(
    database: Database,
    encoder: Encoder,
    search: Search,
    progress: Progress = lambda _done, _total: None,
    version: int | None = None,
) -> Calibration:
    """Fit and store the scales for the live documents and a version (None: the live one).

    A few hundred searches at most, whatever the size of the knowledge base; ``progress`` is called
    after each. Raises RegistryError and EncoderMismatch as loading the model and searching do.
    """
    version = version or await Registry(database).live_version()
    fingerprint = await _fingerprint(database, encoder, version)
    fitted = await _fitted(database, encoder, search, progress, version)
    row = {"fingerprint": fingerprint, "parameters": asdict(fitted)}
    statement = insert(calibration).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=[calibration.c.fingerprint],
        set_={"parameters": statement.excluded.parameters},
    )
    async with database.engine.begin() as connection:
        await connection.execute(statement)
    return fitted


async def current(database: Database, encoder: Encoder, version: int | None = None) -> Calibration:
    """The stored calibration for a version (None: the live one), else its last one.

    Documents change more often than the scales do, so an old one beats the prior.
    """
    version = version or await Registry(database).live_version()
    fingerprint = await _fingerprint(database, encoder, version)
    model = fingerprint.rsplit("|", 1)[0]
    query = (
        select(calibration.c.parameters)
        .where(calibration.c.fingerprint.startswith(f"{model}|", autoescape=True))
        .order_by(desc(calibration.c.fingerprint == fingerprint), desc(calibration.c.id))
        .limit(1)
    )
    async with database.engine.connect() as connection:
        stored = await connection.scalar(query)
    return Calibration() if stored is None else Calibration.of_json(stored)


async def _fitted(
    database: Database,
    encoder: Encoder,
    search: Search,
    progress: Progress,
    version: int | None,
) -> Calibration:
    """The prior's scales, with those replaced that there are examples for."""
    fitted = Calibration()
    if version is None:
        return fitted
    model, manifest = await load_judge(database, encoder, version)
    kinds = {name: kind for name, kind in manifest["examples"].items() if _enough(kind)}
    world = World(database, encoder, search, _counter(progress))
    found = await outcomes(database, version)
    found += await voted(database, encoder, model, found)
    read = [one for one in found if one.covered]
    spelled = [one for one in found if not one.covered]
    scales = {"encoded": PRIOR, "spelled": PRIOR_SPELLED}
    near, frame = fitted.near, fitted.framed
    if model.encoded is not None and "encoded" in kinds:
        samples, near = await encoded_samples(model.encoded, kinds["encoded"], world)
        if read:
            samples = joined(
                samples, await measured_samples(model.encoded, read, world, near, PRIOR)
            )
        scales["encoded"], frame = fit_scale(samples, PRIOR), near
    if model.spelled is not None and "spelled" in kinds:
        part = model.spelled[0]
        samples = await spelled_samples(part, kinds["spelled"], world, near)
        if spelled:
            samples = joined(
                samples, await measured_samples(part, spelled, world, 0.0, PRIOR_SPELLED)
            )
        scales["spelled"] = fit_scale(samples, PRIOR_SPELLED)
    count = sum(len(kind["known"]) + len(kind["unknown"]) for kind in kinds.values())
    return Calibration(scales["encoded"], scales["spelled"], count, near, frame, len(found))


def _enough(kind: Mapping[str, Any]) -> bool:
    return min(len(kind["known"]), len(kind["unknown"])) >= _FEWEST and bool(kind["other"])


def _counter(progress: Progress) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, None)

    return step


async def _fingerprint(database: Database, encoder: Encoder, version: int | None) -> str:
    """``encoder|version|state of the documents``: what the scales were fitted on."""
    documents = select(func.count(), func.max(document.c.updated_at)).select_from(document)
    async with database.engine.connect() as connection:
        count, changed = (await connection.execute(documents)).one()
        chunks = await connection.scalar(select(corpus.c.chunks))
    return f"{encoder.name}|{version}|{count},{chunks or 0},{changed and changed.isoformat()}"
