"""Reads gaps for somebody in Slack: what they may see, with names instead of IDs."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from agent.gaps.gaps import Gap, find_gaps
from agent.gaps.unmet import Period, Sight
from agent.gaps.writers import Whereabouts, writers
from bot.jobs.errand import Hands
from bot.slack.gaps_blocks import GAPS_SHOWN, ShownGap
from bot.slack.people import Person
from bot.slack.workspaces import Workspace
from knowledge.documents import Reader

DAYS = 90

_USER = re.compile(r"[UW][A-Z0-9]+")


async def sight_of(workspace: Workspace, person: Person) -> Sight:
    """Admins see every question; others their own and those asked openly where they are.

    A guest sees their own.
    """
    if person.admin:
        return Sight(everything=True)
    channels = () if person.outside else await workspace.belonging.channels(person.id)
    return Sight(person=person.id, channels=channels)


async def gaps_for(hands: Hands, person: Person) -> tuple[Gap, ...]:
    """Those of the last 90 days that the person may see."""
    now = datetime.now(UTC)
    period = Period(now - timedelta(days=DAYS), now)
    sight = await sight_of(hands.workspace, person)
    team = hands.held.errand.team
    return await find_gaps(hands.desk.database, hands.library.encoder, team, sight, period)


async def shown_gaps(
    hands: Hands, gaps: Sequence[Gap], reader: Reader, at: int = 0
) -> tuple[ShownGap, ...]:
    """A page of them, with who might write each."""
    page = gaps[at : at + GAPS_SHOWN]
    team, library = hands.held.errand.team, hands.library
    where = Whereabouts(hands.desk.database, library.encoder, team, reader)
    found = await writers(where, page)
    names = await names_of(hands.workspace, (one for few in found for one in few))
    return tuple(
        ShownGap(gap, tuple(names[one] for one in few))
        for gap, few in zip(page, found, strict=True)
    )


async def names_of(workspace: Workspace, ids: Iterable[str]) -> dict[str, str]:
    """Users by their name, all else as it is: a message that names people must not ping them."""
    named = {}
    for one in dict.fromkeys(ids):
        known = await workspace.people.about(one) if _USER.fullmatch(one) else None
        named[one] = known.name if known and known.name else one
    return named
