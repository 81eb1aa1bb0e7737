"""Files that people attach to a question: kept for their conversation, then forgotten.

They are documents like any other, found and cited by the same SQL, in a collection of their own
whose every document has its conversation for an audience.
"""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.documents import ATTACHED, Document, conversation_principal
from knowledge.storage.ingest import Draft
from knowledge.storage.library import Library

KEPT_FOR = timedelta(hours=24)

_KEPT = text("""
    SELECT source FROM document
    WHERE collection = :collection AND audience = ARRAY[CAST(:principal AS text)]
""")

_OLD = text("""
    SELECT id FROM document WHERE collection = :collection AND updated_at < now() - :age
""")


def attached_draft(document: Document, conversation: str) -> Draft:
    """The document for one conversation alone; never taken for a repetition of another."""
    audience = (conversation_principal(conversation),)
    return Draft(document, ATTACHED, audience, content_hash=document.source)


async def kept_sources(engine: AsyncEngine, conversation: str) -> set[str]:
    """The sources of what is there for the conversation."""
    given = {"collection": ATTACHED, "principal": conversation_principal(conversation)}
    async with engine.connect() as connection:
        return set(await connection.scalars(_KEPT, given))


async def forget_attached(library: Library, age: timedelta = KEPT_FOR) -> int:
    """Delete what has been there for so long; returns how many documents that is."""
    async with library.engine.connect() as connection:
        old = list(await connection.scalars(_OLD, {"collection": ATTACHED, "age": age}))
    return await library.remove(old) if old else 0
