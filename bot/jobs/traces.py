"""Where something failed, for the log."""

import traceback


def trace(error: BaseException) -> str:
    """The frames alone: an exception's own words may quote what people wrote."""
    return "".join(traceback.format_tb(error.__traceback__)).rstrip()
