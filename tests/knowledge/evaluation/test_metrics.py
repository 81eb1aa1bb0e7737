import math

import pytest

from knowledge.evaluation.metrics import auroc, mrr_at, ndcg_at, recall_at

GRADES = {"a": 2, "b": 1, "c": 0}


def test_ndcg_discounts_by_place_and_counts_grades() -> None:
    assert ndcg_at(["a", "b"], GRADES, 10) == 1
    ideal = 2 + 1 / math.log2(3)
    assert ndcg_at(["c", "b", "a"], GRADES, 10) == pytest.approx((1 / math.log2(3) + 1) / ideal)
    assert ndcg_at(["x", "y", "a"], GRADES, 2) == 0
    assert ndcg_at(["a"], {}, 10) == 0


def test_recall_counts_only_the_relevant() -> None:
    assert recall_at(["a", "c"], GRADES, 10) == 0.5
    assert recall_at(["c", "a", "b"], GRADES, 2) == 0.5
    assert recall_at(["a"], {"c": 0}, 10) == 0


def test_mrr_is_of_the_first_relevant() -> None:
    assert mrr_at(["c", "x", "b", "a"], GRADES, 10) == pytest.approx(1 / 3)
    assert mrr_at(["c", "x", "b"], GRADES, 2) == 0


def test_auroc_is_the_chance_of_the_right_order() -> None:
    assert auroc([3, 4], [1, 2]) == 1
    assert auroc([1, 2], [3, 4]) == 0
    assert auroc([1, 3], [1, 2]) == pytest.approx((0.5 + 0 + 1 + 1) / 4)
    assert auroc([], [1]) == 0.5
