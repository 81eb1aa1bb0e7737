"""What the journeys of files, saving and sharing do in Slack, over HTTP or the websocket."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from knowledge.database import Database
from knowledge.documents import EVERYONE, Document
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.ingest import Draft, ingest
from knowledge.storage.library import Library
from tests.fakes.running import Bot
from tests.fakes.slack_server import FakeSlack

Json = dict[str, Any]


async def send(slack: FakeSlack, bot: Bot, body: Json, *, socket: bool = False) -> str:
    """Deliver it; what it is acknowledged with."""
    if socket:
        return str((await slack.send_socket(body)).get("payload") or "")
    status, said = await slack.send_http(bot.url, body)
    assert status == 200, said
    return said


def chosen_in_menu(slack: FakeSlack, callback: str, message: Json, **fields: Any) -> Json:
    """The body of a message shortcut."""
    extra = {"type": "message_action", "callback_id": callback, "message": message}
    return slack.click("", **fields) | extra | {"action_ts": slack.ts()}


def attach(slack: FakeSlack, name: str, content: bytes, number: str = "F1") -> Json:
    """A file of a message, whose bytes Slack holds."""
    slack.files[name] = content
    url = slack.url.replace("/api/", f"/files/{name}")
    link = f"https://team.example/files/{number}"
    return {"id": number, "name": name, "url_private": url, "permalink": link}


def knowhow(slack: FakeSlack, words: str, user: str = "U1") -> Json:
    """The body of ``/knowhow``."""
    return slack.command(words, user=user) | {"command": "/knowhow"}


async def store(
    database: Database, encoder: MiniLM, titles: Sequence[str], *audience: str
) -> Sequence[int]:
    """Documents with these titles, for everyone unless it is said for whom; returns their ids."""
    drafts = [
        Draft(
            Document(title, f"https://x.example/{title}", title, f"All about {title}."),
            "c",
            audience or (EVERYONE,),
            "",
        )
        for title in titles
    ]
    library = Library(database, encoder)
    await ingest(drafts, library, encoder)
    return await library.ids("c", titles)


async def errands_done(database: Database, kind: str) -> int:
    """How many errands of a kind have ended well."""
    asked = text("SELECT count(*) FROM errand WHERE kind = :kind AND state = 'done'")
    async with database.engine.connect() as connection:
        return int(await connection.scalar(asked, {"kind": kind}) or 0)
