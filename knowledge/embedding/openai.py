"""Embeddings from any endpoint that speaks OpenAI's dialect: OpenAI, Azure, vLLM, Ollama, …."""

from collections.abc import Sequence

import numpy as np
import openai
from numpy.typing import NDArray

from knowledge.embedding.scripts import without_surrogates
from knowledge.errors import EncoderError

_BATCH = 128  # texts per request; OpenAI takes 2,048 of them but only 300,000 tokens
_MAX_CHARACTERS = 8_000  # OpenAI refuses a text of more than 8,191 tokens
_TIMEOUT = 30.0  # seconds per attempt
_RETRIES = 2  # of lost connections, rate limits and server errors, with the client's back-off
_ADVICE = {
    401: "check the API key",
    403: "check what the API key may use",
    404: "check the address and the model's name",
    429: "over its rate limit or quota, try again later",
}


class OpenAIEncoder:
    """`client` carries the endpoint and the key, and stays open: whoever built it closes it."""

    def __init__(
        self, client: openai.AsyncOpenAI, model: str, *, timeout: float = _TIMEOUT
    ) -> None:
        self._client = client.with_options(timeout=timeout, max_retries=_RETRIES)
        self._model = model
        self._dimension: int | None = None
        self._endpoint = str(client.base_url.copy_with(username=None, password=None, query=None))

    @property
    def name(self) -> str:
        """The model's name is part of it: vectors of two models cannot be compared."""
        return f"openai:{self._model}"

    @property
    def dimension(self) -> int:
        """Learnt from the first answer; EncoderError before it."""
        if self._dimension is None:
            raise EncoderError(f"{self.name} was not asked yet, so its dimension is not known")
        return self._dimension

    def covers(self, text: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """True of every text: the models served this way are multilingual as a rule.

        Nothing in the dialect says which languages a model reads, so an English-only one is the
        operator's choice.
        """
        return True

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Characters after the 8,000th are not sent. Raises EncoderError."""
        batches = [
            await self._request(texts[start : start + _BATCH])
            for start in range(0, len(texts), _BATCH)
        ]
        if not batches:
            return np.empty((0, self._dimension or 0), np.float32)
        return np.concatenate(batches)

    async def _request(self, texts: Sequence[str]) -> NDArray[np.float32]:
        # OpenAI refuses an empty text.
        cleaned = [without_surrogates(text[:_MAX_CHARACTERS]) or " " for text in texts]
        try:
            answer = await self._client.embeddings.create(
                model=self._model, input=cleaned, encoding_format="float"
            )
            indexed = sorted((item.index, item.embedding) for item in answer.data)
            vectors = np.array([vector for _, vector in indexed], np.float32)
            order = [index for index, _ in indexed]
        except openai.OpenAIError as error:
            raise EncoderError(self._explain(error)) from error
        except (AttributeError, TypeError, ValueError) as error:  # the client does not validate
            raise self._unusable("something other than embeddings") from error
        if order != list(range(len(texts))):
            raise self._unusable(f"{len(order)} embeddings for {len(texts)} texts")
        return self._normalised(vectors)

    def _normalised(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        if vectors.ndim != 2:  # noqa: PLR2004 - texts by components
            raise self._unusable("embeddings that are not lists of numbers")
        found = vectors.shape[1]
        if found != (self._dimension or found):
            raise self._unusable(f"{found} dimensions after {self._dimension} before")
        lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise self._unusable("embeddings that are zero or not finite")
        self._dimension = found
        return vectors / lengths

    def _unusable(self, what: str) -> EncoderError:
        return EncoderError(
            f"{self._endpoint} answered {self.name} with {what}:"
            " check that the address and the model are those of an embeddings endpoint"
        )

    def _explain(self, error: openai.OpenAIError) -> str:
        """One line; the server's own words only where they cannot hold the key."""
        where = f"{self._endpoint} (embeddings of {self._model})"
        if isinstance(error, openai.APITimeoutError):
            return f"{where} did not answer in time: check that it is up, or try again"
        if isinstance(error, openai.APIConnectionError):
            return f"{where} cannot be reached: check the address and that it is running"
        if not isinstance(error, openai.APIStatusError):
            return f"{where} failed: {type(error).__name__}"
        said = " ".join(error.message.split())[:200]
        return f"{where} failed: {_ADVICE.get(error.status_code, said)} ({error.status_code})"
