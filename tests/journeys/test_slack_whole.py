"""The whole of it: Slack in, every real part between, Slack out; only Slack and the model faked."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agent.learned.registry import Registry
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from bot.live_agent import open_agent
from bot.settings import Settings
from bot.wiring import Knowhow, open_knowhow
from knowledge.database import Database
from knowledge.uploading.upload import upload
from tests.fakes.openai_server import Reply, fake_openai
from tests.fakes.running import running_bot
from tests.fakes.slack_server import FakeSlack
from tests.journeys.test_slack_http import CALL, answered, ask
from tests.journeys.test_terminal import CRAFT, LEAVE


async def _taught(knowhow: Knowhow, folder: Path) -> None:
    """A handbook page, and a promoted model of the team's craft."""
    (folder / "leave.md").write_text(LEAVE)
    pairs = folder / "pairs.jsonl"
    pairs.write_text("".join(f'{{"question": "{q}", "answer": "{a}"}}\n' for q, a in CRAFT))
    await upload([folder / "leave.md"], library=knowhow.library, encoder=knowhow.encoder)
    await import_pairs(pairs, knowhow.database)
    trained = await train(knowhow.database, knowhow.encoder)
    await Registry(knowhow.database).promote(trained.version, "a test")


@pytest.mark.parametrize("socket", [False, True])
async def test_a_team_is_answered_in_the_thread(
    slack: FakeSlack,
    database: Database,
    database_url: str,
    home: Path,
    tmp_path: Path,
    *,
    socket: bool,
) -> None:
    settings = Settings(home=home, database_url=SecretStr(database_url))
    async with open_knowhow(settings) as knowhow, open_agent(knowhow) as agent:
        await _taught(knowhow, tmp_path)
        async with running_bot(slack, database, agent, socket=socket) as bot:

            async def say(text: str, **fields: str) -> Any:
                if not socket:
                    return await ask(slack, bot, text, **fields)
                message = slack.say("C1", text, **fields)
                kind = "app_mention" if CALL in text else "message"
                await slack.send_socket(slack.event(message, "C1", kind))
                return message

            asked = await say(f"{CALL} how many days of annual leave do employees get?")
            (written,) = await answered(slack)
            assert written["thread_ts"] == asked["ts"]
            assert "27 days" in written["text"]
            assert "<https://handbook.example/leave|Annual leave" in written["text"]

            await say("and for contractors?", thread_ts=asked["ts"])
            _, followed = await answered(slack, count=2)
            assert "invoice only the days they work" in followed["text"]

            await say(f"{CALL} two blue blinks on the logger, what does that mean?")
            *_, craft = await answered(slack, count=3)
            assert "dock it" in craft["text"]
            assert "verified answers" in craft["text"]

            await say(f"{CALL} who won the chess olympiad of 1972?")
            *_, unknown = await answered(slack, count=4)
            assert "I don't know" in unknown["text"]


async def test_what_a_chat_model_writes_is_cited_and_escaped(
    slack: FakeSlack, database: Database, database_url: str, home: Path, tmp_path: Path
) -> None:
    said = "Employees get 27 days [1]. <!channel> See [here](https://evil.example/x) & more."
    async with fake_openai(Reply(said)) as model:
        settings = Settings(
            home=home,
            database_url=SecretStr(database_url),
            openai_base_url=model.url,
            chat_model="any",
            chat_price=(1.0, 2.0),
        )
        async with open_knowhow(settings) as knowhow, open_agent(knowhow) as agent:
            (tmp_path / "leave.md").write_text(LEAVE)
            await upload([tmp_path / "leave.md"], library=knowhow.library, encoder=knowhow.encoder)
            async with running_bot(slack, database, agent) as bot:
                await ask(slack, bot, f"{CALL} how many days of annual leave do employees get?")
                (written,) = await answered(slack)
    assert "27 days" in written["text"]
    assert "https://handbook.example/leave" in written["text"]
    assert "evil.example" not in str(written)
    assert "<!channel>" not in str(written)
    assert "&amp; more" in written["text"]
