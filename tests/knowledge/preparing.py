"""Documents made ready for the library without an ingest: one chunk per paragraph."""

from knowledge.chunking import searchable
from knowledge.documents import EVERYONE, Chunk, Document
from knowledge.embedding import Encoder
from knowledge.storage.prepared import Prepared


async def prepare(
    encoder: Encoder,
    source: str,
    text: str,
    audience: tuple[str, ...] = (EVERYONE,),
    collection: str = "default",
) -> Prepared:
    """A document titled as its source; a paragraph ``# X`` puts those below it under a heading."""
    heading: tuple[str, ...] = ()
    chunks: list[Chunk] = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("# "):
            heading = (paragraph.removeprefix("# "),)
        else:
            chunks.append(Chunk(len(chunks), heading, paragraph))
    vectors = [
        (await encoder.encode([content]))[0] if encoder.covers(content) else None
        for content in (searchable(source, chunk) for chunk in chunks)
    ]
    document = Document(source, f"https://docs.example/{source}", source, text)
    digest = str(hash((text, audience)))
    return Prepared(document, collection, audience, digest, tuple(chunks), vectors)
