"""all-MiniLM-L6-v2 on ONNX Runtime in int8: the encoder that needs no key, GPU or network."""

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge.embedding.minilm_model import (
    DIMENSION,
    MAX_TOKENS,
    load_tokenizer,
    model_folder,
    open_session,
)
from knowledge.embedding.scripts import mostly_latin, without_surrogates

_SEPARATOR = 102  # [SEP], which ends every text, truncated or not
_MAX_CHARACTERS = 16_384  # far more than 256 tokens of text; bounds the tokenizer's work
_SLICE = 4  # texts per job: at most 0.2 s of AVX2; a cancelled call lets its running jobs end


class MiniLM:
    """Reads the Latin script only; it was trained on English.

    `cache` is a folder for the built graph (35 MB, shared by all processes); `threads` how many
    texts are encoded at once, by default one per usable core. Construction does nothing heavy;
    the first use opens the model, and raises EncoderError if it cannot.
    """

    name = "minilm"
    dimension = DIMENSION

    def __init__(self, cache: Path, threads: int | None = None) -> None:
        self._cache = cache
        self._threads = threads or _usable_cores()
        self._lock = threading.Lock()
        self._tokenizer: Tokenizer | None = None
        self._session: ort.InferenceSession | None = None
        # Two lanes, so that a question does not wait in the queue of an upload.
        self._bulk = ThreadPoolExecutor(self._threads, "minilm-bulk")
        self._short = ThreadPoolExecutor(self._threads, "minilm-short")

    def covers(self, text: str) -> bool:
        """By `mostly_latin`: of other scripts the vocabulary has single characters at most."""
        return mostly_latin(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, not truncated and without the two that frame it. Blocks."""
        encodings = self._open_tokenizer().encode_batch_fast(
            [without_surrogates(text) for text in texts], add_special_tokens=False
        )
        return [len(encoding.ids) for encoding in encodings]

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Tokens after the 256th are not read. When cancelled, stops after the running slices."""
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        few = len(texts) <= _SLICE
        lane, size = (self._short, 1) if few else (self._bulk, _SLICE)
        starts = iter(range(0, len(texts), size))
        loop = asyncio.get_running_loop()

        async def work() -> None:
            for start in starts:
                part = texts[start : start + size]
                vectors[start : start + size] = await loop.run_in_executor(lane, self._encode, part)

        # Each call keeps at most one slice per thread in the lane, so concurrent calls take turns.
        workers = min(self._threads, -(-len(texts) // size))
        await asyncio.gather(*(work() for _ in range(workers)))
        return vectors

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        # Unlike encode, encode_batch_fast releases the GIL.
        encodings = self._open_tokenizer().encode_batch_fast(
            [without_surrogates(text[:_MAX_CHARACTERS]) for text in texts]
        )
        session = self._open_session()
        return np.concatenate([run(session, encoding.ids) for encoding in encodings])

    def _open_tokenizer(self) -> Tokenizer:
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = load_tokenizer(model_folder())
            return self._tokenizer

    def _open_session(self) -> ort.InferenceSession:
        with self._lock:
            if self._session is None:
                self._session = open_session(model_folder(), self._cache)
            return self._session


def run(session: ort.InferenceSession, tokens: list[int]) -> NDArray[np.float32]:
    """The unit vector, of shape (1, 384), of a text's tokens with the two that frame it."""
    if len(tokens) > MAX_TOKENS:
        tokens = [*tokens[: MAX_TOKENS - 1], _SEPARATOR]
    feed = {"tokens": np.array([tokens]), "positions": np.arange(len(tokens))}
    vector: NDArray[np.float32] = session.run(None, feed)[0]
    return vector


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # absent on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
