"""An analysis as one page of HTML: what to do first, every figure, and the pairs behind it."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from html import escape

from agent.reading.answerability import THRESHOLD
from agent.tuning.analysis import Analysis
from agent.tuning.analysis_charts import balance, lengths, plane, topic_tones
from agent.tuning.analysis_style import STYLE
from agent.tuning.costs_table import costs_table, shortened
from agent.tuning.example_cards import figure_section, folded
from agent.tuning.figures import Figure
from agent.tuning.finding_words import ACTIONS, WORDS
from agent.tuning.language_names import language_name
from agent.tuning.verdict import Advice, Verdict
from knowledge.evaluation.bars import Bar, share_bar, stacked
from knowledge.evaluation.page import page

_CODE = re.compile("`([^`]+)`")
_MOST_GROUPS = 12
_SECTIONS = ("Found", "Topics", "Balance", "Lengths", "Origin", "Training", "Examples")


def analysis_page(analysis: Analysis, made: datetime) -> str:
    """Everything on it leads to examples; no text of a secret or personal data is on it."""
    facts = (
        f"{len(analysis.pairs):,} pairs · {analysis.answers:,} answers · "
        f"{made:%Y-%m-%d %H:%M} UTC · lengths and tokens are estimates"
    )
    lead = _verdict(analysis.verdict) + _tiles(analysis) + _navigation()
    bodies = (
        _found(analysis),
        _topics(analysis),
        balance(analysis),
        lengths(analysis),
        _origin(analysis),
        costs_table(analysis.estimates),
        _examples(analysis),
    )
    anchored = (
        (name, f'<a id="{name.lower()}"></a>{body}')
        for name, body in zip(_SECTIONS, bodies, strict=True)
    )
    return page("Pairs, before training", facts, tuple(anchored), lead=lead, style=STYLE)


def _verdict(verdict: Verdict) -> str:
    steps = "".join(
        f"<li><div><span>{_linked(one)}</span><code>{escape(one.command)}</code></div></li>"
        for one in verdict.steps
    )
    tone = "ready" if verdict.ready else "stop" if verdict.headline.startswith("Stop") else ""
    return f'<div class="verdict {tone}"><p>{escape(verdict.headline)}</p><ol>{steps}</ol></div>'


def _linked(advice: Advice) -> str:
    """Its text, the phrases that name a figure leading there."""
    text = escape(advice.text)
    for phrase, key in advice.figures.items():
        link = f'<a href="#{escape(key)}">{escape(phrase)}</a>'
        text = text.replace(escape(phrase), link, 1)
    return text


def _prose(text: str) -> str:
    """Escaped, with code between backquotes."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _tiles(analysis: Analysis) -> str:
    tokens = analysis.questions.total + analysis.replies.total
    spoken = [one for one in analysis.languages if one.title]
    tiles = (
        ("origin", f"{len(analysis.pairs):,}", "pairs"),
        ("balance", f"{analysis.answers:,}", "answers"),
        ("balance", f"{analysis.usual_phrasings:,}", "questions each (median)"),
        ("topics", f"{len(analysis.topics):,}", "topics"),
        ("origin", f"{len(spoken):,}", "language" + "s" * (len(spoken) != 1)),
        ("lengths", shortened(tokens), "tokens (estimate)"),
    )
    return '<div class="tiles">{}</div>'.format(
        "".join(
            f'<a href="#{to}"><b>{number}</b><span>{escape(what)}</span></a>'
            for to, number, what in tiles
        )
    )


def _navigation() -> str:
    links = "".join(f'<a href="#{name.lower()}">{name}</a>' for name in _SECTIONS)
    return f"<nav>{links}</nav>"


def _found(analysis: Analysis) -> str:
    faults = [(kind, analysis.faults[kind]) for kind in WORDS if analysis.faults[kind].count]
    none = [WORDS[kind].many for kind in WORDS if not analysis.faults[kind].count]
    rows = "".join(
        f'<tr><th scope="row"><a href="#{one.key}">{escape(WORDS[kind].many)}</a>'
        f"<small>{escape(WORDS[kind].meaning)}</small></th>"
        f'<td class="number big">{one.count:,}</td><td class="number">{len(one.pairs):,}</td>'
        f"<td>{_bar(len(one.pairs), analysis, max(one.actions, key=one.actions.__getitem__))}</td>"
        f'<td class="wide">{_prose(_fate(one))}</td></tr>'
        for kind, one in faults
    )
    head = (
        '<tr><th>what</th><th class="number">cases</th><th class="number">pairs</th>'
        '<th>share of all</th><th class="wide">what happens</th></tr>'
    )
    listing = f"<table>{head}{rows}</table>" if rows else ""
    if analysis.held_out is None:
        none = [name for name in none if name != WORDS["leak"].many]
    rest = f'<p class="none">Not found: {escape(", ".join(none))}.</p>' if none else ""
    return _state(analysis) + listing + rest


