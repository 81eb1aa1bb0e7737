import re
from dataclasses import replace
from datetime import UTC, datetime

from agent.tuning.analysis import Asked, analyse
from agent.tuning.analysis_page import analysis_page
from agent.tuning.examining.findings import Examined, Finding, World

_MADE = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
_HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
_FINDINGS = (
    Finding("contradiction", "queue", (1, 2), "two answers", 0.8),
    Finding("exact duplicate", "drop", (3, 4), "the same", 1.0),
    Finding("personal data", "queue", (5,), "the answer holds an e-mail address"),
    Finding("length", "note", (6,), f"long: {_HOSTILE}"),
)


def _page(pairs: list[Examined], *findings: Finding) -> str:
    analysis = analyse(pairs, World(), findings, Asked(price=2.5))
    return analysis_page(replace(analysis, written={1: 0.9, 5: 0.01}), _MADE)


def _pairs() -> list[Examined]:
    pairs = [
        Examined(n, f"How is thing {n} done?", f"Answer {n % 4}.", "t", "a.csv", "en")
        for n in range(1, 13)
    ]
    return [*pairs, Examined(13, "记录仪离恒湿机多远？", "两米。", "zh", "b.csv", "zh")]


def test_every_link_leads_somewhere_on_the_page() -> None:
    html = _page(_pairs(), *_FINDINGS)
    targets = re.findall(r'href="#([^"]*)"', html)
    ids = re.findall(r' id="([^"]*)"', html)
    assert {"contradiction", "exact-duplicate", "topic-1", "asked-2", "language-1"} <= set(targets)
    assert set(targets) <= set(ids)
    assert len(ids) == len(set(ids))


def test_nothing_is_loaded_and_nothing_runs() -> None:
    html = _page(_pairs(), *_FINDINGS[:3])
    assert "default-src 'none'" in html
    assert not re.search(r"<script|<link|<img|\ssrc=|url\(|https?:|\son\w+=", html)
    assert not [link for link in re.findall(r'href="([^"]*)"', html) if not link.startswith("#")]


def test_what_people_wrote_is_escaped_wherever_it_stands() -> None:
    hostile = [
        Examined(n, f"{_HOSTILE} {n}", f"{_HOSTILE} a", _HOSTILE, _HOSTILE, "en", (_HOSTILE,))
        for n in range(1, 8)
    ]
    html = _page(hostile, *_FINDINGS)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_the_verdict_comes_first_with_its_commands() -> None:
    html = _page(_pairs(), *_FINDINGS)
    verdict = html[html.index('class="verdict') : html.index('class="tiles"')]
    assert "Not yet: 4 of 13 pairs need work" in verdict
    assert "<code>knowhow tune clean</code>" in verdict
    assert '<a href="#contradiction">1 contradiction</a>' in verdict


def test_examples_name_their_pairs_and_personal_data_is_not_among_them() -> None:
    pairs = _pairs()
    pairs[4] = replace(pairs[4], answer="Write to grace@example.org.", topic="Write to grace@ex")
    html = _page(pairs, *_FINDINGS)
    assert "grace@" not in html
    section = html[html.index('id="personal-data"') :]
    assert "pair 5 · a.csv" in section
    contradiction = html[html.index('id="contradiction"') : html.index('id="exact-duplicate"')]
    assert "How is thing 1 done?" in contradiction
    assert "How is thing 2 done?" in contradiction
    assert "two answers" in contradiction


def test_long_lists_are_folded() -> None:
    findings = [Finding("length", "note", (n,), "long") for n in range(1, 13)]
    html = _page(_pairs(), *findings)
    section = html[html.index('id="length"') : html.index('id="topic-1"')]
    assert section.count("<details>") == 2
    assert "7 more examples" in section


def test_the_documents_share_of_a_topic_is_shown() -> None:
    assert "1 of 2" in _page(_pairs())


def test_a_page_of_no_pairs_is_a_page() -> None:
    html = _page([])
    assert "There are no pairs yet." in html
