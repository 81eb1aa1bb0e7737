"""Markdown becomes mrkdwn that reads well, and nothing in it can ping or mislead."""

import pytest

from bot.slack.mrkdwn import link, to_mrkdwn


def mrkdwn(markdown: str) -> str:
    return "\n\n".join(to_mrkdwn(markdown, {1: "https://h.example/a|b?c&d"}))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**bold** and *slanted* and ~~gone~~", "*bold* and _slanted_ and ~gone~"),
        ("# Title **x**\n\ntext", "*Title x*\n\ntext"),
        ("[label](https://a.example/?x=1&y=2)", "<https://a.example/?x=1&amp;y=2|label>"),
        ("see https://a.example/x.", "see <https://a.example/x|https://a.example/x>."),
        ("- one\n- two\n  - inner", "• one\n• two\n    ◦ inner"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("> quoted\n> twice", "> quoted\n> twice"),
        ("```py\na < b\n```", "```\na &lt; b\n```"),
        ("`a < b`", "`a &lt; b`"),
        ("| A | B |\n|---|---|\n| 1 | 酒店 |", "```\nA  B\n-  ----\n1  酒店\n```"),
        ("fact [1], no source [2]", "fact <https://h.example/a%7Cb?c&amp;d|[1]>, no source [2]"),
        ("请在**三天**内", "请在\u200b*三天*\u200b内"),
        ("![a picture](https://a.example/p.png)", "a picture"),
        ("two\nlines", "two\nlines"),
        ("**two\n*bold* lines**", "*two*\n*_bold_ lines*"),
        ("- a\n  ```\n  code\n  ```\n- b", "• a\n\n```\ncode\n```\n\n• b"),
        ("> a\n> ```\n> code\n> ```\n> b", "> a\n\n```\ncode\n```\n\n> b"),
        ("> a\n>\n> b", "> a\n>\n> b"),
        ("- a\n\n  more\n- > b\n  > c", "• a\n    more\n• > b\n    > c"),
        ("", ""),
    ],
)
def test_conversion(markdown: str, expected: str) -> None:
    assert mrkdwn(markdown) == expected


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel> <@U123> <#C1>",
        "`<!channel>`",
        "```\n<!channel>\n```\n```\n",
        "[<!channel>](https://a.example)",
        "# <!here>",
        "| <!here> |\n|---|\n| <@U1> |",
        "<script>alert(1)</script>",
        "&lt;!channel&gt;",
        "> - <!everyone>",
        "[x](javascript:alert(1)) [y](<https://a.example/<!here>>)",
    ],
)
def test_nothing_pings(hostile: str) -> None:
    text = mrkdwn(hostile)
    for token in ("<!", "<@", "<#", "<script", "<javascript"):
        assert token not in text


def test_a_fence_cannot_be_closed_from_inside() -> None:
    text = mrkdwn("````\n```\n*out*\n````")
    assert text.count("```") == 2


def test_a_link_is_never_too_long_to_stay_whole() -> None:
    far = "https://a.example/" + "x" * 1000
    assert mrkdwn(f"see {far} there") == f"see <{far}|{far[:200]}…> there"
    farther = far + "y" * 1000
    assert mrkdwn(f"see {farther} there") == f"see {farther} there"
    assert mrkdwn(f"[label]({farther})") == "label"
    words = " ".join(f"word{n}" for n in range(300))
    links = mrkdwn(f"[{words}](https://a.example/x)")
    assert links.count("<https://a.example/x|") > 1
    assert links.replace("<https://a.example/x|", "").replace(">", "") == words


@pytest.mark.parametrize("url", ["docs/a.md", "file:///etc/passwd", "javascript:1", ""])
def test_only_web_addresses_are_links(url: str) -> None:
    assert link(url, "a | <b>") == "a ¦ &lt;b&gt;"
