"""Encoders of the fastembed package, which fetches its models itself; an optional extra."""

import asyncio
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.scripts import mostly_latin, without_surrogates
from knowledge.errors import EncoderError

_EVERY_SCRIPT = ("multilingual", "bge-m3", "-zh")
_BATCH = 32


class FastEmbed:
    """`model` is a name fastembed lists, `cache` the folder it downloads to."""

    def __init__(self, model: str, cache: Path) -> None:
        self.name = f"fastembed:{model}"
        self._model = model
        self._cache = cache
        self._lock = threading.Lock()
        self._opened: Any = None  # fastembed is an extra, so its types are not there to name

    @property
    def dimension(self) -> int:
        """As fastembed lists it; EncoderError for a model it does not list."""
        try:
            return int(self._package().TextEmbedding.get_embedding_size(self._model))
        except ValueError as error:
            raise self._failed(error) from error

    def covers(self, text: str) -> bool:
        """By the model's name: fastembed's list says which are multilingual only in prose."""
        return any(mark in self._model for mark in _EVERY_SCRIPT) or mostly_latin(text)

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The first call may download the model. Raises EncoderError."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return await asyncio.to_thread(self._encode, texts)

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        cleaned = [without_surrogates(text) for text in texts]
        try:
            vectors = np.array(list(self._open().embed(cleaned, batch_size=_BATCH)), np.float32)
        except (OSError, ValueError, RuntimeError) as error:  # no network, unknown name, bad file
            raise self._failed(error) from error
        lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / lengths

    def _open(self) -> Any:
        with self._lock:
            if self._opened is None:
                self._opened = self._package().TextEmbedding(
                    self._model, cache_dir=str(self._cache)
                )
            return self._opened

    def _package(self) -> Any:
        try:
            return import_module("fastembed")
        except ImportError as error:
            raise EncoderError(
                f"{self.name} needs a package: pip install 'knowhow[fastembed]'"
            ) from error

    def _failed(self, error: Exception) -> EncoderError:
        why = " ".join(str(error).split())[:200]
        return EncoderError(f"{self.name} cannot be used: {why}")
