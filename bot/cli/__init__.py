"""The command `knowhow`: every group of commands in a file of its own.

Nothing heavy is imported here or at the top of those files, so that ``--help`` answers at once;
each command opens what it needs through `bot.wiring`.
"""

import typer

from bot.cli import (
    asking,
    digest,
    documents,
    evaluating,
    gaps,
    generating,
    prompts,
    questions,
    searching,
    serving,
    tuning,
    uploading,
)

app = typer.Typer(
    name="knowhow",
    help="A teammate that knows what your team has written and what it has learned to do.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
_GROUPS = (
    asking,
    uploading,
    documents,
    questions,
    generating,
    searching,
    evaluating,
    tuning,
    prompts,
    gaps,
    digest,
    serving,
)
for group in _GROUPS:
    group.register(app)


def main() -> None:
    """Run the command line."""
    app()
