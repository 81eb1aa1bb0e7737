"""What runs for each kind of errand."""

from collections.abc import Mapping

from agent.hearing import CATCH_UP
from bot.jobs.digest_clock import DIGEST
from bot.jobs.errand import Handler
from bot.slack.clicks import SAY
from bot.slack.errands import correct, expert, privately, stale, vote
from bot.slack.errands.catch_up import catch_up, catch_up_place
from bot.slack.errands.digest import digest
from bot.slack.errands.gaps import GAPS, gaps
from bot.slack.errands.home import home
from bot.slack.errands.home_again import HOME, then_home
from bot.slack.errands.save import save
from bot.slack.errands.share import share
from bot.slack.errands.suggest import suggest
from bot.slack.hearing import CATCH_UP_PLACE

HANDLERS: Mapping[str, Handler] = {
    CATCH_UP: catch_up,
    CATCH_UP_PLACE: catch_up_place,
    HOME: home,
    GAPS: gaps,
    DIGEST: digest,
    SAY: privately.say,
    vote.VOTE: vote.vote,
    vote.COMPLAIN: vote.complain,
    expert.ASK_EXPERT: expert.ask_expert,
    expert.EXPERT_ANSWER: then_home(expert.expert_answer),
    expert.TASK_REPLY: expert.task_reply,
    correct.CORRECT: then_home(correct.correct),
    correct.IS_RIGHT: then_home(correct.is_right),
    correct.NOT_MINE: correct.not_mine,
    stale.ASK_AGAIN: stale.ask_again,
    stale.RECHECK: then_home(stale.recheck),
    "save": save,
    "share": share,
    "suggest": suggest,
}
"""By the errand's kind; a kind is named for what is done."""
