"""Installing the app from a browser: Bolt's OAuth flow over our stores.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import asyncio
import logging
import re
from http import HTTPStatus
from urllib.parse import urljoin

import aiohttp
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from agent.reading.languages import Language
from bot.slack.installs_connection import InstallsConnection
from bot.slack.installs_services import Services
from bot.slack.manifest import SCOPES
from bot.slack.oauth_pages import HEADERS, done_page, failed_page, language_of
from bot.slack.oauth_states import EXPIRES_AFTER_S, States

logger = logging.getLogger(__name__)

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"

_NAMES = {
    "access_denied": "access_denied",
    "invalid_browser": "invalid_state",
    "invalid_state": "invalid_state",
    "storage_error": "ours",
}
"""Slack's and Bolt's names for what went wrong, as the pages name it; all others: ``slack``."""

_SLACK_WITHIN_S = 10.0
"""For both calls that a token takes. Nothing is acknowledged here: somebody waits at a browser."""


class _NotKept(BoltError):
    """An installation that we do not want; says why by the pages' name."""


class _TooSlowError(Exception):
    """Slack took too long to give the token."""


class InstallFlow(AsyncOAuthFlow):
    """``handle_installation`` sends a browser to Slack, ``handle_callback`` takes it back."""

    def __init__(
        self, connection: InstallsConnection, services: Services, client: AsyncWebClient
    ) -> None:
        self._services = services
        self._teams = connection.teams
        # Bolt's own lines hold the code that a token can be had for.
        quiet = logging.getLogger(f"{__name__}.bolt")
        quiet.setLevel(logging.ERROR)
        settings = AsyncOAuthSettings(
            client_id=connection.client_id,
            client_secret=connection.client_secret,
            scopes=list(SCOPES),
            redirect_uri=connection.public_url + REDIRECT,
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            install_page_rendering_enabled=False,
            callback_options=AsyncCallbackOptions(self._done, self._failed),
            authorization_url=urljoin(connection.api_url, "/oauth/v2/authorize"),
            installation_store=services.installs,
            installation_store_bot_only=True,
            state_store=States(services.main),
            state_expiration_seconds=EXPIRES_AFTER_S,
            logger=quiet,
        )
        super().__init__(client=client, logger=quiet, settings=settings)

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        """Slack's page; a workspace may be named, and nothing else gets into the address."""
        team = (request.query.get("team") or [""])[0]
        named = team if re.fullmatch(r"[TE][A-Z0-9]+", team) else None
        return self.settings.authorize_url_generator.generate(state, named)

    async def handle_callback(self, request: AsyncBoltRequest) -> BoltResponse:
        """Keep the installation, or say on a page why there is none."""
        try:
            return await super().handle_callback(request)
        except _TooSlowError:
            return self._refused(request, HTTPStatus.GATEWAY_TIMEOUT, "slow")

    async def run_installation(self, code: str) -> Installation | None:
        """Get the token; None when Slack gives none or cannot be reached."""
        try:
            async with asyncio.timeout(_SLACK_WITHIN_S):
                return await super().run_installation(code)
        except TimeoutError as error:
            raise _TooSlowError from error
        # The SDK reads a text/plain body as a dict, hence AttributeError.
        except (aiohttp.ClientError, OSError, AttributeError) as error:
            logger.warning("Slack was not reached for an installation: %s", type(error).__name__)
            return None

    async def store_installation(
        self, request: AsyncBoltRequest, installation: Installation
    ) -> None:
        """Make the workspace's schema, then keep its token. Raises BoltError."""
        team = installation.team_id
        if installation.is_enterprise_install or not team:
            raise _NotKept("organisation")
        if self._teams and team not in self._teams:
            logger.warning("%s may not install the app: KNOWHOW_TEAMS does not name it", team)
            raise _NotKept("not_invited")
        try:
            await self._services.provide(team)
            await super().store_installation(request, installation)
        except (SQLAlchemyError, OSError) as error:
            logger.error("an installation in %s failed: %s", team, type(error).__name__)  # noqa: TRY400 - parameters of SQL are secret
            raise BoltError(type(error).__name__) from error
        logger.info("%s installed the app", team)

    async def _done(self, args: AsyncSuccessArgs) -> BoltResponse:
        one = args.installation
        name, app, team = one.team_name or "Slack", one.app_id or "", one.team_id or ""
        return self._shown(200, done_page(_reader(args.request), name, app, team))

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        if isinstance(args.error, _NotKept):
            status, reason = 403, str(args.error)
        else:
            status, reason = args.suggested_status_code, _NAMES.get(args.reason, "slack")
        return self._refused(args.request, status, reason)

    def _refused(self, request: AsyncBoltRequest, status: int, reason: str) -> BoltResponse:
        logger.warning("an installation ended without one: %s", reason)
        again = urljoin(self.settings.redirect_uri or "", INSTALL)
        return self._shown(status, failed_page(_reader(request), reason, again))

    def _shown(self, status: int, page: str) -> BoltResponse:
        over = self.settings.state_utils.build_set_cookie_for_deletion()
        return BoltResponse(status=status, body=page, headers={**HEADERS, "Set-Cookie": over})


def _reader(request: AsyncBoltRequest) -> Language:
    return language_of((request.headers.get("accept-language") or [""])[0])
