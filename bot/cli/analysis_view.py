"""An analysis on one screen, and the pairs behind one of its figures."""

from typing import TYPE_CHECKING

from bot.cli.console import table
from bot.cli.documents_view import plain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from agent.tuning.analysis import Analysis
    from agent.tuning.figures import Figure
    from agent.tuning.verdict import Verdict

_TOPICS = 5
_EXAMPLES = 3
_SHOWN = 20
_CHARACTERS = 160
_BAR, _NAME = 10, 34
_FATES = {"drop": "left out", "queue": "asked about", "note": "noted"}


def analysis_view(analysis: "Analysis") -> "RenderableType":
    """What to do first, then the most important figures."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [_verdict(analysis.verdict)]
    if not analysis.pairs:
        return parts[0]
    parts += [Text(), _sizes(analysis)]
    if any(one.count for one in analysis.faults.values()):
        parts += [Text(), _found(analysis)]
    parts += [Text(), _topics(analysis), Text(), _training(analysis), Text()]
    example = next(iter(analysis.figures))
    hint = f"The pairs: knowhow tune analyze --show {example} · all of it, with charts: --html FILE"
    parts.append(Text(hint, style="dim"))
    return Group(*parts)


def figure_view(figure: "Figure", analysis: "Analysis") -> "RenderableType":
    """Its first examples, pair by pair, each with why it is one."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [
        Text.assemble((f"{figure.count:,} ", "bold"), plain(figure.title)),
        Text(),
    ]
    for example in figure.examples[:_SHOWN]:
        score = "" if example.score is None else f"  {example.score:.2f}"
        if example.why:
            parts.append(Text.assemble(plain(example.why), score, style="yellow"))
        listing = table("", "", "")
        listing.show_header = False
        for pair in (analysis.pairs[one] for one in example.pairs if one in analysis.pairs):
            listing.add_row(str(pair.id), _short(pair.question), _short(pair.answer))
        parts += [listing, Text()]
    rest = figure.count - _SHOWN
    if rest > 0:
        more = f"and {rest:,} more: add --json for all ids, or --html FILE"
        parts.append(Text(more, style="dim"))
    return Group(*parts)


def _verdict(verdict: "Verdict") -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    style = "bold green" if verdict.ready else "bold yellow"
    steps = Table(box=None, show_header=False, pad_edge=False, title=None)
    for column in ("", "text", "command"):
        steps.add_column(column, no_wrap=column == "command")
    for number, one in enumerate(verdict.steps, 1):
        steps.add_row(f"{number}.", Text(one.text), Text(one.command, style="cyan"))
    from rich.console import Group

    return Group(Text(verdict.headline, style=style), steps)


def _sizes(analysis: "Analysis") -> "Text":
    from rich.text import Text

    from agent.tuning.language_names import language_name

    spoken = ", ".join(
        f"{language_name(one.title)} {one.count / len(analysis.pairs):.0%}"
        for one in analysis.languages[:3]
    )
    asked, told = analysis.questions, analysis.replies
    return Text(
        f"{len(analysis.pairs):,} pairs, {analysis.answers:,} answers with "
        f"{analysis.usual_phrasings:,} questions each (median); {spoken}; about "
        f"{asked.total + told.total:,} tokens: questions {asked.at(0.5)} (p95 {asked.at(0.95)}), "
        f"answers {told.at(0.5)} (p95 {told.at(0.95)}). Answers by how many questions they have: "
        f"{_phrasings(analysis)}."
    )


def _found(analysis: "Analysis") -> "Table":
    from agent.tuning.finding_words import WORDS

    listing = table("found", "cases", "pairs", "will be", "for example, pairs")
    for column in (1, 2):
        listing.columns[column].justify = "right"
    for kind in WORDS:
        one = analysis.faults[kind]
        if not one.count:
            continue
        action = max(one.actions, key=one.actions.__getitem__)
        examples = (" and ".join(map(str, each.pairs[:2])) for each in one.examples[:_EXAMPLES])
        listing.add_row(
            WORDS[kind].many,
            f"{one.count:,}",
            f"{len(one.pairs):,}",
            _FATES[action],
            "; ".join(examples),
        )
    return listing


def _topics(analysis: "Analysis") -> "Table":
    from agent.reading.answerability import THRESHOLD

    asked = bool(analysis.written)
    rest = len(analysis.topics) - _TOPICS
    name = f"topics ({rest} more)" if rest > 0 else "topics"
    listing = table(name, "pairs", "answers", "", *(["documents answer"] * asked), "--show")
    listing.columns[0].no_wrap, listing.columns[0].max_width = True, _NAME
    for column in (1, 2):
        listing.columns[column].justify = "right"
    for one in analysis.topics[:_TOPICS]:
        odds = analysis.written_of(one)
        answered = sum(value >= THRESHOLD for value in odds)
        listing.add_row(
            _short(one.title, _NAME),
            f"{one.count:,}",
            f"{one.answers:,}",
            _bar(one.count, analysis.topics[0].count),
            *([f"{answered} of {len(odds)}" if odds else "–"] * asked),
            one.key,
        )
    return listing


def _phrasings(analysis: "Analysis") -> str:
    """Such as ``12 have 1, 30 have 2–4``."""
    return ", ".join(
        f"{one.count:,} have {one.title.removesuffix('s').removesuffix(' question')}"
        for one in analysis.phrasings
    )


def _training(analysis: "Analysis") -> "Table":
    estimates = analysis.estimates
    head, lora, hosted = estimates.head, estimates.lora, estimates.openai
    listing = table("training, estimated", "")
    listing.add_row("head", f"{head.encoding + head.fitting:,.0f} s on this CPU")
    least, most = lora.memory[0], lora.memory[-1]
    listing.add_row(
        "lora",
        f"rank {lora.rank}, rate {lora.learning_rate:g}, {lora.epochs} epochs; "
        f"{least.gigabytes:g} GB ({least.model}) to {most.gigabytes:g} GB ({most.model})",
    )
    price = "in dollars: --price USD" if hosted.usd is None else f"${hosted.usd:,.2f}"
    listing.add_row(
        "openai",
        f"{hosted.tokens:,} tokens × {hosted.epochs} epochs = {hosted.billed:,}; {price}",
    )
    return listing


def _bar(value: int, most: int) -> "Text":
    from rich.text import Text

    return Text("█" * max(1, round(_BAR * value / max(most, 1))), style="blue")


def _short(text: str, longest: int = _CHARACTERS) -> "Text":
    return plain(text if len(text) <= longest else f"{text[: longest - 1]}…")
