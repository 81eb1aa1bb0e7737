"""An upload as a person sees it: the bar while it runs, then what it did or would do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.cli.answer_view import printable
from bot.cli.console import err, out, table
from bot.cli.documents_view import plain

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from knowledge.storage.duplicates import Repeat
    from knowledge.uploading.rehearsal import Change
    from knowledge.uploading.upload import UploadReport
    from knowledge.uploading.upload_failures import Kept
    from knowledge.uploading.upload_progress import Standing

_SHOWN_CHANGES = 500
"""More of them nobody reads; --json has them all."""

_SHOWN_NAMES = 10

_STYLES = {"added": "green", "updated": "yellow", "removed": "red"}


class UploadBar:
    """A bar on stderr, silent where nobody watches; ``stored`` documents so far."""

    def __init__(self, bar: "Bar") -> None:
        self._bar = bar
        self._task = bar.add_task("Uploading", total=None, chunks="")
        self._before: Standing | None = None
        self._earlier = 0
        self.stored = 0

    def show(self, now: "Standing") -> None:
        """Draw how far it is. A retry is several uploads, one after the other."""
        if self._before and now.stored < self._before.stored:
            self._earlier += self._before.stored
        self._before = now
        self.stored = self._earlier + now.stored
        elapsed = self._bar.tasks[0].elapsed or 0
        rate = f", {now.chunks / elapsed:.0f}/s" if now.chunks and elapsed else ""
        self._bar.update(
            self._task, completed=now.done, total=now.total, chunks=f"{now.chunks:,} chunks{rate}"
        )


@contextmanager
def upload_bar() -> Iterator[UploadBar]:
    """Documents done of all, chunks, chunks a second, time gone and time left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("documents, {task.fields[chunks]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = err()
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield UploadBar(bar)


def print_stopped(stored: int) -> None:
    """After Ctrl-C: nothing is lost."""
    line = f"stopped: {stored} documents stored; run the same command again to continue"
    err().print(line, markup=False)


def print_report(report: "UploadReport", *, dry_run: bool) -> None:
    """Each change of a dry run, the counts, and what failed on stderr."""
    if report.changes:
        _print_changes(report.changes)
    would = "would be " if dry_run else ""
    out().print(
        f"{report.added} {would}added, {report.updated} {would}updated, "
        f"{report.removed} {would}removed, {report.unchanged} unchanged, "
        f"{len(report.failed)} failed ({report.chunks} chunks, {report.seconds:.1f} s)",
        markup=False,
        soft_wrap=True,
    )
    _print_repeats(report.repeats)
    _print_empty(report.empty)
    for failure in report.failed:
        line = f"failed: {printable(failure.uri)}: {printable(failure.reason)}"
        err().print(line, style="red", markup=False, soft_wrap=True)
    if report.failed and not dry_run:
        err().print("`knowhow upload --retry` tries these alone.", style="dim", markup=False)


def _print_repeats(repeats: "Sequence[Repeat]") -> None:
    if not repeats:
        return
    out().print(f"Not indexed twice, for another says the same: {len(repeats)}", markup=False)
    for one in repeats[:_SHOWN_NAMES]:
        line = f"  {printable(one.uri)} = {printable(one.original)}"
        out().print(line, style="dim", markup=False, soft_wrap=True)
    if len(repeats) > _SHOWN_NAMES:
        out().print("  … `knowhow documents review` lists them all", style="dim", markup=False)


def _print_empty(uris: "Sequence[str]") -> None:
    if not uris:
        return
    are = "1 file is" if len(uris) == 1 else f"{len(uris)} files are"
    out().print(f"{are} empty, with nothing to index:", markup=False)
    for uri in uris[:_SHOWN_NAMES]:
        out().print(f"  {printable(uri)}", style="dim", markup=False, soft_wrap=True)
    if len(uris) > _SHOWN_NAMES:
        out().print("  … --json lists them all", style="dim", markup=False)


def print_failures(kept: Sequence["Kept"]) -> None:
    """What earlier uploads could not store."""
    if not kept:
        out().print("Nothing has failed.", markup=False)
        return
    listing = table("document", "reason", "collection", "failed")
    for one in kept:
        when = f"{one.failed_at:%Y-%m-%d %H:%M}"
        listing.add_row(plain(one.uri), plain(one.reason), plain(one.collection), plain(when))
    out().print(listing)
    out().print("\n`knowhow upload --retry` tries these alone.", style="dim", markup=False)


def _print_changes(changes: Sequence["Change"]) -> None:
    from rich.text import Text

    listing = table("change", "document", "lines", "what else changes")
    for one in changes[:_SHOWN_CHANGES]:
        differing = ", ".join(
            f"{name}: {old or 'none'} → {new or 'none'}"
            for name, (old, new) in (one.fields or {}).items()
        )
        lines = Text()
        if one.lines_added:
            lines.append(f"+{one.lines_added} ", style="green")
        if one.lines_removed:
            lines.append(f"−{one.lines_removed}", style="red")
        listing.add_row(
            Text(one.change, style=_STYLES[one.change]),
            plain(one.uri),
            lines,
            plain(differing),
        )
    out().print(listing)
    if len(changes) > _SHOWN_CHANGES:
        rest = len(changes) - _SHOWN_CHANGES
        out().print(f"… and {rest} more: --json lists them all", style="dim", markup=False)
    out().print()
