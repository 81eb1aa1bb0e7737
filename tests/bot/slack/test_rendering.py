"""Whatever an answer holds, its messages are such that Slack takes them and nobody is pinged.

The hostile texts come from a seeded generator: each case is the same in every run.
"""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import pytest

from agent.answers import Answer, Citation, Route
from agent.citing import Freshness
from agent.texts import Said
from bot.slack.blocks import answer_messages
from bot.slack.frame import Frame, Message
from tests.fakes.scripted_agent import plain_answer
from tests.fakes.slack_blocks import message_problems, pings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FRAME = Frame(
    mention=UUID(int=1), shareable=True, asked="<!here> *why*?", freshness={7: Freshness(2, NOW)}
)

_SNIPPETS = (
    *("<!channel>", "<@U123>", "<#C1|x>", "<!subteam^S1>", "@here", "@everyone", "&lt;!here&gt;"),
    *("```", "````", "`", "**", "*", "_", "~~", "~", "> ", "# ", "---", "|", "\\", "\\*", "***"),
    *("[x](javascript:alert(1))", "[a](<https://e.example/<!here>>)", "![i](https://e.example/i)"),
    *("https://e.example/?a=<b>&c=|d", "<https://e.example|click>", "mailto:a@b.example", "[1]"),
    *("[1](https://e.example)", "[1]: https://e.example", "[99]", "<script>", "</b>", "&amp;", "&"),
    *(
        "| a | b |\n|---|---|\n| <!here> | ``` |\n",
        "- a\n  - <@U1>\n    1. x\n",
        "1. one\n9. nine\n",
    ),
    *(
        "السلام عليكم",
        "\u202eevil\u202c",
        "שלום",
        "\u200f",
        "中文。没有空格的长句子",
        "日本語",
        "한국어",
    ),
    *(
        "👩‍👩‍👧‍👦",
        "e\u0301",
        "\ufeff",
        "\u2028",
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\r\n",
        "\t",
        "\n\n",
        "\n",
        " ",
    ),
    *(
        "&nbsp;",
        "&#60;!channel&#62;",
        "<!date^1^{date}|x>",
        "```\n<!here>\n```",
        "$$x$$",
        ":smile:",
    ),
)


