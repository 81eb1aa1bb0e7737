"""The fine-tuning API of one endpoint: each call once or again, each failure in one line."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import openai
from openai import AsyncOpenAI
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent

from agent.errors import ModelUnavailable, TrainingError
from knowledge.secret_patterns import secret_in

OPENAIS_OWN = "api.openai.com"
KEY = "knowhow_run"
"""The metadata by which a job is found again when the answer to its creation was lost."""

_TRIES = 3
_READING_S, _CREATING_S = 30.0, 600.0
"""Deadlines of a request; the second may send a file of many megabytes."""
_LOOKED_AT = 500
_LONGEST = 300
_REFUSED = (openai.AuthenticationError, openai.PermissionDeniedError)


class ResponseLost(ModelUnavailable):
    """Whether the endpoint did what it was asked is not known."""


@dataclass(frozen=True, slots=True)
class Order:
    """A job to create."""

    base: str
    training_file: str
    validation_file: str | None
    key: str
    suffix: str
    seed: int
    hyperparameters: Mapping[str, Any]


class FineTuning:
    """What only reads is tried again by itself; what creates is asked once.

    TrainingError is the endpoint's refusal, ModelUnavailable anything that may pass.
    """

    def __init__(self, client: AsyncOpenAI) -> None:
        self._reading = client.with_options(max_retries=_TRIES, timeout=_READING_S)
        self._creating = client.with_options(max_retries=0, timeout=_CREATING_S)
        self._host = client.base_url.host
        self._api_key = client.api_key

    @property
    def openais_own(self) -> bool:
        """Whether it is OpenAI itself."""
        return self._host == OPENAIS_OWN

    async def uploaded(self, name: str) -> str | None:
        """The file of that name, if it is there; names are ours and unique."""
        async with self._explained():
            async for file in self._reading.files.list(purpose="fine-tune"):
                if file.filename == name:
                    return file.id
        return None

    async def upload(self, name: str, content: str) -> str:
        """Store a file of examples and return its id."""
        async with self._explained():
            file = await self._creating.files.create(
                file=(name, content.encode(), "application/jsonl"), purpose="fine-tune"
            )
        return file.id

    async def create(self, order: Order) -> FineTuningJob:
        """Begin a job, which is paid for; ResponseLost when it may have begun."""
        chosen = dict(order.hyperparameters)
        supervised: Any = {"hyperparameters": chosen} if chosen else {}
        # Others read the older field, and with it hyperparameters that OpenAI does not have.
        others: Any = None if self.openais_own or not chosen else {"hyperparameters": chosen}
        async with self._explained():
            return await self._creating.fine_tuning.jobs.create(
                model=order.base,
                training_file=order.training_file,
                validation_file=order.validation_file,
                suffix=order.suffix,
                seed=order.seed,
                metadata={KEY: order.key},
                method={"type": "supervised", "supervised": supervised},
                extra_body=others,
            )

    async def find(self, key: str, training_file: str) -> FineTuningJob | None:
        """The job of a run, by its key or by its file, which no other job reads."""
        looked_at = 0
        async with self._explained():
            async for job in self._reading.fine_tuning.jobs.list(limit=100):
                if (job.metadata or {}).get(KEY) == key or job.training_file == training_file:
                    return job
                looked_at += 1
                if looked_at >= _LOOKED_AT:
                    break
        return None

    async def job(self, number: str) -> FineTuningJob:
        """A job as it is now."""
        async with self._explained():
            return await self._reading.fine_tuning.jobs.retrieve(number)

    async def events_after(self, number: str, seen: str | None) -> Sequence[FineTuningJobEvent]:
        """The job's events since the one seen, oldest first."""
        found: list[FineTuningJobEvent] = []
        with suppress(TrainingError):  # an endpoint that tells no events trains all the same
            async with self._explained():
                async for event in self._reading.fine_tuning.jobs.list_events(number, limit=100):
                    if event.id == seen or len(found) >= _LOOKED_AT:
                        break
                    found.append(event)
        return found[::-1]

    async def checkpoints(self, number: str) -> list[dict[str, Any]]:
        """The job's checkpoints, first to last; none where the endpoint keeps none."""
        try:
            async with self._explained():
                listed = self._reading.fine_tuning.jobs.checkpoints.list(number)
                return sorted(
                    [
                        {
                            "step": one.step_number,
                            "model": one.fine_tuned_model_checkpoint,
                            "metrics": one.metrics.model_dump(exclude_none=True),
                        }
                        async for one in listed
                    ],
                    key=lambda one: int(one["step"]),
                )
        except TrainingError:
            return []

    async def cancel(self, number: str) -> None:
        """Stop a job; one that has ended already is left as it is."""
        try:
            async with self._explained():
                await self._creating.fine_tuning.jobs.cancel(number)
        except TrainingError:
            if (await self.job(number)).status not in {"succeeded", "failed", "cancelled"}:
                raise

    def said(self, message: str) -> str:
        """The endpoint's own words as one short line, without a key it may repeat."""
        line = " ".join(message.split()).replace(self._api_key, "…")
        if secret_in(line):
            return "(its message holds a secret and is not shown)"
        return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

    @asynccontextmanager
    async def _explained(self) -> AsyncIterator[None]:
        where = f"the fine-tuning endpoint {self._host}"
        try:
            yield
        except _REFUSED as error:
            raise ModelUnavailable(f"{where} refused the key: check OPENAI_API_KEY") from error
        except openai.RateLimitError as error:
            raise ModelUnavailable(
                f"{where} has no quota left: raise it, then run the same command again"
            ) from error
        except (openai.APIConnectionError, openai.InternalServerError) as error:
            raise ResponseLost(
                f"{where} did not answer: run the same command again, it goes on from here"
            ) from error
        except openai.APIStatusError as error:
            raise TrainingError(f"{where} refused: {self.said(_message(error))}") from error
        except openai.OpenAIError as error:
            raise ResponseLost(
                f"{where} sent what cannot be read ({type(error).__name__}): "
                "check that OPENAI_BASE_URL speaks the fine-tuning API"
            ) from error


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    return f"status {error.status_code}"
