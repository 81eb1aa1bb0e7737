"""Everything the graph's nodes need from outside, in one value."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from agent.feedback.verified import VerifiedAnswers
from agent.learned.domain import DomainModel
from agent.paid_replies import Completes, PaidReplies
from agent.prompting.prompts import Prompts
from agent.routing.routing import Decision, Evidence
from agent.routing.small_talk import SmallTalk
from knowledge.embedding import Encoder
from knowledge.retrieval.search import Search

BUILT_IN_ALONE = Prompts()


class Decides(Protocol):
    """The router as the graph needs it."""

    def decide(self, evidence: Evidence) -> Decision:
        """The route of one question; pure and instant."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """``domain`` is None while no model is promoted, ``chat`` None without a chat model.

    ``router_model`` is asked which side answers where the router is in doubt; None: nobody is.
    ``verified`` is None where answers that people vouched for do not count: in evaluations.
    ``clock`` gives seconds and is only ever subtracted from itself.
    """

    search: Search
    encoder: Encoder
    router: Decides
    small_talk: SmallTalk
    domain: DomainModel | None = None
    chat: Completes | None = None
    prompts: Prompts = BUILT_IN_ALONE
    router_model: Completes | None = None
    verified: VerifiedAnswers | None = None
    replies: PaidReplies | None = None
    """Where replies are kept for whoever resumes a question; None: they are not."""

    clock: Callable[[], float] = perf_counter
