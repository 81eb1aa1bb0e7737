"""What somebody sees of a listener that failed; Slack repeats events, and nothing else."""

import asyncio
import json
import logging
from typing import Any

from slack_bolt.response import BoltResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from agent.texts import Text

logger = logging.getLogger(__name__)

FAILED = Text(
    "I could not take this: something went wrong on my side. Please try again in a minute.",
    "我这边出了问题，没能受理。请稍后再试。",
)
TOO_SLOW = Text(
    "Slack or my database took too long, so I stopped. Please try again in a minute.",
    "Slack 或数据库响应太慢，我已停止处理。请稍后再试。",
)
_WITHIN_S = 0.8
"""What is left of Slack's three seconds after a listener that had `IN_TIME_S`."""


async def explain(error: Exception, body: dict[str, Any]) -> BoltResponse | None:
    """Log, without the error's own text, which may quote the message (SQL's parameters do).

    An event stays unacknowledged (None: a 500). Whoever clicked, sent a form off or gave a command
    is told; in both languages, because who they are may be what could not be asked.
    """
    cause = getattr(error, "orig", None)
    logger.error(
        "%s was not accepted: %s%s",
        body.get("event_id") or body.get("command") or body.get("type"),
        type(error).__name__,
        f" ({type(cause).__name__})" if cause is not None else "",
    )
    why = TOO_SLOW if isinstance(error, TimeoutError) else FAILED
    said = f"{why.to('en')} / {why.to('zh')}"
    if body.get("command"):
        return _answer({"response_type": "ephemeral", "text": said})
    if body.get("type") == "view_submission":
        blocks = (body.get("view") or {}).get("blocks") or ()
        inputs = [one["block_id"] for one in blocks if one.get("type") == "input"]
        if inputs:
            return _answer({"response_action": "errors", "errors": {inputs[0]: said}})
    elif url := body.get("response_url"):
        await _respond(str(url), said)
    return None


def _answer(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(
        status=200, body=json.dumps(body), headers={"content-type": "application/json"}
    )


async def _respond(url: str, text: str) -> None:
    webhook = AsyncWebhookClient(url, retry_handlers=[])
    said = {"response_type": "ephemeral", "replace_original": False, "text": text}
    try:
        async with asyncio.timeout(_WITHIN_S):
            await webhook.send_dict(said)
    except Exception as error:  # noqa: BLE001 - Slack itself marks a click that failed
        logger.warning("nobody could be told: %s", type(error).__name__)
