"""Charts of an analysis: topics in a plane, how balanced the answers are, how long texts are."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from agent.tuning.analysis import Analysis
from agent.tuning.figures import Figure
from agent.tuning.lengths import Lengths
from knowledge.evaluation.bars import Bar, columns
from knowledge.evaluation.charts import Mark, histogram
from knowledge.evaluation.scatter import Dot, Label, scatter

_COLOURS = 8
_NAME_TERMS = 2
_DOT_NAME = 90
_NEARLY_ALL = 0.99


def topic_tones(analysis: Analysis) -> Mapping[str, str]:
    """A CSS class for each topic; beyond the largest eight they share one."""
    return {one.key: f"t{min(rank, _COLOURS)}" for rank, one in enumerate(analysis.topics)}


def plane(analysis: Analysis) -> str:
    """The topics whose questions the encoder reads; nothing where there are too few."""
    tones = topic_tones(analysis)
    dots: list[Dot] = []
    labels: list[Label] = []
    for topic in analysis.topics:
        placed = [one for one in topic.pairs if one in analysis.places]
        if not placed:
            continue
        points = np.array([analysis.places[one] for one in placed])
        dots += [
            Dot(x, y, tones[topic.key], _said(analysis.pairs[one].question))
            for one, (x, y) in zip(placed, points.tolist(), strict=True)
        ]
        x, y = np.median(points, axis=0).tolist()
        short = ", ".join(topic.title.split(", ")[:_NAME_TERMS])
        labels.append(Label(x, y, short, f"#{topic.key}"))
    if not dots:
        return ""
    dots.reverse()  # the largest topics on top
    note = (
        f"{len(dots):,} questions on the two axes along which the topics differ most: what is "
        "near is asked alike."
    )
    chart = scatter(dots, labels, title="Questions in a plane, coloured by topic")
    return f'{chart}<p class="note">{note}</p>'


def balance(analysis: Analysis) -> str:
    """Answers by how many questions they have, each column leading to its answers."""
    bars = [
        Bar(one.title.removesuffix(" questions"), one.count, f"#{one.key}", _tone(one))
        for one in analysis.phrasings
    ]
    chart = columns(bars, title="Answers by the number of their questions")
    note = (
        f"Answers by how many questions they have; the one in the middle has "
        f"{analysis.usual_phrasings:,}. With one question the head sees no paraphrase, so it "
        "rarely dares to give that answer; with far more than the rest it gives it too often."
    )
    return f'{chart}<p class="note">{escape(note)}</p>'


def lengths(analysis: Analysis) -> str:
    """Two histograms, and ways to the extremes."""
    charts = "".join(
        f"<div><h3>{name}<small>{of.total:,} tokens, estimated</small></h3>{_lengths(of)}"
        f'<p class="note">{_extremes(analysis.extremes, part)}</p></div>'
        for name, part, of in (
            ("Questions", "questions", analysis.questions),
            ("Answers", "answers", analysis.replies),
        )
    )
    return f'<div class="two">{charts}</div>'


def _lengths(of: Lengths) -> str:
    edge = max(of.at(_NEARLY_ALL), 1)
    return histogram(
        [min(one, edge) for one in of.values],
        title="Texts by their estimated tokens; the last bar holds all that are longer",
        unit="",
        marks=(Mark(of.at(0.5), f"p50 {of.at(0.5)}"), Mark(of.at(0.95), f"p95 {of.at(0.95)}")),
        bins=min(24, edge),
    )


def _extremes(figures: Sequence[Figure], part: str) -> str:
    links = (
        f'<a href="#{one.key}">{escape(one.title)}</a>' for one in figures if one.key.endswith(part)
    )
    return "See " + " and ".join(links)


def _tone(figure: Figure) -> str:
    return "thin" if figure.key == "asked-1" else "bar"


def _said(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= _DOT_NAME else f"{line[: _DOT_NAME - 1]}…"
