"""A domain model tuned at an endpoint, in the terminal: trained, killed, gone on with, asked."""

import asyncio
import json
import signal
from pathlib import Path

from tests.fakes.tuning_server import KEY, FakeTuning, fake_tuning
from tests.journeys.terminal import Terminal
from tests.journeys.test_terminal import CRAFT

TRAIN = ("tune", "train", "--backend", "openai", "--base", "base-1", "--set", "n_epochs=2")


def _env(fake: FakeTuning) -> dict[str, str]:
    return {"OPENAI_BASE_URL": fake.url, "OPENAI_API_KEY": KEY, "KNOWHOW_CHAT_MODEL": "none"}


async def test_from_pairs_to_a_tuned_model_and_back_to_the_documents(
    terminal: Terminal, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    lines = [json.dumps({"question": question, "answer": answer}) for question, answer in CRAFT]
    pairs.write_text("\n".join(lines))
    await terminal.run("tune", "import", str(pairs))
    async with fake_tuning(holds_at="running") as fake:
        env = _env(fake)
        unasked = (await terminal.run(*TRAIN, env=env)).complaint
        assert "leave this machine for 127.0.0.1" in unasked
        assert "add --yes" in unasked
        assert fake.calls == []

        killed = await terminal.start(*TRAIN, "--yes", env=env)
        while "events" not in fake.calls:
            await asyncio.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
        await killed.communicate()
        (left,) = (await terminal.run("tune", "runs", "--json")).json["runs"]
        assert (left["state"], left["job"]) == ("stopped", "ftjob-1")

        fake.holds_at = None
        ran = await terminal.run(*TRAIN, "--json", env=env)  # nothing more leaves: nothing to ask
        assert "Going on with training 1." in ran.err
        assert KEY not in ran.err + ran.out
        trained = ran.json
        assert trained["model"] == "ft:base-1:o:knowhow:ftjob-1"
        assert len(fake.jobs) == 1
        status = (await terminal.run("tune", "status", "--json")).json
        assert [one["backend"] for one in status["versions"]] == ["openai"]

        number = str(trained["version"])
        promoted = await terminal.run(
            "tune", "promote", number, "--force", "--reason", "test", env=env
        )
        assert promoted.code == 0, promoted.err
        taught = fake.examples("training.jsonl")[0]["messages"]
        asked = ("ask", taught[1]["content"], "--json")
        answer = (await terminal.run(*asked, env=env)).json
        assert answer["route"] == "domain"
        assert answer["answer"] == f"As I was taught: {taught[2]['content']}"
        assert answer["model"] == f"domain:{trained['version']}"
    dead = (await terminal.run(*asked, env=env)).json
    assert dead["route"] != "domain"
    assert "the domain model did not answer: the domain model ft:base-1" in dead["reason"]


async def test_a_failure_and_a_wrong_command_are_one_line(
    terminal: Terminal, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("\n".join(json.dumps({"question": q, "answer": a}) for q, a in CRAFT))
    await terminal.run("tune", "import", str(pairs))
    assert "nor OPENAI_BASE_URL" in (await terminal.run(*TRAIN, "--yes")).complaint
    async with fake_tuning(fails="Nine examples are too few.") as fake:
        failed = await terminal.run(*TRAIN, "--yes", env=_env(fake))
        assert failed.code == 1
        assert failed.err.endswith("failed the job ftjob-1: Nine examples are too few.\n")
        assert (await terminal.run("tune", "cancel", "1", env=_env(fake))).complaint
    for usage in (TRAIN[:4], (*TRAIN[:6], "--set", "api_key=x"), ("tune", "train", "--set", "r=1")):
        assert (await terminal.run(*usage)).code == 2
