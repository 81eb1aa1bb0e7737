"""An admin's day with the library: upload, look before the leap, history, removal; many hands."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from tests.fakes.slack_server import BOT_TOKEN, FakeSlack
from tests.journeys.terminal import Terminal

_PASSWORD = "Quokka-4711"
_MANY = 320
"""Documents whose encoding takes seconds after the first of them are stored."""


def _handbook(folder: Path) -> None:
    folder.mkdir()
    (folder / "wifi.md").write_text(
        f"# Guest Wi-Fi\n\nThe guest network is Lobby.\n\nIts password is {_PASSWORD}.\n"
    )
    (folder / "leave.md").write_text("# Leave\n\nEmployees get 27 days of annual leave a year.\n")


def _places_of(words: str, database_url: str) -> list[str]:
    """Every column of every table of the schema in which the words stand."""
    found = []
    with psycopg.connect(database_url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'knowhow' AND data_type <> 'USER-DEFINED'"
        ).fetchall()
        for table, column in columns:
            query = SQL("SELECT count(*) FROM {} WHERE CAST({} AS text) ILIKE %s").format(
                Identifier("knowhow", table), Identifier(column)
            )
            (count,) = connection.execute(query, [f"%{words}%"]).fetchone() or (0,)
            found += [f"{table}.{column}"] if count else []
    return found


async def test_a_documents_life(terminal: Terminal, tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "handbook"
    _handbook(folder)
    first = (await terminal.run("upload", str(folder), "--author", "ada", "--json")).json
    assert (first["added"], first["updated"], first["unchanged"]) == (2, 0, 0)
    assert "changes" not in first

    wifi = folder / "wifi.md"
    wifi.write_text(wifi.read_text().replace("Lobby", "Atrium"))
    rehearsed = (await terminal.run("upload", str(folder), "--dry-run", "--json")).json
    assert (rehearsed["added"], rehearsed["updated"], rehearsed["unchanged"]) == (0, 1, 1)
    assert rehearsed["changes"] == [
        {
            "uri": str(wifi),
            "change": "updated",
            "title": "Guest Wi-Fi",
            "collection": "default",
            "lines_added": 1,
            "lines_removed": 1,
            "fields": {},
        }
    ]
    shown = await terminal.run("upload", str(folder), "--dry-run", env={"COLUMNS": "200"})
    assert "+1 −1" in shown.out
    assert "1 would be updated" in shown.out
    assert "Atrium" not in (await terminal.run("search", "guest network", "--json")).out

    second = (await terminal.run("upload", str(folder), "--json")).json
    assert (second["added"], second["updated"], second["unchanged"]) == (0, 1, 1)
    assert "Atrium" in (await terminal.run("ask", "What is the guest network?", "--json")).out
    listed = (await terminal.run("documents", "list", "--json")).json["documents"]
    (number,) = (str(one["document_id"]) for one in listed if one["title"] == "Guest Wi-Fi")
    versions = (await terminal.run("documents", "history", number, "--json")).json["versions"]
    assert [one["version"] for one in versions] == [2, 1]
    diff = await terminal.run("documents", "history", number, "--diff", "2")
    assert "-The guest network is Lobby." in diff.out
    assert "+The guest network is Atrium." in diff.out
    missing = await terminal.run("documents", "history", number, "--diff", "9")
    assert f"document {number} has no version 9" in missing.complaint

    restored = (await terminal.run("documents", "restore", number, "1", "--json")).json
    assert restored["version"] == 3
    assert "Lobby" in (await terminal.run("ask", "What is the guest network?", "--json")).out
    versions = (await terminal.run("documents", "history", number, "--json")).json["versions"]
    assert [one["version"] for one in versions] == [3, 2, 1]
    assert versions[2]["author"] == "ada"
    again = (await terminal.run("upload", str(folder), "--json")).json
    assert (again["updated"], again["unchanged"]) == (1, 1)  # the source has the last word
    assert "Atrium" in (await terminal.run("ask", "What is the guest network?", "--json")).out

    rehearsal = (await terminal.run("documents", "remove", number, "--dry-run", "--json")).json
    assert (rehearsal["removed"], rehearsal["documents"], rehearsal["versions"]) == (0, 1, 4)
    removed = await terminal.run("documents", "remove", number, "--json")
    assert removed.json["removed"] == 1
    question = "What is the password of the guest network?"
    assert _PASSWORD not in (await terminal.run("ask", question, "--json")).out
    assert _PASSWORD not in (await terminal.run("search", question, "--json")).out
    assert _places_of(_PASSWORD, database_url) == []
    assert _places_of("27 days", database_url) != []  # it can find what is there


async def test_what_failed_is_listed_and_retried_alone(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "handbook"
    _handbook(folder)
    (folder / "plans.md").write_text("<!-- later -->")
    ran = await terminal.run("upload", str(folder), "--collection", "people")
    assert ran.code == 1
    assert "--retry" in ran.err
    listed = await terminal.run("upload", "--failures", env={"COLUMNS": "200"})
    assert f"{folder / 'plans.md'}  it has no text  people" in listed.out
    (folder / "plans.md").write_text("# Plans\n\nWe move to Lisbon.\n")
    retried = (await terminal.run("upload", "--retry", "--json")).json
    assert (retried["added"], retried["unchanged"], retried["failed"]) == (1, 0, [])
    assert (await terminal.run("upload", "--failures", "--json")).json == {"failed": []}
    documents = (await terminal.run("documents", "list", "--json")).json["documents"]
    assert {one["collection"] for one in documents} == {"people"}


async def test_an_upload_needs_paths_or_says_what_it_does(terminal: Terminal) -> None:
    for arguments in (
        [],
        [".", "--retry"],
        ["--retry", "--failures"],
        ["--retry", "--prune"],
        [".", "--expires", "soon"],
    ):
        assert (await terminal.run("upload", *arguments)).code == 2, arguments


async def test_ctrl_c_says_what_is_stored_and_the_next_run_goes_on(
    tmp_path: Path, home: Path, database_url: str, terminal: Terminal
) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    for number in range(_MANY):
        body = f"Some of the words of number {number}. " * 150
        (folder / f"{number:03}.md").write_text(f"# {number}\n\n{body}")
    env = os.environ | {"KNOWHOW_HOME": str(home), "KNOWHOW_DATABASE_URL": database_url}
    stopped = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from bot.cli import main; main()", "upload", str(folder)),
        env=env,
        stderr=asyncio.subprocess.PIPE,
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        while True:
            (count,) = connection.execute("SELECT count(*) FROM knowhow.document").fetchone() or (
                0,
            )
            if count:
                break
            assert stopped.returncode is None
            await asyncio.sleep(0.05)
    stopped.send_signal(signal.SIGINT)
    _, said = await stopped.communicate()
    assert stopped.returncode == 130
    stored = (await terminal.run("documents", "list", "--json")).json["documents"]
    line = f"stopped: {len(stored)} documents stored; run the same command again to continue\n"
    assert said.decode() == line
    again = (await terminal.run("upload", str(folder), "--json")).json
    assert (again["added"], again["unchanged"]) == (_MANY - len(stored), len(stored))


async def test_a_running_worker_encodes_an_upload(
    slack: FakeSlack, tmp_path: Path, home: Path, database_url: str, terminal: Terminal
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.md").write_text(f"# Number {number}\n\nText of number {number}.\n")
    env = os.environ | {
        "KNOWHOW_HOME": str(home),
        "KNOWHOW_DATABASE_URL": database_url,
        "KNOWHOW_LOG_LEVEL": "debug",
        "SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
    }
    log = (tmp_path / "log").open("wb")
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from bot.cli import main; main()", "work"), env=env, stderr=log
    )
    try:
        with psycopg.connect(database_url, autocommit=True) as connection:
            query = "SELECT count(*) FROM knowhow.procrastinate_workers"
            while (connection.execute(query).fetchone() or (0,))[0] < 2:
                assert worker.returncode is None
                await asyncio.sleep(0.05)
        report = (await terminal.run("upload", str(folder), "--json")).json
        assert (report["added"], report["chunks"], report["failed"]) == (60, 60, [])
        assert "staged documents were worked off" in (tmp_path / "log").read_text()
        worker.send_signal(signal.SIGTERM)
        assert await worker.wait() == 0
    finally:
        log.close()
        if worker.returncode is None:
            worker.kill()
            await worker.wait()


async def test_a_folder_says_who_may_see_it_and_a_review_what_is_wrong(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    _handbook(folder)
    (folder / "old.md").write_text("# Old\n\nEmployees get 25 days of annual leave a year.\n")
    (folder / "shouted.md").write_text("# Leave\n\nEMPLOYEES get 27 days of annual leave a year!\n")
    (folder / "hr").mkdir()
    (folder / "hr/pay.md").write_text("# Salaries\n\nThe head of HR earns 90,000 euros.\n")
    (folder / "hr/.knowhow.toml").write_text(
        'audience = "channel:CHR"\nowner = "hr@example.org"\nexpires = 2020-01-31\n'
    )
    report = (await terminal.run("upload", str(folder), "--json")).json
    assert report["added"] == 5
    assert [Path(one["uri"]).name for one in report["duplicates"]] == ["shouted.md"]

    question = "What does the head of HR earn?"
    assert (await terminal.run("ask", question, "--json")).json["abstained"]
    inside = (await terminal.run("ask", question, "--channel", "CHR", "--json")).json
    assert "90,000" in inside["answer"]

    found = (await terminal.run("documents", "review", "--json")).json
    (conflict,) = found["conflicts"]
    assert {conflict["says"], conflict["other_says"]} == {
        "Employees get 25 days of annual leave a year.",
        "Employees get 27 days of annual leave a year.",
    }
    assert [one["document"]["owner"] for one in found["expired"]] == ["hr@example.org"]
    shown = await terminal.run("documents", "review", env={"COLUMNS": "200"})
    assert "Conflicts: 1" in shown.out
    assert "found through the other" in shown.out
    mine = await terminal.run("documents", "review", "--owner", "hr@example.org")
    assert "Expired: 1" in mine.out
    assert "Conflicts" not in mine.out

    (folder / "hr/.knowhow.toml").write_text('audiance = "everyone"\n')
    barred = await terminal.run("upload", str(folder), "--prune")
    assert barred.code == 1
    assert "unknown setting 'audiance'" in barred.err
    assert (await terminal.run("ask", question, "--json")).json["abstained"]
