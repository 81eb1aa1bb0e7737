"""The imitation refuses what Slack refuses, else journeys would prove nothing."""

from typing import Any

import pytest

from tests.fakes.slack_blocks import message_problems, view_problems

Json = dict[str, Any]


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: object) -> Json:
    text = {"type": "plain_text", "text": "Go"}
    return {"type": "button", "action_id": "go", "text": text, **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def cell(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def table(rows: list[list[str]], **more: object) -> Json:
    return {"type": "table", "rows": [[cell(text) for text in row] for row in rows], **more}


def modal(**more: object) -> Json:
    title = {"type": "plain_text", "text": "Title"}
    return {"type": "modal", "title": title, "blocks": [section("hello")], **more}


def test_what_is_right_passes() -> None:
    assert message_problems([section("hello"), actions(button())]) == []
    wrapped = {"align": "right", "is_wrapped": True}
    assert message_problems([table([["a"] * 20] * 100, column_settings=[wrapped])]) == []
    assert view_problems(modal()) == []


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3001)],
        [section("")],
        [section("x")] * 51,
        [actions()],
        [actions(button(), button())],
        [actions(button(text={"type": "plain_text", "text": "x" * 76}))],
        [{"type": "unknown"}],
        [{"type": "input"}],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "table", "rows": [[cell("a")], []]}],
        [table([[""]])],
        [table([["a"]] * 101)],
        [table([["a"] * 21])],
        [table([["a" * 200] * 10] * 6)],
        [table([["a"]]), table([["b"]])],
        [table([["a"]], column_settings=[{"align": "top"}])],
        [table([["a"]], column_settings=[{"width": 3}])],
        [{"type": "table", "rows": [[{"type": "mrkdwn", "text": "a"}]]}],
        [{"type": "context_actions", "elements": [{"type": "feedback_buttons"}]}],
    ],
)
def test_what_is_wrong_in_a_message_does_not(blocks: list[Json]) -> None:
    assert message_problems(blocks)


@pytest.mark.parametrize(
    "more",
    [
        {"title": {"type": "plain_text", "text": "x" * 25}},
        {"private_metadata": "x" * 3001},
        {"blocks": [section("x")] * 101},
        {"blocks": [{"type": "markdown", "text": "no"}]},
        {
            "blocks": [
                {
                    "type": "input",
                    "label": {"type": "plain_text", "text": "Say"},
                    "element": {"type": "plain_text_input", "action_id": "say"},
                }
            ]
        },
    ],
)
def test_what_is_wrong_in_a_view_does_not(more: Json) -> None:
    assert view_problems(modal(**more))
