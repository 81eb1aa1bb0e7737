from collections.abc import Sequence
from itertools import count

import pytest
from sqlalchemy import insert, update

from agent.tables import pair
from agent.tuning.examining.examination import examine, examined, world_of
from agent.tuning.examining.findings import Examined, Finding, World
from agent.tuning.examining.languages import language_of, languages
from agent.tuning.examining.personal_data import personal_data_in
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document
from knowledge.embedding import Encoder
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library

KEY = "ghp_" + "a1B2" * 9


def pairs_of(*said: tuple[str, str]) -> list[Examined]:
    numbers = count(1)
    return [Examined(next(numbers), question, answer, "topic") for question, answer in said]


def of_kind(found: Sequence[Finding], kind: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.action, one.pairs) for one in found if one.kind == kind]


def test_a_repeated_pair_is_dropped_for_the_first_and_a_paraphrase_stays() -> None:
    found = examine(
        pairs_of(
            ("Where do we park?", "Behind the house."),
            ("where do we park", "behind the house"),
            ("Please, where do we park?", "Behind the house."),
            ("Is there a parking lot?", "Behind the house."),
        ),
        World(),
    )
    assert of_kind(found, "exact duplicate") == [("drop", (2, 1))]
    assert of_kind(found, "near duplicate") == [("drop", (3, 1))]
    assert {one.kind for one in found} == {"exact duplicate", "near duplicate"}


def test_nobody_loses_an_answer_to_a_pair_that_they_may_not_see() -> None:
    asked, answered = "Where do we park?", "Behind the house."
    few = Examined(1, asked, answered, "", audience=("channel:C1",))
    candidate = Examined(2, asked, answered, "", state="candidate")
    every = Examined(3, asked, answered, "")
    found = examine([few, candidate, every], World())
    assert of_kind(found, "exact duplicate") == [("drop", (2, 3))]
    later = Examined(4, asked, answered, "", audience=("channel:C2",))
    assert of_kind(examine([every, later], World()), "exact duplicate") == [("drop", (4, 3))]


def test_contradictions_are_queued_with_every_answer_once() -> None:
    found = examine(
        pairs_of(
            ("When is lunch?", "At noon."),
            ("when is lunch", "**At noon**"),
            ("When is lunch?", "At one."),
            ("Lunch is when?", "At two."),
            ("When is the meeting?", "At ten."),
        ),
        World(),
    )
    ((action, ids),) = of_kind(found, "contradiction")
    assert (action, ids) == ("queue", (1, 3, 4))


def test_an_answer_that_says_more_is_a_weak_contradiction() -> None:
    said = ("When is lunch?", "At noon."), ("When is lunch?", "At noon, in the hall.")
    (found,) = [one for one in examine(pairs_of(*said), World()) if one.kind == "contradiction"]
    assert found.score == 0.5
    assert "says more" in found.why


async def test_meaning_is_compared_where_the_encoder_reads(encoder: Encoder) -> None:
    pairs = pairs_of(
        ("How long does it take for money to reach my account?", "A day."),
        ("How long will it take for the money to reach my account?", "Two weeks."),
        ("How much time is needed until the money reaches my account?", "A day."),
        ("恒湿机怎么校准？", "每月一次。"),
    )
    world = await world_of(encoder, pairs, ["恒湿机怎么校准", "How long until money reaches me?"])
    assert set(world.vectors) == {1, 2, 3}
    assert set(world.held_out_vectors) == {1}
    found = examine(pairs, world)
    assert of_kind(found, "contradiction") == [("queue", (1, 2))]
    assert of_kind(found, "leak") == [("drop", (4,))]


def test_a_leak_is_found_in_another_form() -> None:
    held = ["How do I reset the password of my laptop?"]
    pairs = pairs_of(
        ("HOW DO I RESET THE PASSWORD OF MY LAPTOP", "A"),
        ("Please, how do I reset the pasword of my laptop?", "B"),
        ("Where is the laptop?", "C"),
    )
    assert of_kind(examine(pairs, World(held_out=held)), "leak") == [("drop", (1,)), ("drop", (2,))]


