"""One attempt at a question, and what is said in place of an answer."""

import logging
from dataclasses import dataclass, replace

from agent.answers import Answer
from agent.errors import AgentError
from agent.mentions import Claim, Mention
from agent.policies import Policy
from agent.reading.languages import Language
from agent.texts import Text
from bot.jobs import notices
from bot.jobs.traces import trace
from bot.slack.live import Live
from bot.slack.status import Showing
from bot.slack.workspaces import Workspace
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3


class Again(Exception):
    """The attempt failed and another one may not."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Attempt:
    """One claim on a question: where it was asked, under what policy, and in whose language."""

    claim: Claim
    workspace: Workspace
    policy: Policy
    reader: Language
    showing: Showing
    live: Live | None

    @property
    def held(self) -> Claim:
        """The claim, with the message that the answer is written into by now."""
        live = self.live
        return self.claim if live is None else replace(self.claim, stream_ts=live.ts)


def given_up(attempt: Attempt, error: Exception) -> tuple[Answer, str]:
    """An apology in place of an answer that can never be rendered, so that its lane goes on."""
    mention, name = attempt.claim.mention.id, type(error).__name__
    logger.error("mention %s cannot be delivered: %s\n%s", mention, name, trace(error))
    return notices.apology(mention, attempt.reader), f"{name}: {error}"


def failed(attempt: Attempt, error: Exception) -> tuple[Answer, str]:
    """The last attempt's failure, explained; an earlier one raises to be tried again."""
    claim = attempt.claim
    seen = f"{type(error).__name__}: {error}"
    known = isinstance(error, (AgentError, KnowledgeError, TimeoutError))
    logger.error(
        "mention %s, attempt %d: %s%s",
        claim.mention.id,
        claim.attempts,
        type(error).__name__,
        "" if known else f"\n{trace(error)}",
    )
    if claim.attempts < MAX_ATTEMPTS:
        raise Again(seen) from error
    # The knowledge layer's lines are for whoever runs the bot, and in English.
    why = error.said.to(attempt.reader) if isinstance(error, AgentError) else ""
    return notices.apology(claim.mention.id, attempt.reader, why), seen


def instead(claim: Claim) -> Text | None:
    """What is said where the agent need not be asked."""
    if claim.stopped:
        return stopped_words(claim.mention)
    return None if claim.mention.text or claim.mention.files else notices.EMPTY


def stopped_words(mention: Mention) -> Text:
    """Who pressed stop: anybody in the conversation can, and Slack's event is not kept."""
    alone = mention.kind == "direct"
    return notices.STOPPED if alone else notices.STOPPED_BY_SOMEBODY
