"""The words of a question, hashed: what an encoder smooths over and a team's jargon lives in."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS = 8192

_WORD = re.compile(r"\w+")
_PIECES = (3, 4)


@dataclass(frozen=True, slots=True)
class Bag:
    """The distinct buckets that a text falls into, and the logarithmic count of each."""

    buckets: NDArray[np.intp]
    counts: NDArray[np.float32]

    def weighed(self, idf: NDArray[np.float32]) -> NDArray[np.float32]:
        """The counts as a unit vector, rare ones heavier; ``idf`` of shape ``(BUCKETS,)``."""
        values: NDArray[np.float32] = self.counts * idf[self.buckets]
        norm = np.linalg.norm(values)
        return values / norm if norm else values


def bag(text: str) -> Bag:
    """Words, pairs of neighbouring words and pieces of three and four letters of words."""
    counts = Counter(crc32(one.encode(errors="replace")) % BUCKETS for one in _pieces(text))
    buckets = np.fromiter(counts.keys(), np.intp, len(counts))
    return Bag(buckets, 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts))))


def rarity(bags: Sequence[Bag]) -> NDArray[np.float32]:
    """The inverse document frequency of each bucket; one never seen weighs as the rarest."""
    seen = np.zeros(BUCKETS, np.float32)
    for one in bags:
        seen[one.buckets] += 1
    return (np.log((1 + len(bags)) / (1 + seen)) + 1).astype(np.float32)


def _pieces(text: str) -> Iterator[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    yield from words
    for first, second in zip(["^", *words], [*words, "$"], strict=True):
        yield f"{first} {second}"
    for word in words:
        framed = f"<{word}>"
        for size in _PIECES:
            yield from (framed[at : at + size] for at in range(len(framed) - size + 1))