def test_a_secret_is_dropped_and_not_repeated() -> None:
    pairs = pairs_of(("Which key?", f"Use {KEY} for it."), (f"Is {KEY} ours?", "Ask the admins."))
    found = [one for one in examine(pairs, World()) if one.kind == "secret"]
    assert [(one.action, one.pairs) for one in found] == [("drop", (1,)), ("drop", (2,))]
    assert found[0].why == "the answer holds what looks like a GitHub token"
    assert not any(KEY in one.why for one in found)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Write to maria.garcia@acme.com or m@web.de.", ["an e-mail address"]),
        ("Write to support-emea@acme.com, jo@example.com or you@company.com.", []),
        ("psql postgres://app:hunter22@db.acme.com/x", []),
        ("IBAN DE89 3704 0044 0532 0130 00", ["a bank account number"]),
        ("IBAN DE88370400440532013000", []),
        ("card 4111 1111 1111 1111", ["a card number"]),
        ("order 4111 1111 1111 1112", []),
        ("身份证号11010519491231002X", ["a Chinese identity number"]),
        ("编号110105194912310021", []),
        ("请拨打138-1234-5678", ["a mobile number"]),
        ("SSN 536-90-4399", ["a social security number"]),
        ("护照号 E12345678", ["a passport number"]),
        ("Call (415) 555-2671 or +49 30 901820.", ["a phone number"]),
        ("From 2024-01-02 to 2024-03-04, see 10.0.0.1:8080 and build 20240102030405.", []),
    ],
)
def test_personal_data_is_told_by_form_and_checksum(text: str, kinds: list[str]) -> None:
    assert personal_data_in(text) == kinds


def test_what_teaches_nothing_is_queued() -> None:
    found = examine(
        pairs_of(
            ("What is our revenue?", "As an AI language model, I cannot say."),
            ("发票在哪里开？", "抱歉，我不知道。"),
            ("Who knows?", "I do not know a better person than Ada for it; ask her."),
            ("How do we deploy?", "TODO: write this"),
            ("What is it called?", "What is it called"),
            ("Who sells caf\u00c3\u00a9 beans?", "Ada does."),
            ("???", "Yes."),
            ("What does the table say?", "|---|---|:::|---|"),
        ),
        World(),
    )
    assert of_kind(found, "refusal") == [("queue", (1,)), ("queue", (2,))]
    assert of_kind(found, "low quality") == [("queue", (number,)) for number in (4, 5, 6, 8)]
    assert of_kind(found, "length") == [("queue", (7,))]


def test_long_pairs_are_only_told_of() -> None:
    pairs = pairs_of(("词" * 300, "Yes."), ("Why so?", "word " * 2_000))
    assert of_kind(examine(pairs, World()), "length") == [("note", (1,)), ("note", (2,))]


def test_the_language_is_known_by_script_or_by_enough_text() -> None:
    assert language_of("怎么重置 VPN 密码") == "zh"
    assert language_of("パスワードを忘れました") == "ja"
    assert language_of("Wie setze ich mein Passwort wieder zurück?") == "de"
    assert language_of("VPN?") == ""
    pairs = pairs_of(("How do I reset my password, please?", "请联系管理员重置密码。"))
    assert of_kind(examine(pairs, World()), "language") == [("note", (1,))]
    assert languages(pairs) == {1: "en"}


async def test_questions_with_another_answers_words_are_doubted(encoder: Encoder) -> None:
    topics = {"vpn": "Install the client.", "leave": "Ask the office.", "invoice": "Send a PDF."}
    forms = (
        "How do I set up {}?", "Who knows about {}?", "Problem with {}", "Question about {} today",
        "Where is the page on {}?", "Can you explain {}?", "Tell me more about {}, please",
        "A colleague wants to know of {}",
    )  # fmt: skip
    said = [(form.format(topic), answer) for topic, answer in topics.items() for form in forms]
    wrong = ("Can somebody help me with the vpn?", topics["invoice"])
    pairs = pairs_of(*said, wrong)
    world = await world_of(encoder, pairs, [])
    (found,) = [one for one in examine(pairs, world) if one.kind == "label error"]
    assert found.pairs == (len(pairs),)
    assert found.why == "questions like this one are answered: Install the client."


async def test_stored_pairs_come_with_the_newest_text_of_their_document(
    database: Database, encoder: Encoder
) -> None:
    library = Library(database, encoder)
    document = Document("drift.md", "drift.md", "Drift", "Sensors drift by two points a year.")
    await ingest([Draft(document, "craft", (EVERYONE,), "1")], library, encoder)
    (stored,) = await library.documents()
    rows = [
        ("How much do sensors drift?", "Two points a year.", stored.id, "approved"),
        ("How much may they drift?", "Nine bananas, say the elders.", stored.id, "candidate"),
        ("Who is it?", "Ada.", None, "rejected"),
    ]
    async with database.engine.begin() as connection:
        for question, answer, own, state in rows:
            await connection.execute(
                insert(pair).values(
                    question=question,
                    answer=answer,
                    topic="t",
                    audience=["everyone"],
                    source="f",
                    digest=question,
                    document_id=own,
                    document_version=own and 1,
                    state=state,
                )
            )
    pairs = await examined(database)
    assert [one.state for one in pairs] == ["approved", "candidate"]
    assert [one.passage for one in pairs] == ["Sensors drift by two points a year."] * 2
    assert of_kind(examine(pairs, World()), "ungrounded") == [("queue", (pairs[1].id,))]
    assert await examined(database, [pairs[1].id]) == pairs[1:]

    async with database.engine.begin() as connection:
        await connection.execute(update(pair).values(document_id=None))
    assert [one.passage for one in await examined(database)] == [None, None]
