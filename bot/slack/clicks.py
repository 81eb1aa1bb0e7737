"""Clicks on buttons and forms that were sent off, each read into one frozen value."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from agent.errands import Errand
from agent.reading.languages import Language
from bot.slack.connection import answered
from bot.slack.desk import IN_TIME_S, Desk
from bot.slack.errors import SlackError

logger = logging.getLogger(__name__)

SAY = "say"
PRESS_AGAIN, NOT_ASKED, GONE, NOT_VALID = "press_again", "not_asked", "gone", "not_valid"
SWITCHED_OFF, NOTHING_TO_ANSWER = "switched_off", "nothing_to_answer"
"""The kind of errand that says a line to whoever clicked or spoke, and its lines."""

_CHOSEN = ("value", "selected_conversation", "selected_channel")
_NUMBER = re.compile(r"[0-9]{1,18}")
"""What fits the database's ids."""

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Click:
    """``value`` is the button's, or what was chosen in a menu; ``key`` is this click's alone.

    ``channel`` and ``response_url`` are empty in the Home tab.
    """

    team: str
    person: str
    channel: str
    action: str
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
        action=str(action.get("action_id") or ""),
        value=next((str(action[name]) for name in _CHOSEN if action.get(name)), ""),
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


def number_in(value: str) -> int | None:
    """The number of a row that a value is; None for anything else."""
    return int(value) if _NUMBER.fullmatch(value) else None


@asynccontextmanager
async def in_time(desk: Desk, click: Click) -> AsyncIterator[None]:
    """For what Slack is asked before the click is acknowledged; ends once that takes too long.

    Where Slack refuses or is slow, whoever clicked is told to press again. Raises what writing
    that down raises.
    """
    try:
        async with asyncio.timeout(IN_TIME_S):
            yield
    except (SlackError, TimeoutError) as error:
        logger.warning("Slack did not let %s happen: %s", click.action, type(error).__name__)
        await say(desk, click, PRESS_AGAIN)


async def open_form(desk: Desk, click: Click, form: Callable[[Language], View]) -> None:
    """Open it at once, in the person's language, or have them told."""
    async with in_time(desk, click):
        await show_form(desk, click, form)


async def show_form(desk: Desk, click: Click, form: Callable[[Language], View]) -> None:
    """The same within `in_time`. Raises SlackError."""
    workspace = await desk.workspaces.of(click.team)
    language = await workspace.people.language(click.person)
    await answered(workspace.client.views_open(trigger_id=click.trigger, view=form(language)))


async def language_of(desk: Desk, form: Submission) -> Language:
    """The language of whoever sent the form off."""
    return await (await desk.workspaces.of(form.team)).people.language(form.person)


async def not_valid(desk: Desk, click: Click) -> None:
    """The value is none that we give the button: an old message, or somebody tries what happens."""
    logger.warning("%s clicked %s with a value that is not ours", click.person, click.action)
    await say(desk, click, NOT_VALID)


async def say(desk: Desk, click: Click, saying: str) -> None:
    """Have one of the lines above said to whoever clicked."""
    payload = {"say": saying, "response_url": click.response_url}
    await desk.errands.accept(Errand(SAY, f"say:{click.key}", click.team, click.person, payload))


def _team(body: Mapping[str, Any]) -> str:
    team = (body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id")
    return str(team or "")
