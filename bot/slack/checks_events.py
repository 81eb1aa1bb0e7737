"""The doctor's look at what has ever reached us, by what the ledger and the errands hold."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from bot.slack.checks import Check
from knowledge.database import Database

_SEEN = text("""
    SELECT what, count(*), max(created_at) FROM (
        SELECT CASE
            WHEN kind IN ('followup', 'overheard') THEN 'message'
            WHEN kind = 'shortcut' THEN 'click'
            ELSE kind END AS what, created_at
        FROM mention
        -- What was read up in a channel after an outage came by no event.
        WHERE starts_with(event_id, 'Ev') OR kind IN ('command', 'shortcut')
        UNION ALL
        SELECT CASE
            WHEN starts_with(key, 'home:Ev') OR starts_with(key, 'suggest:Ev') THEN 'opened'
            ELSE 'click' END, created_at
        FROM errand WHERE person <> '' AND kind NOT IN
            ('ask_again', 'task_reply', 'gaps', 'digest', 'catch_up', 'catch_up_place')
    ) AS seen GROUP BY what
""")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What comes by one of the app's settings, how to try it, and where it is set."""

    name: str
    attempt: str
    setting: str


_SUBSCRIBE = "the event {} is subscribed to under “Event Subscriptions”"
_KINDS = {
    "mention": _Kind(
        "mentions", "mention the bot in a channel it is in", _SUBSCRIBE.format("app_mention")
    ),
    "message": _Kind(
        "other messages in channels",
        "ask on, without a mention, in a thread where it answered",
        "the events message.channels, message.groups and message.mpim are subscribed to under "
        "“Event Subscriptions”",
    ),
    "direct": _Kind(
        "direct messages", "write to the bot directly", _SUBSCRIBE.format("message.im")
    ),
    "opened": _Kind(
        "its Home tab or messages opened", "open them", _SUBSCRIBE.format("app_home_opened")
    ),
    "command": _Kind(
        "slash commands", "give `/ask` a question", "“Slash Commands” lists /ask and /knowhow"
    ),
    "click": _Kind(
        "buttons, forms and shortcuts",
        "press a button under an answer",
        "“Interactivity & Shortcuts” is on",
    ),
}


async def check_events(database: Database) -> tuple[Check, ...]:
    """For each kind when the last one came; what never came may only never have been tried."""
    async with database.engine.connect() as connection:
        rows = await connection.execute(_SEEN)
        seen = {str(what): (int(count), last) for what, count, last in rows}
    return tuple(_check(kind, seen.get(key)) for key, kind in _KINDS.items())


def _check(kind: _Kind, seen: tuple[int, datetime] | None) -> Check:
    name = f"Slack events: {kind.name}"
    if seen is None:
        found = f"none has ever come: {kind.attempt}; if nothing comes of it, see that "
        return Check(name, ok=True, found=f"{found}{kind.setting} (`knowhow manifest` sets all)")
    count, last = seen
    return Check(name, ok=True, found=f"{count} so far, the last one {last:%Y-%m-%d %H:%M} UTC")
