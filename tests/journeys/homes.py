"""What the Home tab's journeys share: opening it, clicking in it, and rows for its queues."""

from typing import Any

from sqlalchemy import insert

from agent.tables import pair
from bot.slack import actions
from knowledge.database import Database
from knowledge.documents import EVERYONE, Document
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.fakes.running import Bot
from tests.fakes.slack_server import FakeSlack

ADMIN = "UADMIN"


async def opened(slack: FakeSlack, bot: Bot, user: str, tab: str = "home") -> str:
    """What the person sees once it has been drawn."""
    body = slack.event(
        {"ts": slack.ts(), "user": user}, "D1", "app_home_opened", event_id=slack.ts()
    )
    body["event"] |= {"tab": tab, "user": user}
    before = slack.homes.pop(user, None)
    assert (await slack.send_http(bot.url, body))[0] == 200
    if tab != "home":
        assert before is None
        return ""
    await slack.until(lambda: user in slack.homes)
    return str(slack.homes[user])


async def clicked(
    slack: FakeSlack, bot: Bot, action: str, value: str = "", user: str = ADMIN, **more: Any
) -> str:
    """What the person sees after a click in what they saw before."""
    view = slack.homes.pop(user)
    body = slack.click(action, value, user=user, view=view)
    body["actions"][0] |= more
    assert (await slack.send_http(bot.url, body))[0] == 200
    await slack.until(lambda: user in slack.homes)
    return str(slack.homes[user])


def value_of(slack: FakeSlack, action: str, number: int = 0) -> str:
    """The value of a button that the admin sees."""
    elements = [e for b in slack.homes[ADMIN]["blocks"] for e in b.get("elements", ())]
    found = [e["value"] for e in elements if e.get("action_id") == action]
    return str(found[number])


async def tab(slack: FakeSlack, bot: Bot, name: str) -> str:
    if ADMIN not in slack.homes:
        await opened(slack, bot, ADMIN)
    return await clicked(slack, bot, f"{actions.HOME_TAB}{name}", name)


async def document(
    database: Database, encoder: MiniLM, name: str, said: str, **fields: Any
) -> None:
    one = Document(name, f"https://x.example/{name}", name.title(), said)
    given = {"collection": "handbook", "audience": (EVERYONE,), "content_hash": ""} | fields
    await ingest([Draft(one, **given)], Library(database, encoder), encoder)


async def candidates(database: Database, *questions: str) -> list[int]:
    rows = [
        {
            "question": one,
            "answer": f"The answer to {one}",
            "topic": "t",
            "audience": [EVERYONE],
            "source": "pairs.jsonl",
            "state": "candidate",
            "digest": one,
        }
        for one in questions
    ]
    async with database.engine.begin() as connection:
        added = insert(pair).values(rows).returning(pair.c.id)
        return list(await connection.scalars(added))
