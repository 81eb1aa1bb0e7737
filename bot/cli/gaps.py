"""gaps: what people ask and nobody has written down."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import Json, opened, out, print_json, run, table

if TYPE_CHECKING:
    from agent.gaps.gaps import Gap
    from knowledge.database import Database

_EXAMPLES = 3

Team = Annotated[str | None, typer.Option(help="The workspace's ID; needed where there are many.")]


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    app.command()(gaps)


def gaps(
    days: Annotated[int, typer.Option(min=1, help="Asked in so many days.")] = 90,
    team: Team = None,
    limit: Annotated[int, typer.Option(min=1, help="Show no more than this.")] = 20,
    as_json: Json = False,
) -> None:
    """List questions that got no good answer, by how many people asked, and who might write it."""
    run(_gaps(days, team, limit, as_json=as_json))


async def team_of(database: "Database", team: str | None) -> str:
    """The one that is named, else the only one there is. Raises InvalidInput."""
    from agent.gaps.unmet import teams
    from knowledge.errors import InvalidInput

    if team is not None:
        return team
    known = await teams(database)
    if not known:
        raise InvalidInput("no workspace has asked anything yet: name one with --team")
    if len(known) > 1:
        raise InvalidInput(f"several workspaces are here: --team {' or '.join(known)}")
    return known[0]


async def _gaps(days: int, team: str | None, limit: int, *, as_json: bool) -> None:
    from agent.gaps.gaps import find_gaps
    from agent.gaps.unmet import Period, Sight
    from agent.gaps.writers import Whereabouts, writers
    from knowledge.documents import Reader

    now = datetime.now(UTC)
    async with opened() as knowhow:
        asked = await team_of(knowhow.database, team)
        period = Period(now - timedelta(days=days), now)
        found = await find_gaps(
            knowhow.database, knowhow.encoder, asked, Sight(everything=True), period
        )
        where = Whereabouts(knowhow.database, knowhow.encoder, asked, Reader())
        people = await writers(where, found[:limit])
    if as_json:
        rows = [_plainly(gap, who) for gap, who in zip(found, people, strict=False)]
        print_json({"team": asked, "days": days, "count": len(found), "gaps": rows})
        return
    if not found:
        out().print(f"No question was left open in the last {days} days.", markup=False)
        return
    from bot.cli.documents_view import plain

    listing = table("people", "questions", "last", "asked", "who might write it")
    for gap, who in zip(found, people, strict=False):
        examples = "\n".join(gap.examples(_EXAMPLES))
        row = (str(gap.people), str(len(gap.questions)), f"{gap.asked_at:%Y-%m-%d}")
        listing.add_row(*row, plain(examples), plain(", ".join(who) or "–"))
    out().print(listing)


def _plainly(gap: "Gap", who: tuple[str, ...]) -> dict[str, Any]:
    return {
        "terms": list(gap.terms),
        "people": gap.people,
        "questions": len(gap.questions),
        "badly_rated": gap.rated,
        "asked_at": gap.asked_at.isoformat(),
        "channels": list(gap.channels),
        "examples": list(gap.examples(_EXAMPLES)),
        "writers": list(who),
    }
