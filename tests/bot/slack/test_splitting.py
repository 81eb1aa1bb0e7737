"""Long texts are cut where a reader would cut them, and lose nothing."""

import re

from bot.slack.splitting import pack


def words(text: str) -> list[str]:
    return re.sub(r"```|<|\|l>", " ", text).split()


def test_short_pieces_share_a_text() -> None:
    assert pack(["one", "two"], 100) == ("one\n\ntwo",)


def test_code_needs_no_empty_lines_around_it() -> None:
    pieces = ["one", "two", "```\ncode\n```", "three"]
    assert pack(pieces, 100) == ("one\n\ntwo\n```\ncode\n```\nthree",)


def test_a_paragraph_is_cut_between_sentences() -> None:
    text = " ".join(f"Sentence number {n} says little." for n in range(50))
    parts = pack([text], 300)
    assert all(len(part) <= 300 and part.endswith("little.") for part in parts)
    assert words(" ".join(parts)) == words(text)


def test_a_list_is_cut_between_items() -> None:
    text = "\n".join(f"• item {n} of the list" for n in range(50))
    parts = pack([text], 200)
    assert all(part.startswith("•") and len(part) <= 200 for part in parts)
    assert "\n".join(parts) == text


def test_code_stays_code_in_every_part() -> None:
    lines = [f"line_{n} = {n}" for n in range(60)]
    parts = pack(["```\n" + "\n".join(lines) + "\n```"], 200)
    assert len(parts) > 1
    assert all(p.startswith("```\n") and p.endswith("\n```") and len(p) <= 200 for p in parts)
    assert (
        "\n".join(p.removeprefix("```\n").removesuffix("\n```") for p in parts).split("\n") == lines
    )


def test_text_without_spaces_is_cut_outside_links_and_escapes() -> None:
    text = "天" * 95 + "<https://a.example/long|l>" + "地&amp;" * 50
    parts = pack([text], 100)
    assert "".join(parts) == text
    assert all(part.count("<") == part.count(">") for part in parts)
    assert not any(re.search(r"&(?!amp;)", part) for part in parts)
    assert all(len(part) <= 100 for part in parts)
