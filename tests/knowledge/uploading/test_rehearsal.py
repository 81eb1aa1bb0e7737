from pathlib import Path

from knowledge.database import Database
from knowledge.embedding.minilm import MiniLM
from knowledge.storage.library import Library
from knowledge.uploading.rehearsal import lines_changed
from knowledge.uploading.upload import upload


def test_lines_that_differ_are_counted() -> None:
    assert lines_changed("a\nb\nc", "a\nb\nc") == (0, 0)
    assert lines_changed("a\nb\nc", "a\nx\ny\nc") == (2, 1)
    assert lines_changed("a\nb", "b\na") == (1, 1)
    long = "\n".join(map(str, range(5000)))
    assert lines_changed(long, f"new\n{long}\n7") == (2, 0)
    assert lines_changed(f"x\n{long}\nx", f"y\n{long}\ny") == (2, 2)


async def test_a_dry_run_says_exactly_what_would_change(
    tmp_path: Path, database: Database, encoder: MiniLM
) -> None:
    library = Library(database, encoder)
    for name in ("same", "edited", "renamed", "lost"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\nOne line.\n\nAnother line.")
    await upload([tmp_path], library=library, encoder=encoder)
    (tmp_path / "edited.md").write_text("# edited\n\nOne line.\n\nA changed line.\n\nA new one.")
    (tmp_path / "renamed.md").write_text("# Better\n\nOne line.\n\nAnother line.")
    (tmp_path / "new.md").write_text("# New\n\nThing.")
    (tmp_path / "lost.md").unlink()
    report = await upload([tmp_path], library=library, encoder=encoder, dry_run=True, prune=True)
    changes = {Path(entry["uri"]).name: entry for entry in report.as_json()["changes"]}
    assert {name: entry["change"] for name, entry in changes.items()} == {
        "edited.md": "updated",
        "renamed.md": "updated",
        "new.md": "added",
        "lost.md": "removed",
    }
    assert (changes["edited.md"]["lines_added"], changes["edited.md"]["lines_removed"]) == (3, 1)
    assert changes["edited.md"]["fields"] == {}
    assert changes["renamed.md"]["fields"] == {"title": {"before": "renamed", "after": "Better"}}
    assert changes["new.md"]["collection"] == "default"
    widened = await upload(
        [tmp_path / "same.md"],
        library=library,
        encoder=encoder,
        audience=("channel:C1",),
        owner="U7",
        dry_run=True,
    )
    assert widened.changes is not None
    assert widened.changes[0].fields == {
        "audience": ("everyone", "channel:C1"),
        "owner": (None, "U7"),
    }
    assert widened.changes[0].lines_added == 0
