"""An encoder small enough to reason about: how often each letter of the alphabet stands there."""

import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.scripts import mostly_latin


@dataclass(frozen=True, slots=True)
class Letters:
    """Reads the Latin script only, as the embedded encoder does."""

    name: str = "letters"
    dimension: int = 26

    def covers(self, text: str) -> bool:
        return mostly_latin(text)

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = [
            [0.01 + text.lower().count(letter) for letter in string.ascii_lowercase]
            for text in texts
        ]
        vectors = np.array(counts, np.float32).reshape(len(texts), self.dimension)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
