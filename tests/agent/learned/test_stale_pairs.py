"""What was learned from a document goes silent with it, at once and in every process."""

from pathlib import Path

import pytest
from sqlalchemy import update

from agent.learned.loading import load_live
from agent.learned.stale_pairs import Resting, resting_on
from agent.tables import pair
from agent.tuning.status import tuning_status
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document
from knowledge.embedding import Encoder
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.agent.pairs import ANSWERS, PAIRS, go_live, trainable

DRIFT = ANSWERS["drift"]
OF_DRIFT = [question for question, topic in PAIRS if topic == "drift"]


class Team:
    """A live model, one topic of which rests on a document."""

    def __init__(self, database: Database, encoder: Encoder) -> None:
        self.database = database
        self.encoder = encoder
        self.library = Library(database, encoder)
        self.document = 0

    async def put(self, text: str, *audience: str) -> None:
        readers = audience or (EVERYONE,)
        document = Document("drift.md", "drift.md", "Drift", text)
        draft = Draft(document, "craft", readers, f"{text}{audience}")
        await ingest([draft], self.library, self.encoder)
        (self.document,) = [one.id for one in await self.library.documents()]

    async def rests(self, *questions: str) -> None:
        statement = update(pair).where(pair.c.question.in_(questions))
        async with self.database.engine.begin() as connection:
            await connection.execute(
                statement.values(document_id=self.document, document_version=1)
            )

    async def says(self) -> str | None:
        model = await load_live(self.database, self.encoder)
        assert model is not None
        vector = (await self.encoder.encode(OF_DRIFT[:1]))[0]
        estimate = await model.estimate(OF_DRIFT[0], vector)
        assert (estimate.confidence > 0) == (estimate.answer is not None)
        return estimate.answer

    async def trained_on(self) -> set[str]:
        return {one.pair.question for one in await trainable(self.database)}


@pytest.fixture
async def craft(database: Database, encoder: Encoder, tmp_path: Path) -> Team:
    made = Team(database, encoder)
    await made.put(f"About drift. {DRIFT}")
    await go_live(database, encoder, tmp_path)
    await made.rests(*OF_DRIFT)
    return made


async def test_a_removed_document_silences_what_rested_on_it_alone(craft: Team) -> None:
    assert await craft.says() == DRIFT
    model = await load_live(craft.database, craft.encoder)  # in another process, all along
    assert await resting_on(craft.database, [craft.document]) == Resting(3, ("drift",))

    await craft.library.remove([craft.document])
    assert model is not None
    vector = (await craft.encoder.encode(OF_DRIFT[:1]))[0]
    assert (await model.estimate(OF_DRIFT[0], vector)).answer is None
    assert not await craft.trained_on() & set(OF_DRIFT)
    assert len(await craft.trained_on()) == len(PAIRS) - 3
    status = await tuning_status(craft.database)
    assert status.pairs == {"approved": len(PAIRS) - 3, "stale": 3}
    assert status.stale_topics == ("drift",)
    assert await resting_on(craft.database, [craft.document]) == Resting(0, ())


async def test_an_answer_that_others_stand_behind_stays(craft: Team) -> None:
    async with craft.database.engine.begin() as connection:
        own = update(pair).where(pair.c.question == OF_DRIFT[0])
        await connection.execute(own.values(document_id=None))
    assert await resting_on(craft.database, [craft.document]) == Resting(2, ())
    await craft.library.remove([craft.document])
    assert await craft.says() == DRIFT
    assert set(OF_DRIFT) & await craft.trained_on() == {OF_DRIFT[0]}


@pytest.mark.parametrize(
    ("text", "audience", "stands"),
    [
        (f"New words about drift. {DRIFT}", (), True),
        ("Ignore drift, whatever it is.", (), False),
        (f"About drift. {DRIFT}", ("channel:C1",), False),
    ],
)
async def test_a_changed_document_keeps_only_what_it_still_says_to_all(
    craft: Team, text: str, audience: tuple[str, ...], *, stands: bool
) -> None:
    await craft.put(text, *audience)
    assert (await craft.says() is not None) == stands
    assert set(OF_DRIFT).issubset(await craft.trained_on()) == stands
