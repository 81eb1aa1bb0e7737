"""Asking an expert, and taking their answer back to who asked."""

from uuid import UUID

from agent.feedback import handover_tasks
from agent.feedback.answered import Answered, answered
from agent.feedback.handovers import Handover, hand_over, handover, settle
from bot.jobs.errand import Hands
from bot.slack import feedback_blocks_told as told
from bot.slack.errands.privately import privately
from bot.slack.expert_chains import chain, name_of, names_of
from bot.slack.experts import ask_next, close_tasks, may_settle, tell
from bot.slack.feedback_blocks import reply_offer, settled
from bot.slack.hearing import hear
from bot.slack.inbound import read_event
from bot.slack.rooms import seen_by
from bot.slack.sending import Place, try_again

_UNTIL_IT_IS_NOTED = 6
"""Attempts: two minutes, for whoever sends it may have died and its lease must run out."""

ASK_EXPERT, EXPERT_ANSWER, TASK_REPLY = "ask_expert", "expert_answer", "task_reply"


async def ask_expert(hands: Hands) -> None:
    """Pass a question on: of the ledger (``mention``), or the message of a shortcut."""
    payload, person = hands.payload, hands.held.errand.person
    if "mention" not in payload:
        await _passed_on(hands, await _of_message(hands))
        return
    found = await answered(hands.desk.database, UUID(payload["mention"]))
    if found is None or found.mention.team != hands.held.errand.team:
        await privately(hands, told.GONE)
    elif not found.may_rate(person, payload["channel"]):
        await privately(hands, told.NOT_YOURS)
    else:
        await pass_question_on(hands, found)


async def pass_question_on(hands: Hands, found: Answered) -> None:
    """The same of a question that whoever clicked can see."""
    mention, answer = found.mention, found.answer
    private = mention.person if found.private else ""
    one = Handover(
        key=_key(mention.team, mention.channel, mention.ts or str(mention.id)),
        kind="question",
        team=mention.team,
        channel=mention.channel,
        ts=mention.ts,
        thread_ts=mention.thread_ts,
        person=hands.held.errand.person,
        mention=mention.id,
        question=(answer.question if answer else "") or mention.text,
        answer=answer.text if answer else "",
        audience=(await seen_by(hands, mention.channel, private),),
        chain=await chain(hands, mention.channel),
        id=hands.held.errand.id,
    )
    await _passed_on(hands, one)


async def _of_message(hands: Hands) -> Handover:
    payload, errand = hands.payload, hands.held.errand
    channel, ts = str(payload["channel"]), str(payload["ts"])
    private = errand.person if channel.startswith("D") else ""
    return Handover(
        key=_key(errand.team, channel, ts),
        kind="question",
        team=errand.team,
        channel=channel,
        ts=ts,
        thread_ts=str(payload.get("thread_ts") or ts),
        person=errand.person,
        mention=None,
        question=str(payload["text"]),
        answer="",
        audience=(await seen_by(hands, channel, private),),
        chain=await chain(hands, channel),
        id=errand.id,
    )


async def _passed_on(hands: Hands, new: Handover) -> None:
    """Ask, and say whom; a question that was passed on already is not passed on again."""
    if not new.chain:
        await privately(hands, told.NO_EXPERT)
        return
    async with hands.desk.database.engine.begin() as connection:
        one = (await hand_over(connection, new))[0]
    if one.id != new.id:
        if one.state == "open" and one.holder:
            await privately(hands, told.ALREADY, names=await _asked(hands, one))
        elif one.state == "open":
            await privately(hands, told.NOBODY)
        else:
            await _was_settled(hands, one)
        return
    one, people = await ask_next(hands, one)
    if not people:
        await privately(hands, told.NOBODY)
        return
    names = await names_of(hands, people)
    await tell(hands, "passed on", one, lambda to: told.line(told.PASSED_ON, to, names=names))


async def expert_answer(hands: Hands) -> None:
    """Take the answer back, once; of several experts the first one's counts."""
    database, payload, person = hands.desk.database, hands.payload, hands.held.errand.person
    text = str(payload.get("text") or "")
    number = payload.get("handover")
    if "reply" in payload:
        reply = await handover_tasks.reply(database, UUID(payload["reply"]))
        number, text = (str(reply.handover), reply.text) if reply else (None, "")
    one = await handover(database, UUID(number)) if number else None
    if one is None or one.team != hands.held.errand.team:
        await privately(hands, told.GONE)
        return
    if not await may_settle(hands, one):
        await privately(hands, told.NOT_ASKED)
        return
    errand = hands.held.errand.id
    async with database.engine.begin() as connection:
        ours = await settle(connection, one.id, person, "answered", errand=errand, resolution=text)
    if not ours:
        await _was_settled(hands, await handover(database, one.id) or one)
        return
    name = await name_of(hands, person)
    await tell(hands, "answer", one, lambda to: told.answered(name, one.question, text, to))
    await close_tasks(
        hands,
        one,
        lambda who, to: settled(
            told.task_answered(name, to), str(one.id) if who == person else "", to
        ),
    )


async def task_reply(hands: Hands) -> None:
    """What an expert wrote below a task: offer to send it, for it may be a question back.

    While a task is being sent there, only its note tells whether that is what they wrote below.
    """
    database, payload, person = hands.desk.database, hands.payload, hands.held.errand.person
    task = await handover_tasks.task_at(database, payload["channel"], payload["thread_ts"])
    if task is not None and not task.ts:
        try_again(hands.held.attempts, "a task is being sent there", _UNTIL_IT_IS_NOTED)
    if task is None or not task.ts:
        await hear(hands.desk, read_event(payload.get("body") or {}, hands.workspace.me))
        return
    one = await handover(database, task.handover)
    if one is None:
        return
    language = (await hands.workspace.people.about(person)).language
    text = str(payload["text"])
    if one.state != "open":
        who = await name_of(hands, one.resolved_by or "")
        offer = told.line(told.SETTLED, language, name=who)
    elif one.kind == "correction":
        offer = told.line(told.HOW_TO_CORRECT, language)
    elif not text:
        offer = told.line(told.ONLY_TEXT, language)
    else:
        reply = await handover_tasks.note_reply(database, task, person, payload["ts"], text)
        offer = reply_offer(text, str(reply.id), await name_of(hands, one.person), language)
    place = Place(payload["channel"], payload["thread_ts"], payload["ts"])
    await hands.send("offer", place, (offer,))


async def _asked(hands: Hands, one: Handover) -> str:
    tasks = await handover_tasks.tasks(hands.desk.database, one.id)
    people = [each.person for each in tasks if each.step == one.step]
    return await names_of(hands, people or [one.holder])  # or they are being written to


async def _was_settled(hands: Hands, one: Handover) -> None:
    await privately(hands, told.SETTLED, name=await name_of(hands, one.resolved_by or ""))


def _key(team: str, channel: str, ts: str) -> str:
    return f"question:{team}:{channel}:{ts}"
