"""consent: whether what is written in a workspace's Slack may become training data."""

import re
from getpass import getuser
from typing import Annotated

import typer

from bot.cli.console import Json, opened, out, print_json, run

_consent = typer.Typer(
    help="Whether what is written in Slack may be trained on.", no_args_is_help=True
)
_TEAM = re.compile(r"[TE][A-Z0-9]{1,30}")


def _checked(team: str) -> str:
    if not _TEAM.fullmatch(team):
        raise typer.BadParameter(f"{team!r} is no workspace's ID: these look like T0123ABC")
    return team


Team = Annotated[
    str,
    typer.Option("--team", callback=_checked, help="The workspace's ID, such as T0123ABC."),
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_consent, name="consent")


@_consent.command()
def show(team: Team, as_json: Json = False) -> None:
    """Say whether the workspace consented."""
    run(_show(team, as_json=as_json))


@_consent.command()
def grant(team: Team, as_json: Json = False) -> None:
    """Let corrections by experts and owners, and questions as they were asked, be trained on."""
    run(_grant(team, as_json=as_json))


@_consent.command()
def withdraw(team: Team, as_json: Json = False) -> None:
    """Take it back: pairs that rest on it wait for an admin again."""
    run(_withdraw(team, as_json=as_json))


async def _show(team: str, *, as_json: bool) -> None:
    from agent.feedback.consent import consent_of

    async with opened() as knowhow, knowhow.database.engine.connect() as connection:
        given = await consent_of(connection, team)
    if as_json:
        print_json(
            {"team": team, "consented": given is not None}
            | ({"by": given.by, "at": given.at.isoformat()} if given else {})
        )
    elif given is None:
        out().print(
            f"{team} has not consented: only what admins write themselves is trained on. "
            f"`knowhow consent grant --team {team}`",
            markup=False,
        )
    else:
        who = f" by {given.by}" if given.by else ""
        out().print(f"{team} consented on {given.at:%Y-%m-%d}{who}", markup=False)


async def _grant(team: str, *, as_json: bool) -> None:
    from agent.feedback.consent import grant as give

    async with opened() as knowhow:
        given = await give(knowhow.database, team, getuser())
    if as_json:
        print_json({"team": team, "consented": True, "at": given.at.isoformat()})
    else:
        out().print(f"{team} consented on {given.at:%Y-%m-%d}", markup=False)


async def _withdraw(team: str, *, as_json: bool) -> None:
    from agent.feedback.consent import withdraw as take_back

    async with opened() as knowhow:
        count = await take_back(knowhow.database, team, getuser())
    if as_json:
        print_json({"team": team, "consented": False, "candidates": count})
    else:
        pairs = "1 pair waits" if count == 1 else f"{count} pairs wait"
        out().print(f"{team} no longer consents; {pairs} for an admin again", markup=False)
