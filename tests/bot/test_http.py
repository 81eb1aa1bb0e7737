"""The HTTP face refuses what Slack did not send, and tells how it is."""

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text

from bot.http import http_app
from bot.slack.app import build_app
from bot.slack.connection import Identity
from bot.slack.service import desk_of, workspace_of
from bot.slack.signature import sign
from bot.slack.workspaces import OneWorkspace
from knowledge.database import Database
from tests.fakes.running import serving
from tests.fakes.slack_server import SIGNING_SECRET, send_raw


@pytest.fixture
def app(database: Database) -> AsyncApp:
    me = Identity("T1", "UBOT", "BBOT")
    workspace = workspace_of(AsyncWebClient(), me, database)
    return build_app(desk_of(database, OneWorkspace(workspace)), me, "http://127.0.0.1:9/api/")


@pytest.fixture
async def url(app: AsyncApp) -> AsyncIterator[str]:
    async def ready() -> bool:
        return False

    async with serving(http_app(app, SIGNING_SECRET, ready)) as address:
        yield address


async def post(url: str, raw: bytes, **headers: str) -> int:
    status, _ = await send_raw(f"{url}/slack/events", raw, "application/json", **headers)
    return status


async def test_slacks_url_verification_is_answered(url: str) -> None:
    raw = b'{"type": "url_verification", "challenge": "echo me"}'
    status, body = await send_raw(f"{url}/slack/events", raw, "application/json")
    assert (status, "echo me" in body) == (200, True)


async def test_unsigned_and_wrongly_signed_requests_are_refused_and_not_logged(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    raw = b'{"type": "event_callback", "secret": "hush"}'
    stale = str(int(time.time()) - 301)
    for headers in (
        {"x_slack_signature": "v0=00"},
        {"x_slack_signature": "v0=\u00fc"},
        {"x_slack_request_timestamp": "soon"},
        {"x_slack_request_timestamp": "1e9"},
        {
            "x_slack_request_timestamp": stale,
            "x_slack_signature": sign(SIGNING_SECRET, stale, raw),
        },
    ):
        assert await post(url, raw, **headers) == 401
    async with aiohttp.ClientSession() as session, session.post(f"{url}/slack/events") as response:
        assert response.status == 401
    assert "hush" not in caplog.text


async def test_bodies_that_are_no_events_are_refused(url: str) -> None:
    assert await post(url, b"x" * 1_100_000) == 413
    assert await post(url, b"\xff\xfe") == 400
    assert await post(url, b"[]") == 400
    assert await post(url, b"[" * 100_000) == 400


async def test_events_of_no_use_are_acknowledged(url: str) -> None:
    raw = b'{"type": "event_callback", "team_id": "T1", "event": {"type": "team_join"}}'
    assert await post(url, raw) == 200


async def test_the_only_workspace_that_removes_the_app_keeps_its_knowledge(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    raw = b'{"type": "event_callback", "team_id": "T1", "event": {"type": "app_uninstalled"}}'
    assert await post(url, raw) == 200
    assert "the knowledge base stays as it is" in caplog.text


async def test_what_cannot_be_written_down_is_not_acknowledged(
    url: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE mention RENAME TO elsewhere"))
    raw = (
        b'{"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": '
        b'"message", "channel": "D1", "user": "U1", "ts": "1.1", "text": "hush"}}'
    )
    assert await post(url, raw) == 500
    assert "Ev1" in caplog.text
    assert "hush" not in caplog.text


async def test_health(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for path, status in (("healthz", 200), ("readyz", 503)):
            async with session.get(f"{url}/{path}") as response:
                assert response.status == status
