"""The prompts' versions in the database: only ever added, so that an old answer's stays readable.

A version without a text takes an override back.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import desc, func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from agent.errors import PromptError
from agent.prompting.prompt_texts import BUILT_IN
from agent.prompting.prompts import Place, Prompt, Prompts, built_in
from agent.tables import prompt as table
from knowledge.database import Database

_LONGEST = 20_000
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('knowhow prompts'))")


@dataclass(frozen=True, slots=True)
class Entry:
    """A version as the history lists it; ``text`` is None where it took an override back."""

    version: int
    place: Place
    text: str | None
    created_at: datetime


async def load_prompts(database: Database) -> Prompts:
    """What is in use now, everywhere."""
    query = select(table).ext(distinct_on(table.c.name, table.c.workspace, table.c.collection))
    newest = query.order_by(table.c.name, table.c.workspace, table.c.collection, desc(table.c.id))
    async with database.engine.connect() as connection:
        rows = (await connection.execute(newest)).all()
    return Prompts(
        {
            (row.name, Place(row.workspace, row.collection)): _prompt(
                row.name, row.version, row.text
            )
            for row in rows
            if row.text is not None
        }
    )


async def set_prompt(database: Database, name: str, content: str, place: Place) -> Prompt:
    """Use a text from now on. Raises PromptError for a name or a text that cannot be."""
    _check_name(name)
    content = content.strip()
    if not content or len(content) > _LONGEST or "\0" in content:
        raise PromptError(f"a prompt is a text of 1 to {_LONGEST:,} characters")
    return _prompt(name, await _add(database, name, content, place), content)


async def reset_prompt(database: Database, name: str, place: Place) -> None:
    """Take back what was set for this place."""
    _check_name(name)
    await _add(database, name, None, place)


async def prompt_history(database: Database, name: str) -> list[Entry]:
    """Every version of a prompt, newest first; the built-in one is not among them."""
    _check_name(name)
    query = select(table).where(table.c.name == name).order_by(desc(table.c.version))
    async with database.engine.connect() as connection:
        return [
            Entry(row.version, Place(row.workspace, row.collection), row.text, row.created_at)
            for row in await connection.execute(query)
        ]


async def prompt_version(database: Database, name: str, version: int) -> Prompt:
    """One version's text. Raises PromptError when there is none."""
    _check_name(name)
    query = select(table.c.text).where(table.c.name == name, table.c.version == version)
    async with database.engine.connect() as connection:
        content: str | None = await connection.scalar(query)
    if content is None:
        raise PromptError(
            f"there is no text {name}@{version}: `knowhow prompts history {name}` lists them"
        )
    return _prompt(name, version, content)


async def _add(database: Database, name: str, content: str | None, place: Place) -> int:
    async with database.engine.begin() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        newest = await connection.scalar(
            select(func.coalesce(func.max(table.c.version), 0)).where(table.c.name == name)
        )
        version = int(newest or 0) + 1
        row = {
            "name": name,
            "version": version,
            "workspace": place.workspace,
            "collection": place.collection,
            "text": content,
        }
        await connection.execute(insert(table).values(row))
    return version


def _prompt(name: str, version: int, content: str) -> Prompt:
    return Prompt(name, str(version), content)


def _check_name(name: str) -> None:
    if name not in BUILT_IN:
        raise PromptError(f"there is no prompt {name!r}; there are {', '.join(BUILT_IN)}")


def built_in_prompt(name: str) -> Prompt:
    """The built-in text. Raises PromptError for a name that there is not."""
    _check_name(name)
    return built_in(name)
