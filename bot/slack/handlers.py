"""What runs for each kind of errand."""

from collections.abc import Mapping

from bot.jobs.errand import Handler
from bot.slack.errands.save import save
from bot.slack.errands.share import share
from bot.slack.errands.suggest import suggest
from bot.slack.errands.tell import tell

HANDLERS: Mapping[str, Handler] = {
    "save": save,
    "share": share,
    "suggest": suggest,
    "tell": tell,
}
"""By the errand's kind; a kind is named for what is done."""
