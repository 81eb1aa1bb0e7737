"""Whom to ask: owners, a channel's expert, admins; and who is behind each of them."""

import logging
import re
from collections.abc import Sequence

from agent.feedback.handovers import Handover
from agent.feedback.workspaces import digest_channel
from bot.jobs.errand import Hands
from bot.slack.connection import answered as called
from bot.slack.errors import Refused, SlackError
from bot.slack.people import Person
from bot.slack.sending import try_again, undelivered
from knowledge.documents import EVERYONE

logger = logging.getLogger(__name__)

_MOST = 10
"""Members of a user group who are asked at once."""

_ID = re.compile(r"[UWSCG][A-Z0-9]{1,30}")
_GROUP = "S"

CHANNELS = ("C", "G")
"""How the ID of a channel begins, public or private."""


async def chain(hands: Hands, channel: str, owners: Sequence[str] = ()) -> tuple[str, ...]:
    """Who is asked in turn: the owners, the channel's expert, the admins, else their channel.

    Raises Undelivered where Slack does not say whose an address is, for now.
    """
    team = hands.held.errand.team
    expert = (await hands.desk.policies.of(team, channel)).expert
    found = [await _resolved(hands, one) for one in (*owners, expert)]
    found += sorted(hands.workspace.people.admins)
    if not hands.workspace.people.admins:
        found.append(await digest_channel(hands.desk.database, team))
    return tuple(dict.fromkeys(one for one in found if one))


async def people_of(hands: Hands, named: str) -> list[str]:
    """The users that an ID, a group's ID or an address stands for; none for what we do not know."""
    who = await _resolved(hands, named)
    if who.startswith(_GROUP):
        return await _listed(hands, "usergroups.users.list", "users", usergroup=who)
    return [who] if who and not who.startswith(CHANNELS) else []


async def name_of(hands: Hands, person: str) -> str:
    """As people call them; the ID where Slack does not say."""
    if person.startswith((_GROUP, *CHANNELS)):
        return person
    return (await hands.workspace.people.about(person)).name or person


async def names_of(hands: Hands, people: Sequence[str]) -> str:
    """All of them, in one line."""
    return ", ".join([await name_of(hands, person) for person in people])


async def members_of(hands: Hands, one: Handover) -> list[str]:
    """Those whose turn it is who are there and may see what it is about."""
    holder = one.holder
    if holder.startswith(CHANNELS):
        return [holder] if {EVERYONE, f"channel:{holder}"} & set(one.audience) else []
    people = await people_of(hands, holder)
    found = [await hands.workspace.people.about(person) for person in people]
    if not all(each.known for each in found):
        # Passing over them for good because of one lost response would ask the wrong person.
        try_again(hands.held.attempts, "Slack does not say who is to be asked")
    return [each.id for each in found if await _may_be_asked(hands, one, each)][:_MOST]


async def _may_be_asked(hands: Hands, one: Handover, person: Person) -> bool:
    if person.deleted or not person.known or person.outside:
        return False
    if one.kind == "question" and person.id == one.person:
        return False
    if person.admin or not one.documents:
        return True
    reader = await hands.workspace.belonging.alone(person.id)
    return bool(set(reader.principals) & set(one.audience))


async def _resolved(hands: Hands, named: str) -> str:
    """The ID of who is named by ID or address; empty for nobody we know."""
    if "@" in named:
        found = await _listed(hands, "users.lookupByEmail", "user", email=named)
        return found[0] if found else ""
    return named if _ID.fullmatch(named) else ""


async def _listed(hands: Hands, method: str, what: str, **arguments: str) -> list[str]:
    """The IDs that Slack names; none where it refuses."""
    try:
        response = await called(hands.workspace.client.api_call(method, data=arguments))
    except Refused as error:
        logger.info("%s: %s", method, error.code)
        return []
    except SlackError as error:
        raise undelivered(error, hands.held.attempts) from error
    said = response.get(what)
    return [str(said["id"])] if isinstance(said, dict) else [str(one) for one in said or ()]
