"""What those do who were asked about an answer: correct it, call it right, pass it on."""

from dataclasses import replace
from uuid import UUID

from agent.feedback.answered import owners_of
from agent.feedback.correcting import Correction
from agent.feedback.correcting import correct as keep
from agent.feedback.handover_tasks import tasks
from agent.feedback.handovers import Handover, handover, pass_on, settle
from bot.jobs.errand import Hands
from bot.slack import feedback_blocks_told as told
from bot.slack.errands.home_again import back_home
from bot.slack.errands.privately import privately
from bot.slack.expert_chains import name_of, names_of, people_of
from bot.slack.experts import ask_next, close_tasks, may_settle, rewrite, tell
from bot.slack.feedback_blocks import settled
from knowledge.documents import EVERYONE

CORRECT, IS_RIGHT, NOT_MINE = "correct", "is_right", "not_mine"

_OURS = "it was this one's turn"


async def correct(hands: Hands) -> None:
    """Keep the right answer, and tell all who read the wrong one.

    An expert's answer that is to be remembered comes here as well: it was told already.
    """
    one = await _theirs(hands)
    if one is None:
        return
    payload, person = hands.payload, hands.held.errand.person
    if payload["everyone"] and one.kind == "question" and not one.documents:
        one = replace(one, audience=(EVERYONE,))  # it is the expert's own word alone
    who = await hands.workspace.people.about(person)
    name = who.name or person
    given = Correction(
        errand=hands.held.errand.id,
        question=payload["question"],
        answer=payload["answer"],
        author=person,
        author_name=name,
        by_admin=who.admin,
        blames=bool(payload["blames"]),
    )
    done = await keep(hands.desk.database, hands.library.encoder, given, one)
    if done is None:
        await _was_settled(hands, one)
        return
    if one.kind == "correction":
        answer = payload["answer"]
        await tell(hands, "told", one, lambda to: told.corrected(name, one.question, answer, to))
    if given.blames:
        await _tell_owners(hands, one, given)
    approved = done.approved
    await close_tasks(
        hands, one, lambda _, to: settled(told.task_saved(name, to, approved=approved))
    )


async def is_right(hands: Hands) -> None:
    """Nothing is to be corrected; whoever doubted it is told."""
    one = await _theirs(hands)
    if one is None:
        return
    person = hands.held.errand.person
    async with hands.desk.database.engine.begin() as connection:
        ours = await settle(connection, one.id, person, "right", errand=hands.held.errand.id)
    if not ours:
        await _was_settled(hands, one)
        return
    name = await name_of(hands, person)
    await tell(hands, "told", one, lambda to: told.line(told.HOLDS, to, name=name))
    await close_tasks(hands, one, lambda _, to: settled(told.task_right(name, to)))
    language = (await hands.workspace.people.about(person)).language
    await back_home(hands, told.task_right(name, language)[0])


async def not_mine(hands: Hands) -> None:
    """Ask the next of the chain; whose turn it was no longer is."""
    one = await _theirs(hands)
    if one is None:
        return
    database, step = hands.desk.database, int(hands.payload["step"])
    if one.step == step:  # whoever resumes finds it passed on, and must know by whom
        await hands.note(**{_OURS: True})
    async with database.engine.begin() as connection:
        moved = await pass_on(connection, one.id, step)
    one = await handover(database, one.id) or one
    if one.state != "open":
        await _was_settled(hands, one)
        return
    before = await tasks(database, one.id)
    one, people = await ask_next(hands, one)
    names = await names_of(hands, people)
    for each in (each for each in before if each.step == step):
        language = (await hands.workspace.people.about(each.person)).language
        await rewrite(hands, each, settled(told.task_passed(names, language)))
    if not people and (moved or _OURS in hands.held.progress):
        await tell(hands, "nobody", one, lambda to: told.line(told.NOBODY, to))


async def _theirs(hands: Hands) -> Handover | None:
    """The hand-over, if whoever clicked may act on it; they are told when not."""
    one = await handover(hands.desk.database, UUID(hands.payload["handover"]))
    if one is None or one.team != hands.held.errand.team:
        await privately(hands, told.GONE)
        return None
    if not await may_settle(hands, one):
        await privately(hands, told.NOT_ASKED)
        return None
    return one


async def _tell_owners(hands: Hands, one: Handover, given: Correction) -> None:
    """Those who answer for the documents, other than who corrected it, by direct message."""
    for owner, titles in (await owners_of(hands.desk.database, one.documents)).items():
        for person in await people_of(hands, owner):
            if person == given.author:
                continue
            who = await hands.workspace.people.about(person)
            named = ", ".join(titles)
            notice = told.your_document(given.author_name, named, given.answer, who.language)
            await hands.reach(f"to owner {person}", person, notice)


async def _was_settled(hands: Hands, one: Handover) -> None:
    now = await handover(hands.desk.database, one.id) or one
    await privately(hands, told.SETTLED, name=await name_of(hands, now.resolved_by or ""))
