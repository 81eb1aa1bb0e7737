"""Pairs, a cleaning and the state of the domain model as a person reads them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.cli.answer_view import printable
from bot.cli.console import table
from bot.cli.documents_view import plain

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.text import Text

    from agent.tuning.cleaning import Cleaned
    from agent.tuning.cleaning_plan import Step
    from agent.tuning.status import Status
    from agent.tuning.stored_pairs import StoredPair

_SHOWN_TOPICS = 5
_SHOWN_DATASETS = 3
_SHOWN_CHARACTERS = 160
_LISTED_CHARACTERS = 80
_STATES = {"approved": "green", "candidate": "cyan", "rejected": "red", "stale": "yellow"}
_ACTIONS = {"drop": ("dropped", "red"), "queue": ("to review", "yellow"), "note": ("noted", "dim")}


def pairs_view(pairs: "Sequence[StoredPair]") -> "RenderableType":
    """A pair a row: what is asked and answered, and where it comes from."""
    from rich.text import Text

    listing = table("id", "state", "question", "answer", "topic", "from")
    for one in pairs:
        origin = " · ".join(part for part in (one.source or one.origin, one.author) if part)
        listing.add_row(
            str(one.id),
            Text(one.state, style=_STATES[one.state]),
            shown(one.question, _LISTED_CHARACTERS),
            shown(one.answer, _LISTED_CHARACTERS),
            shown(one.topic, _LISTED_CHARACTERS),
            plain(f"{origin} · {one.created_at:%Y-%m-%d}"),
        )
    return listing


def shown(text: str, longest: int = _SHOWN_CHARACTERS) -> "Text":
    """The beginning of a pair's text on one line; a secret is named, never shown."""
    from knowledge.secret_patterns import without_secrets

    safe = without_secrets(text)
    return plain(safe if len(safe) <= longest else f"{safe[:longest]}…")


