import pytest

from knowledge.documents import Query
from knowledge.errors import InvalidInput
from knowledge.retrieval.blending import Blend, Weights, blended, script_and_kind
from knowledge.retrieval.scoring import Candidate

QUERY = Query("how high is the tide")


def test_each_leg_is_stretched_and_counts_half() -> None:
    candidates = [
        Candidate(1, lexical=4.0, covered=1.0, dense=0.2),
        Candidate(2, lexical=2.0, covered=1.0, dense=0.8),
        Candidate(3, lexical=0.0, covered=0.0, dense=0.5),
    ]
    ranked = blended(candidates, QUERY, Blend())
    assert [one.chunk_id for one, _ in ranked] == [2, 1, 3]
    assert [score for _, score in ranked] == pytest.approx([0.75, 0.5, 0.25])


def test_a_chunk_without_a_vector_gets_the_dense_minimum() -> None:
    ranked = blended(
        [Candidate(1, 0.0, 0.0, 0.9), Candidate(2, 5.0, 1.0, None), Candidate(3, 1.0, 1.0, 0.1)],
        QUERY,
        Blend(),
    )
    assert {one.chunk_id: score for one, score in ranked} == pytest.approx({1: 0.5, 2: 0.5, 3: 0.1})


def test_without_a_dense_leg_the_lexical_is_all() -> None:
    ranked = blended([Candidate(1, 1.0, 1.0, None), Candidate(2, 3.0, 1.0, None)], QUERY, Blend())
    assert [(one.chunk_id, score) for one, score in ranked] == [(2, 1.0), (1, 0.0)]


def test_the_older_chunk_wins_a_tie() -> None:
    ranked = blended([Candidate(9, 1.0, 1.0, 0.5), Candidate(4, 1.0, 1.0, 0.5)], QUERY, Blend())
    assert [one.chunk_id for one, _ in ranked] == [4, 9]


def test_the_question_leg_counts_where_its_weight_says_so() -> None:
    candidates = [
        Candidate(1, 4.0, 1.0, 0.8, questions=None, collection="a"),
        Candidate(2, 2.0, 1.0, 0.4, questions=0.9, collection="a"),
        Candidate(3, 1.0, 1.0, 0.2, questions=0.3, collection="a"),
    ]
    assert [one.chunk_id for one, _ in blended(candidates, QUERY, Blend())] == [1, 2, 3]
    tuned = Blend({"latin": Weights(0.2, 0.2, 0.6)})
    ranked = blended(candidates, QUERY, tuned)
    assert [one.chunk_id for one, _ in ranked] == [2, 1, 3]
    assert ranked[0][1] == pytest.approx(0.2 / 3 + 0.2 / 3 + 0.6)
    assert tuned.asks_questions
    assert not Blend().asks_questions


def test_the_most_particular_weights_win_and_survive_storage() -> None:
    blend = Blend(
        {
            "latin": Weights(1, 0),
            "latin/question": Weights(1, 1),
            "latin/question/code": Weights(1, 3),
        }
    )
    again = Blend.from_json(blend.as_json())
    assert again.weights("latin", "question", "code") == Weights(1, 3)
    assert again.weights("latin", "question", "other") == Weights(1, 1)
    assert again.weights("latin", "keywords", "code") == Weights(1, 0)
    assert again.weights("cjk", "question", "code") == Weights()
    assert Blend.from_json(None) == Blend()


def test_chunks_of_two_collections_keep_their_own_weights() -> None:
    candidates = [
        Candidate(1, 1.0, 1.0, 0.0, collection="lexical"),
        Candidate(2, 0.0, 0.0, 1.0, collection="lexical"),
        Candidate(3, 1.0, 1.0, 0.0, collection="dense"),
        Candidate(4, 0.0, 0.0, 1.0, collection="dense"),
    ]
    blend = Blend({"latin/question/lexical": Weights(1, 0), "latin/question/dense": Weights(0, 1)})
    scores = {one.chunk_id: score for one, score in blended(candidates, QUERY, blend)}
    assert scores == {1: 1.0, 2: 0.0, 3: 0.0, 4: 1.0}


def test_what_is_asked_tells_its_script_and_kind() -> None:
    assert script_and_kind(Query("where is the key?")) == ("latin", "question")
    assert script_and_kind(Query("retry policy max_attempts")) == ("latin", "keywords")
    assert script_and_kind(Query("报销流程")) == ("cjk", "keywords")
    assert script_and_kind(Query("报销怎么走")) == ("cjk", "question")
    assert script_and_kind(Query("and there?", ("where is the key?",))) == ("latin", "conversation")


@pytest.mark.parametrize("wrong", [(0, 0, 0), (-1, 1, 0), (float("nan"), 1, 0)])
def test_weights_that_make_no_score_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput, match="weights must be"):
        Weights(*wrong)
