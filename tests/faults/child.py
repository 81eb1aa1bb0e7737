"""What a process of the fleet runs: the real command line, forked from one that has imported it.

A fork is there in a tenth of a second where a fresh interpreter takes three: with five hundred
kills that is the difference between minutes and an hour.
"""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

import bot.cli

for _module in (  # what the commands load when they run, loaded once in the server that forks
    "agent.conversation",
    "bot.http",
    "bot.jobs.ingest",
    "bot.live_agent",
    "bot.slack.service",
    "bot.slack.socket",
    "bot.wiring",
    "bot.worker",
    "knowledge.embedding.minilm",
    "knowledge.uploading.upload",
    "openai.resources.chat.completions",
):
    importlib.import_module(_module)


def run(arguments: Sequence[str], environment: Mapping[str, str], log: str) -> None:
    """Be ``knowhow ARGUMENTS`` with this environment alone; stdout and stderr go to ``log``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLACK_", "OPENAI_", "KNOW"))}
    os.environ.clear()
    os.environ.update(kept | dict(environment))
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    sys.argv = ["knowhow", *arguments]
    bot.cli.main()
