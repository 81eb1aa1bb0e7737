"""The contradictions of a whole library, looked for in the background and kept until it changes.

Finding them takes every text, which is some ten seconds for each thousand long documents; whoever
wants to see them gets what is known by now.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.documents import ATTACHED
from knowledge.reviewing.conflicts import Claims, Conflict

logger = logging.getLogger(__name__)

_BATCH = 100
_REST = 20
"""A look that took a second is followed by so many without one, however often texts change."""

_STATE = text("""
    SELECT coalesce(md5(string_agg(id || ':' || version, ',' ORDER BY id)), '') FROM document
    WHERE duplicate_of IS NULL AND collection <> :attached
""")
_TEXTS = text("""
    SELECT document.id, version.version, version.text FROM document
    JOIN document_version AS version
        ON version.document_id = document.id AND version.version = document.version
    WHERE duplicate_of IS NULL AND collection <> :attached AND document.id > :after
    ORDER BY document.id LIMIT :batch
""")


@dataclass(frozen=True, slots=True)
class Contradicting:
    """``conflicts`` as they were in ``versions`` of the documents; ``current``: as they are now."""

    conflicts: tuple[Conflict, ...] = ()
    versions: Mapping[int, int] = field(default_factory=dict)
    current: bool = False


class Contradictions:
    """One library's; only one look at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known = Contradicting()
        self._state: str | None = None
        self._not_before = 0.0
        self._look: asyncio.Task[None] | None = None

    async def known(self, within_s: float) -> Contradicting:
        """What is known of them, after waiting so long for a look that is not over."""
        async with self._engine.connect() as connection:
            state = await connection.scalar(_STATE, {"attached": ATTACHED})
        if state != self._state and time.monotonic() >= self._not_before and self._look is None:
            self._look = asyncio.create_task(self._looked(str(state)))
        if self._look is not None:
            await asyncio.wait({self._look}, timeout=within_s)
        return Contradicting(self._known.conflicts, self._known.versions, state == self._state)

    async def _looked(self, state: str) -> None:
        started = time.monotonic()
        try:
            self._known = await self._compared()
            self._state = state
        except SQLAlchemyError as error:
            logger.warning("documents are not compared this time: %s", type(error).__name__)
        finally:
            now = time.monotonic()
            self._not_before = now + _REST * (now - started)
            self._look = None

    async def _compared(self) -> Contradicting:
        """Batch after batch, so that neither the texts are held nor the loop is."""
        claims, versions, after = Claims(), dict[int, int](), 0
        given = {"attached": ATTACHED, "batch": _BATCH}
        while True:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(_TEXTS, given | {"after": after})).all()
            if not rows:
                break
            await asyncio.to_thread(claims.add, [(row.id, row.text) for row in rows])
            versions |= {row.id: row.version for row in rows}
            after = rows[-1].id
        found = await asyncio.to_thread(lambda: tuple(claims.conflicts()))
        concerned = {said.document_id for each in found for said in (each.one, each.other)}
        return Contradicting(found, {one: versions[one] for one in concerned})
