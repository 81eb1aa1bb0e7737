"""“Answer this” and “Ask an expert” in a message's menu; “Save to knowledge” opens a form."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack.actions import ANSWER_THIS, ASK_EXPERT_SHORTCUT
from bot.slack.clicks import NOTHING_TO_ANSWER, SAY, SWITCHED_OFF
from bot.slack.desk import Desk
from bot.slack.hearing import answers
from bot.slack.inbound import Shortcut, read_shortcut


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the shortcuts that need no form."""

    async def read(body: dict[str, Any]) -> Shortcut | None:
        team = body.get("team")
        workspace = await desk.workspaces.of(str((team or {}).get("id") or ""))
        return read_shortcut(body, workspace.me)

    async def on_answer_this(body: dict[str, Any], ack: AsyncAck) -> None:
        shortcut = await read(body)
        if shortcut is not None:
            await _answer(desk, shortcut)
        await ack()

    async def on_ask_expert(body: dict[str, Any], ack: AsyncAck) -> None:
        shortcut = await read(body)
        if shortcut is not None:
            await desk.errands.accept(_for_an_expert(shortcut))
        await ack()

    app.message_shortcut(ANSWER_THIS)(on_answer_this)
    app.message_shortcut(ASK_EXPERT_SHORTCUT)(on_ask_expert)


async def _answer(desk: Desk, shortcut: Shortcut) -> None:
    mention = shortcut.mention
    if not mention.text and not mention.files:
        await desk.errands.accept(_said(shortcut, NOTHING_TO_ANSWER))
    elif not answers(await desk.policies.of(mention.team, mention.channel), mention):
        await desk.errands.accept(_said(shortcut, SWITCHED_OFF))
    else:
        await desk.ledger.accept(mention)


def _said(shortcut: Shortcut, say: str) -> Errand:
    payload = {"say": say, "response_url": shortcut.response_url}
    return Errand(SAY, shortcut.mention.event_id, shortcut.team, shortcut.person, payload)


def _for_an_expert(shortcut: Shortcut) -> Errand:
    payload = {
        "channel": shortcut.channel,
        "ts": shortcut.ts,
        "thread_ts": shortcut.thread_ts or shortcut.ts,
        "text": shortcut.text,
        "person": shortcut.person,
    }
    key = f"ask_expert:{shortcut.channel}:{shortcut.ts}:{shortcut.person}"
    return Errand("ask_expert", key, shortcut.team, shortcut.person, payload)
