"""The forms that a task's buttons open: for those who were asked, and for admins."""

from collections.abc import Callable

from agent.feedback.handover_tasks import was_asked
from agent.feedback.handovers import Handover
from agent.reading.languages import Language
from bot.slack.clicks import GONE, NOT_ASKED, Click, View, in_time, say, show_form
from bot.slack.desk import Desk


async def open_task_form(
    desk: Desk, click: Click, one: Handover | None, form: Callable[[Handover, Language], View]
) -> None:
    """Open it; to whom it is not for, or where the hand-over is gone, that is said instead."""
    if one is None or one.team != click.team:
        await say(desk, click, GONE)
        return
    async with in_time(desk, click):
        asked = await was_asked(desk.database, one.id, click.person, click.channel)
        people = (await desk.workspaces.of(click.team)).people
        if asked or (await people.about(click.person)).admin:
            await show_form(desk, click, lambda reader: form(one, reader))
        else:
            await say(desk, click, NOT_ASKED)
