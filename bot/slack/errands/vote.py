"""👍 and 👎 under an answer, and what is said to be wrong with it."""

from typing import Any
from uuid import UUID

from agent.answers import Answer
from agent.feedback import votes
from agent.feedback.answered import Answered, answered, resting
from agent.feedback.handovers import Handover, hand_over
from agent.feedback.votes import Vote
from bot.jobs.errand import Hands
from bot.slack import feedback_blocks_told as told
from bot.slack.errands.expert import pass_question_on
from bot.slack.errands.privately import privately
from bot.slack.expert_chains import chain, name_of
from bot.slack.experts import ask_next
from bot.slack.rooms import seen_by

VOTE, COMPLAIN = "vote", "complain"

_OWN_WORDS = frozenset({"chat", "clarify"})


async def vote(hands: Hands) -> None:
    """Keep the vote; whoever gives a bad one has the form before them now."""
    good = bool(hands.payload["good"])
    if await _cast(hands, good=good) is not None and good:
        await privately(hands, told.THANKS)


async def complain(hands: Hands) -> None:
    """Keep what is wrong, and ask whoever answers for it; what had no answer goes to an expert."""
    payload = hands.payload
    found = await _cast(hands, good=False, fault=payload["fault"], said=payload["said"])
    if found is None or found.answer is None or found.answer.route in _OWN_WORDS:
        return
    if found.answer.abstained:
        await pass_question_on(hands, found)
        return
    one = await _handed_over(hands, found, found.answer)
    if one.id != hands.held.errand.id:
        if one.state != "open":
            who = await name_of(hands, one.resolved_by or "")
            await privately(hands, told.SETTLED, name=who)
        return
    one, people = await ask_next(hands, one)
    if not people:
        await privately(hands, told.NOBODY)


async def _handed_over(hands: Hands, found: Answered, answer: Answer) -> Handover:
    """The one hand-over of this answer; its id is the errand's where this complaint made it."""
    mention, database = found.mention, hands.desk.database
    place = await seen_by(hands, mention.channel, mention.person if found.private else "")
    rests = await resting(database, answer, place)
    one = Handover(
        key=f"correction:{mention.id}",
        kind="correction",
        team=mention.team,
        channel=mention.channel,
        ts=mention.ts,
        thread_ts=mention.thread_ts,
        person=mention.person,
        mention=mention.id,
        question=answer.question or mention.text,
        answer=answer.text,
        audience=rests.audience or (place,),
        documents=rests.documents,
        chain=await chain(hands, mention.channel, rests.owners),
        id=hands.held.errand.id,
    )
    async with database.engine.begin() as connection:
        return (await hand_over(connection, one))[0]


async def _cast(hands: Hands, **said: Any) -> Answered | None:
    """None: there is no such answer, or not for this person's eyes; they are told."""
    errand, payload = hands.held.errand, hands.payload
    found = await answered(hands.desk.database, UUID(payload["mention"]))
    if found is None or found.mention.team != errand.team:
        await privately(hands, told.GONE)
        return None
    if not found.may_rate(errand.person, payload["channel"]):
        await privately(hands, told.NOT_YOURS)
        return None
    async with hands.desk.database.engine.begin() as connection:
        await votes.cast(connection, Vote(found.mention.id, errand.team, errand.person, **said))
    return found
