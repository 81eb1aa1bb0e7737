import numpy as np
import pytest

from agent.tuning.examining.findings import Examined
from agent.tuning.topic_names import topic_names
from agent.tuning.topics import find_topics
from tests.agent.pairs import ANSWERS, PAIRS

_ASKED_ABOUT_EACH = {
    "vpn": ["vpn from home", "vpn on a new laptop", "vpn is slow", "vpn and the train"],
    "battery": ["battery is flat", "change the battery", "battery of a logger", "which battery"],
    "parking": ["parking at night", "parking for guests", "parking badge", "parking is full"],
}


def _pairs(asked: dict[str, list[str]]) -> list[Examined]:
    flat = [(topic, question) for topic, own in asked.items() for question in own]
    return [
        Examined(number, question, f"About {topic}.", topic)
        for number, (topic, question) in enumerate(flat, 1)
    ]


def _vectors(pairs: list[Examined]) -> dict[int, np.ndarray]:
    """Each topic's questions around a direction of its own."""
    random = np.random.default_rng(1)
    names = list(dict.fromkeys(pair.topic for pair in pairs))
    vectors = {}
    for pair in pairs:
        vector = np.eye(16)[names.index(pair.topic)] + random.normal(0, 0.05, 16)
        vectors[pair.id] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return vectors


def test_topics_are_what_is_asked_alike_and_are_named_by_it() -> None:
    pairs = _pairs(_ASKED_ABOUT_EACH)
    topics = find_topics(pairs, _vectors(pairs)).all
    assert sorted(topic.terms[0] for topic in topics) == ["battery", "parking", "vpn"]
    assert sorted(id_ for topic in topics for id_ in topic.pairs) == [one.id for one in pairs]
    assert all((len(topic.pairs), topic.answers) == (4, 1) for topic in topics)


def test_the_order_of_the_vectors_changes_nothing() -> None:
    pairs = _pairs(_ASKED_ABOUT_EACH)
    vectors = _vectors(pairs)
    backwards = dict(reversed(vectors.items()))
    assert find_topics(pairs, vectors) == find_topics(pairs, backwards)


def test_an_answers_pairs_stay_in_one_topic_whatever_their_vectors() -> None:
    pairs = _pairs({f"a{number}": ["one", "two", "three"] for number in range(40)})
    random = np.random.default_rng(2)
    rows = random.standard_normal((len(pairs), 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    topics = find_topics(pairs, {pair.id: row for pair, row in zip(pairs, rows, strict=True)}).all
    by_id = {pair.id: pair.answer for pair in pairs}
    homes = [{by_id[one] for one in topic.pairs} for topic in topics]
    assert sum(map(len, homes)) == len({pair.answer for pair in pairs})
    assert 1 < len(topics) <= 10


def test_places_lie_in_the_plane_and_keep_topics_apart() -> None:
    pairs = _pairs(_ASKED_ABOUT_EACH)
    places = find_topics(pairs, _vectors(pairs)).places
    assert places.keys() == {pair.id for pair in pairs}
    assert all(-1 <= value <= 1 for point in places.values() for value in point)
    middles = [np.mean([places[n] for n in range(start, start + 4)], axis=0) for start in (1, 5, 9)]
    assert min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2))) > 0.5


def test_chinese_pairs_have_topics_on_their_characters() -> None:
    pairs = [
        Examined(number, question, ANSWERS[topic], topic)
        for number, (question, topic) in enumerate(PAIRS, 1)
        if topic in {"grid", "salt"}
    ]
    topics = find_topics(pairs, {}).all
    assert {frozenset(topic.pairs) for topic in topics} == {
        frozenset({10, 11}),
        frozenset({12, 13}),
    } or len(topics) == 1
    named = {term for topic in topics for term in topic.terms}
    assert named & {"恒湿机", "记录仪", "饱和盐瓶", "盐瓶"}


def test_no_pairs_have_no_topics() -> None:
    assert find_topics([], {}).all == ()


def test_nothing_of_a_withheld_pair_names_a_topic() -> None:
    pairs = _pairs({"key": ["hunter2zz rotates", "hunter2zz expires", "when is it due"]})
    (topic,) = find_topics(pairs, _vectors(pairs), withheld={1, 2}).all
    assert topic.terms
    assert "hunter2zz" not in topic.name


@pytest.mark.parametrize(
    ("group", "other", "word"),
    [
        (["湿度记录仪坏了", "湿度记录仪太热"], ["食堂几点开门", "食堂周末开门"], "湿度记录仪"),
        (["batteries died", "new batteries", "a battery"], ["trains", "late trains"], "batteries"),
    ],
)
def test_terms_read_as_words(group: list[str], other: list[str], word: str) -> None:
    names, _ = topic_names([group, other])
    assert word in names


def test_what_every_topic_asks_names_none_first() -> None:
    names = topic_names(
        [
            ["change the card", "change my card", "change a card"],
            ["change the pin", "change my pin", "change a pin"],
        ]
    )
    assert [terms[0] for terms in names] == ["card", "pin"]