def clean_view(done: "Cleaned", *, dry_run: bool) -> "Group":
    """What each step found, with examples; what is left; what to do next."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    listing = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "left"):
        listing.add_column(justify=justify)
    for one in done.steps:
        listing.add_row(*_step(one))
    return Group(
        listing if done.steps else Text("Nothing was found.\n"), _left(done, dry_run=dry_run)
    )


def _step(one: "Step") -> "tuple[Text, Text, Text]":
    from rich.text import Text

    said, colour = _ACTIONS[one.action]
    what = Text(one.kind, style="bold")
    what.append(f" · {one.reason}", style="not bold dim")
    if one.waiting:
        what.append(" · not taught until decided", style="not bold yellow")
    for example in one.examples:
        what.append(f"\n{example.pair_id} ", style="not bold cyan")
        what.append_text(Text(shown(example.question).plain, style="not bold"))
        what.append(f" · {printable(example.why)}", style="not bold dim")
    what.append("\n")
    return Text(said, style=colour), Text(str(one.count)), what


def _left(done: "Cleaned", *, dry_run: bool) -> "Text":
    from rich.text import Text

    said = Text(f"{_counted(done.examined, 'pair')} examined in {done.seconds:.1f} s")
    would = "would be " if dry_run else ""
    said.append(f": {done.dropped} {would}dropped, {done.asked} {would}put before you")
    if done.approved:
        said.append(f", {done.approved} {would}approved")
    said.append(".")
    if done.manifest is None:
        said.append("\nNo dataset: nothing is approved yet.", style="yellow")
    else:
        kept = done.manifest
        name = "The dataset would have" if dry_run else f"Dataset {done.version}:"
        said.append(f"\n{name} {_counted(kept['pairs'], 'pair')}", style="bold")
        for what in ("answer", "topic"):
            said.append(f", {_counted(kept[f'{what}s'], what)}")
        said.append(f" · sha256 {kept['pairs_sha256'][:12]}", style="dim")
        left_out = ", ".join(f"{count} {why}" for why, count in kept["left_out"].items())
        if left_out:
            said.append(f"\nLeft out: {left_out}.", style="dim")
    if dry_run:
        said.append("\nNothing was changed.", style="dim")
    for line in _next(done) if not dry_run else ():
        said.append(f"\n{line}", style="dim")
    return said


def _next(done: "Cleaned") -> list[str]:
    waiting = sum(done.queue.values()) + done.candidates
    return [
        *([f"`knowhow tune review` shows you the {waiting} that wait."] if waiting else []),
        *([f"`knowhow tune undo {done.run}` undoes this cleaning."] if done.run else []),
    ]


def status_view(status: "Status") -> "Group":
    """Pairs, what waits for a person, what is stale, datasets, versions."""
    from rich.console import Group
    from rich.text import Text

    counts = ", ".join(f"{count} {state}" for state, count in status.pairs.items())
    said = Text(f"Pairs: {counts or 'none'} in {status.topics} topics.")
    waiting = [f"{count} {kind}" for kind, count in status.queue.items()]
    if candidates := status.pairs.get("candidate"):
        waiting.append(_counted(candidates, "candidate"))
    if waiting:
        said.append(f"\nTo review: {', '.join(waiting)}. ")
        said.append("`knowhow tune review`", style="dim")
    if status.stale_topics:
        names = "; ".join(printable(name) for name in status.stale_topics[:_SHOWN_TOPICS])
        more = "; …" if len(status.stale_topics) > _SHOWN_TOPICS else ""
        said.append(
            f"\nStale, their documents have changed or gone: {names}{more}. The live model keeps "
            "silent about them; `knowhow tune train` leaves them out.",
            style="yellow",
        )
    parts: list[RenderableType] = [said]
    if status.datasets:
        parts += [Text(), _datasets(status.datasets)]
    if status.versions:
        parts += [Text(), _versions(status.versions), *_retrain(status)]
    else:
        parts.append(Text("No version yet: `knowhow tune import`, then `knowhow tune train`."))
    parts += [Text(line, style="yellow") for line in status.warnings]
    return Group(*parts)


def _datasets(datasets: Sequence[Mapping[str, Any]]) -> "RenderableType":
    listing = table("dataset", "pairs", "lapsed", "for", "made", "")
    for one in datasets[:_SHOWN_DATASETS]:
        listing.add_row(
            str(one["version"]),
            str(one["pairs"]),
            _lapsed(one["lapsed"]),
            plain(", ".join(one["audience"])),
            _moment(one["created_at"]),
            "cleaned" if one["cleaned"] else "",
        )
    return listing


def _versions(versions: Sequence[Mapping[str, Any]]) -> "RenderableType":
    listing = table(
        "version", "backend", "dataset", "pairs", "lapsed", "exact", "wrong", "made", ""
    )
    for one in versions:
        held_out = one["held_out"] or {}
        rates = [held_out.get(name) for name in ("exact_answer_rate", "wrong_rate")]
        listing.add_row(
            str(one["version"]),
            one["backend"],
            str(one["dataset"] or "–"),
            str(one["pairs"]),
            _lapsed(one["lapsed"]),
            *("–" if rate is None else f"{rate:.1%}" for rate in rates),
            _moment(one["created_at"]),
            "live" if one["live"] else "canary" if one["canary"] else "",
        )
    return listing


def _retrain(status: "Status") -> "list[Text]":
    """Where the live version has learned what no longer holds."""
    from rich.text import Text

    return [
        Text(
            f"\n{one['lapsed']} of the live version's {one['pairs']} pairs no longer hold: "
            "`knowhow tune train`",
            style="yellow",
        )
        for one in status.versions
        if one["live"] and one["lapsed"]
    ]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _lapsed(count: int | None) -> "Text":
    from rich.text import Text

    return Text("–" if count is None else str(count), style="yellow" if count else "")


def _moment(iso: str) -> str:
    return iso[:16].replace("T", " ")
