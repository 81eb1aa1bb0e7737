"""The doctor's look at Slack: tokens, scopes, and how events reach us."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from agent.policies import Policy
from bot.http import EVENTS
from bot.slack.connection import SlackConnection, answered, open_client
from bot.slack.errors import Refused, SlackError
from bot.slack.manifest import SCOPES
from bot.slack.policy_problems import policy_problems

_SKEW_S = 60.0
_PUBLIC_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor; ``mend`` says what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    mend: str = ""


async def check_slack(
    connection: SlackConnection, *, socket: bool, public_url: str | None = None
) -> tuple[Check, ...]:
    """Everything that can be known from here about receiving over a socket, or over HTTP."""
    async with open_client(connection) as client:
        checks = await _bot_token(client, connection.bot_token)
        if socket:
            return (*checks, await _app_token(client, connection.app_token))
    secret = check_signing_secret(connection.signing_secret)
    return (*checks, secret, await _request_url(public_url) if public_url else _REQUEST_URL)


async def check_policies(
    connection: SlackConnection,
    policies: Sequence[Policy],
    collections: Collection[str],
    digests: Sequence[tuple[str, str]] = (),
) -> tuple[Check, ...]:
    """The policies, and the weekly message's channels (team, channel), that cannot work."""
    async with open_client(connection) as client:
        try:
            team = (await answered(client.auth_test()))["team_id"]
        except SlackError:
            return ()  # the token's own check says why
        named = [("policy of", one) for one in policies]
        named += [("weekly message in", Policy(*place)) for place in digests]
        own = [(what, one) for what, one in named if one.team == team]
        checks = [
            Check(
                f"{what} {one.channel}",
                ok=not problems,
                found=" ".join(problems) or "works",
                mend="invite the bot, or mend it with `knowhow policy set` or in the channel",
            )
            for what, one in own
            for problems in [await policy_problems(client, one, collections)]
        ]
    others = len(named) - len(own)
    unseen = f"{others} of other workspaces cannot be seen with this token"
    return (*checks, *([Check("policies", ok=True, found=unseen)] if others else ()))


async def _request_url(base: str) -> Check:
    """Whether the public address leads to us: an unsigned request must get our 401."""
    url, name = f"{base.rstrip('/')}{EVENTS}", "Slack request URL"
    timeout = aiohttp.ClientTimeout(total=_PUBLIC_TIMEOUT_S)
    mend = "it must lead to `knowhow serve --http`: check the proxy and the address"
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=b"{}") as response,
        ):
            status = response.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        found = f"{url} does not answer ({type(error).__name__})"
        return Check(name, ok=False, found=found, mend=mend)
    ok = status == HTTPStatus.UNAUTHORIZED
    found = f"{url} refuses what is not signed, as it should" if ok else f"{url} says {status}"
    return Check(name, ok=ok, found=found, mend=mend)


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
    clock = check_clock(str(response.headers.get("date", "")), datetime.now(UTC))
    scopes = _scopes(str(response.headers.get("x-oauth-scopes", "")))
    return (Check(name, ok=True, found=who), scopes, clock)


def check_clock(slacks: str, ours: datetime) -> Check:
    """How far our clock is from Slack's ``Date``: requests are refused from 300 s on."""
    name = "clock"
    try:
        seconds = abs((parsedate_to_datetime(slacks) - ours).total_seconds())
    except (TypeError, ValueError):
        return Check(name, ok=True, found="Slack's server does not tell its time")
    return Check(
        name,
        ok=seconds <= _SKEW_S,
        found=f"{seconds:.0f} s from Slack's",
        mend="set the machine's clock (NTP): requests that seem older than 300 s are refused",
    )


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
    found="cannot be seen without KNOWHOW_PUBLIC_URL: under “Event Subscriptions” it must be your "
    "public address with /slack/events, for the slash command with /slack/commands",
)


def _unreachable(name: str, error: SlackError, address: str) -> Check:
    mend = "check the network, the proxy and SLACK_API_URL"
    return Check(name, ok=False, found=f"no answer from {address} ({error})", mend=mend)
