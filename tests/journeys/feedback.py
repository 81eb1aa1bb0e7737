"""What the feedback's journeys share: who does what in Slack, and a worker to carry it out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select

from agent.feedback_tables import handover
from agent.policies import Policies, Policy
from bot.slack import actions
from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from tests.fakes.running import Bot, running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.fakes.slack_state import TEAM

Json = dict[str, Any]


class Team:
    """A bot at work in a fake Slack; people click and fill in forms over HTTP or the socket."""

    def __init__(self, slack: FakeSlack, bot: Bot, *, socket: bool) -> None:
        self.slack = slack
        self.bot = bot
        self._socket = socket

    async def send(self, body: Json) -> str:
        """Deliver it; the acknowledgement must be good."""
        if self._socket:
            return str((await self.slack.send_socket(body)).get("payload") or "")
        status, text = await self.slack.send_http(self.bot.url, body)
        assert status == 200, text
        return text

    async def click(self, action: str, value: str, user: str = "U1", channel: str = "C1") -> None:
        """Somebody presses a button."""
        await self.send(self.slack.click(action, value, user=user, channel=channel))

    async def press(self, message: Json, action: str, user: str, channel: str = "") -> None:
        """Somebody presses a button that a message has."""
        await self.click(action, buttons(message)[action], user, channel or f"D{user}")

    async def open(self, message: Json, action: str, user: str, channel: str = "") -> Json:
        """Somebody presses a button that opens a form; again, where a busy machine was too slow."""
        return await self._opened(action, buttons(message)[action], user, channel or f"D{user}")

    async def doubt(self, mention: UUID, user: str = "U1") -> Json:
        """Somebody presses 👎, which opens the form of what is wrong."""
        return await self._opened(actions.FEEDBACK, f"bad:{mention}", user, "C1")

    async def _opened(self, action: str, value: str, user: str, channel: str) -> Json:
        before = len(self.slack.views)
        for _ in range(5):
            await self.click(action, value, user, channel)
            if len(self.slack.views) > before:
                return self.slack.views[-1]
        raise AssertionError(f"{action} opened no form")

    async def submit(self, user: str, **typed: Any) -> str:
        """Somebody fills in the form that opened last."""
        view = self.slack.views[-1]
        values = {block: {block: element} for block, element in typed.items()}
        kept = {name: view[name] for name in ("callback_id", "private_metadata")}
        return await self.send(self.slack.submit({"type": "modal", **kept}, values, user=user))

    async def message(self, channel: str, count: int = 1, has: str = "") -> Json:
        """Our newest message there, once there are so many (and it says that)."""

        def there() -> list[Json]:
            return [one for one in self.slack.answers(channel) if has in one["text"]]

        await self.slack.until(lambda: len(there()) >= count)
        return there()[-1]

    async def told(self, text: str) -> None:
        """Somebody is told so, for nobody else's eyes."""
        await self.slack.until(
            lambda: any(text in str(one.get("text")) for one in self.slack.responses)
        )


@asynccontextmanager
async def at_work(
    slack: FakeSlack,
    database: Database,
    encoder: MiniLM,
    *,
    socket: bool = False,
    expert: str = "U2",
    admins: frozenset[str] = frozenset(),
) -> AsyncIterator[Team]:
    """U1 asks, U2 is the channel's expert; people are called by name."""
    for user, name in (("U1", "Uma"), ("U2", "Ada"), ("U3", "Bo"), ("U9", "Root")):
        slack.people[user] = {"real_name": name} | slack.people.get(user, {})
    if expert:
        await Policies(database).save(Policy(TEAM, "C1", expert=expert))
    agent = ScriptedAgent()
    async with running_bot(
        slack, database, agent, socket=socket, encoder=encoder, admins=admins
    ) as bot:
        yield Team(slack, bot, socket=socket)


def buttons(message: Json) -> dict[str, str]:
    """What each button of a message carries, by its action."""
    return {
        element["action_id"]: element["value"]
        for block in message.get("blocks") or ()
        if block["type"] == "actions"
        for element in block["elements"]
    }


def typed(text: str) -> Json:
    """A text in a form."""
    return {"type": "plain_text_input", "value": text}


def chosen(value: str) -> Json:
    """An option in a form."""
    return {"type": "radio_buttons", "selected_option": {"value": value}}


def ticked(*values: str) -> Json:
    """Boxes in a form."""
    return {"type": "checkboxes", "selected_options": [{"value": one} for one in values]}


async def states(database: Database) -> list[tuple[str, str, str | None]]:
    """Every hand-over: its kind, its state, who settled it."""
    columns = (handover.c.kind, handover.c.state, handover.c.resolved_by)
    async with database.engine.connect() as connection:
        rows = await connection.execute(select(*columns).order_by(handover.c.created_at))
        return [(row[0], row[1], row[2]) for row in rows]
