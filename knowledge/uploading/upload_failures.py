"""What uploads could not store, kept so that it can be listed, and tried again alone."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Text, any_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.sources import Root
from knowledge.storage.ingest import Failure
from knowledge.upload_tables import upload_failure
from knowledge.uploading.survey import Filing, Survey


@dataclass(frozen=True, slots=True)
class Kept:
    """A failure of an earlier upload."""

    collection: str
    uri: str
    reason: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class Retry:
    """One path to upload again as it was; ``only`` these sources of it, or all where it is None."""

    path: str
    filing: Filing
    only: frozenset[str] | None


async def kept_failures(engine: AsyncEngine) -> list[Kept]:
    """By collection and place."""
    columns = upload_failure.c
    query = select(columns.collection, columns.uri, columns.reason, columns.created_at)
    async with engine.connect() as connection:
        rows = await connection.execute(query.order_by(columns.collection, columns.source))
        return [Kept(*row) for row in rows]


async def retries(engine: AsyncEngine, author: str) -> list[Retry]:
    """The uploads that would try every kept failure again."""
    columns = upload_failure.c
    query = select(columns.root, columns.collection, columns.settings, columns.source).order_by(
        columns.collection, columns.root, columns.source
    )
    wanted: dict[tuple[str, Filing], set[str]] = defaultdict(set)
    nameless: set[tuple[str, Filing]] = set()
    async with engine.connect() as connection:
        for root, collection, settings, source in await connection.execute(query):
            again = (root, _filing(collection, settings, author))
            wanted[again].add(source)
            if not settings["named"]:  # a folder, say: what lies in it nobody knows yet
                nameless.add(again)
    return [
        Retry(root, filing, None if (root, filing) in nameless else frozenset(sources))
        for (root, filing), sources in wanted.items()
    ]


async def forget_path(engine: AsyncEngine, path: str) -> None:
    """What failed under a path that is not there any more has gone with it."""
    async with engine.begin() as connection:
        await connection.execute(delete(upload_failure).where(upload_failure.c.root == path))


async def keep_failures(
    engine: AsyncEngine,
    survey: Survey,
    roots: Sequence[Root],
    failed: Sequence[tuple[Root, Failure]],
) -> None:
    """Replace what is kept of these roots and sources by what this upload has seen."""
    columns = upload_failure.c
    whole = {str(root.path) for root in roots} if survey.only is None else set()
    read = {str(root.path) for root in roots if root not in survey.unprunable}
    ours = columns.collection == survey.filing.collection
    rows = {failure.source or failure.uri: (root, failure) for root, failure in reversed(failed)}
    async with engine.begin() as connection:
        before = await connection.execute(select(columns.source, columns.root).where(ours))
        settled = [
            source
            for source, root in before
            if source in survey.seen
            or root in whole
            # It was looked for, and is no longer there.
            or (survey.only is not None and source in survey.only and root in read)
        ]
        if settled:
            settled_sources = any_(literal(settled, ARRAY(Text)))
            await connection.execute(
                delete(upload_failure).where(ours, columns.source == settled_sources)
            )
        if not rows:
            return
        statement = insert(upload_failure)
        new = {name: statement.excluded[name] for name in ("uri", "reason", "root", "settings")}
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["collection", "source"], set_={**new, "created_at": func.now()}
            ),
            [
                {
                    "collection": survey.filing.collection,
                    "source": source,
                    "uri": failure.uri,
                    "reason": failure.reason,
                    "root": str(root.path),
                    "settings": _settings(survey.filing, named=failure.source is not None),
                }
                for source, (root, failure) in rows.items()
            ],
        )


def _settings(filing: Filing, *, named: bool) -> dict[str, Any]:
    return {
        "audience": list(filing.audience),
        "owner": filing.owner,
        "expires_at": filing.expires_at and filing.expires_at.isoformat(),
        "named": named,
    }


def _filing(collection: str, settings: dict[str, Any], author: str) -> Filing:
    expires = settings["expires_at"]
    return Filing(
        collection,
        tuple(settings["audience"]),
        settings["owner"],
        datetime.fromisoformat(expires) if expires else None,
        author,
    )
