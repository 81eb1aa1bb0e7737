"""What `evaluate routing` measured as one page of HTML that loads nothing from anywhere."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from agent.evaluation.routing_evaluation import Routed, RoutingReport
from agent.evaluation.routing_scores import cost, costs, reliability
from knowledge.evaluation.charts import Mark, histogram
from knowledge.evaluation.curve_charts import Curve, Dot, curves, diagonal
from knowledge.evaluation.page import page

_WORST = 30


def routing_page(report: RoutingReport, made: datetime) -> str:
    """Where questions went, how true the confidence is, what each threshold costs, the worst."""
    facts = (
        f"{len(report.routed):,} questions · accuracy {report.accuracy:.3f} · macro-F1 "
        f"{report.macro_f1:.3f} · {report.calls} model calls · {made:%Y-%m-%d %H:%M} UTC"
    )
    return page(
        f"Routing: {report.source}",
        facts,
        (
            ("Where the questions went", _confusion(report)),
            ("How true its confidence is", _reliability(report.routed)),
            ("What each threshold costs", _costs(report)),
            ("Time to decide", _latencies(report)),
            ("The worst questions", _worst(report.routed)),
        ),
    )


def _confusion(report: RoutingReport) -> str:
    confusion = report.confusion
    routes = sorted({*confusion, *(route for row in confusion.values() for route in row)})
    head = "".join(f"<th>{route}</th>" for route in routes)
    rows = ""
    for expected, row in confusion.items():
        of = sum(row.values())
        cells = "".join(_cell(row.get(route, 0), of, route == expected) for route in routes)
        rows += f'<tr><th scope="row">{expected}</th>{cells}<td class="number">{of:,}</td></tr>'
    note = "Rows are the route a question should take, columns the one it took."
    return (
        f"<table><tr><th>should be</th>{head}<th>questions</th></tr>{rows}</table>"
        f"<p class=note>{note}</p>"
    )


def _cell(count: int, of: int, right: bool) -> str:  # noqa: FBT001 - a cell is on the diagonal or not
    if not count:
        return '<td class="number">–</td>'
    kind = "number big" if right else "number"
    return f'<td class="{kind}">{count:,}<small>{count / of:.0%}</small></td>'


def _reliability(routed: Sequence[Routed]) -> str:
    bins = reliability(routed)
    dots = [
        Dot(
            one.confidence,
            one.right,
            one.count / len(routed),
            f"{one.count:,} decisions with a confidence of {one.confidence:.2f}: "
            f"{one.right:.0%} right",
        )
        for one in bins
    ]
    off = sum(one.count * abs(one.confidence - one.right) for one in bins) / len(routed)
    chart = diagonal(dots, title="Confidence and how often right", across="confidence", up="right")
    return (
        f"{chart}<p class=note>A dot is a tenth of confidence, as large as it is frequent; on the "
        f"line, confidence is what it says. It is off by {off:.3f} on average.</p>"
    )


def _costs(report: RoutingReport) -> str:
    measured = costs(report.routed)
    today = cost(report.routed, report.least)
    chart = curves(
        [
            Curve(name, kind, [(one.threshold, getattr(one, name)) for one in measured])
            for name, kind in (("precision", "one"), ("recall", "two"), ("accuracy", "three"))
        ],
        title="Precision and recall of the route domain, accuracy of all, by threshold",
        across="probability from which the domain model is asked",
        mark=Mark(report.least, f"today {report.least:.2f}"),
    )
    rows = "".join(
        f'<tr><td class="number">{one.threshold:.2f}</td>'
        f'<td class="number">{one.precision:.3f}</td><td class="number">{one.recall:.3f}</td>'
        f'<td class="number">{one.accuracy:.3f}</td></tr>'
        for one in [*measured[::5], today]
    )
    head = "<tr><th>threshold</th><th>precision</th><th>recall</th><th>accuracy</th></tr>"
    note = "Precision and recall are of the route domain; the last row is today's threshold."
    return f"{chart}<table>{head}{rows}</table><p class=note>{note}</p>"


def _latencies(report: RoutingReport) -> str:
    p50, p95 = report.latencies
    return histogram(
        [one.milliseconds for one in report.routed],
        title=f"Decisions by their milliseconds: median {p50:.1f}, 95th percentile {p95:.1f}",
        unit=" ms",
        marks=(Mark(p50, f"p50 {p50:.1f} ms"), Mark(p95, f"p95 {p95:.1f} ms")),
    )


def _worst(routed: Sequence[Routed]) -> str:
    """Those that it was surest of and wrong."""
    wrong = sorted(
        (one for one in routed if not one.right), key=lambda one: -one.decision.confidence
    )
    shown = "".join(
        f'<article><h3><span class="score">{one.decision.confidence:.2f}</span> '
        f"{escape(one.question)}</h3><p>Went to <strong>{one.decision.route}</strong>, should have "
        f"gone to <strong>{one.expected}</strong>.</p>"
        f'<p class="turn">{escape(one.decision.reason.en)}</p></article>'
        for one in wrong[:_WORST]
    )
    return shown or "<p>There is none: every question went where it should.</p>"
