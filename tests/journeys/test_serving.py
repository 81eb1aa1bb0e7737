"""`knowhow serve` as a process of its own: it answers, and when told to stop it hands back."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from tests.fakes.slack_server import BOT_TOKEN, SIGNING_SECRET, FakeSlack
from tests.fakes.slack_state import BOT_USER
from tests.journeys.terminal import Terminal


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


async def test_the_served_bot_answers_and_stops_when_told(
    slack: FakeSlack, home: Path, database_url: str
) -> None:
    port = free_port()
    env = os.environ | {
        "KNOWHOW_HOME": str(home),
        "KNOWHOW_DATABASE_URL": database_url,
        "KNOWHOW_PORT": str(port),
        "SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    }
    served = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from bot.cli import main; main()", "serve", "--http", env=env
    )
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                assert served.returncode is None
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        message = slack.say("C1", f"<@{BOT_USER}> hello!")
        event = slack.event(message, "C1", "app_mention")
        status, _ = await slack.send_http(f"http://127.0.0.1:{port}", event)
        assert status == 200
        await slack.until(lambda: bool(slack.answers("C1")))
        served.send_signal(signal.SIGTERM)
        assert await served.wait() == 0
    finally:
        if served.returncode is None:
            served.kill()
            await served.wait()


async def test_a_port_in_use_gets_one_line(terminal: Terminal, slack: FakeSlack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = {
            "KNOWHOW_PORT": str(taken.getsockname()[1]),
            "SLACK_API_URL": slack.url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        }
        ran = await terminal.run("serve", "--http", "--no-worker", env=env)
    assert "set KNOWHOW_HOST and KNOWHOW_PORT" in ran.complaint
