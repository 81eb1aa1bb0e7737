from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.sources import Placement, Skipped, Source, roots, sources


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with two documents in it and one in each of two folders below."""
    folder = tmp_path / "docs"
    for name in ("a.md", "draft.md", "hr/pay.md", "hr/board/merger.md"):
        write(folder / name, "# Text\n\nSome text.\n")
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(path: Path) -> dict[str, Source]:
    items = sources(roots([path])[0])
    return {Path(item.identity).name: item for item in items if isinstance(item, Source)}


def skipped(path: Path) -> list[Skipped]:
    return [item for item in sources(roots([path])[0]) if isinstance(item, Skipped)]


def test_an_inner_folder_goes_over_an_outer_one_field_by_field(docs: Path) -> None:
    write(docs / ".knowhow.toml", 'owner = "ops@example.org"\ncollection = "handbook"\n')
    write(
        docs / "hr/.knowhow.toml",
        'collection = "hr"\naudience = ["channel:CHR", "group:SHR"]\nexpires = 2027-01-31\n',
    )
    write(docs / "hr/board/.knowhow.toml", 'audience = "user:UBOSS"\n')
    of = {name: item.placement for name, item in found(docs).items()}
    expires = datetime(2027, 1, 31, tzinfo=UTC)
    assert of["a.md"] == Placement("handbook", None, "ops@example.org", None)
    readers = ("channel:CHR", "group:SHR")
    assert of["pay.md"] == Placement("hr", readers, "ops@example.org", expires)
    assert of["merger.md"] == Placement("hr", ("user:UBOSS",), "ops@example.org", expires)


@pytest.mark.parametrize("path", ["hr", "hr/pay.md", "hr/board/merger.md"])
def test_what_lies_deeper_alone_is_for_no_more_people(docs: Path, path: str) -> None:
    write(docs / ".knowhow.toml", 'audience = "channel:C1"\n')
    assert {item.placement.audience for item in found(docs / path).values()} == {("channel:C1",)}


def test_a_strangers_file_around_the_upload_decides_nothing(docs: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    write(tmp_path / ".knowhow.toml", 'audience = "channel:C1"\n')
    assert found(docs)["a.md"].placement == Placement()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('audiance = "channel:C1"', "unknown setting 'audiance'"),
        ('audience = "#hr"', "audience: unknown audience '#hr'"),
        ("audience = []", "audience: expected a text"),
        ("audience = [3]", "audience: expected a text"),
        ('expires = "soon"', "expires: expected a date"),
        ("collection = 3", "collection: expected a text"),
        ('url = "wiki/hr"', "url: expected a web address"),
        ('exclude = "*.md"', "exclude: expected a list"),
        ("audience = [", "it cannot be read as TOML"),
        ("a." * 60_000, "it has more than"),
    ],
)
def test_settings_that_are_not_understood_keep_everything_below_out(
    docs: Path, text: str, reason: str
) -> None:
    write(docs / "hr/.knowhow.toml", text)
    assert sorted(found(docs)) == ["a.md", "draft.md"]
    (barred,) = skipped(docs)
    assert barred.uri == str(docs / "hr")
    assert barred.incomplete
    assert reason in barred.reason
    (alone,) = skipped(docs / "hr/pay.md")
    assert reason in alone.reason


def test_patterns_choose_the_documents(docs: Path) -> None:
    write(docs / ".knowhow.toml", 'exclude = ["draft*", "hr/board/*"]')
    assert sorted(found(docs)) == ["a.md", "pay.md"]
    assert skipped(docs) == []
    write(docs / ".knowhow.toml", 'include = ["hr/*"]')
    write(docs / "hr/.knowhow.toml", 'exclude = ["pay.md"]')
    assert sorted(found(docs)) == ["merger.md"]


def test_a_url_makes_addresses(docs: Path) -> None:
    write(docs / "hr/.knowhow.toml", 'url = "https://wiki.example/hr"')
    write(docs / "hr/50 % off.md", "text")
    uris = {name: item.uri for name, item in found(docs).items()}
    assert uris["a.md"] == str(docs / "a.md")
    assert uris["merger.md"] == "https://wiki.example/hr/board/merger.md"
    assert uris["50 % off.md"] == "https://wiki.example/hr/50%20%25%20off.md"


def test_a_corpus_and_a_link_have_the_settings_of_where_they_lie(docs: Path) -> None:
    write(docs / "hr/.knowhow.toml", 'audience = "channel:CHR"')
    write(docs / "hr/set/corpus.jsonl", '{"_id": "1", "title": "T", "text": "x"}\n')
    (docs / "copy.md").symlink_to(docs / "hr/pay.md")
    of = {item.uri: item.placement.audience for item in found(docs).values()}
    assert of["1"] == ("channel:CHR",)
    assert of[str(docs / "hr/pay.md")] == ("channel:CHR",)
    assert str(docs / "copy.md") not in of


CONFIG = '[core]\n\tbare = false\n[remote "fork"]\n\turl = https://github.com/x/y\n'


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:acme/hand.book.git", "https://github.com/acme/hand.book/blob/main/"),
        (
            "https://ada:s3cret@gitlab.acme.org/a/b/c.git",
            "https://gitlab.acme.org/a/b/c/-/blob/main/",
        ),
        ("ssh://git@bitbucket.org/acme/docs", "https://bitbucket.org/acme/docs/src/main/"),
        ("https://codeberg.org/acme/docs/", "https://codeberg.org/acme/docs/src/branch/main/"),
        ("https://git.unknown.example/acme/docs", None),
        ("/srv/git/docs.git", None),
    ],
)
def test_a_git_work_trees_files_have_their_web_addresses(
    docs: Path, remote: str, address: str | None
) -> None:
    write(docs / ".git/config", f'{CONFIG}[remote "origin"]\n\turl = {remote}\n')
    write(docs / ".git/HEAD", "ref: refs/heads/main\n")
    for path in (docs, docs / "hr", docs / "hr/pay.md"):
        item = found(path)["pay.md"]
        assert item.identity == str(docs / "hr/pay.md")
        assert item.uri == (f"{address}hr/pay.md" if address else item.identity)
    write(docs / "hr/.knowhow.toml", 'url = "https://wiki.example/hr"')
    assert found(docs)["pay.md"].uri == "https://wiki.example/hr/pay.md"


def test_a_worktree_and_a_submodule_name_their_repository(docs: Path, tmp_path: Path) -> None:
    git = tmp_path / "repository"
    write(git / "config", '[remote "origin"]\n\turl = git@github.com:acme/docs.git\n')
    write(git / "worktrees/docs/HEAD", "ref: refs/heads/next/step\n")
    write(git / "worktrees/docs/commondir", "../..\n")
    write(docs / ".git", "gitdir: ../repository/worktrees/docs\n")
    assert found(docs)["a.md"].uri == "https://github.com/acme/docs/blob/next/step/a.md"


@pytest.mark.parametrize("head", ["8e7b5c1\n", ""])
def test_without_a_branch_there_is_no_address(docs: Path, head: str) -> None:
    write(docs / ".git/config", '[remote "origin"]\n\turl = git@github.com:acme/docs.git\n')
    write(docs / ".git/HEAD", head)
    assert found(docs)["a.md"].uri == str(docs / "a.md")
