"""What became of every click, form and file: Slack's side against the tables'."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from agent.leasing import is_open
from agent.workspace_tables import errand as table
from bot.slack.sending import named
from knowledge.database import Database
from knowledge.documents import ATTACHED
from knowledge.tables import document, document_version
from tests.faults.accounts import Accounts
from tests.faults.errands import Errands, Story
from tests.faults.slack import ChaoticSlack

_SENT = "sent "
"""How the name of a message begins, among what an errand notes as done."""


async def open_errands(database: Database) -> list[Any]:
    """What is not at its end yet."""
    async with database.engine.connect() as connection:
        return list((await connection.execute(select(table).where(is_open(table)))).all())


async def settle_errands(errands: Errands, database: Database, accounts: Accounts) -> None:
    """Add what was lost, duplicated or not explained of errands to the accounts."""
    async with database.engine.connect() as connection:
        rows = (await connection.execute(select(table))).all()
        titles = select(document.c.title, document.c.collection, func.count())
        titles = titles.join(document_version, document_version.c.document_id == document.c.id)
        stored = (
            await connection.execute(titles.group_by(document.c.title, document.c.collection))
        ).all()
    settle_rows(rows, errands.slack, accounts)
    settle_stories(errands.stories, errands.slack, accounts)
    versions = {title: count for title, _, count in stored}
    _settle_saved(errands.stories, versions, accounts)
    accounts.duplicated += [
        f"file {title}: stored {count} times"
        for title, collection, count in stored
        if collection == ATTACHED and count > 1
    ]


def settle_rows(rows: Any, slack: ChaoticSlack, accounts: Accounts) -> None:
    """Each message that an errand says it sent is there once, and no other."""
    there = Counter(one["metadata"]["event_payload"]["mention"] for one in slack.errands)
    for row in rows:
        accounts.errand_states[row.state] += 1
        what = f"errand {row.kind} {row.id}"
        if row.state not in {"done", "failed"}:
            accounts.lost.append(f"{what}: {row.state} ({row.error})")
        if row.state == "failed" and f"{_SENT}apology" not in row.progress:
            accounts.unexplained.append(f"{what}: failed in silence ({row.error})")
        for note in row.progress:
            if note.startswith(_SENT):
                copies = there.pop(str(named(row.id, note.removeprefix(_SENT))), 0)
                if copies != 1:
                    wrong = accounts.duplicated if copies else accounts.lost
                    wrong.append(f"{what}: {note}, {copies} times")
    accounts.unexplained += [f"message of no errand: {one}" for one in there]


def settle_stories(stories: list[Story], slack: ChaoticSlack, accounts: Accounts) -> None:
    """Whatever a story had to lead to is there, and once."""
    for story in stories:
        accounts.stories["void" if story.void else story.kind] += 1
        what = f"{story.tag} {story.kind}"
        if not (story.over or story.void):
            accounts.lost.append(f"{what}: {story.at}")
        for one in story.expected:
            copies = sum(map(one.fits, slack.errands))
            if copies > 1:
                accounts.duplicated.append(f"{what}: {copies} of {one}")
            if story.over and not copies:
                accounts.lost.append(f"{what}: no {one}")


def _settle_saved(stories: list[Story], versions: dict[str, int], accounts: Accounts) -> None:
    for story in stories:
        if story.kind == "save" and story.over and (count := versions.get(story.title, 0)) != 1:
            wrong = accounts.duplicated if count else accounts.lost
            wrong.append(f"{story.tag} save: stored {count} times")
