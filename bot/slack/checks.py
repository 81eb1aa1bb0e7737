"""The doctor's look at Slack: tokens, scopes, and how events reach us."""

import re
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connection import SlackConnection, answered, open_client
from bot.slack.errors import Refused, SlackError
from bot.slack.manifest import SCOPES


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor; ``mend`` says what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    mend: str = ""


async def check_slack(connection: SlackConnection, *, socket: bool) -> tuple[Check, ...]:
    """Everything that can be known from here about receiving over a socket, or over HTTP."""
    async with open_client(connection) as client:
        checks = await _bot_token(client, connection.bot_token)
        if socket:
            return (*checks, await _app_token(client, connection.app_token))
    return (*checks, check_signing_secret(connection.signing_secret), _REQUEST_URL)


async def _bot_token(client: AsyncWebClient, token: str) -> tuple[Check, ...]:
    name = "Slack bot token"
    where = "copy “Bot User OAuth Token” from “OAuth & Permissions” to SLACK_BOT_TOKEN"
    if not token.startswith("xoxb-"):
        return (Check(name, ok=False, found="does not start with xoxb-", mend=where),)
    try:
        response = await answered(client.auth_test())
    except Refused as error:
        return (Check(name, ok=False, found=f"Slack says {error.code}", mend=where),)
    except SlackError as error:
        return (_unreachable(name, error, client.base_url),)
    who = f"{response.get('user') or response['user_id']} in {response.get('team')}"
    return (Check(name, ok=True, found=who), _scopes(response.headers.get("x-oauth-scopes", "")))


async def _app_token(client: AsyncWebClient, token: str | None) -> Check:
    name = "Slack app token"
    where = (
        "make one with the scope connections:write under “Basic Information”, "
        "“App-Level Tokens”, and put it into SLACK_APP_TOKEN; Socket Mode must be on"
    )
    if not (token or "").startswith("xapp-"):
        found = "does not start with xapp-" if token else "not set"
        return Check(name, ok=False, found=found, mend=where)
    try:
        await answered(client.apps_connections_open(app_token=str(token)))
    except Refused as error:
        return Check(name, ok=False, found=f"Slack says {error.code}", mend=where)
    except SlackError as error:
        return _unreachable(name, error, client.base_url)
    return Check(name, ok=True, found="Socket Mode opens")


def _scopes(granted: str) -> Check:
    name = "Slack scopes"
    if not granted:
        return Check(name, ok=True, found="the server does not tell them")
    missing = sorted(SCOPES.keys() - {scope.strip() for scope in granted.split(",")})
    if not missing:
        return Check(name, ok=True, found=f"all {len(SCOPES)} granted")
    return Check(
        name,
        ok=False,
        found="missing " + "; ".join(f"{scope} (to {SCOPES[scope]})" for scope in missing),
        mend="add them under “OAuth & Permissions” and reinstall the app, or paste "
        "`knowhow manifest` into its manifest",
    )


def check_signing_secret(secret: str | None) -> Check:
    """Whether it can be one."""
    name = "Slack signing secret"
    where = "copy it from “Basic Information” to SLACK_SIGNING_SECRET"
    if not secret:
        return Check(name, ok=False, found="not set", mend=where)
    if not re.fullmatch(r"[0-9a-f]{32}", secret):
        return Check(name, ok=False, found="is not 32 hexadecimal digits", mend=where)
    return Check(name, ok=True, found="has the right form")


_REQUEST_URL = Check(
    "Slack request URL",
    ok=True,
    found="cannot be seen from here: under “Event Subscriptions” it must be your public address "
    "with /slack/events, for the slash command with /slack/commands",
)


def _unreachable(name: str, error: SlackError, address: str) -> Check:
    mend = "check the network, the proxy and SLACK_API_URL"
    return Check(name, ok=False, found=f"no answer from {address} ({error})", mend=mend)
