"""A message with its thread, or its files, into the knowledge base; told to the admin directly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from agent.reading.languages import Language
from agent.retold import retold
from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack.blocks import Message
from bot.slack.connection import answered
from bot.slack.errors import Refused, SlackError
from bot.slack.files import attached, digest, read_file
from bot.slack.gaps_reading import names_of
from bot.slack.inbound import plain_text
from bot.slack.mrkdwn import escape, link
from bot.slack.save_form import CHOICES
from bot.slack.sending import OURS, undelivered
from bot.slack.thread import replies
from bot.slack.whole_thread import whole
from knowledge.documents import EVERYONE, PUBLIC, Document
from knowledge.errors import UnreadableDocument
from knowledge.storage.ingest import Draft, ingest

WORKING = Text(en="Saving “{title}” to the knowledge base…", zh="正在把“{title}”保存到知识库……")
SAVED = Text(
    en="Saved to the collection “{collection}”: {names}. Who may see it: {audience}.",
    zh="已保存到集合“{collection}”：{names}。可查看者：{audience}。",
)
UNREAD = Text(en="I could not read {name}: {reason}.", zh="我无法读取 {name}：{reason}。")
NO_THREAD = Text(
    en="Slack does not let me read the message there: invite me with `/invite`, then save it again",
    zh="Slack 不让我读取那里的消息：请先用 `/invite` 邀请我，再保存一次",
)
NO_FILES = Text(en="the message has no files any more", zh="这条消息已经没有附件了")
NO_TEXT = Text(en="it has no text", zh="其中没有文字")
LEFT_OUT = Text(
    en="The thread goes on: I saved its first {count:,} messages, the later ones are left out.",
    zh="消息串很长：我保存了前 {count:,} 条消息，之后的没有保存。",
)

_MOST_MESSAGES = 1000


@dataclass(frozen=True, slots=True)
class _Found:
    """Documents to store, and what could not be read or was left out: a line each."""

    drafts: tuple[Draft, ...]
    unread: tuple[str, ...] = ()


async def save(hands: Hands) -> None:
    """Say that it is at work, store, and say in the same message what came of it."""
    payload, person = hands.payload, await hands.workspace.people.about(hands.held.errand.person)
    language, title = person.language, str(payload["title"])
    place = await hands.direct(person.id)
    ts = await hands.send("progress", place, (_line(WORKING.to(language, title=escape(title))),))
    outcome = hands.held.progress.get("outcome")
    if outcome is None:
        outcome = await _stored(hands, language)
        await hands.note(outcome=outcome)
    await _edited(hands, place.channel, ts, str(outcome))


async def _stored(hands: Hands, language: Language) -> str:
    """Read and store; returns what came of it. The same content is stored once, as one version."""
    payload = hands.payload
    found = await _read(hands, language)
    done = await ingest(found.drafts, hands.library, hands.library.encoder)
    stored = [one.document for one in found.drafts if one.document.source in done.sources]
    failed = [
        UNREAD.to(language, name=escape(one.uri), reason=escape(retold(one.reason, language)))
        for one in done.failed
    ]
    lines = [*found.unread, *failed]
    if stored:
        names = ", ".join(link(one.uri, one.title) for one in stored)
        readers = await _readers(hands, language)
        given = {"collection": escape(payload["collection"]), "audience": readers}
        lines.insert(0, SAVED.to(language, names=names, **given))
    return "\n".join(lines)


async def _read(hands: Hands, language: Language) -> _Found:
    payload = hands.payload
    try:
        messages, more = await _messages(hands)
    except SlackError as error:
        if not isinstance(error, Refused) or error.code in OURS:
            raise undelivered(error, hands.held.attempts) from error
        name = escape(str(payload["title"]))
        return _Found((), (UNREAD.to(language, name=name, reason=NO_THREAD.to(language)),))
    if payload["what"] == "files":
        return await _files(hands, messages, language)
    found = await _words(hands, messages, language)
    cut = (LEFT_OUT.to(language, count=len(messages)),) if more and found.drafts else ()
    return replace(found, unread=(*found.unread, *cut))


async def _messages(hands: Hands) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """The thread, and whether it goes on behind what is read; for files the message alone."""
    payload, client = hands.payload, hands.workspace.client
    channel, thread, ts = (str(payload[name]) for name in ("channel", "thread_ts", "ts"))
    if payload["what"] != "files":
        return await whole(client, channel, thread, _MOST_MESSAGES)
    page = await replies(
        client, channel=channel, ts=thread, oldest=ts, latest=ts, inclusive="true", limit="10"
    )
    messages = [one for one in page.get("messages") or () if isinstance(one, Mapping)]
    return [one for one in messages if one.get("ts") == ts], False


async def _files(hands: Hands, messages: Sequence[Mapping[str, Any]], language: Language) -> _Found:
    files = [file for message in messages for file in attached(message)]
    drafts, unread = [], []
    for file in files:
        source = f"slack:{hands.held.errand.team}/{file.id}"
        try:
            document = await read_file(hands.workspace.client, file, source, language)
        except UnreadableDocument as error:
            reason = escape(retold(str(error), language).rstrip(".。"))
            unread.append(UNREAD.to(language, name=escape(file.name), reason=reason))
            continue
        title = str(hands.payload["title"]) if len(files) == 1 else ""
        document = replace(document, title=title or document.title)
        drafts.append(_draft(hands, document, document))
    if not files:
        name, reason = escape(str(hands.payload["title"])), NO_FILES.to(language)
        unread.append(UNREAD.to(language, name=name, reason=reason))
    return _Found(tuple(drafts), tuple(unread))


async def _words(hands: Hands, messages: Sequence[Mapping[str, Any]], language: Language) -> _Found:
    payload, workspace = hands.payload, hands.workspace
    said, meant = [], []
    for message in messages:
        text = plain_text(str(message.get("text") or ""), workspace.me)
        if text:
            user = str(message.get("user") or "")
            name = (await workspace.people.about(user)).name if user else ""
            said.append(f"**{name or user or '…'}**: {text}")
            meant.append(f"{user}: {text}")
    title = str(payload["title"])
    if not said:
        return _Found((), (UNREAD.to(language, name=escape(title), reason=NO_TEXT.to(language)),))
    place = f"{hands.held.errand.team}/{payload['channel']}/{payload['thread_ts']}"
    document = Document(
        source=f"slack:{place}",
        uri=await _permalink(hands) or f"slack:{place}",
        title=title or said[0][:80],
        text="\n\n".join(said),
        updated_at=datetime.fromtimestamp(float(payload["ts"]), UTC),
    )
    # Names and links are as Slack tells them today: what was said decides about a new version.
    content = replace(document, uri=document.source, text="\n\n".join(meant))
    return _Found((_draft(hands, document, content),))


async def _readers(hands: Hands, language: Language) -> str:
    """The audience as a person reads it; people by name, because naming them must not ping."""
    audience: list[str] = hands.payload["audience"]
    for known in (PUBLIC, EVERYONE):
        if known in audience:
            return CHOICES[known].to(language)
    ids = [principal.partition(":")[::2] for principal in audience]
    names = await names_of(hands.workspace, (one for _, one in ids))
    return ", ".join(f"<#{one}>" if kind == "channel" else escape(names[one]) for kind, one in ids)


def _draft(hands: Hands, document: Document, content: Document) -> Draft:
    """The document as the form wants it filed; ``content`` decides whether it has changed."""
    audience = tuple(hands.payload["audience"])
    person = hands.held.errand.person
    mark = digest(content, audience)
    return Draft(document, hands.payload["collection"], audience, mark, author=person)


async def _permalink(hands: Hands) -> str:
    asked = {"channel": hands.payload["channel"], "message_ts": hands.payload["ts"]}
    try:
        found = await answered(hands.workspace.client.api_call("chat.getPermalink", data=asked))
    except SlackError:
        return ""
    return str(found.get("permalink") or "")


async def _edited(hands: Hands, channel: str, ts: str, text: str) -> None:
    """The outcome in place of the progress; a message of its own where Slack does not edit."""
    message = _line(text)
    arguments = {"channel": channel, "ts": ts, "text": text, "blocks": list(message.blocks)}
    try:
        await answered(hands.workspace.client.api_call("chat.update", json=arguments))
    except Refused:
        await hands.send("outcome", await hands.direct(hands.held.errand.person), (message,))
    except SlackError as error:
        raise undelivered(error, hands.held.attempts) from error


def _line(text: str) -> Message:
    shown = {"type": "mrkdwn", "text": text[:3000], "verbatim": True}
    return Message(text, ({"type": "section", "text": shown},))
