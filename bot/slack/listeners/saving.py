"""“Save to knowledge”: a form for admins, and the errand that does it."""

import asyncio
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from agent.errands import Errand
from bot.slack.connection import answered
from bot.slack.desk import IN_TIME_S, Desk
from bot.slack.inbound import read_shortcut
from bot.slack.save_form import ADMINS_ONLY, SAVE, admins_only, read_filled, save_form


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the shortcut, and for the form."""

    async def on_shortcut(body: dict[str, Any], ack: AsyncAck) -> None:
        async with asyncio.timeout(IN_TIME_S):
            workspace = await desk.workspaces.of(str((body.get("team") or {}).get("id") or ""))
            shortcut = read_shortcut(body, workspace.me)
            if shortcut is not None:
                person = await workspace.people.about(shortcut.person)
                may = person.admin and not shortcut.outside
                view = save_form(shortcut, person.language) if may else admins_only(person.language)
                arguments = {"trigger_id": shortcut.trigger_id, "view": view}
                await answered(workspace.client.api_call("views.open", json=arguments))
        await ack()

    async def on_submitted(body: dict[str, Any], ack: AsyncAck) -> None:
        team = str((body.get("team") or {}).get("id") or "")
        user = str((body.get("user") or {}).get("id") or "")
        filled = read_filled(body["view"])
        async with asyncio.timeout(IN_TIME_S):
            person = await (await desk.workspaces.of(team)).people.about(user)
        if not person.admin:
            await ack(response_action="errors", errors={"title": ADMINS_ONLY.to(person.language)})
        elif filled.errors:
            await ack(response_action="errors", errors=dict(filled.errors))
        else:
            key = f"save:{body['view'].get('id')}"
            await desk.errands.accept(Errand("save", key, team, user, filled.payload))
            await ack()

    app.message_shortcut(SAVE)(on_shortcut)
    app.view(SAVE)(on_submitted)
