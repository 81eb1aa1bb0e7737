"""``/knowhow``: help, status, documents, and what other parts register beside them."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.texts import Text
from bot.slack.actions import DOCUMENTS_PAGE
from bot.slack.blocks import Message
from bot.slack.clicks import in_time, not_valid, number_in, read_click
from bot.slack.desk import IN_TIME_S, Desk
from bot.slack.errands.gaps import GapsAsked, gaps_reply
from bot.slack.knowhow_status import documents, status
from bot.slack.listeners.policy import open_policy
from bot.slack.subcommands import (
    KNOWHOW,
    Invocation,
    Subcommand,
    help_message,
    run_subcommand,
    said,
)


async def _help(asked: Invocation) -> Message:
    return help_message(SUBCOMMANDS, asked.person)


async def _gaps(asked: Invocation) -> Message:
    wanted = GapsAsked(asked.trigger_id, asked.team, asked.person.id, asked.response_url)
    return said(await gaps_reply(asked.desk, wanted, asked.language))


async def _policy(asked: Invocation) -> Message | None:
    refusal = await open_policy(
        asked.desk, asked.team, asked.channel, asked.person.id, asked.trigger_id
    )
    return said(refusal) if refusal else None


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "help": Subcommand(_help, Text(en="shows this", zh="显示本说明")),
    "status": Subcommand(
        status, Text(en="says what I know and how often I can answer", zh="我知道什么、回答率如何")
    ),
    "documents": Subcommand(
        documents, Text(en="lists the documents that you may see", zh="列出您可以查看的文档")
    ),
    "gaps": Subcommand(
        _gaps, Text(en="shows what was asked and is written nowhere", zh="列出问过而没有文档的问题")
    ),
    "policy": Subcommand(
        _policy,
        Text(en="sets how I answer in this channel", zh="设置我在本频道如何回答"),
        admin=True,
    ),
}
"""By the word behind the command, in the order of the help."""


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the command, and for turning the pages of its list."""

    async def on_command(body: dict[str, Any], ack: AsyncAck) -> None:
        name, _, rest = str(body.get("text") or "").strip().partition(" ")
        async with asyncio.timeout(IN_TIME_S):
            asked = await _invocation(desk, body, rest.strip())
            message = await run_subcommand(SUBCOMMANDS, name.lower(), asked)
        if message is None:
            await ack()
        else:
            await ack(text=message.text, blocks=list(message.blocks))

    async def on_page(body: dict[str, Any], ack: AsyncAck) -> None:
        click = read_click(body)
        if number_in(click.value) is None:
            await not_valid(desk, click)
        else:
            async with in_time(desk, click):
                workspace = await desk.workspaces.of(click.team)
                person = await workspace.people.about(click.person)
                asked = Invocation(desk, workspace, person, click.team, click.channel, click.value)
                page = await documents(asked)
                await workspace.poster.respond(click.response_url, page, replace=True)
        await ack()

    app.command(KNOWHOW)(on_command)
    app.action(re.compile(rf"^{DOCUMENTS_PAGE}:"))(on_page)


async def _invocation(desk: Desk, body: Mapping[str, Any], rest: str) -> Invocation:
    team = str(body.get("team_id") or "")
    workspace = await desk.workspaces.of(team)
    return Invocation(
        desk,
        workspace,
        await workspace.people.about(str(body.get("user_id") or "")),
        team,
        str(body.get("channel_id") or ""),
        rest,
        str(body.get("trigger_id") or ""),
        str(body.get("response_url") or ""),
    )
