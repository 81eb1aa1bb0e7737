"""Agents of many workspaces: few stay open, and none is closed while somebody asks it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bot.jobs.asking import Asks
from bot.slack.connection import Identity
from bot.slack.installs import Installed
from bot.slack.installs_agents import Agents
from tests.fakes.scripted_agent import ScriptedAgent


def installed(number: int, team: str = "") -> Installed:
    me = Identity(team or f"T{number}", "U0KNOW")
    return Installed(number, me, "Acme", frozenset(), datetime.now(UTC), "xoxb-secret")


async def test_the_least_used_is_closed_unless_it_is_asked() -> None:
    opened: list[str] = []

    @asynccontextmanager
    async def open_agent(team: str) -> AsyncIterator[Asks]:
        opened.append(team)
        yield ScriptedAgent()
        opened.remove(team)

    agents = Agents(open_agent, most=2)
    async with agents.of(installed(1)) as first:
        for number in (2, 3, 4):
            async with agents.of(installed(number)):
                pass
        assert opened == ["T1", "T4"]
        async with agents.of(installed(1)) as again:
            assert again is first
    async with agents.of(installed(5, "T1")) as other:
        assert other is not first
    await agents.close()
    assert opened == []


def test_a_token_is_not_in_the_repr() -> None:
    assert "xoxb" not in repr(installed(1))
