"""A table of an answer is Slack's own where it fits, and code of the same words everywhere else."""

from typing import Any
from uuid import UUID

import pytest

from bot.slack.blocks import answer_messages
from bot.slack.errors import Refused
from bot.slack.frame import Message
from bot.slack.service import open_slack
from knowledge.database import Database
from tests.fakes.running import connection
from tests.fakes.scripted_agent import plain_answer
from tests.fakes.slack_blocks import message_problems, pings
from tests.fakes.slack_server import FakeSlack

Json = dict[str, Any]

SMALL = "| Day | Hours | Note |\n|:--|--:|:-:|\n| Monday | 8 | |\n| 周二 | 7½ | <!here> |\n"


def markdown(rows: int, columns: int, cell: str = "x") -> str:
    lines = ["| " + " | ".join([cell] * columns) + " |"] * (rows + 1)
    lines.insert(1, "|" + "---|" * columns)
    return "\n".join(lines)


def messages(text: str) -> tuple[Message, ...]:
    made = answer_messages(plain_answer(text))
    for one in made:
        assert message_problems(list(one.blocks)) == []
        assert message_problems(list(one.plain)) == []
        assert pings(list(one.blocks)) == []
        assert len(one.text) <= 40_000
    return made


def kinds(blocks: tuple[Json, ...]) -> list[str]:
    return [block["type"] for block in blocks]


def test_a_small_table_is_a_table_in_its_place() -> None:
    (message,) = messages(f"Before\n\n{SMALL}\nAfter [1]")
    assert kinds(message.blocks)[:3] == ["section", "table", "section"]
    table = message.blocks[1]
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["Day", "Hours", "Note"],
        ["Monday", "8", "–"],
        ["周二", "7½", "<!here>"],
    ]
    assert {cell["type"] for row in table["rows"] for cell in row} == {"raw_text"}
    assert [one["align"] for one in table["column_settings"]] == ["left", "right", "center"]


def test_text_and_plain_blocks_hold_it_as_code() -> None:
    (message,) = messages(SMALL)
    assert "table" not in kinds(message.plain)
    assert message.plain[0]["text"]["text"].splitlines()[3:5] == [
        "Monday  8",
        "周二    7½     &lt;!here&gt;",
    ]
    assert message.plain[0]["text"]["text"] in message.text


def test_arabic_cells_stay_in_their_columns() -> None:
    (message,) = messages("| a | b |\n|---|---|\n| القاهرة | عطلة |\n| x | y |")
    line, last = message.plain[0]["text"]["text"].splitlines()[3:5]
    assert line == "\u200eالقاهرة\u200e  \u200eعطلة\u200e"
    assert last == "x        y"


@pytest.mark.parametrize(
    ("rows", "columns", "cell", "fits"),
    [
        (99, 2, "x", True),
        (100, 2, "x", False),
        (3, 20, "x", True),
        (3, 21, "x", False),
        (3, 3, "long " * 200, False),
        (0, 3, "only a head", False),
    ],
)
def test_what_is_too_large_for_slack_stays_code(
    rows: int, columns: int, cell: str, *, fits: bool
) -> None:
    made = messages(markdown(rows, columns, cell))
    assert ("table" in [kind for one in made for kind in kinds(one.blocks)]) is fits
    shown = "".join(one.text for one in made)
    assert shown.count(cell.strip()) >= (rows + 1) * columns


def test_a_second_table_of_a_message_stays_code() -> None:
    (message,) = messages(f"{SMALL}\nand\n\n{SMALL}")
    assert kinds(message.blocks)[:3] == ["table", "section", "section"]
    assert "```" in message.blocks[2]["text"]["text"]


def test_every_message_of_a_long_answer_may_have_one() -> None:
    paragraph = "word " * 2000
    made = messages(f"{SMALL}\n{paragraph}\n\n{SMALL}\n{paragraph}\n\n{SMALL}")
    assert len(made) > 1
    assert all(kinds(one.blocks).count("table") <= 1 for one in made)
    assert sum(kinds(one.blocks).count("table") for one in made) > 1
    assert "".join(one.text for one in made).split().count("word") == 4000


def test_cells_hide_nothing() -> None:
    (message,) = messages(
        "| a\u202eb | \u200f |\n|---|---|\n| **x** `y` | [z](https://e.example) |"
    )
    cells = [cell["text"] for row in message.blocks[0]["rows"] for cell in row]
    assert cells == ["ab", "\u200f", "x y", "z"]


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_attachments"])
@pytest.mark.parametrize("way", ["post", "update"])
async def test_where_slack_refuses_tables_the_answer_arrives_as_code(
    slack: FakeSlack, database: Database, way: str, code: str
) -> None:
    (message,) = messages(SMALL)
    async with open_slack(connection(slack), database) as service:
        poster = service.workspace.poster
        ts = await poster.post("C1", None, Message("wait", ()), UUID(int=1), 1)
        if way == "update":
            slack.refusals["chat.update"] = [code]
            await poster.update("C1", ts, message, UUID(int=1))
        else:
            slack.refusals["chat.postMessage"] = [code]
            await poster.post("C1", None, message, UUID(int=1), 2)
    posted = slack.answers("C1")[-1]
    assert "table" not in kinds(posted["blocks"])
    assert "```\nDay" in posted["blocks"][0]["text"]["text"]


async def test_another_refusal_is_no_reason_to_try_again(
    slack: FakeSlack, database: Database
) -> None:
    slack.refusals["chat.postMessage"] = ["is_archived"]
    async with open_slack(connection(slack), database) as service:
        with pytest.raises(Refused, match="is_archived"):
            await service.workspace.poster.post("C1", None, messages(SMALL)[0], UUID(int=1), 1)
    assert slack.answers("C1") == []
