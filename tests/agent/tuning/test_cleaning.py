"""What cleaning drops, asks and freezes, on a real database with the real detectors."""

from pathlib import Path

import pytest
from sqlalchemy import update

from agent.tables import pair
from agent.tuning.cleaning import Cleaned, Wishes, clean
from agent.tuning.datasets import freeze, load_dataset
from agent.tuning.pair_log import undo
from agent.tuning.review_queue import questions
from agent.tuning.reviewing import Reviewer, resolve
from knowledge.database import Database
from knowledge.embedding import Encoder
from tests.agent.pairs import trainable
from tests.agent.tuning.curated import LEAVE, PARK, events, put, states, written

DOUBLED = [
    ("Where do we park our cars?", PARK),
    ("where do we park our cars", PARK),
    ("How do I take a day off?", LEAVE),
]
DISAGREEING = [
    ("Where do we park our cars?", PARK),
    ("Where do we park our cars?", "In the garage of the town hall, with the blue card."),
    ("How do I take a day off?", LEAVE),
]


def _found(done: Cleaned) -> dict[str, tuple[str, int]]:
    return {one.kind: (one.action, one.count) for one in done.steps}


async def test_a_drop_is_logged_and_stays_undone_once_somebody_wants_the_pair(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    old, new, other = await put(database, tmp_path, DOUBLED)
    done = await clean(database, encoder, Wishes("bob"))
    assert _found(done) == {"exact duplicate": ("drop", 1)}
    assert await states(database) == {old: "approved", new: "rejected", other: "approved"}
    ((action, reason, author),) = await events(database, new)
    assert (action, author) == ("drop", "bob")
    assert reason.startswith("exact duplicate: ")
    assert done.manifest is not None
    assert (done.dropped, done.manifest["pairs"]) == (1, 2)
    assert done.manifest["left_out"] == {"rejected": 1}

    assert done.run is not None
    assert (await undo(database, "ann", run=done.run)).restored == (new,)
    assert (await undo(database, "ann", run=done.run)).restored == ()
    assert set((await states(database)).values()) == {"approved"}
    again = await clean(database, encoder, Wishes())
    assert (again.run, again.dropped, again.steps) == (None, 0, ())


async def test_a_dry_run_shows_the_same_and_changes_nothing(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await put(database, tmp_path, [*DOUBLED, *DISAGREEING])
    before = await states(database), await written(database)
    tried = await clean(database, encoder, Wishes(dry_run=True))
    assert (await states(database), await written(database)) == before
    done = await clean(database, encoder, Wishes())
    assert (tried.version, tried.run) == (None, None)
    assert (tried.steps, tried.manifest, tried.queue) == (done.steps, done.manifest, done.queue)


async def test_a_contradiction_is_asked_once_and_not_taught_until_decided(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    one, two, other = await put(database, tmp_path, DISAGREEING)
    first = await clean(database, encoder, Wishes())
    assert _found(first)["contradiction"] == ("queue", 1)
    assert (first.asked, first.queue["contradiction"]) == (1, 1)
    assert {found.pair_id for found in await trainable(database)} == {other}
    assert first.manifest is not None
    assert first.manifest["left_out"] == {"contradiction, undecided": 2}
    second = await clean(database, encoder, Wishes())
    assert (second.asked, second.queue["contradiction"]) == (0, 1)
    assert second.version == first.version

    (asked,) = await questions(database, "contradiction")
    assert asked.item is not None
    assert asked.item.pairs == (one, two)
    await resolve(database, Reviewer("ann", item=asked.item.id))
    third = await clean(database, encoder, Wishes())
    assert (third.asked, third.queue) == (0, {})
    assert {found.pair_id for found in await trainable(database)} == {one, two, other}
    assert third.version != first.version


async def test_a_candidate_takes_nothing_away_from_a_curated_pair(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    (curated,) = await put(database, tmp_path, DISAGREEING[:1])
    await put(database, tmp_path, DISAGREEING[1:2], candidates=True)
    done = await clean(database, encoder, Wishes())
    assert done.queue == {"contradiction": 1}
    assert [one.pair_id for one in await trainable(database)] == [curated]


async def test_held_out_questions_are_never_taught_even_when_imported_later(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    kept, leaked, _ = await put(
        database, tmp_path, [DOUBLED[0], ("How do I take a day off?", LEAVE), ("Day off?", LEAVE)]
    )
    held_out = ["how do I take a DAY OFF", "Where does the printer live?"]
    done = await clean(database, encoder, Wishes(held_out=held_out))
    assert _found(done)["leak"] == ("drop", 1)
    assert (await states(database))[leaked] == "rejected"
    (late,) = await put(database, tmp_path, [("Where does the printer live?", "Next to the lift.")])
    taught = {one.pair_id for one in (await freeze(database)).pairs}
    assert kept in taught
    assert not taught & {leaked, late}
    again = await clean(database, encoder, Wishes())
    assert again.manifest is not None
    assert again.manifest["left_out"]["held out"] == 1
    assert len(again.manifest["held_out"]) == 2


async def test_only_candidates_that_nothing_is_found_of_are_approved(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    secret = ("How do I reach the bucket?", f"With the key AKIA{'B' * 16}, as ever.")
    fine, doubled, kept, leaky = await put(database, tmp_path, [*DOUBLED, secret], candidates=True)
    first = await clean(database, encoder, Wishes())
    assert first.manifest is None  # nothing is approved
    assert (await states(database))[fine] == "candidate"
    done = await clean(database, encoder, Wishes("bob", approve=True))
    assert (done.approved, done.candidates) == (2, 0)
    assert await states(database) == {
        fine: "approved",
        doubled: "rejected",
        kept: "approved",
        leaky: "rejected",
    }
    assert await events(database, fine) == [("approve", "nothing was found", "bob")]
    assert "AKIA" not in str(first.as_json())


async def test_a_secret_is_taught_on_no_way(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    secret = ("How do I reach the bucket?", f"With the key AKIA{'B' * 16}, as ever.")
    other, leaky = await put(database, tmp_path, [DOUBLED[0], secret], candidates=True)
    async with database.engine.begin() as connection:
        await connection.execute(update(pair).values(state="approved"))
    assert [one.pair_id for one in await trainable(database)] == [other]
    done = await clean(database, encoder, Wishes())
    await undo(database, "ann", run=done.run)
    assert _found(await clean(database, encoder, Wishes()))["secret"] == ("drop", 1)
    assert (await states(database))[leaky] == "rejected"


@pytest.mark.parametrize(
    ("audiences", "dropped"),
    [(("channel:C1", "everyone"), 0), (("everyone", "channel:C1"), 1)],
)
async def test_no_pair_goes_for_one_that_fewer_people_see(
    database: Database, encoder: Encoder, tmp_path: Path, audiences: tuple[str, str], dropped: int
) -> None:
    for one, audience in zip(DOUBLED, audiences, strict=False):
        await put(database, tmp_path, [one], (audience,))
    assert (await clean(database, encoder, Wishes())).dropped == dropped
    assert len(await trainable(database)) == 1


async def test_training_takes_the_dataset_that_cleaning_made(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await put(database, tmp_path, DOUBLED)
    done = await clean(database, encoder, Wishes())
    assert (await freeze(database)).version == done.version
    loaded = await load_dataset(database)
    assert loaded.manifest["steps"][0]["kind"] == "exact duplicate"
    assert loaded.manifest["documents"] == []
