"""The Bolt app: what listens to what."""

import logging

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import failures
from bot.slack.connection import Identity
from bot.slack.desk import Desk
from bot.slack.listeners import (
    agent_session_stopped,
    app_home,
    app_mention,
    command,
    conversation_opened,
    correction,
    expert,
    feedback,
    home_actions,
    knowhow_command,
    message,
    policy,
    recheck,
    saving,
    sharing,
    shortcuts,
    task_reply,
    unhandled,
    uninstalled,
)

_LISTENERS = (
    app_mention,
    # Of those that hear a message only the first one that wants it gets it.
    task_reply,
    message,
    command,
    agent_session_stopped,
    feedback,
    expert,
    correction,
    recheck,
    policy,
    app_home,
    home_actions,
    knowhow_command,
    conversation_opened,
    shortcuts,
    saving,
    sharing,
    uninstalled,
)


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
    for listener in _LISTENERS:
        listener.register(app, desk)
    unhandled.register(app)
    app.error(failures.explain)
    return app
