"""What `evaluate retrieval` measured as one page of HTML that loads nothing from anywhere."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from knowledge.documents import Passage
from knowledge.evaluation.charts import Mark, histogram, interval_bar
from knowledge.evaluation.evaluation import RetrievalReport
from knowledge.evaluation.intervals import interval
from knowledge.evaluation.outcomes import Outcome
from knowledge.evaluation.page import page

_MEASURES = {
    "ndcg_at_10": ("nDCG@10", "how well the first ten are ordered"),
    "recall_at_5": ("recall@5", "relevant documents among the first five"),
    "recall_at_10": ("recall@10", "among the first ten"),
    "recall_at_100": ("recall@100", "in reach at all"),
    "mrr_at_10": ("MRR@10", "one divided by the place of the first"),
}
_WORST = 25
_SNIPPET = 240
_PERFECT = 0.9999


def retrieval_page(report: RetrievalReport, made: datetime) -> str:
    """Scores with intervals, where they come from, the worst questions, how long they took."""
    facts = (
        f"{len(report.outcomes):,} questions · {report.load.chunks:,} chunks · "
        f"encoder {report.encoder} · {made:%Y-%m-%d %H:%M} UTC"
    )
    return page(
        f"Retrieval: {report.source}",
        facts,
        (
            ("Scores", _scores(report)),
            ("Where they come from", _breakdown(report.outcomes)),
            ("Time to search", _latencies(report)),
            ("Every question's score", _distribution(report.outcomes)),
            ("The worst questions", _worst(report.outcomes)),
        ),
    )


def _scores(report: RetrievalReport) -> str:
    rows = []
    for measure, (name, meaning) in _MEASURES.items():
        mean, (low, high) = report.mean(measure), report.interval(measure)
        bar = interval_bar(low, mean, high, title=f"{name} {mean:.3f}, {low:.3f} to {high:.3f}")
        rows.append(
            f'<tr><th scope="row">{name}<small>{meaning}</small></th>'
            f'<td class="number big">{mean:.3f}</td>'
            f'<td class="number">{low:.3f} – {high:.3f}</td><td>{bar}</td></tr>'
        )
    head = "<tr><th>measure</th><th>mean</th><th>95 % interval</th><th>from 0 to 1</th></tr>"
    note = (
        "Intervals are bootstrapped by document: another set of questions of the same kind would "
        "most likely score within them."
    )
    return f"<table>{head}{''.join(rows)}</table><p class=note>{note}</p>"


def _breakdown(outcomes: Sequence[Outcome]) -> str:
    groups: defaultdict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        groups[one.judged.collection or "all", one.script, one.kind].append(one)
    rows = []
    for (collection, script, kind), those in sorted(groups.items(), key=lambda g: -len(g[1])):
        scores = [one.ndcg_at_10 for one in those]
        mean = sum(scores) / len(scores)
        low, high = interval(scores, [one.expected for one in those])
        bar = interval_bar(low, mean, high, title=f"{mean:.3f}, {low:.3f} to {high:.3f}")
        names = "".join(f"<td>{escape(name)}</td>" for name in (collection, script, kind))
        rows.append(
            f'<tr>{names}<td class="number">{len(those):,}</td>'
            f'<td class="number big">{mean:.3f}</td>'
            f'<td class="number">{low:.3f} – {high:.3f}</td><td>{bar}</td></tr>'
        )
    head = "".join(
        f"<th>{name}</th>"
        for name in ("collection", "script", "kind", "questions", "nDCG@10", "95 % interval", "")
    )
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _latencies(report: RetrievalReport) -> str:
    p50, p95 = report.latencies
    return histogram(
        [one.latency_ms for one in report.outcomes],
        title=f"Searches by their milliseconds: median {p50:.1f}, 95th percentile {p95:.1f}",
        unit=" ms",
        marks=(Mark(p50, f"p50 {p50:.1f} ms"), Mark(p95, f"p95 {p95:.1f} ms")),
    )


def _distribution(outcomes: Sequence[Outcome]) -> str:
    perfect = sum(one.ndcg_at_10 > _PERFECT for one in outcomes) / len(outcomes)
    lost = sum(one.ndcg_at_10 == 0 for one in outcomes) / len(outcomes)
    chart = histogram(
        [one.ndcg_at_10 for one in outcomes],
        title="Questions by their nDCG@10",
        unit="",
        bins=20,
        upper=1.0,
    )
    return f"{chart}<p class=note>{perfect:.0%} are perfect; {lost:.0%} find nothing.</p>"


def _worst(outcomes: Sequence[Outcome]) -> str:
    ordered = sorted(outcomes, key=lambda one: (one.ndcg_at_10, one.recall_at_100))
    poor = [one for one in ordered if one.ndcg_at_10 <= _PERFECT][:_WORST]
    return "".join(map(_question, poor)) or "<p>There is none: every question is perfect.</p>"


def _question(one: Outcome) -> str:
    turns = "".join(f"<p class=turn>{escape(turn)}</p>" for turn in one.judged.query.turns)
    reach = "in reach" if one.recall_at_100 else "not in reach of the search"
    expected = ", ".join(map(escape, one.expected))
    found = "".join(_found(passage, one.expected) for passage in one.first)
    return (
        f'<article><h3><span class="score">{one.ndcg_at_10:.2f}</span> '
        f"{escape(one.judged.query.text)}</h3>{turns}"
        f"<p>Expected ({reach}): <code>{expected}</code></p><ol>{found}</ol></article>"
    )


def _found(passage: Passage, expected: Iterable[str]) -> str:
    right = ' class="right"' if passage.uri in expected else ""
    place = " › ".join((passage.title or passage.uri, *passage.heading))
    dense = "–" if passage.dense is None else f"{passage.dense:.2f}"
    text = " ".join(passage.text.split())
    snippet = text if len(text) <= _SNIPPET else f"{text[:_SNIPPET]}…"
    return (
        f"<li{right}><strong>{escape(place)}</strong> <code>{escape(passage.uri)}</code>"
        f"<small>score {passage.score:.2f} · lexical {passage.lexical:.1f} · dense {dense}</small>"
        f"<p>{escape(snippet)}</p></li>"
    )
