"""A person's decisions: each once, each with its reason, each to be undone."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.errors import ReviewError
from agent.tables import pair
from agent.tuning.cleaning import Wishes, clean
from agent.tuning.examining.findings import Finding
from agent.tuning.pair_log import undo
from agent.tuning.pair_queue import enqueue, is_open, open_counts, open_items
from agent.tuning.pairs import import_pairs
from agent.tuning.review_queue import Question, as_it_stands, questions, questions_at
from agent.tuning.reviewing import Reviewer, approve, edit, merge, reject, resolve
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from tests.agent.pairs import trainable, write_lines
from tests.agent.tuning.curated import LEAVE, PARK, events, put, states

ANN = Reviewer("ann", "I know it")
DISAGREEING = [
    ("Where do we park our cars?", PARK),
    ("Where do we park our cars?", "In the garage of the town hall."),
    ("How do I take a day off?", LEAVE),
]


async def _asked(database: Database, encoder: Encoder) -> tuple[Question, int]:
    await clean(database, encoder, Wishes())
    (one,) = await questions(database, "contradiction")
    assert one.item is not None
    return one, one.item.id


async def _taught(database: Database) -> set[tuple[str, str]]:
    return {(one.pair.question, one.pair.answer) for one in await trainable(database)}


async def test_a_candidate_waits_for_a_person(database: Database, tmp_path: Path) -> None:
    (one,) = await put(database, tmp_path, [("Where do we park?", PARK)], candidates=True)
    (waiting,) = await questions(database)
    assert (waiting.item, waiting.pairs[0].author) == (None, "ann")
    assert await _taught(database) == set()
    assert (await approve(database, [one], ANN)).changed == (one,)
    assert (await approve(database, [one], ANN)).changed == ()
    assert await events(database, one) == [("approve", "I know it", "ann")]
    assert await questions(database) == []
    assert await as_it_stands(database, waiting) is None
    assert await _taught(database) == {("Where do we park?", PARK)}


async def test_rejecting_one_side_settles_a_contradiction(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    right, wrong, _ = await put(database, tmp_path, DISAGREEING)
    asked, item = await _asked(database, encoder)
    by = Reviewer("ann", item=item)
    decision = await reject(database, [wrong], by)
    assert (await reject(database, [wrong], by)).changed == ()
    assert await _taught(database) == {DISAGREEING[0], DISAGREEING[2]}
    assert (await states(database))[right] == "approved"
    with pytest.raises(ReviewError, match=f"item {item} was settled already by ann: reject"):
        await approve(database, [right, wrong], Reviewer("bob", item=item))
    assert (await clean(database, encoder, Wishes())).queue == {}

    await undo(database, "ann", run=decision.run)
    assert await as_it_stands(database, asked) is not None
    assert await _taught(database) == {DISAGREEING[2]}


async def test_each_pair_of_an_item_can_be_rejected(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    right, wrong, _ = await put(database, tmp_path, DISAGREEING)
    _, item = await _asked(database, encoder)
    for one in (wrong, right):
        assert (await reject(database, [one], Reviewer("ann", item=item))).changed == (one,)
    assert await _taught(database) == {DISAGREEING[2]}


async def test_a_pair_rejected_elsewhere_leaves_nothing_to_ask(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    _, wrong, _ = await put(database, tmp_path, DISAGREEING)
    await _asked(database, encoder)
    await reject(database, [wrong], ANN)
    assert await questions(database) == []
    assert await _taught(database) == {DISAGREEING[0], DISAGREEING[2]}


async def test_merging_gives_all_one_answer_and_keeps_no_double(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    pairs = [*DISAGREEING, ("Where may I leave my car?", "Somewhere.")]
    right, wrong, _, other = await put(database, tmp_path, pairs)
    _, item = await _asked(database, encoder)
    decision = await merge(database, [right, wrong, other], right, Reviewer("ann", item=item))
    assert decision.changed == (wrong, other)
    assert (await states(database))[wrong] == "rejected"
    assert await _taught(database) == {
        DISAGREEING[0],
        DISAGREEING[2],
        ("Where may I leave my car?", PARK),
    }
    await undo(database, "ann", run=decision.run)
    assert ("Where may I leave my car?", "Somewhere.") in await _taught(database)


@pytest.mark.parametrize(
    ("asked_by", "answered_for", "seen_by"),
    [
        (("everyone",), ("channel:C1",), ["channel:C1"]),
        (("channel:C1", "channel:C2"), ("channel:C1",), ["channel:C1"]),
        (("channel:C1",), ("everyone",), ["channel:C1"]),
        (("channel:C2",), ("channel:C1",), None),
    ],
)
async def test_a_merged_answer_reaches_nobody_who_might_not_see_it(
    database: Database,
    tmp_path: Path,
    asked_by: Sequence[str],
    answered_for: Sequence[str],
    seen_by: list[str] | None,
) -> None:
    (asking,) = await put(database, tmp_path, [("Where is it?", "Here.")], tuple(asked_by))
    (model,) = await put(database, tmp_path, [("Where, then?", "Lisbon.")], tuple(answered_for))
    if seen_by is None:
        with pytest.raises(ReviewError, match="nobody may see both"):
            await merge(database, [asking], model, ANN)
        return
    await merge(database, [asking], model, ANN)
    found = {one.pair_id: one for one in await trainable(database, ("channel:C1",))}
    assert found[asking].pair.answer == "Lisbon."
    assert list(found[asking].audience) == seen_by


async def test_an_edit_is_checked_approved_and_undone(database: Database, tmp_path: Path) -> None:
    one, other = await put(
        database, tmp_path, [("Where do we park?", "There."), ("Where?", PARK)], candidates=True
    )
    decision = await edit(database, one, ANN, answer=PARK)
    assert await _taught(database) == {("Where do we park?", PARK)}
    assert (await edit(database, one, ANN, answer=PARK)).changed == ()
    with pytest.raises(ReviewError, match=f"pair {one} says that already"):
        await edit(database, other, ANN, question="Where do we park?")
    with pytest.raises(InvalidInput, match="looks like an AWS access key"):
        await edit(database, one, ANN, answer="AKIA" + "A" * 16)
    assert (await undo(database, "bob", pair_id=one)).restored == (one,)
    assert (await states(database))[one] == "candidate"
    assert (await undo(database, "bob", run=decision.run)).restored == ()
    assert [action for action, _, _ in await events(database, one)] == ["edit", "undo"]


async def test_undoing_never_goes_over_what_came_later(database: Database, tmp_path: Path) -> None:
    (one,) = await put(database, tmp_path, [("Where do we park?", "There.")])
    decision = await edit(database, one, ANN, answer=PARK)
    # The text that the pair had is imported again: two pairs cannot say the same.
    lines = [{"question": "Where do we park?", "answer": "There."}]
    await import_pairs(write_lines(tmp_path / "again.jsonl", lines), database)
    done = await undo(database, "ann", run=decision.run)
    assert (done.restored, done.changed_since) == ((), (one,))


async def test_secrets_and_what_there_is_not_are_refused(
    database: Database, tmp_path: Path
) -> None:
    secret = ("The key?", "AKIA" + "A" * 16)
    (one,) = await put(database, tmp_path, [secret], candidates=True)
    with pytest.raises(ReviewError, match=f"pair {one} holds what looks like an AWS access key"):
        await approve(database, [one], ANN)
    with pytest.raises(ReviewError, match="there is no pair 99"):
        await reject(database, [99], ANN)
    with pytest.raises(ReviewError, match="there is no item 7"):
        await resolve(database, Reviewer("ann", item=7))
    ((waiting,),) = [one.pairs for one in await questions(database)]
    assert "AKIA" not in str(waiting.as_json())


async def test_an_item_waits_while_its_pairs_say_what_is_asked_about(
    database: Database, tmp_path: Path
) -> None:
    told = [
        ("一号车停哪里？", PARK),
        ("Où est-ce?", LEAVE),
        ("Where?", "Über there."),
        ("b?", "c."),
    ]
    one, two, three, four = await put(database, tmp_path, told)
    async with database.engine.begin() as connection:
        rows = await connection.execute(select(pair.c.id, pair.c.digest))
        digests: dict[int, str] = dict(iter(rows))
        asked = [
            Finding("contradiction", "queue", (two, one, three), "why"),
            Finding("label error", "queue", (three, four), "why"),
        ]
        assert await enqueue(connection, asked, digests) == 2

    async def waiting() -> list[str]:
        async with database.engine.connect() as connection:
            items = await open_items(connection)
            assert await open_counts(connection) == Counter(item.kind for item in items)
            for item in items:
                assert await is_open(connection, item.id)
        return [item.kind for item in items]

    assert await waiting() == ["contradiction", "label error"]
    shown, at, count = await questions_at(database, 1, 1)
    assert ([each.item and each.item.kind for each in shown], at, count) == (["label error"], 1, 2)
    # Of a fault in one pair only that one counts; of one between pairs two have to be left.
    await reject(database, [four], ANN)
    await reject(database, [two], ANN)
    assert await waiting() == ["contradiction", "label error"]
    await reject(database, [one], ANN)
    assert await waiting() == ["label error"]
    await edit(database, three, ANN, answer="Over there.")
    assert await waiting() == []
