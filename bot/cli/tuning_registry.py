"""tune promote, withdraw, rollback, history: which version answers whom, and why."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import Json, opened, out, print_json, progress, run, table
from bot.cli.uploading import account

if TYPE_CHECKING:
    from agent.learned.promotions import Canary, Event, Standing
    from agent.tuning.evaluation import Evaluation
    from bot.wiring import Knowhow

_LIMIT = 300
"""Questions that a promotion asks: ten points' difference is found more than four times in five."""

Reason = Annotated[str, typer.Option(help="Why; kept in the registry.")]


def register(tune: typer.Typer) -> None:
    """Add this file's commands."""
    for command in (promote, withdraw, rollback, history):
        tune.command()(command)


def promote(
    version: Annotated[int | None, typer.Argument(help="The newest when left out.")] = None,
    canary: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANNEL", help="Only in this Slack channel (its ID); repeatable."),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Only for this share of all conversations, 0 to 1."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Without a passing verdict; --reason says why.")
    ] = False,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Let a version answer, if its evaluation says so; one never evaluated is evaluated first."""
    if force and not reason.strip():
        raise typer.BadParameter("--force needs --reason TEXT: it is kept in the registry")
    run(_promote(version, _canary(canary or [], share), reason, force=force, as_json=as_json))


def withdraw(reason: Reason = "", as_json: Json = False) -> None:
    """End a canary: its readers get what everyone has."""
    run(_withdraw(reason, as_json=as_json))


def rollback(reason: Reason = "", as_json: Json = False) -> None:
    """Go back in one step: end a canary, or let the version before the live one answer."""
    run(_rollback(reason, as_json=as_json))


def history(as_json: Json = False) -> None:
    """List who let which version answer, when, and on which evidence."""
    run(_history(as_json=as_json))


def _canary(channels: list[str], share: float | None) -> "Canary | None":
    from knowledge.documents import parse_audience
    from knowledge.errors import InvalidInput

    if not channels and share is None:
        return None
    if share == 0.0:
        raise typer.BadParameter("--share 0 is nobody: `knowhow tune withdraw` ends a canary")
    try:
        for channel in channels:
            parse_audience(f"channel:{channel}")
    except InvalidInput as error:
        raise typer.BadParameter(f"--canary: {error}") from error
    from agent.learned.promotions import Canary

    return Canary(tuple(dict.fromkeys(channels)), share)


async def _promote(
    version: int | None, canary: "Canary | None", reason: str, *, force: bool, as_json: bool
) -> None:
    from agent.tuning import promoting
    from bot.cli.tuning_evaluation import evaluated

    async with opened() as knowhow:

        async def evaluate(number: int) -> "Evaluation":
            return await evaluated(knowhow, number, limit=_LIMIT)

        wanted = promoting.Promotion(version, canary, force, reason.strip(), account())
        done = await promoting.promote(knowhow.database, wanted, evaluate)
        # After the evaluation, for the router learns from it.
        await _calibrated(knowhow, done.version)
        await _say_standing(knowhow, done.why, as_json=as_json)


async def _withdraw(reason: str, *, as_json: bool) -> None:
    from agent.learned.registry import Registry

    async with opened() as knowhow:
        reason = reason.strip() or "withdrawn by hand"
        await Registry(knowhow.database).withdraw(reason, account())
        await _say_standing(knowhow, reason, as_json=as_json)


async def _rollback(reason: str, *, as_json: bool) -> None:
    from agent.learned.registry import Registry

    async with opened() as knowhow:
        reason = reason.strip() or "rolled back by hand"
        live = await Registry(knowhow.database).rollback(reason, account())
        if live is not None:
            await _calibrated(knowhow, live)
        await _say_standing(knowhow, reason, as_json=as_json)


async def _history(*, as_json: bool) -> None:
    from agent.learned.registry import Registry

    async with opened() as knowhow:
        events = await Registry(knowhow.database).history()
    if as_json:
        print_json([_listed(event) for event in events])
        return
    if not events:
        out().print("Nothing was ever promoted: `knowhow tune promote`.")
        return
    from bot.cli.answer_view import printable

    listing = table("when", "step", "version", "for", "by", "evaluation", "why")
    for event in events:
        grounds = event.grounds
        evidence = f"{grounds.evaluation}: {event.verdict}" if grounds.evaluation else "–"
        listing.add_row(
            f"{event.created_at:%Y-%m-%d %H:%M}",
            event.action,
            str(event.version),
            _for(event.canary) if event.action == "canary" else "",
            printable(grounds.author),
            "forced" if grounds.forced else evidence,
            _plain(grounds.reason),
        )
    out().print(listing)


def _plain(text: str) -> Any:
    """As typed: no markup, no control characters."""
    from rich.text import Text

    from bot.cli.answer_view import printable

    return Text(printable(text))


async def _calibrated(knowhow: "Knowhow", version: int) -> None:
    from agent.routing.calibration import calibrate

    with progress("Calibrating the router") as advance:
        await calibrate(knowhow.database, knowhow.encoder, knowhow.search, advance, version=version)


async def _say_standing(knowhow: "Knowhow", why: str, *, as_json: bool) -> None:
    from agent.learned.registry import Registry

    standing = await Registry(knowhow.database).standing()
    if as_json:
        print_json({**standing_json(standing), "why": why})
    else:
        out().print(f"{standing_line(standing)} {why[:1].upper()}{why[1:]}.", markup=False)


def standing_json(standing: "Standing") -> dict[str, Any]:
    """Which versions answer, as JSON."""
    trial = standing.canary
    placed = trial.canary if trial else None
    return {
        "live": standing.live.version if standing.live else None,
        "canary": None
        if trial is None or placed is None
        else {"version": trial.version, "channels": list(placed.channels), "share": placed.share},
    }


def standing_line(standing: "Standing") -> str:
    """Which versions answer, in words."""
    live = f"Version {standing.live.version} is live" if standing.live else "No version is live"
    trial = standing.canary
    if trial is None or trial.canary is None:
        return f"{live}."
    return f"{live}; version {trial.version} is a canary for {_for(trial.canary)}."


def _for(canary: "Canary") -> str:
    places = [f"channel {channel}" for channel in canary.channels]
    if canary.share is not None:
        places.append(f"{canary.share:.0%} of conversations")
    return " and ".join((", ".join(places[:-1]), places[-1])) if len(places) > 1 else places[0]


def _listed(event: "Event") -> dict[str, Any]:
    return {
        "when": event.created_at.isoformat(),
        "action": event.action,
        "version": event.version,
        "channels": list(event.canary.channels),
        "share": event.canary.share,
        "author": event.grounds.author,
        "forced": event.grounds.forced,
        "evaluation": event.grounds.evaluation,
        "verdict": event.verdict,
        "reason": event.grounds.reason,
    }
