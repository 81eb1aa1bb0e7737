"""`knowhow policy`: a channel's wishes from the terminal."""

import json

import pytest

from tests.journeys.terminal import Terminal


async def test_a_policy_is_set_shown_listed_and_cleared(terminal: Terminal) -> None:
    given = ("--team", "T1", "--answers", "every", "--collections", "hr, it", "--budget", "5")
    made = await terminal.run("policy", "set", "C1", *given, "--json")
    assert json.loads(made.out)["collections"] == ["hr", "it"]
    await terminal.run("policy", "set", "C1", "--expert", "U9", "--budget", "0")
    shown = json.loads((await terminal.run("policy", "show", "C1", "--json")).out)
    assert (shown["answers"], shown["expert"], shown["daily_budget"]) == ("every", "U9", None)
    assert "C1" in (await terminal.run("policy", "list")).out
    await terminal.run("policy", "clear", "C1")
    assert json.loads((await terminal.run("policy", "list", "--json")).out) == {"policies": []}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "general"), 2, "is no channel's ID"),
        (("show", "C1"), 1, "--team"),
        (("set", "C1", "--expert", "ada"), 2, "is no ID of a user"),
    ],
)
async def test_mistakes_are_told(
    terminal: Terminal, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = await terminal.run("policy", *arguments)
    assert ran.code == code
    assert said in ran.err
