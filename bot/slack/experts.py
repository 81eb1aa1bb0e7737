"""Asking experts one after the other, and telling what became of it."""

import logging
from collections.abc import Callable
from dataclasses import replace

from agent.answers import Citation
from agent.feedback import handover_tasks, handovers
from agent.feedback.answered import Answered, answered, visible
from agent.feedback.handover_tasks import Task
from agent.feedback.handovers import Handover
from agent.feedback.votes import criticism
from agent.reading.languages import Language
from bot.jobs.errand import Hands
from bot.slack import feedback_blocks_told as told
from bot.slack.blocks import Message
from bot.slack.connection import answered as called
from bot.slack.errors import Refused, SlackError, Undelivered
from bot.slack.expert_chains import CHANNELS, members_of, name_of
from bot.slack.feedback_blocks import Case, task
from bot.slack.people import Person
from bot.slack.sending import Place, undelivered

logger = logging.getLogger(__name__)


async def ask_next(hands: Hands, one: Handover) -> tuple[Handover, tuple[str, ...]]:
    """Ask whose turn it is, or the first after them who can be; returns whom: nobody is left.

    Who was asked already gets no second message.
    """
    while one.holder:
        people = await members_of(hands, one)
        tasks = await handover_tasks.tasks(hands.desk.database, one.id)
        # By whichever errand: another click may have passed it on to them meanwhile.
        known = {each.person for each in tasks if each.step == one.step}
        asked = [each for each in people if each in known or await _ask(hands, one, each)]
        if asked:
            return one, tuple(asked)
        async with hands.desk.database.engine.begin() as connection:
            if not await handovers.pass_on(connection, one.id, one.step):
                return one, ()
        one = replace(one, step=one.step + 1)
    return one, ()


async def may_settle(hands: Hands, one: Handover) -> bool:
    """Whether whoever clicked was asked, in person or in a channel, or is an admin."""
    if one.settlement == hands.held.errand.id:  # so it was found before, and they have done it
        return True
    person, channel = hands.held.errand.person, str(hands.payload.get("channel") or "")
    if await handover_tasks.was_asked(hands.desk.database, one.id, person, channel):
        return True
    return (await hands.clicked_by()).admin


async def close_tasks(
    hands: Hands, one: Handover, shown: Callable[[str, Language], Message]
) -> None:
    """Put what became of it in place of each task; ``shown`` gets who sees it."""
    for each in await handover_tasks.tasks(hands.desk.database, one.id):
        language = (await hands.workspace.people.about(each.person)).language
        await rewrite(hands, each, shown(each.person, language))


async def rewrite(hands: Hands, one: Task, message: Message) -> None:
    """Put a message in place of a task; one that is gone is left alone."""
    update = hands.workspace.client.chat_update(
        channel=one.channel, ts=one.ts, text=message.text, blocks=list(message.blocks)
    )
    try:
        await called(update)
    except Refused as error:
        logger.warning("the task of %s is left as it is: %s", one.handover, error.code)
    except SlackError as error:
        raise undelivered(error, hands.held.attempts) from error


async def tell(
    hands: Hands, name: str, one: Handover, shown: Callable[[Language], Message]
) -> None:
    """Tell the outcome where it was asked, in that place's language; else to the person alone."""
    policy = await hands.desk.policies.of(one.team, one.channel)
    person = await hands.workspace.people.about(one.person)
    message = shown(policy.language or person.language)
    directly = f"{name} directly"
    # Whoever resumes must not find the thread open again, and tell it there as well.
    if one.thread_ts is not None and directly not in hands.held.progress:
        place = Place(one.channel, one.thread_ts, hands.since)
        try:
            await hands.send(name, place, (message,))
        except Undelivered as error:
            if error.retry_in is not None:
                raise
            logger.warning("%s is told directly: %s", one.id, error)
            await hands.note(**{directly: True})
        else:
            return
    await hands.reach(directly, one.person, message)


async def _ask(hands: Hands, one: Handover, person: str) -> bool:
    """Send the task. False: this person cannot be written to."""
    database = hands.desk.database
    who = await hands.workspace.people.about(person)
    message = task(await _case(hands, one, who), who.language)
    try:
        place = await _place(hands, person)
        asked = Task(one.id, person, place.channel, "", one.step)
        await handover_tasks.note_task(database, asked)
        ts = await hands.send(f"task {one.step} {person}", place, (message,))
    except Undelivered as error:
        if error.retry_in is not None:
            raise
        logger.warning("%s cannot be asked for %s: %s", person, one.id, error)
        await handover_tasks.note_unasked(database, one.id, person)
        return False
    asked = replace(asked, ts=ts)
    await handover_tasks.note_task(database, asked)
    now = await handovers.handover(database, one.id)
    if now is not None and now.state != "open":
        # Whoever settled it meanwhile closed the tasks that were noted, and so not this one.
        name = await name_of(hands, now.resolved_by or "")
        await rewrite(hands, asked, told.line(told.SETTLED, who.language, name=name))
    return True


async def _place(hands: Hands, person: str) -> Place:
    if person.startswith(CHANNELS):
        return Place(person, None, hands.since)
    return await hands.direct(person)


async def _case(hands: Hands, one: Handover, viewer: Person) -> Case:
    found = await answered(hands.desk.database, one.mention) if one.mention else None
    votes = await criticism(hands.desk.database, one.mention) if one.mention else ()
    private = found is not None and found.private
    return Case(
        handover=one,
        asker=await name_of(hands, one.person),
        link="" if private or one.channel.startswith("D") else await _permalink(hands, one),
        sources=found.answer.citations if found and found.answer else (),
        nearest=await _nearest(hands, found, viewer),
        searched=found is not None,
        votes=tuple([(await name_of(hands, vote.person), vote) for vote in votes]),
    )


async def _nearest(hands: Hands, found: Answered | None, viewer: Person) -> tuple[Citation, ...]:
    """What came nearest to the question, without what the viewer may not see."""
    near = found.answer.nearest if found and found.answer else ()
    if not near or viewer.admin:
        return near
    belonging = hands.workspace.belonging
    among = belonging.everybody_in if viewer.id.startswith(CHANNELS) else belonging.alone
    reader = await among(viewer.id)
    shown = await visible(hands.desk.database, [each.document_id for each in near], reader)
    return tuple(each for each in near if each.document_id in shown)


async def _permalink(hands: Hands, one: Handover) -> str:
    if one.ts is None:
        return ""
    where = {"channel": one.channel, "message_ts": one.ts}
    asked = hands.workspace.client.api_call("chat.getPermalink", data=where)
    try:
        return str((await called(asked)).get("permalink") or "")
    except SlackError as error:
        logger.info("no link to %s: %s", one.id, error)
        return ""
