"""What runs for each kind of errand."""

from collections.abc import Mapping

from agent.hearing import CATCH_UP
from bot.jobs.errand import Handler
from bot.slack.errands.catch_up import CATCH_UP_PLACE, catch_up, catch_up_place

HANDLERS: Mapping[str, Handler] = {CATCH_UP: catch_up, CATCH_UP_PLACE: catch_up_place}
"""By the errand's kind; a kind is named for what is done."""
