"""digest: where the weekly message goes."""

from typing import Annotated

import typer

from bot.cli.console import Json, opened, out, print_json, run
from bot.cli.gaps import Team, team_of


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(digest)


def digest(
    channel: Annotated[
        str | None, typer.Option(help="From now on to this channel (its ID).")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="No more weekly messages.")] = False,
    team: Team = None,
    as_json: Json = False,
) -> None:
    """Say where the weekly message goes, or where it shall go from now on."""
    if channel is not None and off:
        raise typer.BadParameter("--channel or --off, not both")
    run(_digest(channel, team, off=off, as_json=as_json))


async def _digest(channel: str | None, team: str | None, *, off: bool, as_json: bool) -> None:
    from agent.digests import digest_channel, send_digest_to
    from knowledge.documents import parse_audience

    if channel is not None:
        parse_audience(f"channel:{channel}")  # an ID, not a name
    async with opened() as knowhow:
        meant = await team_of(knowhow.database, team)
        if channel is not None or off:
            await send_digest_to(knowhow.database, meant, channel)
        goes = await digest_channel(knowhow.database, meant)
    if as_json:
        print_json({"team": meant, "channel": goes})
    elif goes is None:
        out().print(f"{meant}: no weekly message. --channel C says where to.", markup=False)
    else:
        out().print(f"{meant}: to {goes}, Mondays from 9:00 where its creator is.", markup=False)
