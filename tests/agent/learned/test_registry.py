from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import insert, select

from agent.errors import RegistryError
from agent.learned.loading import load_live
from agent.learned.promotions import Canary, Grounds, Serving, Standing
from agent.learned.registry import Registry
from agent.tables import evaluation, promotion
from agent.tuning.datasets import freeze
from agent.tuning.pairs import import_pairs
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding import Encoder
from tests.agent.pairs import go_live, write_pairs


@dataclass(frozen=True)
class Renamed:
    """Another encoder, as far as names go."""

    inner: Encoder
    name: str = "another"

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    def covers(self, text: str) -> bool:
        return self.inner.covers(text)

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await self.inner.encode(texts)


async def test_nothing_is_live_before_a_promotion(database: Database, encoder: Encoder) -> None:
    await Registry(database).add("head", encoder.name, b"", {})
    assert await Registry(database).live() is None
    assert await load_live(database, encoder) is None


async def test_every_promotion_stays_in_the_history(database: Database) -> None:
    registry = Registry(database)
    first = await registry.add("head", "minilm", b"1", {"pairs": 1})
    second = await registry.add("head", "minilm", b"2", {"pairs": 2})
    assert await registry.promote(first, "good") == first
    better = Grounds("better", author="mara", evidence={"wins": 3})
    assert await registry.promote(None, better) == second
    assert await registry.promote(second, "once more") == second
    live = await registry.live()
    assert live is not None
    assert (live.version, live.parameters, live.reason) == (second, b"2", "better")
    assert [one.version for one in await registry.versions()] == [second, first]
    async with database.engine.connect() as connection:
        columns = select(promotion.c.version, promotion.c.reason, promotion.c.evidence)
        rows = (await connection.execute(columns.order_by(promotion.c.id))).all()
    assert [tuple(row) for row in rows] == [(first, "good", {}), (second, "better", {"wins": 3})]


async def test_a_rollback_is_one_step_and_stays_in_the_history(database: Database) -> None:
    registry = Registry(database)
    with pytest.raises(RegistryError, match="nothing to go back to"):
        await registry.rollback("oops")
    first = await registry.add("head", "minilm", b"1", {})
    second = await registry.add("head", "minilm", b"2", {})
    await registry.promote(first, "good")
    with pytest.raises(RegistryError, match="nothing to go back to"):
        await registry.rollback("oops")
    await registry.promote(second, "better")
    assert await registry.rollback("worse after all") == first
    live = await registry.live()
    assert live is not None
    assert (live.version, live.reason) == (first, "worse after all")
    assert await registry.rollback("it was the network") == second


async def test_a_canary_answers_beside_the_live_version_until_it_ends(database: Database) -> None:
    registry = Registry(database)
    first = await registry.add("head", "minilm", b"1", {})
    second = await registry.add("head", "minilm", b"2", {})
    with pytest.raises(RegistryError, match="no canary is out"):
        await registry.withdraw("oops")
    await registry.promote(first, "good")
    with pytest.raises(RegistryError, match="answers everyone already"):
        await registry.promote(first, "again", Canary(("C1",)))
    trial = Canary(("C1",), 0.1)
    await registry.promote(second, "a try", trial)
    live, canary = Serving(first, (EVERYONE,)), Serving(second, (EVERYONE,), trial)
    assert await registry.standing() == Standing(live, canary)
    assert await registry.live_version() == first

    assert await registry.rollback("complaints") == first
    assert await registry.standing() == Standing(live)
    await registry.promote(second, "once more", trial)
    assert await registry.withdraw("enough") == second
    await registry.promote(second, "a third time", trial)
    await registry.promote(second, "for everyone")
    assert await registry.standing() == Standing(Serving(second, (EVERYONE,)))
    assert await registry.rollback("after all") == first
    steps = [event.action for event in await registry.history()]
    canaries = ["canary", "withdraw"] * 2
    assert steps[::-1] == ["promote", *canaries, "canary", "promote", "rollback"]


async def test_the_history_says_who_and_on_which_evidence(database: Database) -> None:
    registry = Registry(database)
    version = await registry.add("head", "minilm", b"1", {})
    row = {"version": version, "source": "f", "report": {}, "verdict": "promote"}
    async with database.engine.begin() as connection:
        added = await connection.execute(insert(evaluation).values(row).returning(evaluation.c.id))
    number = added.scalar_one()
    trial = Canary(("C1", "C2"))
    await registry.promote(version, Grounds("a try", number, author="mara"), trial)
    await registry.promote(version, Grounds("no time", forced=True, author="noor"))
    forced, canary = await registry.history()
    assert (forced.grounds.author, forced.grounds.forced, forced.verdict) == ("noor", True, None)
    assert (canary.canary, canary.verdict, canary.grounds.evaluation) == (trial, "promote", number)


async def test_a_model_of_restricted_pairs_is_known_to_be_that(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    channel = ("channel:C1",)
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database, channel)
    data = await freeze(database, channel)
    version = await Registry(database).add("head", encoder.name, b"", {}, data.version)
    await Registry(database).promote(version, "for them")
    assert (await Registry(database).standing()).live == Serving(version, channel)


async def test_what_was_never_trained_cannot_be_promoted(database: Database) -> None:
    registry = Registry(database)
    with pytest.raises(RegistryError, match=r"there is no domain model yet: .*tune train"):
        await registry.promote(None, "")
    with pytest.raises(RegistryError, match="there is no domain model 9"):
        await registry.promote(9, "")


async def test_a_model_of_another_encoder_is_not_consulted(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await go_live(database, encoder, tmp_path)
    with pytest.raises(RegistryError, match=r"trained on the encoder minilm, not another.*train"):
        await load_live(database, Renamed(encoder))


async def test_a_backend_that_is_not_there_is_named(database: Database, encoder: Encoder) -> None:
    await Registry(database).add("mlx", encoder.name, b"", {})
    await Registry(database).promote(None, "")
    with pytest.raises(RegistryError, match="needs the backend mlx"):
        await load_live(database, encoder)
