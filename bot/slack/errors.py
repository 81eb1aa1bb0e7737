"""Everything that can go wrong between us and Slack, as one tree.

SlackError
├── RateLimited   nothing happened; again after ``seconds``
├── Refused       nothing happened and nothing will: ``code`` is Slack's name for it
├── Ambiguous     the response was lost or says nothing: it may have happened
├── Undelivered   a message is not in Slack; again later, or never
└── NotInstalled  the workspace does not have us, or no longer
"""

from datetime import timedelta


class SlackError(Exception):
    """Base of the layer; one line for whoever runs the bot, never for whoever asked."""


class RateLimited(SlackError):
    """Too many calls; nothing happened."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"rate limited for {seconds:g} s")
        self.seconds = seconds


class Refused(SlackError):
    """Slack understood and said no."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Ambiguous(SlackError):
    """Nobody can tell from here whether it happened."""


class Undelivered(SlackError):
    """The message is not in Slack; again after ``retry_in``, None: it never will be."""

    def __init__(self, reason: str, retry_in: timedelta | None) -> None:
        super().__init__(reason)
        self.retry_in = retry_in


class NotInstalled(SlackError):
    """The bot has no token for the workspace."""
