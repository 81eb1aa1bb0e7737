"""Chat models: any endpoint that speaks OpenAI's chat completions, with deadlines and costs."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal, cast

import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from openai.types.completion_usage import CompletionUsage

from agent.breaker import Breaker
from agent.errors import ModelUnavailable
from agent.model_failures import CHAT_MODEL, EMPTY, RESTS, Named, explained, is_the_endpoints
from agent.texts import Said, Text

_PAUSE_S = 0.25
_MAX_CHARACTERS = 12_000
"""Where a reply that does not end is cut off: far more than an answer needs."""

_WHO = Text("{what} {name} at {host}", "{what} {name}（{host}）")


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
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply; ``cost_usd`` is None when prices are not configured or usage not reported.

    ``instead`` says why the model that was asked first did not write it.
    """

    text: str
    cost_usd: float | None
    model: str = ""
    instead: Said | None = None
    took_ms: float = 0.0
    """From asking until the last byte; 0 for what was paid for before."""


class _Resting(ModelUnavailable):
    """It was not asked at all."""


class ChatModel:
    """One model at one endpoint.

    A request is repeated once, and only when the endpoint refused it before its first byte, so
    that nothing is paid for twice. Every failure is a ModelUnavailable that names the endpoint.
    ``breaker`` leaves an endpoint that keeps failing alone; ``fallback`` is asked in its place,
    as long as nothing of a reply was heard.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        name: str,
        prices: Prices | None = None,
        deadlines: Deadlines | None = None,
        named: Named = CHAT_MODEL,
        *,
        breaker: Breaker | None = None,
        fallback: "ChatModel | None" = None,
    ) -> None:
        # The client's own retries would also repeat requests that timed out, which are billed.
        self._client = client.with_options(max_retries=0)
        self.name = name
        self._prices = prices
        self._deadlines = deadlines or Deadlines()
        self._named = named
        self._breaker = breaker or Breaker()
        self._fallback = fallback
        self._asks_usage = True

    async def complete(
        self, messages: Sequence[Message], heard: Callable[[str], None] | None = None
    ) -> Completion:
        """The reply to ``messages``; ``heard`` gets each piece of text as it arrives."""
        began = False

        def hear(piece: str) -> None:
            nonlocal began
            began = True
            if heard is not None:
                heard(piece)

        try:
            return await self._completed(messages, hear)
        except ModelUnavailable as error:
            if self._fallback is None or (began and heard is not None):
                raise
            try:
                completion = await self._fallback.complete(messages, heard)
            except ModelUnavailable:
                raise error from None
            # What failed may be billed all the same.
            cost = completion.cost_usd if isinstance(error, _Resting) else None
            return replace(completion, cost_usd=cost, instead=error.said)

    async def _completed(
        self, messages: Sequence[Message], heard: Callable[[str], None]
    ) -> Completion:
        if not self._breaker.admits():
            raise _Resting(RESTS.filled(who=self._who()))
        try:
            completion = await self._asked(messages, heard)
        except ModelUnavailable as error:
            if is_the_endpoints(error.__cause__):
                self._breaker.failed()
            else:
                self._breaker.worked()
            raise
        except BaseException:
            self._breaker.gave_up()
            raise
        self._breaker.worked()
        return completion

    async def _asked(self, messages: Sequence[Message], heard: Callable[[str], None]) -> Completion:
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
                    if delta:
                        heard(delta)
                    if len(text) > _MAX_CHARACTERS:
                        break
        except (openai.OpenAIError, TimeoutError, ValueError) as error:
            raise ModelUnavailable(explained(error, self._who(), self._named)) from error
        if not text.strip():
            raise ModelUnavailable(EMPTY.filled(who=self._who()))
        took_ms = 1000 * (asyncio.get_running_loop().time() - begin)
        return Completion(text.strip(), self._cost(usage), self.name, took_ms=took_ms)

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

    def _who(self) -> Said:
        url = self._client.base_url
        host = url.host + (f":{url.port}" if url.port else "")
        return _WHO.filled(what=self._named.what, name=self.name, host=host)
