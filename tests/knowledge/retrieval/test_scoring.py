import pytest

from knowledge.documents import Query
from knowledge.retrieval.scoring import Candidate, pooled, query_text, query_weights, signals


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
