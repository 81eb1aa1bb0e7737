"""The command `knowhow`: every group of commands in a file of its own.

Nothing heavy is imported here or at the top of those files, so that ``--help`` answers at once;
each command opens what it needs through `bot.wiring`.
"""

import typer

from bot.cli import (
    asking,
    consent,
    digest,
    documents,
    evaluating,
    gaps,
    generating,
    policies,
    prompts,
    questions,
    searching,
    serving,
    tuning,
    uploading,
    workspaces,
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
    policies,
    searching,
    evaluating,
    tuning,
    consent,
    prompts,
    gaps,
    digest,
    serving,
    workspaces,
)
for group in _GROUPS:
    group.register(app)


def main() -> None:
    """Run the command line."""
    app()
