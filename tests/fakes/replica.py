"""A real streaming replica of the embedded server, made by the bundled pg_basebackup."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from knowledge.embedded import run_tool


@contextmanager
def replica_of(url: str) -> Iterator[str]:
    """A replica of the server that holds the database at ``url``; yields its address there."""
    address = make_url(url)
    # Not in pytest's own folders: a socket's path may have only 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="replica"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "pgserver")
        run_tool(
            *("pg_basebackup", "-h", str(address.query["host"]), "-U", "postgres"),
            *("-D", str(data), "-R", "-X", "stream", "-c", "fast", "--no-manifest", "--no-sync"),
        )
        options = f"-k {folder} -c listen_addresses= -c max_connections=200"
        log = str(folder / "log")
        run_tool("pg_ctl", "-D", str(data), "-l", log, "-w", "-o", options, "start")
        try:
            replica = address.update_query_dict({"host": str(folder)})
            yield replica.render_as_string(hide_password=False)
        finally:
            run_tool("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
