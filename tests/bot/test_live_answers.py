"""Answers written live over a real ledger: one message each, wherever the worker was killed."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from agent.answers import Answer, Question
from agent.events import Delta, Done, Event
from agent.mentions import Mention
from agent.workspace_tables import mention as table
from bot.slack.live import Live, streamable
from bot.slack.service import SlackService
from knowledge.database import Database
from tests.fakes.scripted_agent import ScriptedAgent, plain_answer
from tests.fakes.slack_server import FakeSlack

CHECKED = plain_answer("You have **28** days [1]")
LONG = plain_answer("\n\n".join(f"Paragraph {n}: " + "word " * 200 for n in range(20)))


@dataclass
class WritingAgent:
    """Writes two pieces, each once the one before was to be seen, and then the checked answer."""

    slack: FakeSlack
    answer: Answer = CHECKED
    calls: tuple[str, ...] = ("chat.startStream", "chat.appendStream")

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        del question
        for number, call in enumerate(self.calls, 1):
            yield Delta(f"Piece {number} [7] <!channel>. ")
            before = self.slack.calls.count(call)
            await self.slack.until(lambda n=before, c=call: self.slack.calls.count(c) > n)
        yield Done(self.answer)


async def expire(database: Database) -> None:
    """As time does to the lease of a worker that was killed."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE mention SET lease_until = now() - interval '1 s'"))


async def row(database: Database, mention: Mention) -> Any:
    async with database.engine.connect() as connection:
        return (await connection.execute(select(table).where(table.c.id == mention.id))).one()


def whole(message: Any, mention: Mention) -> bool:
    """The checked answer, named, and written to no more."""
    named = (message.get("metadata") or {}).get("event_payload")
    return bool(
        "28" in message["text"]
        and "Piece" not in str(message)
        and message["blocks"]
        and message.get("streaming_state") != "in_progress"
        and named == {"mention": str(mention.id), "part": 1}
    )


async def test_the_checked_answer_takes_the_place_of_what_was_written(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    await service.answer_job(WritingAgent(slack)).run(mention.lane)
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)
    assert slack.streamed == {posted["ts"]: ["Piece 1 . ", "Piece 2 . "]}
    closed = await row(database, mention)
    assert (closed.state, closed.answer_ts, closed.stream_ts) == ("done", *[posted["ts"]] * 2)
    assert "chat.postMessage" not in slack.calls


@pytest.mark.parametrize("arrived", ["frozen", "unheard"])
@pytest.mark.parametrize(
    "method", ["chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"]
)
async def test_a_worker_killed_at_any_edge_leaves_one_whole_answer(
    *,
    service: SlackService,
    slack: FakeSlack,
    database: Database,
    mention: Mention,
    method: str,
    arrived: str,
) -> None:
    getattr(slack, arrived)[method] = 1
    killed = asyncio.create_task(service.answer_job(WritingAgent(slack)).run(mention.lane))
    await slack.until(lambda: slack.hanging)
    await expire(database)
    await service.answer_job(ScriptedAgent()).run(mention.lane)
    closed = await row(database, mention)
    killed.cancel()
    slack.thaw.set()
    await asyncio.wait({killed})
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)
    assert (closed.state, closed.answer_ts) == ("done", posted["ts"])


@pytest.mark.parametrize("fault", ["lost", "broken", "rate_limits"])
@pytest.mark.parametrize(
    "method", ["chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"]
)
async def test_a_fault_while_writing_makes_neither_silence_nor_a_second_answer(
    service: SlackService, slack: FakeSlack, mention: Mention, method: str, fault: str
) -> None:
    getattr(slack, fault)[method] = 1
    agent = WritingAgent(slack, calls=("chat.startStream",))
    if method == "chat.appendStream":
        agent = WritingAgent(slack)
    await service.answer_job(agent).run(mention.lane)
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)


