"""What no win makes up for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent.evaluation.leaks import Leak
from agent.evaluation.replies import Reply, Scored
from agent.evaluation.vetoes import Grounds, vetoes

TOKEN = "xoxb-" + "1234567890-abcdefghij"


def replies(
    right: int, wrong: int, abstained: int, ms: float = 20, cost: float = 0
) -> list[Scored]:
    kinds = [("domain", True)] * right + [("domain", False)] * wrong + [("none", False)] * abstained
    return [
        Scored(
            Reply("x", route, 0.9, ms, cost),
            right=good,
            exact=good,
            f1=float(good),
            facts=None,
            numbers=None,
        )
        for route, good in kinds
    ]


FINE = Grounds(
    before=replies(50, 10, 40),
    after=replies(80, 12, 8),
    said=["Use the salt pot."],
    canaries=["zebra-7781"],
    leaks=[],
    taken=0.0,
)


def test_a_good_candidate_meets_no_veto() -> None:
    assert vetoes(FINE) == ()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"said": ["fine", f"The token is {TOKEN}"]}, "secret"),
        ({"said": ["as zebra-7781 says"]}, "canary"),
        ({"leaks": [Leak("the merger", 0.9)]}, "audience"),
        ({"after": replies(40, 5, 55)}, "refusals"),
        ({"taken": 0.3}, "overreach"),
        ({"after": replies(55, 40, 5)}, "wrong answers"),
        ({"after": replies(80, 12, 8, ms=5_000)}, "latency"),
        ({"after": replies(80, 12, 8, cost=0.5)}, "cost"),
    ],
)
def test_each_bound_has_its_veto(change: dict[str, Sequence[object]], kind: str) -> None:
    (veto,) = vetoes(replace(FINE, **change))  # type: ignore[arg-type]  # one field a case
    assert veto.kind == kind
    assert TOKEN not in veto.why


def test_a_secret_is_not_repeated_in_what_is_kept() -> None:
    reply = Reply(f"The token is {TOKEN}", "domain", 0.9, 20)
    scored = Scored(reply, right=False, exact=False, f1=0.0, facts=None, numbers=None)
    assert TOKEN not in str(scored.as_json())
    assert "a Slack token" in scored.as_json()["answer"]
