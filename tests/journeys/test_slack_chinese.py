"""Everything that Slack shows a reader of Chinese is Chinese, but for names, commands and quotes.

Walks every listener and every tab of Home; a text that bypasses `agent.texts` turns up here.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, update

from agent.feedback.verified import NewAnswer, add
from agent.learned.promotions import Canary
from agent.learned.registry import Registry
from agent.tables import evaluation, pair, pair_review
from agent.tuning.gate import decide
from agent.tuning.pair_queue import review_key
from bot.slack import actions
from bot.slack.home_place import TABS
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding.minilm import MiniLM
from tests.agent.gaps.asked import TEAM, asked
from tests.fakes.running import running_bot
from tests.fakes.scripted_agent import ScriptedAgent
from tests.fakes.slack_server import FakeSlack
from tests.journeys.homes import candidates, clicked, document
from tests.journeys.samples import SAMPLES
from tests.journeys.scene import QUESTION, SECRET, scene
from tests.journeys.test_slack_faults import deliver, settled
from tests.journeys.test_slack_home import STEPS

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_SHOWN = {"text", "label", "placeholder", "title", "submit", "close", "hint", "confirm", "deny"}
_NOT_OURS = re.compile(r"`[^`]*`|<[^>]*>|https?://\S+|[\w-]+(?:\.[a-z]+)+|p = [\d.e-]+")
_NAMES = {"Knowhow", "Slack", "UTC", "ID", "English", "default", "openai"}
"""Of products and things that are called so in Chinese as well; ``English`` names itself."""

_QUOTED = re.compile(
    rf"{re.escape(QUESTION)}|{SECRET}|Contractors get 27 days|You have 28 days|about:|a task"
)
"""What the scene's people and documents say, in English."""


def texts(shown: Any, *, ours: bool = False) -> Iterator[str]:
    """Every string in a view or a message that a person reads."""
    if isinstance(shown, str) and ours:
        yield shown
    elif isinstance(shown, dict):
        for name, value in shown.items():
            yield from texts(value, ours=name in _SHOWN)
    elif isinstance(shown, list):
        for one in shown:
            yield from texts(one)


def english(shown: Any) -> list[str]:
    """The strings that hold an English word that is nobody's name, quote or command."""
    left = {one: _QUOTED.sub(" ", _NOT_OURS.sub(" ", one)) for one in texts(shown)}
    return [
        one for one, rest in left.items() if not _NAMES.issuperset(re.findall("[A-Za-z]{2,}", rest))
    ]


def speaking_chinese(slack: FakeSlack) -> None:
    for user in ("U1", "U2", "U3", "U9"):
        slack.people[user] = slack.people.get(user, {}) | {"locale": "zh-CN", "real_name": "阿"}


async def test_no_listener_says_anything_in_english(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    on = await scene(slack, database, encoder)
    speaking_chinese(slack)
    async with running_bot(
        slack, database, ScriptedAgent(), encoder=encoder, steps=STEPS, sweep_every_s=0.1
    ) as bot:
        for kind, name, sample in SAMPLES:
            if name in {"app_uninstalled", "tokens_revoked"}:
                continue
            _, reply = await deliver(slack, bot, sample(on))
            await settled(database)
            said = json.loads(reply) if reply.startswith("{") else {}
            assert english([said, *slack.homes.values()]) == [], (kind, name)
    posted = [m for channel in list(slack.messages) for m in slack.answers(channel)]
    shown = [*posted, *slack.responses, *slack.ephemerals, *slack.views]
    assert len(set(texts(shown))) > 80
    assert english(shown) == []


async def _full(database: Database, encoder: MiniLM) -> None:
    """Something for every tab of Home to show, in Chinese where people wrote it."""
    claim = "办公室的厨房每个工作日晚上{}点关门，届时请把所有窗户关好。"
    for name, hour in (("a", 17), ("b", 18)):
        await document(database, encoder, name, claim.format(hour), owner="U2", collection="手册")
    await document(database, encoder, "c", "旧的。", collection="手册", expires_at=NEW_YEAR)
    await asked(database, "谁来浇花？", "U3", at=datetime.now(UTC))
    given = {"by_admin": False, "quoted": False, "audience": (EVERYONE,)}
    new = NewAnswer(TEAM, "多久？", "两天。", "U2", "阿", documents=(1,), versions=(9,), **given)  # type: ignore[arg-type]  # its fields
    registry = Registry(database)
    for _ in range(3):
        await registry.add("openai", "minilm", b"", {"pairs": 5})
    await registry.promote(1, "the bundled sample")
    await registry.promote(2, "rolled back in Slack", Canary(("C1",)))
    await registry.rollback("rolled back in Slack")
    await registry.promote(2, "rolled back in Slack")
    await registry.rollback("rolled back in Slack")
    why = decide([True] * 120, [False] * 120, range(120)).why
    row = {"version": 3, "against": 1, "source": "x", "report": {"why": why}, "verdict": "reject"}
    numbers = await candidates(database, "一？", "二？")
    item = {
        "kind": "contradiction",
        "pairs": numbers,
        "key": review_key("contradiction", ["一？", "二？"]),
        "why": "2 different answers to nearly the same question (0.912)",
    }
    async with database.engine.begin() as connection:
        await add(connection, new, encoder, None)
        await connection.execute(insert(evaluation).values(row))
        await connection.execute(insert(pair_review).values(item))
        words = {"answer": "答", "topic": "题", "source": "表"}
        await connection.execute(update(pair).values(words))


async def test_no_tab_of_home_shows_english(
    slack: FakeSlack, database: Database, encoder: MiniLM
) -> None:
    slack.people["U1"] = {"is_admin": True}
    speaking_chinese(slack)
    await _full(database, encoder)
    expected = {
        "overview": "手册",
        "pairs": "2 个不同的回答",
        "handovers": "没有人在等待答复",
        "documents": "相互矛盾",
        "gaps": "浇花",
        "usage": "提问",
        "model": "不再接受新的微调任务",
        "settings": "简报",
    }
    async with running_bot(slack, database, ScriptedAgent(), encoder=encoder) as bot:
        for tab in TABS:
            slack.homes["U1"] = {}
            shown = await clicked(slack, bot, f"{actions.HOME_TAB}{tab}", tab, "U1")
            assert expected[tab] in shown
            assert english(slack.homes["U1"]) == [], tab
