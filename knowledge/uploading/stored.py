"""What is stored already of what an upload is about to read, and how a document differs from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, any_, literal, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.sources import Root
from knowledge.tables import document, document_version

Key = tuple[str, str]
"""A document's collection and source."""


_KNOWN = text("""
    SELECT id, collection, source, uri, title, content_hash, placed FROM document
    WHERE collection = :collection OR source = ANY(CAST(:single AS text[])) OR EXISTS (
        SELECT FROM unnest(CAST(:prefixes AS text[])) AS prefix WHERE starts_with(source, prefix)
    )
""")


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored document; ``placed``: its folder chose the collection, not the upload."""

    id: int
    collection: str
    source: str
    uri: str
    title: str
    content_hash: str
    placed: bool


class Known:
    """Stored documents by collection and source."""

    def __init__(self, documents: Iterable[Stored]) -> None:
        self._by_source: dict[str, list[Stored]] = defaultdict(list)
        for one in documents:
            self._by_source[one.source].append(one)

    def __iter__(self) -> Iterator[Stored]:
        for held in self._by_source.values():
            yield from held

    def get(self, key: Key) -> Stored | None:
        """The document of that collection and source, if there is one."""
        collection, source = key
        held = self._by_source.get(source, ())
        return next((one for one in held if one.collection == collection), None)

    def left_behind(self, key: Key, *, placed: bool) -> list[Stored]:
        """The source's documents in other collections, where it no longer belongs.

        A folder's settings name its one collection. Two uploads into two collections are meant.
        """
        collection, source = key
        others = (one for one in self._by_source.get(source, ()) if one.collection != collection)
        return [one for one in others if placed or one.placed]


async def known_documents(engine: AsyncEngine, collection: str, roots: Sequence[Root]) -> Known:
    """What the collection holds, and what any collection holds of the roots' sources."""
    asked = {
        "collection": collection,
        "single": [str(root.path) for root in roots if root.prefix is None],
        "prefixes": [root.prefix for root in roots if root.prefix is not None],
    }
    async with engine.connect() as connection:
        return Known(Stored(*row) for row in await connection.execute(_KNOWN, asked))


@dataclass(frozen=True, slots=True)
class Held:
    """All of a stored document that an upload may change."""

    title: str
    uri: str
    text: str
    collection: str
    audience: tuple[str, ...]
    owner: str | None
    expires: str | None


async def held_documents(engine: AsyncEngine, ids: Collection[int]) -> Mapping[int, Held]:
    """The newest version of each document, by id."""
    columns, version = document.c, document_version.c
    query = (
        select(
            columns.id,
            columns.title,
            columns.uri,
            version.text,
            columns.collection,
            columns.audience,
            columns.owner,
            columns.expires_at,
        )
        .join_from(document, document_version, version.document_id == columns.id)
        .where(
            columns.id == any_(literal(list(ids), ARRAY(BigInteger))),
            version.version == columns.version,
        )
    )
    async with engine.connect() as connection:
        rows = await connection.execute(query)
        return {
            number: Held(
                title,
                uri,
                text,
                collection,
                tuple(audience),
                owner,
                None if expires is None else f"{expires:%Y-%m-%d}",
            )
            for number, title, uri, text, collection, audience, owner, expires in rows
        }
