"""tune promote, rollback: which version answers."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Json, opened, out, print_json, progress, run

if TYPE_CHECKING:
    from bot.wiring import Knowhow


def register(tune: typer.Typer) -> None:
    """Add this file's commands."""
    tune.command()(promote)
    tune.command()(rollback)


def promote(
    version: Annotated[int | None, typer.Argument(help="The newest when left out.")] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the registry.")] = "",
    as_json: Json = False,
) -> None:
    """Let a version answer, and calibrate the router for it."""
    run(_promote(version, reason, as_json=as_json))


def rollback(
    reason: Annotated[str, typer.Option(help="Why; kept in the registry.")] = "",
    as_json: Json = False,
) -> None:
    """Let the version answer that did before, and calibrate the router for it."""
    run(_rollback(reason, as_json=as_json))


async def _promote(version: int | None, reason: str, *, as_json: bool) -> None:
    from agent.learned.registry import Registry

    async with opened() as knowhow:
        live = await Registry(knowhow.database).promote(version, reason or "promoted by hand")
        await _calibrated(knowhow)
    _say_live(live, as_json=as_json)


async def _rollback(reason: str, *, as_json: bool) -> None:
    from agent.learned.registry import Registry

    async with opened() as knowhow:
        live = await Registry(knowhow.database).rollback(reason or "rolled back by hand")
        await _calibrated(knowhow)
    _say_live(live, as_json=as_json)


async def _calibrated(knowhow: "Knowhow") -> None:
    from agent.routing.calibration import calibrate

    with progress("Calibrating the router") as advance:
        await calibrate(knowhow.database, knowhow.encoder, knowhow.search, advance)


def _say_live(live: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"live": live})
    else:
        out().print(f"Version {live} is live.")
