"""Slack's events, commands and shortcuts as frozen values; no Slack dict goes further."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from agent.mentions import AttachedFile, Kind, Mention
from bot.slack.connection import Identity
from bot.slack.files import attached
from bot.slack.questions import reads_as_question

_PEOPLES_SUBTYPES = frozenset({None, "file_share", "thread_broadcast"})
"""The messages that a person wrote; every other subtype tells of something that happened."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A message shortcut: ``person`` chose it on the message at ``ts``.

    ``clicked`` is the click's own time, as a ts. ``outside``: the person is of another
    organisation.
    """

    team: str
    person: str
    channel: str
    ts: str
    thread_ts: str | None
    clicked: str
    text: str = field(repr=False)
    files: tuple[AttachedFile, ...] = ()
    outside: bool = False
    trigger_id: str = field(default="", repr=False)
    response_url: str = field(default="", repr=False)

    @property
    def mention(self) -> Mention:
        """The message as a question of the person who chose it."""
        return Mention(
            event_id=f"shortcut:{self.channel}:{self.ts}:{self.clicked}",
            kind="shortcut",
            team=self.team,
            channel=self.channel,
            ts=self.clicked,
            thread_ts=self.thread_ts or self.ts,
            person=self.person,
            text=self.text,
            outside=self.outside,
            files=self.files,
        )


_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ADDRESSED = re.compile(r"<(?:@[UW]|!subteam\^|!here|!channel|!everyone)")


def read_event(body: Mapping[str, Any], me: Identity) -> Mention | None:
    """The question in an ``app_mention`` or ``message`` event; None when it holds none for us.

    A mention arrives as both events, in any order, and reads the same from either. A message in
    a thread is a follow-up when it addresses nobody; whether we belong to the thread is the
    ledger's to say. One in a channel is overheard when it reads as a question to nobody; whether
    we answer those is the channel's policy to say.
    """
    event = body.get("event")
    if not isinstance(event, Mapping) or not is_from_a_person(event, me):
        return None
    channel, ts, person = (event.get(name) for name in ("channel", "ts", "user"))
    if not (isinstance(channel, str) and isinstance(ts, str) and isinstance(person, str)):
        return None
    raw = event.get("text")
    raw = raw if isinstance(raw, str) else ""
    kind = _kind(event, raw, me)
    text = plain_text(raw, me)
    files = attached(event)
    if kind is None or (kind == "followup" and not text and not files):
        return None
    thread_ts = event.get("thread_ts")
    return Mention(
        event_id=str(body.get("event_id") or f"{channel}:{ts}"),
        kind=kind,
        team=str(body.get("team_id") or event.get("team") or me.team),
        channel=channel,
        ts=ts,
        thread_ts=thread_ts if isinstance(thread_ts, str) else ts,
        person=person,
        text=text,
        outside=body.get("is_ext_shared_channel") is True,
        files=files,
    )


def read_command(body: Mapping[str, Any], me: Identity) -> Mention:
    """The question of a slash command; its answer goes to ``response_url``, seen by one person."""
    return Mention(
        event_id=f"command:{body.get('trigger_id') or uuid4()}",
        kind="command",
        team=str(body.get("team_id") or me.team),
        channel=str(body.get("channel_id") or ""),
        ts=None,
        thread_ts=None,
        person=str(body.get("user_id") or ""),
        text=plain_text(str(body.get("text") or ""), me),
        response_url=str(body.get("response_url") or "") or None,
    )


def read_shortcut(body: Mapping[str, Any], me: Identity) -> Shortcut | None:
    """A message shortcut; None when it does not name its message."""
    message = body.get("message")
    channel = _id(body.get("channel"))
    if not isinstance(message, Mapping) or not message.get("ts") or not channel:
        return None
    user = body.get("user")
    home = str(user.get("team_id") or "") if isinstance(user, Mapping) else ""
    team = _id(body.get("team")) or me.team
    thread_ts = message.get("thread_ts")
    return Shortcut(
        team=team,
        person=_id(user),
        channel=channel,
        ts=str(message["ts"]),
        thread_ts=thread_ts if isinstance(thread_ts, str) else None,
        clicked=str(body.get("action_ts") or message["ts"]),
        text=plain_text(str(message.get("text") or ""), me),
        files=attached(message),
        outside=home not in {"", team},
        trigger_id=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
    )


def plain_text(raw: str, me: Identity) -> str:
    """A message as its author sees it: our mention gone, tokens and escapes readable."""

    def readable(token: re.Match[str]) -> str:
        sigil, target, label = token[1], token[2], token[3] or ""
        if sigil == "@":
            return f"@{label.lstrip('@') or target}"
        if sigil == "#":
            return f"#{label or target}"
        if sigil == "!":
            return label or f"@{target.partition('^')[0]}"
        address = target.removeprefix("mailto:")
        return f"{label} ({address})" if label and label != address else address

    ours = rf"[ \t]?<@{re.escape(me.user)}(?:\|[^<>]*)?>"
    text = _TOKEN.sub(readable, re.sub(ours, "", raw))
    for escaped, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, meant)
    return text.strip().lstrip(",:").strip()


def is_from_a_person(event: Mapping[str, Any], me: Identity) -> bool:
    """Whether somebody wrote it: neither a bot, we ourselves, nor an event's own notice."""
    return (
        event.get("type") in {"app_mention", "message"}
        and event.get("subtype") in _PEOPLES_SUBTYPES
        and not any(event.get(sign) for sign in ("bot_id", "bot_profile", "hidden"))
        and event.get("user") not in {None, "", "USLACKBOT", me.user}
    )


def _kind(event: Mapping[str, Any], raw: str, me: Identity) -> Kind | None:
    if str(event["channel"]).startswith("D") or event.get("channel_type") == "im":
        return "direct"
    if event["type"] == "app_mention" or re.search(rf"<@{re.escape(me.user)}[|>]", raw):
        return "mention"
    if _ADDRESSED.search(raw):
        return None
    if event.get("thread_ts") not in {None, event.get("ts")}:
        return "followup"
    return "overheard" if reads_as_question(plain_text(raw, me)) else None


def _id(value: object) -> str:
    return str(value.get("id") or "") if isinstance(value, Mapping) else ""
