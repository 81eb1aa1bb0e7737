"""Where a sentence ends, in prose, in Markdown and in Chinese."""

import pytest

from agent.reading.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith paid 3.5 euros. He left.", ["Dr. Smith paid 3.5 euros.", "He left."]),
        ("See e.g. Bonn. J. R. Tolkien wrote it.", ["See e.g. Bonn.", "J. R. Tolkien wrote it."]),
        ("It was No. 5 of them. Next.", ["It was No. 5 of them.", "Next."]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("In the U.S. Army. Later.", ["In the U.S. Army.", "Later."]),
        ("A line that\nwraps here. Second.", ["A line that wraps here.", "Second."]),
        ("年假15天。病假3.5天！婚假？", ["年假15天。", "病假3.5天！", "婚假？"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("# Leave\n\n- 28 days\n- carry over 5\n", ["28 days", "carry over 5"]),
        ("| City | Limit |\n|---|---|\n| Bonn | 90 |", ["City · Limit", "Bonn · 90"]),
        ("Run:\n```\nmake it.\nmake that\n```\nDone.", ["Run:", "make it.", "make that", "Done."]),
        ("> Quoted text.", ["Quoted text."]),
        (" \n\n", []),
    ],
)
def test_text_is_split_where_its_sentences_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected
