import os
import shutil
from pathlib import Path

import pytest

from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.sources import Skipped, Source, roots, sources


def found(*paths: Path) -> tuple[list[str], dict[str, str]]:
    """Identities of the documents, and reasons by what was skipped."""
    items = [item for root in roots(paths) for item in sources(root)]
    skipped = {item.uri: item.reason for item in items if isinstance(item, Skipped)}
    return [item.identity for item in items if isinstance(item, Source)], skipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


def write(path: Path, text: str = "text") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def test_a_folder_is_read_in_order_without_hidden_entries_and_packages(folder: Path) -> None:
    expected = [write(folder / name) for name in ("a.md", "b/c.HTML", "b/d.txt", "e.markdown")]
    for name in (".git/x.md", ".hidden.md", "node_modules/y.md", "b/.cache/z.md"):
        write(folder / name)
    assert found(folder) == (expected, {})


def test_a_format_that_is_not_read_is_named(folder: Path) -> None:
    binary, makefile = write(folder / "report.exe"), write(folder / "Makefile")
    assert found(folder) == (
        [],
        {
            binary: "format .exe is not supported",
            makefile: "format without a suffix is not supported",
        },
    )
    assert found(Path(binary)) == ([], {binary: "format .exe is not supported"})


def test_of_a_beir_folder_only_the_corpus_is_read(folder: Path) -> None:
    write(folder / "readme.md")
    corpus = write(folder / "corpus.jsonl", '{"_id": "d/1", "title": "T", "text": "x"}\n')
    for path in (folder, folder / "corpus.jsonl"):
        (item,) = sources(roots([path])[0])
        assert isinstance(item, Source)
        assert (item.identity, item.uri) == (f"{corpus}#d/1", "d/1")
        assert item.parse(item.read()).title == "T"
    assert found(folder.parent) == ([f"{corpus}#d/1"], {})


def test_a_malformed_line_is_named_and_the_rest_goes_on(folder: Path) -> None:
    corpus = write(
        folder / "corpus.jsonl",
        '{"_id": "1", "text": "x"}\n{"_id": 2\n{"_id": "3", "text": "x"}\n',
    )
    identities, skipped = found(folder)
    assert identities == [f"{corpus}#1", f"{corpus}#3"]
    assert list(skipped) == [f"{corpus} line 2"]
    assert skipped[f"{corpus} line 2"].startswith("not JSON; expected")


def test_links_out_of_the_folder_are_named_and_not_followed(folder: Path) -> None:
    secret = write(folder.parent / "secret" / "keys.md")
    (folder / "file.md").symlink_to(secret)
    (folder / "folder").symlink_to(folder.parent / "secret")
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    (folder / "broken.md").symlink_to(folder / "nowhere.md")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    identities, skipped = found(folder)
    assert identities == []
    assert {Path(uri).name: reason.split(":")[0] for uri, reason in skipped.items()} == {
        "file.md": "it is a link that leads out of the folder",
        "folder": "it is a link that leads out of the folder",
        "passwd.txt": "it is a link that leads out of the folder",
        "broken.md": "it is a link that leads nowhere",
        "loop.md": "it is a link that leads nowhere",
    }


def test_a_corpus_that_is_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    secret = write(folder.parent / "secret.jsonl", '{"_id": "1", "text": "x"}')
    (folder / "sub").mkdir()
    (folder / "sub" / "corpus.jsonl").symlink_to(secret)
    for named in (folder, folder / "sub"):
        identities, skipped = found(named)
        assert identities == []
        assert list(skipped) == [str(folder / "sub" / "corpus.jsonl")]


def test_links_inside_the_folder_are_the_files_they_lead_to(folder: Path) -> None:
    real = write(folder / "real.md")
    (folder / "alias.md").symlink_to(real)
    (folder / "again").symlink_to(folder)
    assert found(folder) == ([real, real], {})


def test_a_folder_named_through_a_link_has_the_same_identities(folder: Path) -> None:
    real = write(folder / "real.md")
    (folder.parent / "link").symlink_to(folder)
    assert found(folder.parent / "link") == ([real], {})


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")
    identities, skipped = found(folder)
    assert identities == []
    assert skipped == {str(folder / "pipe.md"): "it is neither a file nor a folder"}
    with pytest.raises(InvalidInput, match="neither a file nor a folder"):
        roots([folder / "pipe.md"])


def test_names_that_cannot_be_stored_are_named(folder: Path) -> None:
    (folder / os.fsdecode(b"caf\xe9.md")).write_text("text")
    deep = folder
    for _ in range(9):
        deep = deep / ("x" * 250)
    write(deep / "deep.md")
    identities, skipped = found(folder)
    assert identities == []
    assert set(skipped.values()) == {
        "its name is not UTF-8: rename it",
        "its path is longer than 2000 bytes",
    }
    assert all(uri.encode() for uri in skipped)


@pytest.mark.parametrize("name", ["nowhere", "a\0b", "x" * 5000])
def test_a_path_that_is_not_there_is_one_clear_line(folder: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="there is no file or folder") as caught:
        roots([folder, folder / name])
    assert "\n" not in str(caught.value)


def test_the_same_path_twice_is_one_root(folder: Path) -> None:
    assert len(roots([folder, folder / ".." / "docs"])) == 1


def test_a_folder_that_cannot_be_read_is_named_as_incomplete(folder: Path) -> None:
    write(folder / "a.md")
    write(folder / "b" / "c.md")
    items = sources(roots([folder])[0])
    assert isinstance(next(items), Source)
    shutil.rmtree(folder / "b")
    (lost,) = items
    assert lost == Skipped(
        str(folder / "b"), "it cannot be read: No such file or directory", incomplete=True
    )


def test_a_file_that_goes_before_it_is_read_says_so(folder: Path) -> None:
    path = Path(write(folder / "a.md"))
    (item,) = sources(roots([path])[0])
    assert isinstance(item, Source)
    path.unlink()
    with pytest.raises(UnreadableDocument, match="cannot be read: No such file"):
        item.read()


def test_folders_without_end_are_named(folder: Path) -> None:
    write(folder / "/".join("x" * 600) / "deep.md")
    identities, skipped = found(folder)
    assert identities == []
    assert list(skipped.values()) == ["it lies more than 100 folders deep"]
