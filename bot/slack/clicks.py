"""Clicks on buttons and forms that were sent off, each read into one frozen value."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from agent.errands import Errand
from agent.reading.languages import Language
from bot.slack.connection import answered
from bot.slack.desk import Desk
from bot.slack.errors import SlackError

logger = logging.getLogger(__name__)

_FORM_WITHIN_S = 2.5
"""Slack's trigger is good for three seconds."""

SAY = "say"
PRESS_AGAIN, NOT_ASKED, GONE = "press_again", "not_asked", "gone"
"""The kind of errand that says a line to whoever clicked, and its lines."""

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Click:
    """``key`` tells this click from all others; ``channel`` is empty in the Home tab."""

    team: str
    person: str
    channel: str
    value: str
    key: str
    trigger: str = field(repr=False)
    response_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent off; ``metadata`` is what it was opened with."""

    team: str
    person: str
    metadata: str
    key: str
    values: Mapping[str, Any] = field(repr=False)

    def text(self, block: str) -> str:
        """What was typed; empty for nothing."""
        return str(self._element(block).get("value") or "").strip()

    def choice(self, block: str) -> str:
        """The value of the option chosen; empty for none."""
        return str((self._element(block).get("selected_option") or {}).get("value") or "")

    def checked(self, block: str) -> bool:
        """Whether any box is ticked."""
        return bool(self._element(block).get("selected_options"))

    def _element(self, block: str) -> Mapping[str, Any]:
        elements = self.values.get(block) or {}
        return next(iter(elements.values()), {})


def read_click(body: Mapping[str, Any]) -> Click:
    """The first action of a ``block_actions`` body."""
    action = (body.get("actions") or [{}])[0]
    user = body.get("user") or {}
    return Click(
        team=_team(body),
        person=str(user.get("id") or ""),
        channel=str((body.get("channel") or {}).get("id") or ""),
        value=str(action.get("value") or ""),
        key=f"{action.get('action_id')}:{action.get('action_ts') or uuid4()}:{user.get('id')}",
        trigger=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
    )


def read_submission(body: Mapping[str, Any]) -> Submission:
    """A ``view_submission`` body."""
    view = body.get("view") or {}
    return Submission(
        team=_team(body),
        person=str((body.get("user") or {}).get("id") or ""),
        metadata=str(view.get("private_metadata") or ""),
        key=f"{view.get('callback_id')}:{view.get('id') or uuid4()}",
        values=(view.get("state") or {}).get("values") or {},
    )


def uuid_in(value: str) -> UUID | None:
    """The id that a value is; None for anything else, for it came from outside."""
    try:
        return UUID(value)
    except ValueError:
        return None


async def open_form(desk: Desk, click: Click, form: Callable[[Language], View]) -> None:
    """Open it at once, in the person's language; where Slack does not, they are told to try again.

    Raises what writing that down raises.
    """
    try:
        async with asyncio.timeout(_FORM_WITHIN_S):
            workspace = await desk.workspaces.of(click.team)
            language = await workspace.people.language(click.person)
            opening = workspace.client.views_open(trigger_id=click.trigger, view=form(language))
            await answered(opening)
    except (SlackError, TimeoutError) as error:
        logger.warning("no form for %s: %s", click.key, type(error).__name__)
        await say(desk, click, PRESS_AGAIN)


async def language_of(desk: Desk, form: Submission) -> Language:
    """The language of whoever sent the form off."""
    return await (await desk.workspaces.of(form.team)).people.language(form.person)


async def say(desk: Desk, click: Click, saying: str) -> None:
    """Have one of the lines above said to whoever clicked."""
    payload = {"say": saying, "response_url": click.response_url}
    await desk.errands.accept(Errand(SAY, f"say:{click.key}", click.team, click.person, payload))


def _team(body: Mapping[str, Any]) -> str:
    team = (body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id")
    return str(team or "")
