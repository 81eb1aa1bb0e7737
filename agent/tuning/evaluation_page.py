"""An evaluation as one page of HTML that loads nothing from anywhere."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from agent.evaluation.paired import Paired
from agent.evaluation.reliability import Reliability
from agent.evaluation.replies import Asked, Scored
from agent.evaluation.vetoes import BOUNDS
from agent.tuning.evaluation import BASE, CANDIDATE, LIVE, RETRIEVAL, TOGETHER, Evaluation
from agent.tuning.reliability_chart import reliability_chart
from knowledge.evaluation.charts import difference_bar
from knowledge.evaluation.page import page

_ARMS = {
    BASE: "without any knowledge of the team",
    RETRIEVAL: "the documents only",
    CANDIDATE: "the domain model only",
    TOGETHER: "what people would get",
    LIVE: "what people have now",
}
_WORST = 20
_SNIPPET = 600
_OUTCOMES = {
    "promote": "It may go live.",
    "reject": "It must not go live.",
    "inconclusive": "It is not promoted: the questions do not tell.",
}


def evaluation_page(done: Evaluation, made: datetime) -> str:
    """The verdict, the arms, their differences, how far confidences hold, the worst questions."""
    against = f"version {done.against}" if done.against else "the documents alone"
    facts = (
        f"version {done.version} against {against} · {len(done.held_out.asked):,} questions of "
        f"{done.held_out.source} · {made:%Y-%m-%d %H:%M} UTC"
    )
    return page(
        f"Domain model {done.version}: {done.verdict.outcome}",
        facts,
        (
            ("Verdict", _verdict(done)),
            ("Every way of answering", _arms(done)),
            (f"Right answers, against {done.before}", _differences(done)),
            ("Whether confidence means what it says", _reliability(done)),
            ("Lost questions, side by side", _worst(done)),
            ("Left out", _left_out(done)),
        ),
    )


def _verdict(done: Evaluation) -> str:
    verdict = done.verdict
    lines = [
        f"<p><strong>{_OUTCOMES[verdict.outcome]}</strong> {escape(_sentence(verdict.why))}</p>",
        f"<p class=note>{_detectable(verdict.detectable)} {escape(BOUNDS)}</p>",
    ]
    if done.general is not None:
        lines.append(
            f"<p>General questions: {done.general.candidate:.0%} right, its base model "
            f"{done.general.base:.0%}.</p>"
        )
    if done.opinion is not None:
        said = done.opinion
        lines.append(
            f"<p>The judge {escape(said.model)}, asked in both orders, preferred it {said.wins} "
            f"times and the other {said.losses} times; {said.ties} ties. It decides nothing.</p>"
        )
    return "".join(lines)


def _arms(done: Evaluation) -> str:
    rows = []
    for arm, one in done.measures.items():
        shares = (one.right, one.exact, one.wrong, one.abstained)
        means = (one.token_f1, one.facts, one.numbers, one.citations_valid)
        cells = (
            *(f"{share:.1%}" for share in shares),
            *("–" if mean is None else f"{mean:.2f}" for mean in means),
            f"{one.p50_ms:.0f} / {one.p95_ms:.0f} ms",
            "–" if one.cost_usd is None else f"${one.cost_usd:.2f}",
        )
        rows.append(
            f'<tr><th scope="row">{escape(arm)}<small>{_ARMS[arm]}</small></th>'
            + "".join(f'<td class="number">{cell}</td>' for cell in cells)
            + "</tr>"
        )
    names = ("right", "to the letter", "wrong", "declined", "F1", "facts kept", "numbers agree")
    head = "".join(f"<th>{name}</th>" for name in ("", *names, "citations", "p50 / p95", "cost"))
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _differences(done: Evaluation) -> str:
    rows = []
    for arm in done.scores:
        if arm == done.before:
            continue
        found = done.verdict.difference if arm == TOGETHER else done.difference(arm)
        rows.append(
            f'<tr><th scope="row">{escape(arm)}</th><td class="number big">{found.value:+.1%}</td>'
            f'<td class="number">{found.low:+.1%} to {found.high:+.1%}</td>'
            f"<td>{_bar(arm, found)}</td>"
            f'<td class="number">{found.wins} / {found.losses}</td>'
            f'<td class="number">{found.p:.2g}</td></tr>'
        )
    names = ("", "difference", "95 % interval", "−100 to +100 points", "won / lost", "McNemar p")
    head = "".join(f"<th>{name}</th>" for name in names)
    note = (
        "Intervals are bootstrapped by answer and document: phrasings of one answer err together."
    )
    return f"<table><tr>{head}</tr>{''.join(rows)}</table><p class=note>{note}</p>"


def _bar(arm: str, found: Paired) -> str:
    title = f"{arm} {found.value:+.1%}, {found.low:+.1%} to {found.high:+.1%}"
    return difference_bar(found.low, found.value, found.high, title=title)


def _reliability(done: Evaluation) -> str:
    measures = done.measures
    cells = "".join(
        f"<td><h3>{escape(arm)}</h3>{_curve(arm, measures[arm].reliability)}</td>"
        for arm in (CANDIDATE, TOGETHER)
    )
    return f"<table><tr>{cells}</tr></table>"


def _curve(arm: str, found: Reliability) -> str:
    if found.ece is None:
        return "<p>It answered nothing.</p>"
    note = f"Expected calibration error {found.ece:.3f}, Brier score {found.brier:.3f}."
    chart = reliability_chart(found.bins, title=f"{arm}: share of right answers by confidence")
    return f"{chart}<p class=note>{note}</p>"


def _worst(done: Evaluation) -> str:
    """Those that people have right now and would lose, then those that would become wrong."""
    before, after = done.scores[done.before], done.scores[TOGETHER]
    triples = list(zip(done.held_out.asked, before, after, strict=True))
    lost = [one for one in triples if one[1].right and not one[2].right]
    lost += [one for one in triples if one[2].wrong and not one[1].right]
    articles = [_question(*one, done.before) for one in lost[:_WORST]]
    more = len(lost) - len(articles)
    note = f"<p class=note>{more} more are not shown.</p>" if more > 0 else ""
    return "".join(articles) + note or "<p>There is none.</p>"


def _question(asked: Asked, before: Scored, after: Scored, name: str) -> str:
    sides = ((name, before), (TOGETHER, after))
    told = "".join(
        f"<li{' class=right' if one.right else ''}><strong>{escape(arm)}</strong> "
        f"<small>{escape(one.reply.route)} · confidence {one.reply.confidence:.2f} · "
        f"F1 {one.f1:.2f}</small><p>{_snippet(one.reply.shown)}</p></li>"
        for arm, one in sides
    )
    return (
        f"<article><h3>{escape(asked.question)}</h3><p>Expected: {_snippet(asked.expected)}</p>"
        f"<ol>{told}</ol></article>"
    )


def _snippet(text: str) -> str:
    plain = " ".join(text.split()) or "(no answer)"
    return escape(plain if len(plain) <= _SNIPPET else f"{plain[:_SNIPPET]}…")


def _left_out(done: Evaluation) -> str:
    held_out = done.held_out
    stale = (
        f"<p>{held_out.stale} questions, because the document behind them has changed or gone.</p>"
        if held_out.stale
        else ""
    )
    if not held_out.leaked:
        return stale or "<p>Nothing.</p>"
    return stale + (
        f"<p>{len(held_out.leaked)} questions, because a training had them or one too like them:"
        f"</p>{_list(held_out.leaked)}"
    )


def _list(leaked: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in leaked[:_WORST])
    return f"<ul>{items}{'<li>…</li>' if len(leaked) > _WORST else ''}</ul>"


def _detectable(share: float) -> str:
    points = f"{100 * share:.1f} points"
    return f"A difference of {points} would have been found four times in five."


def _sentence(why: str) -> str:
    return f"{why[:1].upper()}{why[1:]}."
