"""A channel's policy: its form is opened, and sent off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.actions import POLICY
from bot.slack.connection import answered
from bot.slack.desk import Desk
from bot.slack.policy_form import (
    ONLY_ADMINS,
    Choices,
    place_of,
    policy_view,
    read_policy,
    saved_view,
)
from bot.slack.policy_problems import policy_problems, user_groups
from knowledge.storage.scopes import collections


async def open_policy(
    desk: Desk, team: str, channel: str, user: str, trigger_id: str
) -> str | None:
    """Open the channel's form for an admin; else the line that says why not.

    Raises SlackError when Slack does not open it.
    """
    workspace = await desk.workspaces.of(team)
    person = await workspace.people.about(user)
    if not person.admin:
        return ONLY_ADMINS.to(person.language)
    groups = await user_groups(workspace.client) or {}
    choices = Choices(
        await collections(desk.database.engine),
        {one: str(group.get("handle") or one) for one, group in groups.items()},
    )
    view = policy_view(await desk.policies.of(team, channel), choices, person.language)
    await answered(workspace.client.views_open(trigger_id=trigger_id, view=view))
    return None


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen for the button that opens the form, and for the form."""

    async def on_open(body: dict[str, Any], ack: AsyncAck) -> None:
        await ack()
        team, channel, user = (_id(body.get(name)) for name in ("team", "channel", "user"))
        refusal = await open_policy(desk, team, channel, user, str(body["trigger_id"]))
        if refusal is not None:
            client = (await desk.workspaces.of(team)).client
            await answered(client.chat_postEphemeral(channel=channel, user=user, text=refusal))

    async def on_submission(body: dict[str, Any], ack: AsyncAck) -> None:
        team, channel = place_of(body["view"])
        workspace = await desk.workspaces.of(team)
        person = await workspace.people.about(_id(body["user"]))
        reader = person.language
        if not person.admin:
            await ack(response_action="errors", errors={"answers": ONLY_ADMINS.to(reader)})
            return
        policy = read_policy(body["view"], await desk.policies.of(team, channel), reader)
        if isinstance(policy, dict):
            await ack(response_action="errors", errors=policy)
            return
        await desk.policies.save(replace(policy, author=person.id))
        known = await collections(desk.database.engine)
        problems = await policy_problems(workspace.client, policy, known, reader)
        await ack(response_action="update", view=saved_view(policy, problems, reader))

    app.action(POLICY)(on_open)
    app.view(POLICY)(on_submission)


def _id(value: Mapping[str, Any] | None) -> str:
    return str((value or {}).get("id") or "")
