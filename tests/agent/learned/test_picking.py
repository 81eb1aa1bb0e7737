"""Who gets which version."""

from agent.answers import Question
from agent.learned.picking import picked
from agent.learned.promotions import Canary, Serving, Standing
from knowledge.documents import EVERYONE, PUBLIC, Reader

ALL = (EVERYONE,)
HERE, ELSEWHERE = Reader.of_channel("C1"), Reader.of_channel("C2")


def test_nothing_live_is_nobody() -> None:
    assert picked(Standing(), Question("?", HERE)) is None


def test_a_channels_canary_is_for_that_channel_and_not_for_its_members_alone() -> None:
    standing = Standing(Serving(1, ALL), Serving(2, ALL, Canary(("C1",))))
    assert picked(standing, Question("?", HERE)) == 2
    assert picked(standing, Question("?", ELSEWHERE)) == 1
    assert picked(standing, Question("?", Reader.of_person("U1", ["C1"]))) == 1
    assert picked(Standing(None, standing.canary), Question("?", ELSEWHERE)) is None


def test_a_share_is_stable_close_and_drawn_anew_for_each_version() -> None:
    questions = [Question(f"question {n}", HERE) for n in range(2_000)]

    def chosen(version: int) -> set[str]:
        standing = Standing(Serving(1, ALL), Serving(version, ALL, Canary((), 0.1)))
        return {one.text for one in questions if picked(standing, one) == version}

    assert 150 < len(chosen(2)) < 250
    assert chosen(2) == chosen(2)
    assert len(chosen(2) & chosen(3)) < 60


def test_a_conversation_stays_with_one_version() -> None:
    standing = Standing(Serving(1, ALL), Serving(2, ALL, Canary((), 0.5)))
    for thread in ("t1", "t2", "t3", "t4"):
        said = {picked(standing, Question(text, HERE, thread)) for text in ("a", "b", "c")}
        assert len(said) == 1
    loud = Question("How  MANY days?", HERE), Question("how many days?", HERE)
    assert len({picked(standing, one) for one in loud}) == 1


def test_a_model_of_a_channels_pairs_answers_only_there() -> None:
    standing = Standing(Serving(1, ("channel:C1", "user:U9")))
    assert picked(standing, Question("?", HERE)) == 1
    assert picked(standing, Question("?", ELSEWHERE)) is None
    assert picked(standing, Question("?", Reader.of_person("U9"))) == 1
    both = Standing(Serving(1, ALL), Serving(2, ("channel:C1",), Canary((), 1.0)))
    assert picked(both, Question("?", ELSEWHERE)) == 1
    assert picked(both, Question("?", HERE)) == 2


def test_outsiders_are_never_answered_from_what_only_the_team_may_see() -> None:
    outside = Question("?", Reader.of_outsiders())
    assert picked(Standing(Serving(1, ALL), Serving(2, ALL, Canary((), 1.0))), outside) is None
    assert picked(Standing(Serving(3, (EVERYONE, PUBLIC))), outside) == 3
