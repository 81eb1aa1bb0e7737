"""The first node: a follow-up becomes a question that stands alone."""

import re
import unicodedata

from langgraph.runtime import Runtime

from agent.answers import Question, Turn
from agent.deps import Deps
from agent.errors import ModelUnavailable, UnusableQuestion
from agent.followups import earlier_questions, follows_up, is_lost, without_particles
from agent.prompting.prompt_texts import REWRITING
from agent.prompting.prompts import rewriting
from agent.state import Exchange, State, Understood
from agent.texts import Text
from knowledge.documents import Query
from knowledge.retrieval.search import Search

MAX_CHARACTERS = 10_000
TURNS_KEPT = 12

_LONGEST_REWRITE = 1_000

_EMPTY = Text(
    "the question is empty: write what you want to know", "问题是空的：请写下您想了解什么"
)
_TOO_LONG = Text(
    "the question has {length:,} characters, the limit is {limit:,}: "
    "shorten it, or upload the text and ask about it",
    "问题有 {length:,} 个字符，上限是 {limit:,} 个：请缩短问题，或上传这段文字后再提问",
)


async def understand(state: State, runtime: Runtime[Deps]) -> State:
    """Take the question and what its readers may recall of the conversation."""
    question = state["question"]
    text = usable(question.text)
    before = others(state.get("exchanges", []), question)
    exchanges = await _standing(before, runtime.context.search)
    turns = recalled(exchanges, question)
    update = State(turns=turns, understood=standalone(text, turns), notes=(), costs=(), prompts=())
    if runtime.context.chat is None or not turns or not follows_up(text):
        return update
    prompt = runtime.context.prompts.of(REWRITING, question.workspace)
    update["prompts"] = (prompt.label,)
    try:
        completion = await runtime.context.chat.complete(rewriting(prompt, text, turns))
    except ModelUnavailable as error:
        update["outage"] = error.said
        update["costs"] = (None,)
        return update
    rewritten = " ".join(completion.text.split())[:_LONGEST_REWRITE]
    update["understood"] = Understood(rewritten, Query(rewritten))
    update["costs"] = (completion.cost_usd,)
    return update


def usable(text: str) -> str:
    """The question without characters that no database stores; raises UnusableQuestion."""
    cleaned = "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
    ).strip()
    if not cleaned:
        raise UnusableQuestion(_EMPTY.filled())
    if len(cleaned) > MAX_CHARACTERS:
        raise UnusableQuestion(_TOO_LONG.filled(length=len(cleaned), limit=MAX_CHARACTERS))
    return cleaned


def others(exchanges: list[Exchange], question: Question) -> list[Exchange]:
    """Without what an earlier attempt at this very question left, before its worker died."""
    return [one for one in exchanges if not one.id or one.id != str(question.id)]


async def _standing(exchanges: list[Exchange], search: Search) -> list[Exchange]:
    """Without those whose answer rests on a document that has been removed."""
    cited = {number for exchange in exchanges for number in exchange.documents}
    there = await search.existing(cited) if cited else cited
    return [exchange for exchange in exchanges if there.issuperset(exchange.documents)]


def recalled(exchanges: list[Exchange], question: Question) -> tuple[Turn, ...]:
    """The last turns that all readers of this answer were readers of, oldest first."""
    remembered = [
        turn
        for exchange in exchanges
        if set(exchange.principals) <= set(question.reader.principals)
        for turn in (Turn("user", exchange.question), Turn("agent", exchange.answer))
    ]
    return (*question.turns, *remembered)[-TURNS_KEPT:]


def standalone(text: str, turns: tuple[Turn, ...]) -> Understood:
    """The question joined to the earlier ones it leans on; without a model, nothing is reworded."""
    if not follows_up(text):
        return Understood(text, Query(text))
    earlier = earlier_questions(turns, text)
    if not earlier:
        return Understood(text, Query(text), lost=is_lost(text))
    joined = " ".join(re.sub(r"\s+", " ", part) for part in (*earlier, text))
    return Understood(joined, Query(without_particles(text), earlier))
