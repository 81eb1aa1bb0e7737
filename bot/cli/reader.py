"""Who reads the answer, as the terminal's options say it."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.documents import Reader


Channel = Annotated[str | None, typer.Option(help="As read by this Slack channel (its ID).")]
User = Annotated[str | None, typer.Option(help="As read by this Slack user (their ID).")]


def reader_of(channel: str | None, user: str | None) -> "Reader":
    """A channel's answer is read by all in it, whoever asks; a user alone reads in private."""
    from knowledge.documents import Reader

    if channel:
        return Reader.of_channel(channel)
    if user:
        return Reader.of_person(user)
    return Reader()