async def test_a_server_without_streams_is_asked_once_and_gets_plain_messages(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    slack.unknown.add("chat.startStream")
    agent = WritingAgent(slack, calls=("chat.startStream",))
    await service.answer_job(agent).run(mention.lane)
    assert whole(slack.answers("C1")[0], mention)
    said = slack.say("C2", "again?")
    again = Mention("Ev2", "mention", "T1", "C2", said["ts"], said["ts"], "U7", "again?")
    await service.ledger.accept(again)
    await service.answer_job(ScriptedAgent(events=[Delta("Piece. ")])).run(again.lane)
    assert len(slack.answers("C2")) == 1
    assert slack.calls.count("chat.startStream") == 1
    assert (await row(database, again)).stream_ts is None


@pytest.mark.parametrize("kept", [False, True])
async def test_a_message_that_cannot_be_changed_gives_way_to_another(
    *, service: SlackService, slack: FakeSlack, mention: Mention, kept: bool
) -> None:
    slack.refusals["chat.update"] = ["edit_window_closed"]
    if kept:
        slack.refusals["chat.delete"] = ["cant_delete_message"]
    await service.answer_job(WritingAgent(slack)).run(mention.lane)
    answers = slack.answers("C1")
    assert len(answers) == 1 + kept
    assert whole(answers[-1], mention)


async def test_a_stream_that_slack_ended_goes_on_by_editing(
    service: SlackService, slack: FakeSlack, mention: Mention
) -> None:
    slack.refusals["chat.appendStream"] = ["message_not_in_streaming_state"]
    seen: list[Any] = []

    class Agent(WritingAgent):
        async def stream(self, question: Question) -> AsyncIterator[Event]:
            async for event in super().stream(question):
                if isinstance(event, Done):
                    await slack.until(lambda: "chat.update" in slack.calls)
                    seen.append(slack.answers("C1")[0]["text"])
                elif event == Delta("Piece 2 [7] <!channel>. "):
                    slack.answers("C1")[0]["streaming_state"] = "completed"
                yield event

    await service.answer_job(Agent(slack)).run(mention.lane)
    assert seen == ["Piece 1 . Piece 2 ."]
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)


async def test_a_long_answer_goes_on_below_what_was_written(
    service: SlackService, slack: FakeSlack, mention: Mention
) -> None:
    await service.answer_job(WritingAgent(slack, LONG)).run(mention.lane)
    answers = slack.answers("C1")
    parts = [m["metadata"]["event_payload"]["part"] for m in answers]
    assert parts == list(range(1, len(answers) + 1))
    assert len(parts) > 1
    sections = [b["text"]["text"] for m in answers for b in m["blocks"] if b["type"] == "section"]
    assert " ".join(sections).split().count("word") == 20 * 200


@pytest.mark.parametrize("refused", [False, True])
async def test_a_table_takes_the_place_of_what_was_written(
    *, service: SlackService, slack: FakeSlack, mention: Mention, refused: bool
) -> None:
    if refused:
        slack.refusals["chat.update"] = ["invalid_blocks"]
    answer = plain_answer("Days of leave:\n\n| Who | Days |\n|---|---|\n| all | 28 |")
    await service.answer_job(WritingAgent(slack, answer)).run(mention.lane)
    (posted,) = slack.answers("C1")
    assert whole(posted, mention)
    assert ("table" in [block["type"] for block in posted["blocks"]]) is not refused
    assert ("```" in str(posted["blocks"])) is refused


@pytest.mark.parametrize("started", [False, True])
async def test_a_worker_frozen_past_its_lease_writes_nothing_live(
    *, service: SlackService, slack: FakeSlack, mention: Mention, started: bool
) -> None:
    poster = service.workspace.poster
    noted: list[str] = []

    async def note(ts: str) -> timedelta:
        noted.append(ts)
        if len(noted) > 2 * started:
            time.sleep(0.3)  # noqa: ASYNC251 - all of the process stands still
            return timedelta(seconds=0.2)
        return timedelta(minutes=1)

    live = Live(poster, mention, note)
    slack.refusals["chat.appendStream"] = ["message_not_in_streaming_state"]  # so it is edited
    async with live.writing():
        live.hear("Piece 1. ")
        await asyncio.sleep(2)
        live.hear("Piece 2. ")
        await asyncio.sleep(2)
    assert len(noted) == (3 if started else 1)
    assert [one["text"] for one in slack.answers("C1")] == ["Piece 1. "] * started
    assert "chat.update" not in slack.calls


async def test_an_answer_that_is_there_at_once_is_not_streamed(
    service: SlackService, slack: FakeSlack, mention: Mention
) -> None:
    await service.answer_job(ScriptedAgent(events=[Delta("Piece. ")])).run(mention.lane)
    assert len(slack.answers("C1")) == 1
    assert "chat.startStream" not in slack.calls


async def test_what_was_stopped_before_anybody_worked_on_it_is_not_asked(
    service: SlackService, slack: FakeSlack, database: Database, mention: Mention
) -> None:
    assert await service.ledger.stop(mention.lane)
    agent = ScriptedAgent()
    await service.answer_job(agent).run(mention.lane)
    (posted,) = slack.answers("C1")
    assert posted["text"] == "Stopped by somebody in this conversation."
    assert agent.asked == []
    assert (await row(database, mention)).state == "done"
    assert not await service.ledger.stop(mention.lane)


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel> all",
        "<@U1|x> and [a](https://evil.example/x)",
        "see <https://evil.example|here>",
        "@here & <script>",
        "a < b <!he",
    ],
)
def test_streamed_text_neither_pings_nor_links(hostile: str) -> None:
    text = streamable(hostile)
    assert "<" not in text
    assert "evil" not in text
    assert "@here" not in text
