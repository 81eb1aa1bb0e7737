"""What runs for each kind of errand."""

from collections.abc import Mapping

from bot.jobs.errand import Handler

HANDLERS: Mapping[str, Handler] = {}
"""By the errand's kind; a kind is named for what is done."""
