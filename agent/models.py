"""Chat models: any endpoint that speaks OpenAI's chat completions, with deadlines and costs."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, cast

import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from openai.types.completion_usage import CompletionUsage

from agent.errors import ModelUnavailable

_PAUSE_S = 0.25
_MAX_CHARACTERS = 12_000
"""Where a reply that does not end is cut off: far more than an answer needs."""

_LATE = "did not answer in time: try later or use a faster model"
_REFUSED = "refused the key: check {key}"
_REMEDIES: dict[type[Exception], str] = {
    openai.AuthenticationError: _REFUSED,
    openai.PermissionDeniedError: _REFUSED,
    openai.NotFoundError: "was not found: check {model} and {url}",
    openai.RateLimitError: "has no quota left for now: try later or raise its limits",
    openai.APITimeoutError: _LATE,  # before its base class APIConnectionError
    openai.APIConnectionError: "cannot be reached: check {url} and that it runs",
    TimeoutError: _LATE,
}


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens, as the endpoint's owner bills them."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds from the request to the first token, and to the last."""

    first_s: float = 20.0
    whole_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Named:
    """What a person calls the model, and what to check when it fails."""

    what: str = "the chat model"
    url: str = "OPENAI_BASE_URL"
    key: str = "OPENAI_API_KEY"
    model: str = "that it offers the model"


CHAT_MODEL = Named(model="KNOWHOW_CHAT_MODEL")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply; ``cost_usd`` is None when prices are not configured or usage not reported."""

    text: str
    cost_usd: float | None


class ChatModel:
    """One model at one endpoint.

    A request is repeated once, and only when the endpoint refused it before its first byte, so
    that nothing is paid for twice. Every failure is a ModelUnavailable that names the endpoint.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        name: str,
        prices: Prices | None = None,
        deadlines: Deadlines | None = None,
        named: Named = CHAT_MODEL,
    ) -> None:
        # The client's own retries would also repeat requests that timed out, which are billed.
        self._client = client.with_options(max_retries=0)
        self.name = name
        self._prices = prices
        self._deadlines = deadlines or Deadlines()
        self._named = named
        self._asks_usage = True

    async def complete(
        self, messages: Sequence[Message], heard: Callable[[str], None] | None = None
    ) -> Completion:
        """The reply to ``messages``; ``heard`` gets each piece of text as it arrives."""
        text = ""
        usage: CompletionUsage | None = None
        begin = asyncio.get_running_loop().time()
        try:
            async with (
                asyncio.timeout_at(begin + self._deadlines.first_s) as deadline,
                aclosing(self._chunks(messages)) as chunks,
            ):
                async for chunk in chunks:
                    deadline.reschedule(begin + self._deadlines.whole_s)
                    usage = chunk.usage or usage
                    delta = chunk.choices[0].delta.content if chunk.choices else None
                    text += delta or ""
                    if delta and heard is not None:
                        heard(delta)
                    if len(text) > _MAX_CHARACTERS:
                        break
        except (openai.OpenAIError, TimeoutError, ValueError) as error:
            raise ModelUnavailable(self._explain(error)) from error
        if not text.strip():
            raise ModelUnavailable(f"{self._where()} sent an empty reply; try another model")
        return Completion(text.strip(), self._cost(usage))

    async def _chunks(self, messages: Sequence[Message]) -> AsyncGenerator[ChatCompletionChunk]:
        finished = False
        async with await self._open(messages) as stream:
            async for chunk in stream:
                finished = finished or any(choice.finish_reason for choice in chunk.choices)
                yield chunk
        if not finished:
            raise ValueError("the reply broke off")

    async def _open(self, messages: Sequence[Message]) -> AsyncStream[ChatCompletionChunk]:
        try:
            return await self._request(messages)
        except openai.APITimeoutError:
            raise
        except (openai.RateLimitError, openai.InternalServerError, openai.APIConnectionError):
            await asyncio.sleep(_PAUSE_S * random.uniform(1, 2))  # noqa: S311 # jitter, no secret
            return await self._request(messages)

    async def _request(self, messages: Sequence[Message]) -> AsyncStream[ChatCompletionChunk]:
        prompt = cast(
            "list[ChatCompletionMessageParam]",
            [{"role": message.role, "content": message.content} for message in messages],
        )
        if self._asks_usage:
            try:
                return await self._client.chat.completions.create(
                    model=self.name,
                    messages=prompt,
                    stream=True,
                    stream_options={"include_usage": True},
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                pass  # some servers refuse options they do not know; a refusal costs nothing
        stream = await self._client.chat.completions.create(
            model=self.name, messages=prompt, stream=True
        )
        self._asks_usage = False
        return stream

    def _cost(self, usage: CompletionUsage | None) -> float | None:
        if usage is None or self._prices is None:
            return None
        billed = (
            usage.prompt_tokens * self._prices.prompt
            + usage.completion_tokens * self._prices.completion
        )
        return billed / 1e6

    def _where(self) -> str:
        url = self._client.base_url
        return f"{self._named.what} {self.name} at {url.host}" + (
            f":{url.port}" if url.port else ""
        )

    def _explain(self, error: Exception) -> str:
        """One line without the server's own words, which may repeat the key or the prompt."""
        if isinstance(error, openai.APIStatusError) and type(error) not in _REMEDIES:
            remedy = f"answered with status {error.status_code}: look into that server's log"
        else:
            known = (remedy for kind, remedy in _REMEDIES.items() if isinstance(error, kind))
            remedy = next(known, "broke off its reply: try again")
        named = self._named
        remedy = remedy.format(url=named.url, key=named.key, model=named.model)
        return f"{self._where()} {remedy}"
