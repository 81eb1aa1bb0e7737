"""Showing a private answer to its channel, if everybody there may see all of it."""

from dataclasses import replace

from agent.answers import Answer
from agent.reading.languages import Language
from agent.sharing import Given, Hidden, given_answer, hidden_from, is_shared
from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack.blocks import Block, Message, answer_messages
from bot.slack.errands.privately import privately, was_said
from bot.slack.errors import Undelivered
from bot.slack.frame import Frame
from bot.slack.home_parts import shortened
from bot.slack.mrkdwn import escape
from bot.slack.places import channel_of
from bot.slack.sending import Place, try_again
from knowledge.documents import Reader

SHARED = Text(en="Shared with the channel.", zh="已分享到频道。")
ALREADY = Text(en="This answer is in the channel already.", zh="这个回答已经在频道里了。")
NOTHING = Text(en="There is no answer to share.", zh="没有可以分享的回答。")
NOT_YOURS = Text(
    en="Only the person who asked can share this answer.", zh="只有提问的人才能分享这个回答。"
)
NOT_IN_CHANNEL = Text(
    en="I cannot post there: invite me with `/invite`, then share it again.",
    zh="我无法在那里发言：请先用 `/invite` 邀请我，再分享一次。",
)
HIDDEN = Text(
    en="I did not share it: not everybody in the channel may see {titles}. "
    "Only you have seen the answer.",
    zh="我没有分享：频道里并非所有人都能查看 {titles}。只有您看到了这个回答。",
)
HIDDEN_MODEL = Text(
    en="I did not share it: it comes from answers that not everybody in the channel may see. "
    "Only you have seen it.",
    zh="我没有分享：它来自并非频道里所有人都能查看的内部答案。只有您看到了它。",
)
OFF = Text(
    en="I did not share it: I am switched off in that channel.",
    zh="我没有分享：我在那个频道里已停用。",
)
BY = Text(
    en="{person} asked me “{question}” and shares the answer:",
    zh="{person} 问了我“{question}”，并分享回答：",
)

_LONGEST_QUESTION = 500
_ANSWERS = frozenset({"knowledge", "domain", "both"})


async def share(hands: Hands) -> None:
    """Post the answer under the question and the person's name, or say to them why not."""
    if was_said(hands):  # what they were told holds, whatever has changed since
        return
    line = await _shared(hands)
    await privately(hands, line, replace=line is SHARED)


async def _shared(hands: Hands) -> Text | str:
    errand, database = hands.held.errand, hands.desk.database
    given = await given_answer(database, hands.payload["mention"])
    if given is None or given.answer.route not in _ANSWERS:
        return NOTHING
    asker = (given.mention.person, given.mention.team)
    if asker != (errand.person, errand.team):
        return NOT_YOURS
    if await is_shared(database, errand.lane, errand.id):
        return ALREADY
    # Once it is decided and begun, it is finished.
    if "posting" not in hands.held.progress:
        if refused := await _refused(hands, given):
            return refused
        await hands.note(posting=True)
    return await _posted(hands, given)


async def _refused(hands: Hands, given: Given) -> Text | str | None:
    """Why the channel may not be shown the answer; None: it may."""
    mention = given.mention
    policy = await hands.desk.policies.of(mention.team, mention.channel)
    if policy.answers == "never":
        return OFF
    channel = await channel_of(hands.workspace.client, mention.channel)
    if channel is None:
        try_again(hands.held.attempts, "Slack does not say what the channel is")
    if channel is None or not channel.member:
        return NOT_IN_CHANNEL
    belonging = hands.workspace.belonging
    reader = Reader.of_outsiders() if channel.shared else await belonging.team_in(mention.channel)
    hidden = await hidden_from(hands.desk.database, given.answer, reader)
    if hidden and not channel.shared and not await belonging.is_told(mention.channel):
        try_again(hands.held.attempts, "Slack does not say who reads along")
    person = await hands.workspace.people.about(mention.person)
    return refusal(hidden, person.language) if hidden else None


async def _posted(hands: Hands, given: Given) -> Text:
    mention = given.mention
    person = await hands.workspace.people.about(mention.person)
    policy = await hands.desk.policies.of(mention.team, mention.channel)
    language = policy.language or person.language
    name = escape(person.name or "…")
    question = escape(shortened(" ".join(mention.text.split()), _LONGEST_QUESTION))
    header = BY.to(language, person=name, question=question)
    messages = shared_messages(given.answer, header, language)
    try:
        await hands.send("shared", Place(mention.channel, None, hands.since), messages)
    except Undelivered as error:
        if error.retry_in is not None:
            raise
        return NOT_IN_CHANNEL
    return SHARED


def refusal(hidden: Hidden, language: Language) -> str:
    """Why the channel is not shown the answer; the asker has seen the titles already."""
    if not hidden.titles:
        return HIDDEN_MODEL.to(language)
    return HIDDEN.to(language, titles=", ".join(f"“{escape(one)}”" for one in hidden.titles))


def shared_messages(answer: Answer, header: str, language: Language) -> tuple[Message, ...]:
    """The answer as the channel sees it: who shares it, what was asked, and the answer."""
    first, *others = answer_messages(answer, Frame(language))
    above: Block = {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": header, "verbatim": True}],
    }
    text = f"{header}\n\n{first.text}"
    return (replace(first, text=text, blocks=(above, *first.blocks)), *others)
