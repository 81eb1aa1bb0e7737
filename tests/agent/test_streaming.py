"""What a person sees of an answer while it is written."""

from agent.streaming import Gatekeeper


def seen(text: str, step: int) -> list[str]:
    passed: list[str] = []
    keeper = Gatekeeper(passed.append)
    for start in range(0, len(text), step):
        keeper.hear(text[start : start + step])
    keeper.close()
    return passed


def test_text_passes_sentence_by_sentence_and_whole() -> None:
    text = "You get 27 days [1]. Ask Anna.\nThen go. 年假15天。再见"
    for step in (1, 3, 100):
        assert "".join(seen(text, step)) == text
    assert len(seen(text, 1)) >= 4


def test_a_link_or_a_ping_never_passes_however_the_pieces_fall() -> None:
    text = "Go. [a. b](https://evil.example/x. y) and <!channel> and https://evil.example/a b."
    for step in range(1, 12):
        said = "".join(seen(text, step))
        assert "evil" not in said
        assert "<!" not in said


def test_a_model_that_does_not_know_is_not_heard() -> None:
    assert seen("UNKNOWN", 2) == []
