"""What a Slack keeps: messages with their metadata, statuses, reactions, people, forms."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEAM, BOT_USER, BOT_ID, APP = "T0TEAM", "U0KNOW", "B0KNOW", "A0KNOW"
CONFIG_TOKEN = "xoxe.xoxp-test"
"""Of somebody who configures the app."""


class RefusedError(Exception):
    """Slack's ``ok: false``, with its name for why."""


class LimitedError(Exception):
    """Slack's 429: too many calls, try again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass
class SlackState:
    """Open to tests; they look at this, not at calls."""

    url: str = ""
    team: str = TEAM
    bot_user: str = BOT_USER
    bot_id: str = BOT_ID
    messages: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    statuses: list[tuple[str, str, str]] = field(default_factory=list)
    reactions: set[tuple[str, str, str]] = field(default_factory=set)
    responses: list[Json] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    scopes: str = ""
    streamed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By the message's ts, the pieces that it was written in."""
    sessions: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """By channel and thread, every status that an agent session got."""
    memberships: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Channels that a user and the bot are both in."""
    usergroups: dict[str, set[str]] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    """What ``conversations.info`` says more of a channel; ``gone``: Slack does not show it."""
    page: int = 2
    ephemerals: list[Json] = field(default_factory=list)
    views: list[Json] = field(default_factory=list)
    """Forms that were opened or updated, in order."""
    homes: dict[str, Json] = field(default_factory=dict)
    """The Home tab that each user sees."""
    problems: list[str] = field(default_factory=list)
    """Why blocks or views were refused."""
    tokens: "dict[str, SlackState]" = field(default_factory=dict)
    """The workspaces that installed the app, by the token that each gave."""
    revoked: set[str] = field(default_factory=set)
    codes: "dict[str, SlackState]" = field(default_factory=dict)
    """Workspaces whose installation is under way, by the code for their token."""
    people: dict[str, Json] = field(default_factory=dict)
    """What ``users.info`` says more of a user; everybody else is a plain member."""
    unlisted: set[str] = field(default_factory=set)
    """Users that ``users.list`` does not have: new ones, and those of other workspaces."""
    rooms: dict[str, Json] = field(default_factory=dict)
    """What ``conversations.info`` says more of a channel; every other one is public."""

    manifest: Json = field(default_factory=dict)
    """How the app is configured."""
    prompts: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """What is behind ``files/NAME``, for whoever has the token."""

    clock: Callable[[], float] = time.monotonic
    """Seconds, by which streams end and calls are counted."""
    stream_starts: dict[str, float] = field(default_factory=dict)
    """When each streamed message was started."""
    recent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Per method with a limit, when it was called in the last minute."""

    _last: int = 0

    def count(self, method: str, a_minute: int) -> None:
        """Take note of a call; refuse it where there were too many within a minute."""
        now = self.clock()
        recent = self.recent[method]
        recent[:] = [when for when in recent if now - when < 60]
        if len(recent) >= a_minute:
            raise LimitedError(60 - (now - recent[0]))
        recent.append(now)

    def ts(self) -> str:
        """A new message's ts; always later than the last."""
        # Whoever looks for a message of theirs looks from a time on, by their own clock.
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        seconds, micros = divmod(self._last, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def say(self, channel: str, text: str, *, user: str = "U1", **fields: Any) -> Json:
        """Somebody writes a message; it is in the history, no event is sent for it."""
        message = {"type": "message", "user": user, "text": text, "ts": self.ts(), **fields}
        self.messages[channel].append(message)
        return message

    def answers(self, channel: str) -> list[Json]:
        """Our bot's messages in a channel, oldest first."""
        return [m for m in self.messages[channel] if m.get("user") == self.bot_user]


def paged(slack: SlackState, a: Json, members: list[Any]) -> Json:
    """A page of what ``users.list`` or ``conversations.members`` lists."""
    assert int(a["limit"]) <= 1000  # Slack's most
    start = int(a.get("cursor") or 0)
    end = start + slack.page
    following = str(end) if end < len(members) else ""
    return {"members": members[start:end], "response_metadata": {"next_cursor": following}}
