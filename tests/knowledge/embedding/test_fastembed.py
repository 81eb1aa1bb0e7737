import sys
from pathlib import Path

import pytest

from knowledge.embedding import Encoder
from knowledge.embedding.fastembed import FastEmbed
from knowledge.errors import EncoderError


async def test_the_missing_package_is_named_with_its_install_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)  # as if the extra were not installed
    encoder: Encoder = FastEmbed("BAAI/bge-small-en-v1.5", tmp_path)
    assert encoder.name == "fastembed:BAAI/bge-small-en-v1.5"
    with pytest.raises(EncoderError, match=r"pip install 'knowhow\[fastembed\]'"):
        await encoder.encode(["hello"])
    with pytest.raises(EncoderError, match=r"pip install 'knowhow\[fastembed\]'"):
        _ = encoder.dimension


@pytest.mark.parametrize(
    ("model", "covered"),
    [
        ("BAAI/bge-small-en-v1.5", False),
        ("BAAI/bge-small-zh-v1.5", True),
        ("intfloat/multilingual-e5-large", True),
    ],
)
def test_covers_by_the_models_name(tmp_path: Path, model: str, *, covered: bool) -> None:
    encoder = FastEmbed(model, tmp_path)
    assert encoder.covers("怎么重置密码？") is covered
    assert encoder.covers("How do I reset my password?")
