"""A channel's policy: its form is opened, and sent off."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.actions import POLICY
from bot.slack.clicks import in_time, read_click
from bot.slack.connection import answered
from bot.slack.desk import IN_TIME_S, Desk
from bot.slack.policy_form import ONLY_ADMINS, Choices, policy_view, saved_view
from bot.slack.policy_problems import NOT_CHECKED, policy_problems, user_groups
from bot.slack.policy_reading import place_of, read_policy
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
        click = read_click(body)
        async with in_time(desk, click):
            said = await open_policy(desk, click.team, click.channel, click.person, click.trigger)
            if said is not None:
                client = (await desk.workspaces.of(click.team)).client
                whom = {"channel": click.channel, "user": click.person, "text": said}
                await answered(client.api_call("chat.postEphemeral", json=whom))
        await ack()

    async def on_submission(body: dict[str, Any], ack: AsyncAck) -> None:
        team, channel = place_of(body["view"])
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout_at(started + IN_TIME_S):
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
        try:
            async with asyncio.timeout_at(started + IN_TIME_S):
                known = await collections(desk.database.engine)
                problems = await policy_problems(workspace.client, policy, known, reader)
        except TimeoutError:  # it is saved all the same
            problems = (NOT_CHECKED.to(reader),)
        await ack(response_action="update", view=saved_view(policy, problems, reader))

    app.action(POLICY)(on_open)
    app.view(POLICY)(on_submission)


def _id(value: Mapping[str, Any] | None) -> str:
    return str((value or {}).get("id") or "")
