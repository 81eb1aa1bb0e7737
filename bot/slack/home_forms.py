"""The form of the Home tab that has to open at once, while Slack's trigger lasts."""

import json

from agent.tuning.stored_pairs import stored_pairs
from bot.slack.blocks import Block
from bot.slack.desk import Desk
from bot.slack.home_blocks import pair_form
from bot.slack.home_place import HomePlace
from bot.slack.workspaces import Workspace
from knowledge.secret_patterns import without_secrets

_LONGEST = 3000
"""Characters that a field takes; a longer pair is edited in the terminal."""


async def form_for(
    desk: Desk, workspace: Workspace, user: str, value: str, place: HomePlace
) -> Block | None:
    """The pair's form; None for who is no admin, and for a pair that is gone or too long."""
    person = await workspace.people.about(user)
    number = value.partition(":")[2]
    if not person.admin or not number.isdecimal():
        return None
    async with desk.database.engine.connect() as connection:
        pair = (await stored_pairs(connection, [int(number)])).get(int(number))
    if pair is None or max(len(pair.question), len(pair.answer)) > _LONGEST:
        return None
    metadata = json.dumps({**place.as_json(), "value": value})
    texts = (without_secrets(pair.question), without_secrets(pair.answer))
    return pair_form(person.language, *texts, metadata)
