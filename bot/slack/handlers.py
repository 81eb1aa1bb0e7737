"""What runs for each kind of errand."""

from collections.abc import Mapping

from bot.jobs.errand import Handler
from bot.slack.errands.tell import tell

HANDLERS: Mapping[str, Handler] = {"tell": tell}
"""By the errand's kind; a kind is named for what is done."""
