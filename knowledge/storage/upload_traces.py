"""What uploads keep of a document outside it: waiting drafts, failures that are to be retried."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_WITHDRAW = text("""
    UPDATE staged SET state = 'superseded', draft = NULL, lease = NULL, lease_until = NULL
    FROM document WHERE document.id = ANY(:documents) AND staged.state = 'waiting'
        AND staged.collection = document.collection AND staged.source = document.source
""")

_FORGET = text("""
    DELETE FROM upload_failure USING document
    WHERE document.id = ANY(:documents) AND upload_failure.source = document.source
        AND upload_failure.collection = document.collection
""")


_SWEEP = text("""
    DELETE FROM staged WHERE created_at < now() - CASE state
        WHEN 'waiting' THEN interval '1 day' ELSE interval '7 days' END
""")


async def forget_uploads(connection: AsyncConnection, documents: Sequence[int]) -> None:
    """Before documents are deleted: nothing under way may bring them back."""
    await connection.execute(_WITHDRAW, {"documents": list(documents)})
    await connection.execute(_FORGET, {"documents": list(documents)})


async def sweep_staged(engine: AsyncEngine) -> None:
    """Forget what uploads left behind that never ended."""
    async with engine.begin() as connection:
        await connection.execute(_SWEEP)
