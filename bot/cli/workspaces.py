"""workspaces: which have installed the app, and how one is removed with all its data."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.answer_view import printable
from bot.cli.console import Json, err, out, print_json, run, table

if TYPE_CHECKING:
    from bot.slack.installs import Installed

_group = typer.Typer(help="The workspaces that installed the app.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.add_typer(_group, name="workspaces")


@_group.command("list")
def list_workspaces(as_json: Json = False) -> None:
    """List them, with what each takes in the database."""
    run(_list(as_json=as_json))


@_group.command()
def remove(
    team: Annotated[str, typer.Argument(help="The workspace's ID.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Uninstall the app from a workspace and delete all that it has here."""
    run(_remove(team, agreed=yes, as_json=as_json))


@_group.command()
def key() -> None:
    """Make a key for KNOWHOW_TOKEN_KEYS."""
    from bot.slack.installs_keys import new_key

    typer.echo(new_key())


@_group.command()
def reseal(as_json: Json = False) -> None:
    """Encrypt all tokens with the first key, after which the other keys can go."""
    run(_reseal(as_json=as_json))


async def _list(*, as_json: bool) -> None:
    from bot.settings import read_settings
    from bot.slack.manifest import SCOPES
    from bot.wiring import installs_connection, open_main
    from knowledge.schemas import schema_sizes, workspace_schema

    settings = read_settings()
    connection = installs_connection(settings)
    async with open_main(settings) as main:
        installed = await connection.installs(main.database).all()
        sizes = await schema_sizes(main.database)
        rows = [
            {
                "team": one.team,
                "name": one.name,
                "installed_at": one.installed_at.isoformat(),
                "bytes": sizes.get(workspace_schema(main.database, one.team).schema, 0),
                "scopes_missing": sorted(SCOPES.keys() - one.scopes),
            }
            for one in installed
        ]
    if as_json:
        print_json({"workspaces": rows})
        return
    shown = table("Team", "Name", "Installed", "Size", "")
    for row, one in zip(rows, installed, strict=True):
        missing = "must install again: new scopes" if row["scopes_missing"] else ""
        size = f"{sizes.get(workspace_schema(main.database, one.team).schema, 0) / 1e6:.1f} MB"
        name, day = printable(one.name), f"{one.installed_at:%Y-%m-%d}"
        shown.add_row(one.team, name, day, size, missing)
    out().print(shown)


async def _remove(team: str, *, agreed: bool, as_json: bool) -> None:
    from bot.settings import SettingsError, read_settings
    from bot.slack.installs_connection import open_services
    from bot.wiring import installs_connection, open_main

    settings = read_settings()
    connection = installs_connection(settings)
    async with (
        open_main(settings) as main,
        open_services(connection, main.database, main.models) as (services, client),
    ):
        installs = services.installs
        installed = {one.team: one for one in await installs.all()}.get(team)
        if installed is None and team not in await installs.removed():
            raise SettingsError(f"no workspace {team}: `knowhow workspaces list` shows which exist")
        if not agreed:
            _agree(team, installed)
        uninstalled = installed is None or await connection.uninstall(client, installed.token)
        await installs.revoke(team)
        await services.delete(team)
    if not uninstalled:
        err().print(
            f"Slack did not uninstall the app from {team}: its admins can, under “Manage apps”.",
            soft_wrap=True,
        )
    if as_json:
        print_json({"team": team, "uninstalled": uninstalled})
        return
    out().print(
        f"All data of {team} is deleted. Models trained for it elsewhere (another machine's "
        "folder, a fine-tuning provider) are to be deleted there.",
        soft_wrap=True,
    )


def _agree(team: str, installed: "Installed | None") -> None:
    from bot.settings import SettingsError

    name = printable(installed.name) if installed else "already uninstalled"
    what = f"All documents, questions and models of {team} ({name}) are deleted for good"
    if not sys.stdin.isatty():
        raise SettingsError(f"{what}: add --yes to agree")
    if not typer.confirm(f"{what}. Go on?", err=True):
        raise typer.Exit(1)


async def _reseal(*, as_json: bool) -> None:
    from bot.settings import read_settings
    from bot.wiring import installs_connection, open_main

    settings = read_settings()
    connection = installs_connection(settings)
    async with open_main(settings) as main:
        count = await connection.installs(main.database).seal_again()
    if as_json:
        print_json({"tokens": count})
    else:
        out().print(f"{count} tokens are encrypted with the first key.")
