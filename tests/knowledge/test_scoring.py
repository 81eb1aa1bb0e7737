import pytest

from knowledge.documents import Query
from knowledge.scoring import Candidate, blended, pooled, query_text, query_weights, signals


def test_each_leg_is_stretched_and_counts_half() -> None:
    candidates = [
        Candidate(1, lexical=4.0, covered=1.0, dense=0.2),
        Candidate(2, lexical=2.0, covered=1.0, dense=0.8),
        Candidate(3, lexical=0.0, covered=0.0, dense=0.5),
    ]
    ranked = blended(candidates)
    assert [one.chunk_id for one, _ in ranked] == [2, 1, 3]
    assert [score for _, score in ranked] == pytest.approx([0.75, 0.5, 0.25])


def test_a_chunk_without_a_vector_gets_the_dense_minimum() -> None:
    ranked = blended(
        [Candidate(1, 0.0, 0.0, 0.9), Candidate(2, 5.0, 1.0, None), Candidate(3, 1.0, 1.0, 0.1)]
    )
    assert {one.chunk_id: score for one, score in ranked} == pytest.approx({1: 0.5, 2: 0.5, 3: 0.1})


def test_without_a_dense_leg_the_lexical_is_all() -> None:
    ranked = blended([Candidate(1, 1.0, 1.0, None), Candidate(2, 3.0, 1.0, None)])
    assert [(one.chunk_id, score) for one, score in ranked] == [(2, 1.0), (1, 0.0)]


def test_the_older_chunk_wins_a_tie() -> None:
    ranked = blended([Candidate(9, 1.0, 1.0, 0.5), Candidate(4, 1.0, 1.0, 0.5)])
    assert [one.chunk_id for one, _ in ranked] == [4, 9]


def test_the_pool_holds_the_best_hundred_of_each_leg() -> None:
    lexical = [Candidate(number, float(number), 1.0, None) for number in range(1, 151)]
    dense = [Candidate(number, 0.0, 0.0, number / 1000) for number in range(201, 351)]
    pool = {one.chunk_id for one in pooled([*lexical, *dense])}
    assert pool == {*range(51, 151), *range(251, 351)}


def test_earlier_turns_count_for_less_the_longer_ago() -> None:
    query = Query("spring tides", ("old moon", "lunar phases", "tides"))
    assert query_weights(query) == {
        "spring": 1.0,
        "tide": 1.5,
        "lunar": 0.25,
        "phase": 0.25,
    }
    assert query_text(query) == "spring tides\ntides\nlunar phases"
    assert query_text(Query("alone")) == "alone"


def test_signals_are_relative_to_what_the_query_could_reach() -> None:
    candidates = [
        Candidate(1, lexical=1.9, covered=1.5, dense=0.9),
        Candidate(2, lexical=0.5, covered=2.0, dense=0.6),
    ]
    found = signals(candidates, asked=4.0)
    assert found.dense == 0.9
    assert found.dense_gap == pytest.approx(0.3)
    assert found.lexical == pytest.approx(1.9 / (4.0 * 1.9))
    assert found.coverage == pytest.approx(0.5)


def test_signals_of_nothing_found() -> None:
    found = signals([], asked=0.0)
    assert (found.dense, found.dense_gap, found.lexical, found.coverage) == (None, None, 0, 0)
