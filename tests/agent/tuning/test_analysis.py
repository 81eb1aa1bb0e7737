import json

import pytest

from agent.tuning.analysis import Analysis, Asked, analyse
from agent.tuning.estimates import head_seconds, hosted, suggested_lora
from agent.tuning.examining.findings import Examined, Finding, World
from agent.tuning.finding_words import counted
from agent.tuning.lengths import Lengths, estimated_tokens

_SECRET = "correct-horse-9931"


def _pairs() -> list[Examined]:
    asked = [("vpn", 3), ("battery", 6), ("parking", 1), ("badge", 1)]
    flat = [(topic, n) for topic, count in asked for n in range(count)]
    return [
        Examined(
            number, f"{topic} question {n}?", f"The answer on {topic}.", topic, "faq.csv", "en"
        )
        for number, (topic, n) in enumerate(flat, 1)
    ]


def _analysed(
    *findings: Finding, pairs: list[Examined] | None = None, price: float | None = None
) -> Analysis:
    return analyse(_pairs() if pairs is None else pairs, World(), findings, Asked(price))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("How do I reset the VPN?", 7),
        ("Internationalisation", 3),
        ("call 5550123", 4),
        ("记录仪离恒湿机多远合适？", 10),
        ("!!!", 1),
    ],
)
def test_tokens_are_estimated_for_both_languages(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


def test_lengths_know_their_shares() -> None:
    lengths = Lengths(tuple(range(1, 101)))
    assert (lengths.at(0.5), lengths.at(0.95), lengths.at(1.0)) == (50, 95, 100)
    assert Lengths(()).as_json()["max"] == 0


def test_every_pair_counts_once_for_the_most_that_happens_to_it() -> None:
    analysis = _analysed(
        Finding("semantic duplicate", "note", (1, 2), "alike", 0.9),
        Finding("contradiction", "queue", (1, 4), "answered differently", 0.8),
        Finding("exact duplicate", "drop", (2, 3), "the same", 1.0),
    )
    assert analysis.fates == {1: "queue", 4: "queue", 2: "drop"}
    assert analysis.faults["contradiction"].pairs == (1, 4)
    assert analysis.faults["exact duplicate"].pairs == (2,)
    assert analysis.verdict.headline == "Not yet: 3 of 11 pairs need work (27.3%)."


def test_the_verdict_says_what_to_do_first_and_next() -> None:
    analysis = _analysed(
        Finding("contradiction", "queue", (1, 2), "", 0.8),
        Finding("exact duplicate", "drop", (2, 3), "", 1.0),
    )
    steps = analysis.verdict.steps
    assert [one.command for one in steps] == [
        "knowhow tune clean",
        "knowhow tune review",
        "knowhow tune import FILE",
        "knowhow tune analyze --held-out FILE",
        "knowhow tune import FILE",
        "knowhow tune train",
    ]
    assert steps[0].figures == {"1 exact duplicate": "exact-duplicate"}
    assert steps[1].figures == {"1 contradiction": "contradiction"}
    assert steps[2].text.startswith("2 answers of 4 have one question only: the head will rarely")
    for advice in steps:
        assert all(phrase in advice.text for phrase in advice.figures)
        assert all(key in analysis.figures for key in advice.figures.values())


def test_a_note_stands_in_nobodys_way() -> None:
    verdict = _analysed(Finding("length", "note", (1,), "long")).verdict
    assert verdict.ready
    assert verdict.headline.startswith("Ready to train")


def test_held_out_questions_end_the_advice_to_name_some() -> None:
    analysis = analyse(_pairs(), World(held_out=["vpn?"]), [], Asked())
    assert analysis.held_out == 1
    assert not any("--held-out" in one.command for one in analysis.verdict.steps)


def test_without_pairs_there_is_one_thing_to_do() -> None:
    analysis = _analysed(pairs=[])
    assert [one.command for one in analysis.verdict.steps] == ["knowhow tune import FILE"]
    assert json.loads(json.dumps(analysis.as_json()))["pairs"] == 0


def test_secrets_stop_everything_and_are_located_but_never_shown() -> None:
    leaky = Examined(50, f"Is it {_SECRET}?", f"Yes: {_SECRET}", _SECRET, "faq.csv", "en")
    analysis = _analysed(
        Finding("secret", "drop", (50,), "the answer holds what looks like a password", 1.0),
        Finding("contradiction", "queue", (1, 50), f"here: {_SECRET}", 0.9),
        Finding("label error", "queue", (2,), f"others say: Yes: {_SECRET}", 0.9),
        pairs=[*_pairs(), leaky],
    )
    assert analysis.verdict.headline == "Stop: 1 secret in the pairs."
    assert analysis.verdict.steps[0].command == "knowhow tune analyze --show secret"
    assert analysis.faults["secret"].pairs == (50,)
    assert analysis.faults["secret"].examples[0].why.endswith("looks like a password")
    assert _SECRET not in repr(analysis)
    assert _SECRET not in json.dumps(analysis.as_json())


def test_answers_are_counted_by_their_questions() -> None:
    analysis = _analysed()
    counts = {one.key: (one.count, one.title) for one in analysis.phrasings}
    assert counts == {
        "asked-1": (2, "1 question"),
        "asked-2": (1, "2–4 questions"),
        "asked-5": (1, "5–9 questions"),
    }
    assert analysis.usual_phrasings == 1


def test_extremes_are_the_shortest_and_the_longest() -> None:
    pairs = [*_pairs(), Examined(99, "long " * 50, "A", "t")]
    figures = _analysed(pairs=pairs).figures
    assert figures["longest-questions"].pairs[0] == 99
    assert figures["shortest-answers"].pairs[0] == 99


def test_no_price_is_made_up() -> None:
    assert _analysed().estimates.openai.usd is None
    openai = _analysed(price=8.0).estimates.openai
    assert openai.usd == round(openai.billed * 8 / 1e6, 4)


@pytest.mark.parametrize(
    ("pairs", "epochs"), [(10, 10), (2, 25), (50, 3), (8_000, 3), (10_000, 2), (100_000, 1)]
)
def test_epochs_are_those_that_openai_chooses(pairs: int, epochs: int) -> None:
    assert hosted(pairs, 1_000, None).epochs == epochs


def test_a_larger_model_or_longer_pair_takes_more_memory() -> None:
    small, *_, large = suggested_lora(1_000, 100).memory
    assert small.gigabytes < large.gigabytes
    assert large.gigabytes < suggested_lora(1_000, 2_000).memory[-1].gigabytes
    assert 15 < large.gigabytes < 24


def test_more_pairs_are_seen_less_often() -> None:
    few, many = suggested_lora(200, 100), suggested_lora(50_000, 100)
    assert few.epochs > many.epochs
    assert few.rank < many.rank
    assert few.steps == 125


def test_a_larger_fit_takes_longer() -> None:
    assert head_seconds(20_000, 200, 384, 1.0).fitting > head_seconds(200, 10, 384, 1.0).fitting


def test_counts_are_words() -> None:
    assert counted(1, "personal data") == "1 pair with personal data"
    assert counted(36, "contradiction") == "36 contradictions"
