"""The rows that buttons and forms speak of, made as Slack's events would have made them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert

from agent.feedback.handover_tasks import Task, note_reply, note_task
from agent.feedback.handovers import Handover, Kind
from agent.feedback.verified import NewAnswer, add
from agent.policies import Policies, Policy
from agent.tables import pair
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding.minilm import MiniLM
from tests.agent.feedback.given import asked, handed_over
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import BOT_USER, TEAM

SECRET = "Zanzibar"
"""What people write, and no log may repeat."""

QUESTION = f"how many days in {SECRET}?"


@dataclass(frozen=True)
class Scene:
    """A Slack, and rows that nobody has used yet: U1, an admin, asked and was asked for each."""

    slack: FakeSlack
    answers: Iterator[UUID]
    private: Iterator[UUID]
    doubted: Iterator[Handover]
    unanswered: Iterator[Handover]
    replies: Iterator[UUID]
    tasks: Iterator[str]
    """Messages in DU1 that ask for an answer, by ts."""
    verified: Iterator[int]
    pairs: Iterator[int]


async def scene(slack: FakeSlack, database: Database, encoder: MiniLM, number: int = 0) -> Scene:
    """Made before the bot runs, which would take up the questions itself; each has a number."""
    slack.people["U1"] = {"is_admin": True}
    await Policies(database).save(Policy(TEAM, "C1", expert="U2"))
    clock = (f"{1_700_000_010 + n}.000100" for n in itertools.count(100 * number))
    answers = [(await asked(database, QUESTION, ts=next(clock))).id for _ in range(3)]
    private = [
        (await asked(database, f"{QUESTION} {n}", kind="command", ts=next(clock))).id
        for n in range(2)
    ]
    doubted: list[Handover] = []
    unanswered: list[Handover] = []
    replies, tasks = [], []
    kinds: tuple[Kind, ...] = ("correction",) * 5 + ("question",) * 4
    for kind in kinds:
        mention = await asked(database, QUESTION, ts=next(clock))
        one = await handed_over(database, mention, kind=kind)
        task = Task(one.id, "U1", "DU1", slack.say("DU1", "a task", user=BOT_USER)["ts"], 0)
        await note_task(database, task)
        (doubted if kind == "correction" else unanswered).append(one)
        if kind == "question":
            tasks.append(task.ts)
            replies.append((await note_reply(database, task, "U1", slack.ts(), SECRET)).id)
    rows = [
        {
            "question": f"{SECRET} {n}?",
            "answer": SECRET,
            "topic": "t",
            "audience": [EVERYONE],
            "source": "pairs.jsonl",
            "state": "candidate",
            "digest": f"{number} {n}",
        }
        for n in range(3)
    ]
    async with database.engine.begin() as connection:
        pairs = list(await connection.scalars(insert(pair).values(rows).returning(pair.c.id)))
        verified = [
            await add(connection, _vouched(f"{SECRET} {number} {n}?"), encoder, None)
            for n in range(2)
        ]
    return Scene(
        slack,
        answers=iter(answers),
        private=iter(private),
        doubted=iter(doubted),
        unanswered=iter(unanswered[2:]),  # the others are replied to
        replies=iter(replies),
        tasks=iter(tasks[1:]),
        verified=iter(verified),
        pairs=iter(pairs),
    )


def _vouched(question: str) -> NewAnswer:
    given = {"by_admin": True, "quoted": False, "audience": (EVERYONE,)}
    return NewAnswer(TEAM, question, SECRET, "U1", "Uma", **given)  # type: ignore[arg-type]  # its fields
