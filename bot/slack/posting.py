"""Sending: messages into threads, to ``response_url``, and finding what was sent before.

Every message carries the ledger's id in its metadata; after a lost response the thread itself
says whether it arrived.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.clock import Clock
from bot.slack.connection import answered, retry_after
from bot.slack.errors import Ambiguous, RateLimited, Refused
from bot.slack.frame import Block, Message
from bot.slack.pacing import LONGEST_WAIT_S, Pacing
from bot.slack.streams import Streams
from bot.slack.thread import history, replies

logger = logging.getLogger(__name__)

EVENT_TYPE = "knowhow_answer"

_BAD_BLOCKS = frozenset(
    {"invalid_attachments", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
)
_LONGEST_UPDATE = 4000
"""Characters that ``chat.update`` takes: https://docs.slack.dev/reference/methods/chat.update"""

_GONE = frozenset({"thread_not_found", "message_not_found"})


class Poster:
    """Posts as the bot, at the pace that each channel takes."""

    def __init__(self, client: AsyncWebClient, pacing: Pacing, clock: Clock) -> None:
        self._client = client
        self.clock = clock
        self.streams = Streams(client, clock)
        self._pacing = pacing

    async def turn(self, channel: str, longest_s: float = LONGEST_WAIT_S) -> None:
        """Wait until the channel takes another message; raises RateLimited when that is long."""
        await self._pacing.wait(channel, longest_s)

    async def post(
        self, channel: str, thread_ts: str | None, message: Message, mention: UUID, part: int
    ) -> str:
        """Send once; returns the message's ts. Raises RateLimited, Refused or Ambiguous.

        Wait for `turn` before, and only then look whether it is still yours to send.
        """
        arguments: dict[str, Any] = {
            "channel": channel,
            "thread_ts": thread_ts,
            "text": message.text,
            "unfurl_links": False,
            "unfurl_media": False,
            "link_names": False,
            "parse": "none",
            "metadata": _metadata(mention, part),
        }
        try:
            sent = await self._with_blocks(
                message,
                lambda blocks: self._client.chat_postMessage(**arguments, blocks=blocks or None),
            )
        except RateLimited as error:
            await self._pacing.hold(channel, error.seconds)
            raise
        return str(sent["ts"])

    async def update(
        self, channel: str, ts: str, message: Message, mention: UUID | None = None
    ) -> None:
        """Replace a message by the answer's first part, or, unnamed, by what it may become.

        Repeating it is harmless. Raises RateLimited, Refused or Ambiguous.
        """
        whole = len(message.text) <= _LONGEST_UPDATE
        arguments: dict[str, Any] = {
            "channel": channel,
            "ts": ts,
            # The blocks hold all of it, this is what a notification shows.
            "text": message.text if whole else f"{message.text[: _LONGEST_UPDATE - 1]}…",
            "link_names": False,
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if mention is not None:
            arguments["metadata"] = _metadata(mention, 1)

        def call(blocks: Sequence[Block]) -> Awaitable[AsyncSlackResponse]:
            if not blocks and not whole:
                raise Refused("msg_too_long")
            return self._client.chat_update(**arguments, blocks=blocks)

        await self._with_blocks(message, call)

    async def delete(self, channel: str, ts: str) -> None:
        """Take a message of ours away. Raises RateLimited, Refused or Ambiguous."""
        await answered(self._client.chat_delete(channel=channel, ts=ts))

    async def _with_blocks(
        self, message: Message, call: Callable[[Sequence[Block]], Awaitable[AsyncSlackResponse]]
    ) -> AsyncSlackResponse:
        """The best that the server takes: the blocks, plainer ones, or the text alone."""
        for blocks in filter(None, (message.blocks, message.plain)):
            try:
                return await answered(call(blocks))
            except Refused as error:
                if error.code not in _BAD_BLOCKS:
                    raise
                logger.warning("Slack refused the blocks (%s): trying plainer ones", error.code)
        return await answered(call(()))

    async def find(
        self, channel: str, thread_ts: str | None, after: str, mention: UUID
    ) -> dict[int, str]:
        """The parts of an answer that are in the thread, or the channel, already: part → ts.

        Raises RateLimited, Refused or Ambiguous.
        """
        found: dict[int, str] = {}
        cursor = ""
        where = {"channel": channel} | ({"ts": thread_ts} if thread_ts else {})
        while True:
            try:
                page = await (replies if thread_ts else history)(
                    self._client,
                    **where,
                    oldest=after,
                    limit="200",
                    cursor=cursor,
                    include_all_metadata="true",
                )
            except Refused as error:
                if error.code in _GONE:
                    return found
                raise
            for message in page.get("messages") or ():
                named = payload(message)
                if named.get("mention") == str(mention):
                    found[int(named.get("part", 1))] = str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found

    async def respond(self, url: str, message: Message, *, replace: bool) -> None:
        """Answer a slash command, for its author's eyes only. Raises Refused or Ambiguous.

        Replacing the "working on it" also makes a repetition harmless where Slack can do so.
        """
        webhook = AsyncWebhookClient(
            url, session=self._client.session, retry_handlers=[], logger=self._client.logger
        )
        body = {
            "response_type": "ephemeral",
            "replace_original": replace,
            "text": message.text,
            # An answer for one person is not kept: plainer blocks, which every server takes.
            "blocks": list(message.plain or message.blocks),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            response = await webhook.send_dict(body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Ambiguous(type(error).__name__) from error
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise RateLimited(retry_after(response.headers))
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Ambiguous(f"status {response.status_code}")
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise Refused(response.body[:100] or f"status {response.status_code}")

    async def direct(self, person: str) -> str:
        """The channel of direct messages with a person.

        Raises RateLimited, Refused or Ambiguous; asking again is harmless.
        """
        opened = await answered(self._client.conversations_open(users=person))
        return str(opened["channel"]["id"])


def payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a message's metadata says of the row it was sent for; empty where it says nothing."""
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return {}
    named = metadata.get("event_payload")
    return named if isinstance(named, dict) else {}


def _metadata(mention: UUID, part: int) -> Mapping[str, Any]:
    return {
        "event_type": EVENT_TYPE,
        "event_payload": {"mention": str(mention), "part": part},
    }
