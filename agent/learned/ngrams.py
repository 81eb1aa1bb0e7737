"""Character n-grams as unit vectors: for scripts that the encoder cannot read."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

DIMENSION = 4096
"""Hash buckets: unrelated questions meet by accident with a cosine of about 0.015. With four
times as many, under a point more of 150 Chinese questions were judged right."""

_LONGEST = 2
_SEPARATORS = re.compile(r"[\W_]+")
_ASKING = re.compile(
    "请问|怎么样|怎么|怎样|如何|什么|哪里|哪些|可以|能不能|是否|多少|为什么|吗|呢|的|了"
)
"""Words of asking, which any two Chinese questions share."""


@dataclass(frozen=True, slots=True)
class Ngrams:
    """TF-IDF over n-grams of one and two characters, hashed; ``idf`` has one weight a bucket."""

    idf: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.idf.shape != (DIMENSION,):
            raise ValueError(f"{self.idf.size} buckets, this version has {DIMENSION}")

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Self:
        """Rare n-grams weigh more; a bucket never seen weighs as the rarest."""
        seen = Counter(
            chain.from_iterable({bucket for bucket, _ in _hashed(text)} for text in texts)
        )
        counts = np.zeros(DIMENSION, np.float32)
        for bucket, count in seen.items():
            counts[bucket] = count
        return cls((np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32))

    def vector(self, text: str) -> NDArray[np.float32]:
        """A unit vector of shape ``(DIMENSION,)``; all zeros for a text without letters."""
        vector = np.zeros(DIMENSION, np.float32)
        for bucket, sign in _hashed(text):
            vector[bucket] += sign
        # Signed square root: a repeated n-gram says less than a new one.
        vector = np.sign(vector) * np.sqrt(np.abs(vector)) * self.idf
        norm = np.linalg.norm(vector)
        return vector / norm if norm else vector

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape ``(len(texts), DIMENSION)``."""
        return np.stack([self.vector(text) for text in texts])


def _hashed(text: str) -> list[tuple[int, float]]:
    """The n-grams' buckets with the sign that makes collisions cancel out."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    parts = _SEPARATORS.split(_ASKING.sub(" ", folded))
    hashes = (
        crc32(part[start : start + size].encode(errors="replace"))
        for part in parts
        for size in range(1, _LONGEST + 1)
        for start in range(len(part) - size + 1)
    )
    return [(h % DIMENSION, 1.0 if h & 0x80000000 else -1.0) for h in hashes]
