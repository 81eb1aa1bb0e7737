"""A document on its way into the library: cut and encoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Chunk, Document
from knowledge.storage.fingerprints import Fingerprint


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be written: ``vectors`` has one entry per chunk.

    An entry is None where the encoder does not cover the chunk's script.
    """

    document: Document
    collection: str
    audience: tuple[str, ...]
    content_hash: str
    chunks: tuple[Chunk, ...]
    vectors: Sequence[NDArray[np.float32] | None]
    owner: str | None = None
    expires_at: datetime | None = None
    author: str = ""
    placed: bool = False
    fingerprint: Fingerprint | None = None
    """Given where the document is not to be indexed beside another that says the same."""