def _fate(figure: Figure) -> str:
    """What will happen; with counts where not all fare the same."""
    mixed = len(figure.actions) > 1
    return ", ".join(
        f"{count} {ACTIONS[action]}" if mixed else ACTIONS[action]
        for action, count in figure.actions.items()
    )


def _state(analysis: Analysis) -> str:
    """All pairs in one bar: each counts once, for the most that happens to it."""
    counts = Counter(analysis.fates.values())
    parts = [
        Bar("nothing found", len(analysis.pairs) - counts.total(), tone="clean"),
        Bar("noted", counts["note"], tone="rest"),
        Bar("a person decides", counts["queue"], tone="queue"),
        Bar("left out", counts["drop"], tone="drop"),
    ]
    tones = {"rest": "note"}
    legend = "".join(
        f'<i class="{tones.get(one.tone, one.tone)}"></i>{escape(one.name)} {one.value:,.0f}'
        for one in parts
        if one.value
    )
    title = "Pairs by what happens to them"
    return (
        f'{stacked([one for one in parts if one.value], title=title)}<p class="legend">{legend}</p>'
    )


def _topics(analysis: Analysis) -> str:
    tones = topic_tones(analysis)
    faulty = {pair for pair, fate in analysis.fates.items() if fate != "note"}
    asked = bool(analysis.written)
    rows = "".join(
        f'<tr><th scope="row"><span class="chip {tones[one.key]}"></span>'
        f'<a href="#{one.key}">{escape(one.title)}</a></th>'
        f'<td class="number">{len(one.pairs):,}</td>'
        f'<td class="wide">{_of_largest(one, analysis, tones[one.key])}</td>'
        f'<td class="number wide">{one.answers:,}</td>'
        f'<td class="number">{len(faulty.intersection(one.pairs)) or "–":}</td>'
        f"{_written(analysis.written_of(one)) if asked else ''}</tr>"
        for one in analysis.topics
    )
    head = (
        '<tr><th>topic, by its terms</th><th class="number">pairs</th><th class="wide"></th>'
        '<th class="number wide">answers</th><th class="number">to mend</th>'
        f"{'<th>also in the documents</th>' if asked else ''}</tr>"
    )
    note = (
        '<p class="note">Answers that are asked for alike, by their questions’ vectors, named by '
        "what tells them apart.{}</p>"
    ).format(
        " In the documents: of a few typical questions, how many these seem to answer, too. What "
        "they answer well needs no training; what they do not is what a model is for."
        if asked
        else ""
    )
    return f"{plane(analysis)}<table>{head}{rows}</table>{note}"


def _of_largest(topic: Figure, analysis: Analysis, tone: str) -> str:
    share = len(topic.pairs) / len(analysis.topics[0].pairs)
    title = f"{len(topic.pairs) / len(analysis.pairs):.1%} of all pairs"
    return share_bar(share, title=title, tone=tone)


def _written(odds: Sequence[float]) -> str:
    if not odds:
        return "<td>–</td>"
    answered = sum(one >= THRESHOLD for one in odds)
    bar = share_bar(answered / len(odds), title=f"{answered} of {len(odds)}")
    return f'<td class="answered">{bar} <span class="number">{answered} of {len(odds)}</span></td>'


def _origin(analysis: Analysis) -> str:
    languages = [(one, language_name(one.title)) for one in analysis.languages]
    sources = [(one, one.title or "unknown") for one in analysis.sources]
    audiences = [(one, one.title) for one in analysis.audiences]
    return '<div class="two">{}{}{}</div>'.format(
        _groups("Languages", languages, analysis),
        _groups("Sources", sources, analysis),
        _groups("Readers", audiences, analysis),
    )


def _groups(title: str, groups: Sequence[tuple[Figure, str]], analysis: Analysis) -> str:
    rows = [
        f'<tr><th scope="row"><a href="#{one.key}">{escape(name)}</a></th>'
        f'<td class="number">{one.count:,}</td><td class="number">{one.answers:,}</td>'
        f"<td>{_bar(one.count, analysis)}</td></tr>"
        for one, name in groups
    ]
    head = (
        f'<tr><th>{escape(title)}</th><th class="number">pairs</th>'
        '<th class="number">answers</th><th></th></tr>'
    )
    rest = "".join(rows[_MOST_GROUPS:])
    more = folded(f"{len(rows) - _MOST_GROUPS} more", f"<table>{rest}</table>" if rest else "")
    return f"<div><table>{head}{''.join(rows[:_MOST_GROUPS])}</table>{more}</div>"


def _examples(analysis: Analysis) -> str:
    faults = {one.key for one in analysis.faults.values()}
    return "".join(
        figure_section(one, analysis.pairs, fault=one.key in faults)
        for one in analysis.figures.values()
    )


def _bar(pairs: int, analysis: Analysis, tone: str = "bar") -> str:
    share = pairs / max(len(analysis.pairs), 1)
    tone = {"note": "rest"}.get(tone, tone)
    return share_bar(share, title=f"{share:.1%} of all pairs", tone=tone)
