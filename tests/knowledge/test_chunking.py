import pytest

from knowledge.chunking import chunk, searchable
from knowledge.cutting import TARGET, size
from knowledge.documents import Chunk

WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")


def prose(tokens: int) -> str:
    """Numbered sentences of ten tokens each."""
    return " ".join(f"Item {n} {' '.join(WORDS[:7])}." for n in range(tokens // 10))


def test_a_short_document_stays_one_chunk_whatever_its_structure() -> None:
    text = "# Title\n\nIntro.\n\n## One\n\nFirst.\n\n## Two\n\n- a\n- b\n"
    (only,) = chunk(text, "Title")
    assert only == Chunk(0, (), "Intro.\n\n## One\n\nFirst.\n\n## Two\n\n- a\n- b")


def test_a_short_plain_text_is_kept_to_the_letter() -> None:
    text = "Two  spaces,\na line break\n\nand a paragraph."
    assert chunk(text) == (Chunk(0, (), text),)


def test_sections_are_chunks_under_their_heading_path() -> None:
    text = (
        f"# Title\n\n{prose(120)}\n\n## Setup\n\n{prose(120)}\n\n### Linux\n\n{prose(120)}\n\n"
        f"## Use\n\n{prose(120)}\n"
    )
    assert [piece.heading for piece in chunk(text, "Title")] == [
        (),
        ("Setup",),
        ("Setup", "Linux"),
        ("Use",),
    ]
    assert chunk(text, "Other")[1].heading == ("Title", "Setup")


def test_short_sections_join_their_siblings_with_their_headings_in_the_text() -> None:
    text = f"## Long\n\n{prose(230)}\n\n## Faq\n\n### A?\n\nYes.\n\n### B?\n\nNo.\n"
    assert chunk(text)[1] == Chunk(1, ("Faq",), "### A?\n\nYes.\n\n### B?\n\nNo.")


def test_sections_of_different_chapters_are_not_joined() -> None:
    text = f"# A\n\n## A1\n\n{prose(230)}\n\n## A2\n\nShort.\n\n# B\n\n## B1\n\nShort.\n\n"
    assert [piece.heading for piece in chunk(text)] == [("A", "A1"), ("A", "A2"), ("B", "B1")]


def test_a_heading_with_nothing_below_is_still_found() -> None:
    text = f"# T\n\n{prose(300)}\n\n# Contact the night shift\n"
    pieces = chunk(text)
    assert "Contact the night shift" in searchable("", pieces[-1])
    assert all(piece.text.strip() for piece in pieces)


def test_a_code_block_that_fits_is_never_parted() -> None:
    code = "```python\n# not a heading\n" + "\n".join(f"call({n})" for n in range(35)) + "\n```"
    for before in range(0, 220, 11):
        text = f"{prose(before)}\n\n{code}\n\n{prose(150)}"
        assert sum(code in piece.text for piece in chunk(text)) == 1


def test_a_long_code_block_is_fenced_again_in_each_cut() -> None:
    lines = [f"call({n})  # step" for n in range(200)]
    pieces = chunk("~~~~python\n" + "\n".join(lines) + "\n~~~~")
    assert len(pieces) > 3
    for piece in pieces:
        assert piece.text.startswith("~~~~python\n")
        assert piece.text.endswith("\n~~~~")
    inside = [line for piece in pieces for line in piece.text.split("\n")[1:-1]]
    assert inside == lines


def test_a_long_table_repeats_its_header_and_parts_no_row() -> None:
    rows = [f"| key{n} | value {n} | {' '.join(WORDS[:3])} |" for n in range(80)]
    head = "| Key | Value | Note |\n| --- | --- | --- |"
    pieces = chunk(head + "\n" + "\n".join(rows))
    assert len(pieces) > 3
    assert all(piece.text.startswith(head + "\n") for piece in pieces)
    assert [row for piece in pieces for row in piece.text.split("\n")[2:]] == rows


def test_a_long_list_parts_no_item_and_stays_with_its_introduction() -> None:
    items = [f"- item {n}: {' '.join(WORDS)}\n  - inner {n}" for n in range(40)]
    pieces = chunk("All of these count:\n\n" + "\n".join(items))
    assert len(pieces) > 2
    assert pieces[0].text.startswith("All of these count:\n\n- item 0")
    for n in range(40):
        assert sum(f"item {n}:" in p.text and f"inner {n}" in p.text for p in pieces) == 1


def test_long_prose_is_parted_between_sentences_evenly() -> None:
    pieces = chunk(prose(1000))
    assert all(piece.text.endswith(".") for piece in pieces)
    assert all(100 < size(piece.text) <= 230 for piece in pieces)
    assert " ".join(piece.text for piece in pieces) == prose(1000)


def test_chinese_is_parted_between_sentences_of_about_three_hundred_characters() -> None:
    sentence = "部署之前先检查配置文件再启动服务然后观察日志确认一切正常。"
    pieces = chunk(sentence * 60)
    assert all(piece.text.endswith("。") for piece in pieces)
    assert all(200 < len(piece.text) < 400 for piece in pieces)
    assert "".join(piece.text for piece in pieces) == sentence * 60


def test_link_definitions_are_not_lost() -> None:
    assert "https://x.example" in chunk("See [1].\n\n[1]: https://x.example\n")[0].text


def test_a_paragraph_above_dashes_is_no_heading() -> None:
    (only,) = chunk(f"{prose(150)}\n---\nafter", "T")
    assert only.heading == ()
    assert prose(150) in only.text


def test_headings_lose_their_markup() -> None:
    text = f"## [Setup](x.md) of `the_app` **now** <a name='x'></a>\n\n{prose(300)}"
    assert chunk(text)[0].heading == ("Setup of the_app now",)


def test_the_header_names_title_and_path() -> None:
    assert searchable("Guide", Chunk(0, ("A", "B"), "text")) == "Guide > A > B\ntext"
    assert searchable("", Chunk(0, (), "text")) == "text"
    assert len(searchable("x" * 999, Chunk(0, ("y" * 999,), "text"))) < 250


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "x" * 1_000_000,
        "字" * 300_000,
        "a.b!c?" * 100_000,
        "# h\n" * 5_000,
        "".join(f"{'#' * (n % 6 + 1)} heading {n}\n" for n in range(100_000)),
        ">" * 50_000 + "x",
        "- " * 20_000 + "x",
        "`" * 200_000,
        "```" + "x" * 200_000 + "\ncode\n" * 1000,
        "|" * 50_000 + "\n" + "|-" * 50_000 + "|\n" + "|x" * 50_000,
        "| a |\n| - |\n" + "| " + "y " * 100_000 + "|\n",
        "[" * 100_000,
        "<" * 100_000,
        "\n" * 500_000 + "end",
        "* a\n\n" * 10_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_texts_are_cut_small_and_nothing_is_empty(text: str) -> None:
    pieces = chunk(text, "T")
    assert pieces
    assert all(piece.text.strip() for piece in pieces)
    assert all(size(piece.text) <= 2 * TARGET for piece in pieces)
    assert [piece.position for piece in pieces] == list(range(len(pieces)))


def test_only_nothing_gives_no_chunk() -> None:
    assert chunk("\n \n") == ()
    assert chunk("---\n") == (Chunk(0, (), "---"),)
    assert len(chunk("#\n" * 50_000)) == 1