def nasty(seed: int, pieces: int = 60) -> str:
    """Text that is out to break something."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    return "".join(
        chance.choice(_SNIPPETS) * chance.choice((1, 1, 1, 2, 7))
        + chance.choice(("", " ", "\n", "\n\n", f"word{seed}"))
        for _ in range(pieces)
    )


def of_nasty(seed: int) -> Answer:
    """An answer whose every field is hostile."""
    chance = random.Random(seed)  # noqa: S311 - as above
    schemes = ("https://e.example/", "javascript:", "/srv/", "http://", "file:///")
    citations = tuple(
        Citation(
            n,
            nasty(seed + n, 8),
            chance.choice(schemes) + nasty(seed - n, 3),
            chance.choice((7, 8)),
            "",
            (nasty(seed * n, 3),),
            link=chance.choice(("", "https://e.example/" + nasty(seed, 40))),
        )
        for n in range(1, chance.randint(1, 12))
    )
    routes: tuple[Route, ...] = ("knowledge", "domain", "both", "none", "chat", "clarify")
    route = chance.choice(routes)
    return plain_answer(
        nasty(seed),
        route=route,
        abstained=route == "none",
        citations=() if route == "none" else citations,
        nearest=citations[:3] if route == "none" else (),
        reason=Said(nasty(seed, 5), nasty(seed, 6)),
        question=nasty(seed, 9),
    )


def check(messages: tuple[Message, ...]) -> None:
    """Nothing that Slack refuses, nothing broken, nobody pinged."""
    assert messages
    for message in messages:
        assert 0 < len(message.text) <= 40_000
        for blocks in (message.blocks, message.plain):
            assert message_problems(list(blocks)) == []
            assert pings(list(blocks)) == []
        unbroken(message.text)
        for block in message.blocks:
            if block["type"] == "section":
                unbroken(block["text"]["text"])
                assert block["text"]["text"].count("```") % 2 == 0


def unbroken(text: str) -> None:
    """Every < opens a whole link, every & a whole escape."""
    without = re.sub(r"<https?://[^<>|\s]+\|[^<>|]+>", "", text)
    assert "<" not in without
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_answers_are_harmless(language: str) -> None:
    for seed in range(300):
        frame = Frame(
            language="zh" if language == "zh" else "en",
            mention=FRAME.mention,
            shareable=True,
            asked=nasty(seed, 5),
            freshness=FRAME.freshness,
            now=NOW,
        )
        check(answer_messages(of_nasty(seed), frame))


_WORDS = [f"w{number:05d}" for number in range(5000)]
_THIRD = len(_WORDS) // 3
_MARKED = (
    f"**{' '.join(_WORDS[:_THIRD])}** `{' '.join(_WORDS[_THIRD : 2 * _THIRD])}`"
    f"~~*{' '.join(_WORDS[2 * _THIRD :])}*~~"
)
_LONG = {
    "paragraph": " ".join(_WORDS),
    "lines": "\n".join(_WORDS),
    "without spaces": "，".join(_WORDS),
    "Chinese": "".join(f"这是第{word}句话。" for word in _WORDS),
    "Arabic": "، ".join(f"كلمة {word}" for word in _WORDS),
    "list": "\n".join(f"- {word} is an item" for word in _WORDS),
    "one item": "- " + " ".join(_WORDS),
    "numbered": "\n".join(f"{number}. {word}" for number, word in enumerate(_WORDS, 1)),
    "code": "```\n" + "\n".join(f"{word} = 1" for word in _WORDS) + "\n```",
    "one line of code": "```\n" + "+".join(_WORDS) + "\n```",
    "quote": "\n".join(f"> {word} said" for word in _WORDS),
    "one quoted line": "> " + " ".join(_WORDS),
    "bold": "**" + " ".join(_WORDS) + "**",
    "slanted lines": "*" + "\n".join(_WORDS) + "*",
    "bold heading": "# " + " ".join(_WORDS),
    "bold item": "- " + _MARKED,
    "bold items": "\n".join(f"- **{word}** `is` ~~an~~ *item*" for word in _WORDS),
    "nested item": "- a\n  1. b\n     - " + _MARKED,
    "bold quote": "> " + _MARKED,
    "item in a quote": "> - a\n>   - " + _MARKED,
    "quote in an item": "- > " + _MARKED,
    "link in an item": "- [a](https://e.example/a_b*c) " + _MARKED,
    "code in an item": "- a\n\n  ```\n  " + "\n  ".join(_WORDS) + "\n  ```\n- b",
    "code in a quote": "> a\n> ```\n> " + "\n> ".join(_WORDS) + "\n> ```\n> b",
    "table in an item": "- a\n\n  | word |\n  |---|\n  | " + " |\n  | ".join(_WORDS) + " |",
    "bold Chinese": "- **" + "，这是一句话".join(_WORDS) + "**",
    "bold Arabic": "> **" + " كلمة ".join(_WORDS) + "**",
    "inline code": "`" + " ".join(_WORDS) + "`",
    "table": "| word | number |\n|---|---|\n"
    + "\n".join(f"| {word} | {number} |" for number, word in enumerate(_WORDS)),
    "wide table": "| "
    + " | ".join(_WORDS[:50])
    + " |\n"
    + "|---" * 50
    + "|\n"
    + "\n".join("| " + " | ".join(_WORDS[n : n + 50]) + " |" for n in range(50, 5000, 50)),
    "one cell": "| a |\n|---|\n| " + " ".join(_WORDS) + " |",
    "links": " ".join(f"https://e.example/{word}" for word in _WORDS),
    "citations": " ".join(f"{word} [1]" for word in _WORDS),
}


@pytest.mark.parametrize("kind", _LONG)
def test_an_answer_of_forty_thousand_characters_arrives_whole(kind: str) -> None:
    messages = answer_messages(plain_answer(_LONG[kind]), FRAME)
    check(messages)
    sections = [b for m in messages for b in m.blocks if b["type"] == "section"]
    everything = "\n".join(block["text"]["text"] for block in sections)
    found = re.findall(r"w\d{5}", re.sub(r"<https?://([^<>|\s]+)\|[^<>]*>", r"\1", everything))
    assert list(dict.fromkeys(found)) == _WORDS
    for block in sections:
        text = block["text"]["text"]
        if kind in {"quote", "one quoted line", "bold quote", "item in a quote"}:
            assert all(line.startswith(">") for line in text.splitlines())
        if kind in {"list", "numbered"}:
            assert all(re.match(r"•|\d+\.", line) for line in text.splitlines())
        if kind == "table":
            assert text.splitlines()[1].split() == ["word", "number"]
        closed(re.sub(r"<[^<>|]*\|", "", text))


def marked(chance: random.Random, words: Iterator[str]) -> str:
    """Words of any length in any marks, which no cut may break."""
    runs = []
    for _ in range(chance.randint(1, 6)):
        taken = list(islice(words, chance.choice((1, 5, 60, 140, 250, 400, 900))))
        joint = chance.choice((" ", " ", "，", ". ", "\n"))
        opening, closing = chance.choice(
            (
                *(("", ""), ("**", "**"), ("*", "*"), ("~~", "~~"), ("`", "`")),
                *(("***", "***"), ("**~~", "~~**"), ("[", "](https://e.example/a_b)")),
            )
        )
        runs.append(f"{opening}{joint.join(taken)}{closing}" if taken else "")
    return chance.choice((" ", "，")).join(filter(None, runs))


def structured(chance: random.Random, words: Iterator[str]) -> str:
    """Blocks in blocks, with marked text in all of them."""
    text = marked(chance, words)
    for _ in range(chance.randint(0, 3)):
        before = f"{next(words, '')}\n\n" if chance.random() < 0.3 else ""
        inner = f"{before}{text}"
        kind = chance.choice(("quote", "item", "numbered", "plain"))
        if kind == "quote":
            text = "\n".join(f"> {line}" for line in inner.split("\n"))
        elif kind != "plain":
            bullet = "- " if kind == "item" else "3. "
            text = bullet + inner.replace("\n", f"\n{' ' * len(bullet)}")
        else:
            text = inner
    return f"# {text}" if chance.random() < 0.1 and "\n" not in text else text


def test_marks_are_closed_and_nothing_is_lost_wherever_text_is_cut() -> None:
    for seed in range(200):
        chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
        words = iter(_WORDS)
        text = "\n\n".join(structured(chance, words) for _ in range(6))
        given = re.findall(r"w\d{5}", text)
        messages = answer_messages(plain_answer(text, citations=()), FRAME)
        check(messages)
        found = []
        for block in (block for one in messages for block in one.plain):
            if block["type"] == "section":
                shown = re.sub(r"<[^<>|]*\|", "", block["text"]["text"])
                found += re.findall(r"w\d{5}", shown)
                closed(shown)
        assert found == given, seed


def closed(text: str) -> None:
    """But for code, Slack's marks last no longer than a line."""
    for line in re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines():
        for mark in "*_~`":
            assert line.count(mark) % 2 == 0, line


def test_an_older_source_says_so() -> None:
    def line(freshness: dict[int, Freshness]) -> str:
        (message,) = answer_messages(plain_answer("28 [1]"), Frame(freshness=freshness, now=NOW))
        return str(message.blocks[1]["elements"][0]["text"]).partition(" · ")[2]

    month = NOW.replace(month=3)
    assert line({7: Freshness(1, month)}) == "updated 3 months ago"
    assert line({7: Freshness(1, NOW)}) == "updated today"
    assert line({7: Freshness(2, NOW.replace(month=5, day=31))}) == "changed since (yesterday)"
    assert line({}) == "removed since"
