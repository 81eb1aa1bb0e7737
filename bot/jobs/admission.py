"""On which terms a question is answered: its channel's policy, the budgets, who reads along."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.answers import Answer, Question, Turn
from agent.budgets import asked_before
from agent.mentions import Claim, Mention
from agent.policies import Policies, Policy
from agent.reading.languages import Language
from agent.texts import Text
from bot.jobs import notices
from bot.slack.people import Person
from bot.slack.workspaces import Workspace
from knowledge.database import Database
from knowledge.documents import Reader

logger = logging.getLogger(__name__)

_UNASKED = frozenset({"mention", "followup", "overheard"})
"""Kinds that a channel which wants no answers is spared; what only its author sees is not."""

NEVER = Text(
    "I do not answer in this channel, its policy says so. Ask me in a direct message or with /ask.",
    "本频道的设置是不回答问题。请私信我，或使用 /ask。",
)
CHANNEL_BUDGET = Text(
    "This channel's {budget} questions for today are used up. It starts again at {when}.",
    "本频道今天的 {budget} 个提问名额已用完，{when} 重新开始。",
)
PERSON_BUDGET = Text(
    "You have asked {budget} questions today, and that is the limit for one person. "
    "It starts again at {when}.",
    "您今天已经提了 {budget} 个问题，达到每人每天的上限，{when} 重新开始。",
)
SHARED = Text(
    "Guests or people from outside the team read along here, so I only looked at public documents.",
    "这里有访客或团队以外的人，所以我只查找了公开文档。",
)
GUEST = Text(
    "You are a guest here, so I only looked at public documents.",
    "您是访客，所以我只查找了公开文档。",
)
UNKNOWN = Text(
    "Slack does not tell me right now who you are, so I only looked at public documents. "
    "Please ask again later.",
    "Slack 暂时没有告诉我您是谁，所以我只查找了公开文档，请稍后再问。",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one question; ``refusal`` is said instead of asking, where it is set."""

    policy: Policy
    person: Person
    reader: Reader
    refusal: Answer | None = None

    @property
    def language(self) -> Language:
        """In which language all around the answer is: the channel's, else the reader's."""
        return self.policy.language or self.person.language

    def question(self, mention: Mention, turns: tuple[Turn, ...]) -> Question:
        """What the agent is asked."""
        return Question(
            mention.text,
            self.reader,
            mention.thread,
            turns,
            mention.team,
            collections=self.policy.collections,
            least_confidence=self.policy.least_confidence,
            language=self.policy.language,
            id=mention.id,
        )

    def explained(self, answer: Answer) -> Answer:
        """An abstention before outsiders says that only public documents were looked at."""
        if not answer.abstained or self.reader != Reader.of_outsiders():
            return answer
        why = GUEST if self.person.outside else SHARED
        said = (why if self.person.known else UNKNOWN).to(self.language)
        return replace(answer, text=f"{answer.text}\n\n{said}")


@dataclass(frozen=True, slots=True)
class Admission:
    """Decides before the agent is asked. ``per_person`` counts questions a day."""

    policies: Policies
    database: Database
    per_person: int

    async def terms(self, claim: Claim, workspace: Workspace) -> Terms:
        """The terms of a question; every attempt at it comes to the same."""
        mention = claim.mention
        policy = await self.policies.of(mention.team, mention.channel)
        person = await workspace.people.about(mention.person)
        terms = Terms(policy, person, await workspace.belonging.reader(mention))
        refusal = await self._refusal(claim, terms)
        if refusal is None:
            return terms
        logger.info("mention %s is not asked: its channel's policy or a budget", mention.id)
        return replace(terms, refusal=notices.notice(refusal))

    async def _refusal(self, claim: Claim, terms: Terms) -> str | None:
        policy = terms.policy
        if policy.answers == "never" and claim.mention.kind in _UNASKED:
            return NEVER.to(terms.language)
        asked = await asked_before(self.database, claim)
        when = _clock(asked.over, terms.person.timezone)
        if policy.daily_budget is not None and asked.in_channel >= policy.daily_budget:
            return CHANNEL_BUDGET.to(terms.language, budget=policy.daily_budget, when=when)
        if asked.by_person >= self.per_person:
            return PERSON_BUDGET.to(terms.language, budget=self.per_person, when=when)
        return None


def _clock(moment: datetime, timezone: str) -> str:
    """A time of day as the reader's clock shows it."""
    try:
        moment, name = moment.astimezone(ZoneInfo(timezone)), timezone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        name = "UTC"
    return f"{moment:%H:%M} ({name})"
