"""Asking whoever vouched for an answer whether it holds, now that its document has changed."""

from agent.errands import Errand
from agent.feedback.stale_answers import author_of, renew, stale_answers, withdraw
from agent.texts import Text
from bot.jobs.errand import Hands
from bot.slack import actions
from bot.slack import feedback_blocks_told as told
from bot.slack.desk import Desk
from bot.slack.errands.privately import privately
from bot.slack.feedback_blocks import SECTION, button, message, quoted
from bot.slack.mrkdwn import to_mrkdwn
from bot.slack.sending import try_again
from bot.slack.splitting import pack

ASK_AGAIN, RECHECK = "ask_again", "recheck"

_CHANGED = Text(
    en="*A document behind an answer of yours has changed,* so I no longer use it. Does it hold?",
    zh="*您核实过的一个回答所依据的文档有改动，*\n因此我不再使用它。它还成立吗？",
)
_STILL_HOLDS = Text(en="It still holds", zh="仍然成立")
_FORGET = Text(en="Forget it", zh="不再使用")
_USED = Text(en="Good: I use it again.", zh="好的：我会继续使用它。")
_FORGOTTEN = Text(en="Good: I do not use it any more.", zh="好的：我不再使用它。")


async def flag_stale(desk: Desk) -> int:
    """Have the author of each stale answer asked, once a change; returns how many are new."""
    new = 0
    for one in await stale_answers(desk.database):
        payload = {"answer": one.id, "question": one.question, "text": one.answer}
        key = f"{ASK_AGAIN}:{one.id}:{one.created_at.isoformat()}"
        new += await desk.errands.accept(Errand(ASK_AGAIN, key, one.team, one.author, payload))
    return new


async def ask_again(hands: Hands) -> None:
    """Ask the author; an admin where the author has left."""
    author, people = hands.held.errand.person, hands.workspace.people
    who = await people.about(author)
    if not who.known:  # whether they are still there
        try_again(hands.held.attempts, "Slack does not say who the author is")
    asked = sorted(people.admins) if who.deleted else [author]
    number = str(hands.payload["answer"])
    for person in asked:
        reader = (await people.about(person)).language
        parts = (
            _CHANGED.to(reader),
            quoted(str(hands.payload["question"])),
            *to_mrkdwn(str(hands.payload["text"])),
        )
        notice = message(
            pack(parts, SECTION),
            button(_STILL_HOLDS.to(reader), actions.STILL_HOLDS, number, style="primary"),
            button(_FORGET.to(reader), actions.FORGET, number),
        )
        await hands.reach(f"to {person}", person, notice)


async def recheck(hands: Hands) -> None:
    """Use the answer again, or never: as its author says, or an admin."""
    errand, database, number = hands.held.errand, hands.desk.database, int(hands.payload["answer"])
    who = await hands.clicked_by()
    author = await author_of(database, errand.team, number)
    # Only forgetting may find nothing because an earlier run of this errand has forgotten it.
    if author is None and (hands.held.attempts == 1 or hands.payload["holds"]):
        await privately(hands, told.GONE)
    elif author is not None and author != errand.person and not who.admin:
        await privately(hands, told.NOT_ASKED)
    elif hands.payload["holds"]:
        await renew(database, errand.team, number, errand.person, who.name or errand.person)
        await privately(hands, _USED)
    else:
        await withdraw(database, errand.team, number)
        await privately(hands, _FORGOTTEN)
