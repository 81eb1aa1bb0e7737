"""Which encoder made the stored vectors: scores across encoders mean nothing, so none are mixed.

``corpus.encoders`` lists the encoders whose vectors are complete. Its last takes new documents;
one before it may still be searched with, so that processes started before `knowhow reindex` go on
answering until they are restarted.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.errors import EncoderMismatch

_ENCODERS = text("SELECT encoders FROM corpus")

_ADOPT = text(
    "UPDATE corpus SET encoders = ARRAY[CAST(:encoder AS text)] WHERE chunks = 0 OR encoders = '{}'"
)


async def complete_encoders(connection: AsyncConnection) -> Sequence[str]:
    """Encoders whose vectors are complete; none in a library that was never written to."""
    encoders: Sequence[str] | None = await connection.scalar(_ENCODERS)
    return encoders or ()


async def require_encoder(connection: AsyncConnection, encoder: str) -> None:
    """Raise EncoderMismatch unless new documents are encoded by ``encoder``."""
    encoders = await complete_encoders(connection)
    if encoders and encoders[-1] != encoder:
        raise mismatch(encoders[-1], encoder)


async def adopt_encoder(connection: AsyncConnection, encoder: str) -> None:
    """As `require_encoder`, but an empty library takes any encoder as its own."""
    await connection.execute(_ADOPT, {"encoder": encoder})
    await require_encoder(connection, encoder)


def mismatch(stored: str, given: str) -> EncoderMismatch:
    """The error, with both ways out."""
    return EncoderMismatch(
        f"the knowledge base was encoded with {stored}, not {given}: "
        f"run `knowhow reindex`, or set KNOWHOW_EMBEDDER={stored}"
    )
