"""What runs for each kind of errand."""

from collections.abc import Mapping

from bot.jobs.digest_clock import DIGEST
from bot.jobs.errand import Handler
from bot.slack.errands.digest import digest
from bot.slack.errands.gaps import GAPS, gaps
from bot.slack.errands.home import HOME, home

HANDLERS: Mapping[str, Handler] = {
    HOME: home,
    GAPS: gaps,
    DIGEST: digest,
}
"""By the errand's kind; a kind is named for what is done."""
