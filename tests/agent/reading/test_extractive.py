"""Which sentences are quoted, and that an answer keeps to its length."""

from agent.reading.extractive import quote, read
from knowledge.documents import Passage, Query
from knowledge.embedding.minilm import MiniLM


def passage(text: str, score: float = 1.0) -> Passage:
    return Passage(1, 1, 1, 0, "u", "t", (), text, score, 1.0, None)


async def quoted(query: Query, encoder: MiniLM, *passages: Passage, limit: int = 400) -> str:
    return quote(await read(query, None, passages, encoder), limit)


async def test_a_sentence_that_names_what_is_asked_for_wins(encoder: MiniLM) -> None:
    text = "The bridge was opened with a parade. The bridge was opened in 1932. Fish live there."
    assert (await quoted(Query("When was the bridge opened?"), encoder, passage(text))).startswith(
        "The bridge was opened with a parade. The bridge was opened in 1932. [1]"
    )
    short = await quoted(Query("When was the bridge opened?"), encoder, passage(text), limit=40)
    assert short == "The bridge was opened in 1932. [1]"


async def test_sentences_of_one_passage_stand_together_in_their_order(encoder: MiniLM) -> None:
    one = passage("Leave is 27 days. Unrelated words here. Leave of 27 days is paid.")
    two = passage("Paid leave of 27 days is for employees.")
    answer = await quoted(Query("paid leave 27 days"), encoder, one, two)
    assert set(answer.split("\n\n")) == {
        "Leave is 27 days. Leave of 27 days is paid. [1]",
        "Paid leave of 27 days is for employees. [2]",
    }


async def test_a_sentence_longer_than_the_answer_is_cut(encoder: MiniLM) -> None:
    answer = await quoted(Query("word"), encoder, passage("word " * 500), limit=100)
    assert len(answer) <= 100
    assert answer.endswith("word… [1]")
    assert len(await quoted(Query("词"), encoder, passage("词" * 900), limit=50)) <= 50


async def test_references_and_questions_of_a_document_are_not_quoted(encoder: MiniLM) -> None:
    text = "How long is the leave? The leave is 27 days.[4][citation needed]"
    answer = await quoted(Query("How long is the leave?"), encoder, passage(text))
    assert answer == "The leave is 27 days. [1]"


async def test_nothing_comes_of_nothing(encoder: MiniLM) -> None:
    assert await quoted(Query("leave"), encoder) == ""
    assert await quoted(Query("leave"), encoder, passage("# Heading only")) == ""
