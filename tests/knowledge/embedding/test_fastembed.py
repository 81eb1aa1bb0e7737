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
