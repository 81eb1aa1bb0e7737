"""Encoders: text in, unit vectors out, behind one small protocol."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Encoder(Protocol):
    """What search, the domain model and the router need of an encoder.

    `covers` exists because an encoder that cannot read a script does harm there: blending
    MiniLM's vectors into Chinese search drops XQuAD-zh nDCG@10 from .96 to .56.
    """

    @property
    def name(self) -> str:
        """Stored with every chunk, for example ``minilm`` or ``openai:text-embedding-3-small``."""
        ...

    @property
    def dimension(self) -> int:
        """How many components a vector has."""
        ...

    def covers(self, text: str) -> bool:
        """Whether the script of most of the text's letters is one the encoder was trained on."""
        ...

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape ``(len(texts), dimension)``, in the order given."""
        ...
