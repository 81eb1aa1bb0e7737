"""The command `knowhow` as a person runs it: a process of its own, one database a test."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NOT_KEPT = ("SLACK_", "OPENAI_", "KNOWHOW_", "PYTHONDONTWRITEBYTECODE")
"""Settings are the test's own; compiled modules are kept, or each command compiles all anew."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one JSON document; fails the test when there is anything else on stdout."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """Its one clear line; fails the test when there is a traceback or a second line."""
        assert self.code != 0
        assert "Traceback" not in self.err
        assert self.err.count("\n") == 1, self.err
        return self.err


@dataclass(frozen=True, slots=True)
class Terminal:
    """A shell whose environment holds only what a test says."""

    home: Path
    database_url: str | None

    async def run(
        self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Ran:
        """Run ``knowhow`` with these arguments to its end."""
        process = await self.start(*arguments, env=env)
        out, err = await process.communicate(stdin.encode())
        return Ran(process.returncode or 0, out.decode(), err.decode())

    async def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> Process:
        """Begin ``knowhow`` with these arguments, for a test that does not let it end."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_KEPT)}
        given = {"KNOWHOW_HOME": str(self.home), "PYTHONWARNINGS": "error"}
        if self.database_url:
            given["KNOWHOW_DATABASE_URL"] = self.database_url
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from bot.cli import main; main()",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**kept, **given, **(env or {})},
        )
