"""Replies of models that cost money, kept until the answer is decided.

A worker may die after the model replied and before the ledger knows the answer; whoever takes the
question up then finds the reply here instead of paying for it again.
"""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from agent.flow_tables import paid_reply as table
from agent.leasing import storable
from agent.models import Completion, Message
from knowledge.database import Database

logger = logging.getLogger(__name__)

_BOUNDARY = re.compile(r"(<<<(?:end )?)[0-9a-f]{8}")
"""The markers around data, which are made anew for each prompt; see `agent.prompting.prompts`."""


class Completes(Protocol):
    """A chat model, as the graph uses it."""

    @property
    def name(self) -> str:
        """What an answer says wrote it."""
        ...

    async def complete(
        self, messages: Sequence[Message], heard: Callable[[str], None] | None = None
    ) -> Completion:
        """The reply to ``messages``; ``heard`` gets each piece. Raises ModelUnavailable."""
        ...


class PaidReplies:
    """All that is kept, by the question's id and by what exactly was asked."""

    def __init__(self, database: Database) -> None:
        self._engine = database.autocommit

    def of(self, question: UUID, model: Completes) -> Completes:
        """The model, asked at most once for each prompt of this question."""
        return _PaidOnce(self, question, model)

    async def once(
        self, question: UUID, prompt: str, ask: Callable[[], Awaitable[Completion]]
    ) -> tuple[Completion, bool]:
        """The reply to what `digest` names, and whether it was kept; asked for, it is kept now."""
        kept = await self._find(question, prompt)
        if kept is not None:
            return kept, True
        reply = await ask()
        if reply.instead is None:  # else the model that is preferred is asked first again
            try:
                await self._keep(question, prompt, reply)
            except (SQLAlchemyError, OSError) as error:  # it is paid for, and in hand
                logger.warning("a reply is used without being kept: %s", type(error).__name__)
        return reply, False

    async def _find(self, question: UUID, prompt: str) -> Completion | None:
        kept = select(table.c.text, table.c.cost_usd).where(
            table.c.question == question, table.c.prompt == prompt
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(kept)).one_or_none()
        return None if row is None else Completion(row.text, row.cost_usd)

    async def _keep(self, question: UUID, prompt: str, reply: Completion) -> None:
        """The ledger forgets it when the question is closed."""
        row = {"question": question, "prompt": prompt, "text": storable(reply.text)}
        statement = insert(table).values(**row, cost_usd=reply.cost_usd)
        async with self._engine.connect() as connection:
            await connection.execute(statement.on_conflict_do_nothing())


class _PaidOnce:
    def __init__(self, replies: PaidReplies, question: UUID, model: Completes) -> None:
        self._replies = replies
        self._question = question
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(
        self, messages: Sequence[Message], heard: Callable[[str], None] | None = None
    ) -> Completion:
        prompt = digest(self._model.name, messages)
        reply, kept = await self._replies.once(
            self._question, prompt, lambda: self._model.complete(messages, heard)
        )
        if kept and heard is not None:
            heard(reply.text)
        return replace(reply, model=self.name) if kept else reply


def digest(model: str, messages: Sequence[Message]) -> str:
    """What names a prompt: the same again after a crash."""
    asked = "\0".join((model, *(part for one in messages for part in (one.role, one.content))))
    unmarked = _BOUNDARY.sub(r"\1", asked)
    return hashlib.sha256(unmarked.encode(errors="replace")).hexdigest()
