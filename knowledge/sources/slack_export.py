"""A Slack export: what was said in each channel on each day, for those who could read it there.

Read only when the admin says so: people wrote it to each other, not for a library.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from html import unescape
from pathlib import PurePosixPath
from typing import Any

from knowledge.documents import EVERYONE, parse_audience
from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.parsing import Parsed
from knowledge.parsing.decoding import clean
from knowledge.sources.settings import Settings
from knowledge.sources.values import Skipped, Source, shown, unusable

NOT_ALLOWED = "it is a Slack export: it is read only with --slack-export"

_LISTS = ("channels.json", "groups.json", "dms.json", "mpims.json")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}\.json$")
_TOKEN = re.compile(r"<([@#!]?)([^<>|]{1,500})(?:\|([^<>]{0,500}))?>")
_SILENT = frozenset(
    {
        "channel_join",
        "channel_leave",
        "channel_topic",
        "channel_purpose",
        "channel_name",
        "group_join",
        "group_leave",
        "bot_message",
        "tombstone",
    }
)

Read = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class _Channel:
    id: str
    title: str
    audience: tuple[str, ...]


def is_export(names: Mapping[str, Read]) -> bool:
    """Whether these files are a Slack export's."""
    return "users.json" in names and any(name in names for name in _LISTS)


def slack_sources(
    root: str, reads: Mapping[str, Read], settings: Settings
) -> Iterator[Source | Skipped]:
    """A document for each channel and day on which people said something.

    What public channels say is for everyone, a private channel's for that channel, and direct
    messages for the two who wrote them, unless the folder's settings name fewer.
    """
    try:
        people = _people(_loaded(reads["users.json"]))
        channels = dict(_channels(reads, people))
    except UnreadableDocument as error:
        reason = f"it is a Slack export that cannot be read: {error}"
        yield Skipped(shown(root), reason, root, incomplete=True)
        return
    for name in sorted(reads):
        path = PurePosixPath(name)
        if not _DAY.match(path.name) or path.parent.name == "":
            continue
        if not _anybody_spoke(reads[name]):
            continue
        identity = f"{root}#{name}"
        channel = channels.get(path.parent.name)
        problem = unusable(identity)
        if channel is None:
            problem = "no list of channels names its folder: who may see it is not known"
        if channel is None or problem:
            yield Skipped(shown(identity), problem or "", identity)
            continue
        audience = settings.placement.audience or channel.audience
        yield Source(
            identity,
            f"https://slack.com/app_redirect?channel={channel.id}",
            reads[name],
            partial(_parsed, channel=channel, day=path.stem, people=people),
            replace(settings.placement, audience=audience),
        )


def _parsed(data: bytes, channel: _Channel, day: str, people: Mapping[str, str]) -> Parsed:
    """The day's messages, answers below what they answer."""
    threads: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in _loaded(lambda: data):
        if _is_said(message):
            threads[str(message.get("thread_ts") or message["ts"])].append(message)
    said = [_thread(messages, people) for _, messages in sorted(threads.items())]
    return Parsed(
        f"{channel.title}, {day}",
        "\n\n".join(said),
        {"channel": channel.title, "day": day},
        updated_at=datetime.fromisoformat(day).replace(tzinfo=UTC),
    )


def _anybody_spoke(read: Read) -> bool:
    """A day of machines alone is no document; one that cannot be read is named when it is."""
    try:
        return any(map(_is_said, _loaded(read)))
    except UnreadableDocument:
        return True


def _is_said(message: object) -> bool:
    return (
        isinstance(message, dict)
        and message.get("type") == "message"
        and message.get("subtype") not in _SILENT
        and not message.get("bot_id")
        and isinstance(message.get("text"), str)
        and bool(message["text"].strip())
        and isinstance(message.get("ts"), str)
    )


def _thread(messages: Sequence[Mapping[str, Any]], people: Mapping[str, str]) -> str:
    first, *answers = sorted(messages, key=lambda one: str(one["ts"]))
    return "\n".join([_line(first, people), *(f"- {_line(one, people)}" for one in answers)])


def _line(message: Mapping[str, Any], people: Mapping[str, str]) -> str:
    name = people.get(str(message.get("user")), "Somebody")
    text = clean(unescape(_TOKEN.sub(partial(_spoken, people=people), message["text"])))
    return f"**{name}**: {text.strip()}".replace("\n", "\n  ")


def _spoken(token: re.Match[str], people: Mapping[str, str]) -> str:
    """A mention as the name it shows, a link as Markdown's."""
    kind, target, label = token.groups()
    if kind == "@":
        return f"@{people.get(target, label or 'somebody')}"
    if kind == "#":
        return f"#{label or 'channel'}"
    if kind == "!":
        return f"@{(label or target).lstrip('@').partition('^')[0]}"
    return f"[{label}]({target})" if label and label != target else target


def _channels(
    reads: Mapping[str, Read], people: Mapping[str, str]
) -> Iterator[tuple[str, _Channel]]:
    """By the name of their folder."""
    for listing in _LISTS:
        for one in _loaded(reads[listing]) if listing in reads else ():
            number = one.get("id") if isinstance(one, dict) else None
            if not isinstance(number, str):
                continue
            name = str(one.get("name") or number)
            members = [m for m in one.get("members") or () if isinstance(m, str)]
            between = [people.get(member, member) for member in members]
            try:
                if listing == "channels.json":
                    yield name, _Channel(number, f"#{name}", (EVERYONE,))
                elif listing == "dms.json":
                    readers = parse_audience(",".join(f"user:{member}" for member in members))
                    yield number, _Channel(number, f"Between {' and '.join(between)}", readers)
                else:
                    yield name, _Channel(number, f"#{name}", parse_audience(f"channel:{number}"))
            except InvalidInput as error:
                raise UnreadableDocument(f"{listing}: {error}") from error


def _people(users: Sequence[Any]) -> Mapping[str, str]:
    """What people are called, by their IDs."""
    named = {}
    for one in users:
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            given = one.get("profile")
            profile: Mapping[str, Any] = given if isinstance(given, dict) else {}
            names = (profile.get("display_name"), profile.get("real_name"), one.get("name"))
            known = next((name for name in names if isinstance(name, str) and name.strip()), "")
            named[one["id"]] = " ".join(clean(known).split())[:100] or "Somebody"
    return named


def _loaded(read: Read) -> Sequence[Any]:
    try:
        value = json.loads(read())
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument("it is not JSON") from error
    if not isinstance(value, list):
        raise UnreadableDocument("it is no list")
    return value
