"""What a process of the fleet runs: the real command line, forked from a server that has imported it.

A fork is there in a tenth of a second where a fresh interpreter takes three: with five hundred
kills that is the difference between minutes and an hour.
"""

import os
import sys
from collections.abc import Mapping, Sequence

# What `knowhow serve` and `knowhow work` load, loaded once in the server that forks.
import agent.conversation
import bot.cli
import bot.http
import bot.jobs.ingest
import bot.live_agent
import bot.slack.service
import bot.slack.socket
import bot.wiring
import bot.worker
import knowledge.embedding.minilm
import knowledge.uploading.upload  # noqa: F401 - loaded for the children


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
