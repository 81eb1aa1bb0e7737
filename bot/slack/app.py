"""The Bolt app: what listens to what."""

import logging
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connection import Identity
from bot.slack.desk import Desk
from bot.slack.listeners import (
    app_mention,
    command,
    conversation_opened,
    knowhow_command,
    message,
    saving,
    sharing,
    shortcuts,
    unhandled,
)

logger = logging.getLogger(__name__)


def build_app(desk: Desk, me: Identity, api_url: str) -> AsyncApp:
    """An app that acknowledges an event only after its listener wrote it down.

    A listener that fails makes a 500 (over a socket: no acknowledgement), and Slack delivers
    again. Requests are verified before they get here, see `bot.http`.
    """

    # Known since the start: looked up per event, a Slack that is down would lose the event,
    # because Bolt acknowledges what it cannot authorize.
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=me.team, bot_user_id=me.user, bot_id=me.bot
        )

    # Bolt's warnings advise its programmer, and some quote what people wrote.
    quiet = logging.getLogger(f"{__name__}.bolt")
    quiet.setLevel(logging.ERROR)
    app = AsyncApp(
        logger=quiet,
        client=AsyncWebClient(base_url=api_url),
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
    )
    for listener in (
        app_mention,
        message,
        command,
        knowhow_command,
        conversation_opened,
        shortcuts,
        saving,
        sharing,
    ):
        listener.register(app, desk)
    unhandled.register(app)
    app.error(_log_failure)
    return app


async def _log_failure(error: Exception, body: dict[str, Any]) -> None:
    """Log without the error's own text, which may quote the message (SQL's parameters do)."""
    cause = getattr(error, "orig", None)
    logger.error(
        "event %s was not accepted, Slack will deliver it again: %s%s",
        body.get("event_id") or body.get("command"),
        type(error).__name__,
        f" ({type(cause).__name__})" if cause is not None else "",
    )
