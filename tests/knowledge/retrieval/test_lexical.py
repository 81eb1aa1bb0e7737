import numpy as np
import pytest

from knowledge.bm25 import SCALE
from knowledge.retrieval.lexical import tallied


def packed(*postings: tuple[int, int]) -> bytes:
    """As `posting_block` holds them: chunk and impact."""
    return b"".join(((chunk << 16) + impact).to_bytes(8, "big") for chunk, impact in postings)


@pytest.mark.parametrize("far", [9, 10**12], ids=["near", "far"])
def test_each_chunk_gets_the_sum_of_its_terms(far: int) -> None:
    tally = tallied(
        [
            (packed((3, SCALE), (5, SCALE // 2)), 2.0),
            (packed((5, SCALE), (far, 19_000), (4, 1)), 1.5),
        ]
    )
    scores, covered = tally.of([far, 7, 3, 2, 5, 4])
    assert scores.tolist() == pytest.approx([2.85, 0, 2, 0, 2.5, 1.5 / SCALE])
    assert covered.tolist() == [1.5, 0, 2, 0, 3.5, 1.5]
    assert tally.best(3) == [far, 5, 3]


def test_no_term_gives_nothing() -> None:
    tally = tallied([])
    assert tally.best(10) == []
    assert [one.tolist() for one in tally.of([1, 2])] == [[0, 0], [0, 0]]


def test_the_best_come_first_and_of_equal_ones_the_oldest() -> None:
    random = np.random.default_rng(3)
    impacts = random.integers(1, 5, size=200)
    tally = tallied([(packed(*enumerate(impacts.tolist())), 1.0)])
    expected = sorted(range(200), key=lambda chunk: (-impacts[chunk], chunk))
    for count in (1, 30, 200, 500):
        assert tally.best(count) == expected[:count]
