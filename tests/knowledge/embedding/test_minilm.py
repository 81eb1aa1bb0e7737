import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.embedding import Encoder, minilm, minilm_model
from knowledge.embedding.minilm import MiniLM

_PASSAGES = [
    "To reset your password, open Settings, choose Security and follow the link in the e-mail.",
    "Employees accrue two days of paid vacation for every month of work.",
    "The deployment failed because the Kubernetes cluster ran out of memory.",
    "Our office in Berlin is open from nine to six on weekdays.",
    "Invoices are sent on the first of each month and are due within thirty days.",
]
_QUESTIONS = [
    "I forgot my login, how do I get back in?",
    "How much holiday do I get?",
    "why did the rollout crash",
    "When can I come to the building in Germany?",
    "by when do I have to pay the bill",
]
_TEXTS = [" ".join(_PASSAGES[: i % 6]) + _QUESTIONS[i % 5] for i in range(23)]


async def test_is_an_encoder(encoder: MiniLM) -> None:
    promised: Encoder = encoder
    vectors = await promised.encode(_TEXTS)
    assert vectors.shape == (len(_TEXTS), promised.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


async def test_questions_are_nearest_to_the_passage_that_answers_them(encoder: MiniLM) -> None:
    questions, passages = await encoder.encode(_QUESTIONS), await encoder.encode(_PASSAGES)
    assert (questions @ passages.T).argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


async def test_order_is_kept_and_no_text_changes_the_vector_of_another(encoder: MiniLM) -> None:
    alone = [await encoder.encode([text]) for text in _TEXTS]
    np.testing.assert_array_equal(await encoder.encode(_TEXTS), np.concatenate(alone))


async def test_int8_stays_close_to_fp32(encoder: MiniLM) -> None:
    exact = _encode_exactly(_PASSAGES + _QUESTIONS)
    cosines = (exact * await encoder.encode(_PASSAGES + _QUESTIONS)).sum(axis=1)
    assert cosines.mean() > 0.99
    assert cosines.min() > 0.98


def test_fp32_equals_upstream() -> None:
    # The first components that sentence-transformers gives for its own example sentences.
    vectors = _encode_exactly(["This is an example sentence", "Each sentence is converted"])
    upstream = [0.06765693, 0.06349593, 0.04871314, 0.07930495, 0.03744806, 0.00265273]
    np.testing.assert_allclose(vectors[0, :6], upstream, atol=2e-5)
    assert vectors[1, 0] == pytest.approx(0.08643859, abs=2e-5)


async def test_reads_256_tokens(encoder: MiniLM) -> None:
    read = " ".join(["word"] * 254)
    vectors = await encoder.encode([read, f"{read} bananas", f"{read} bananas " * 1000])
    np.testing.assert_array_equal(vectors[1:], vectors[[0, 0]])
    shorter = await encoder.encode([read.removesuffix(" word") + " bananas"])
    assert not np.array_equal(shorter, vectors[:1])


@pytest.mark.parametrize("text", ["", " \n", "\ud800", "\x00", "\u200b", "🙂" * 300, "x" * 100_000])
async def test_odd_texts_have_vectors(encoder: MiniLM, text: str) -> None:
    vectors = await encoder.encode([text])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1], atol=1e-5)
    assert encoder.count_tokens([text])[0] >= 0


async def test_nothing_to_encode(encoder: MiniLM) -> None:
    assert (await encoder.encode([])).shape == (0, 384)
    assert encoder.count_tokens([]) == []


def test_counts_tokens_without_truncating_or_framing(encoder: MiniLM) -> None:
    texts = ["hello world", "", "hello " * 1000, "kubernetes", "\ud800 lost"]
    assert encoder.count_tokens(texts) == [2, 0, 1000, 4, 2]


async def test_opens_the_model_once(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openings = itertools.count()

    def open_session(folder: Path, _: Path) -> object:
        next(openings)
        return minilm_model.open_session(folder, home / "encoders")

    monkeypatch.setattr(minilm, "open_session", open_session)
    encoder = MiniLM(tmp_path, threads=4)
    assert next(openings) == 0
    await asyncio.gather(*(encoder.encode(_TEXTS) for _ in range(4)))
    assert next(openings) == 2


class _Counting(MiniLM):
    """Counts the slices it encodes."""

    slices = 0

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.slices += 1
        return super()._encode(texts)


async def test_a_question_overtakes_a_bulk_job_which_stops_when_cancelled(home: Path) -> None:
    encoder = _Counting(home / "encoders", threads=1)
    bulk = asyncio.create_task(encoder.encode(_PASSAGES * 1000))
    while not encoder.slices:
        await asyncio.sleep(0.001)
    await encoder.encode(_QUESTIONS[:1])
    assert not bulk.done()

    bulk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bulk
    before = encoder.slices
    await encoder.encode(_PASSAGES)  # two slices that queue behind whatever the job left
    assert encoder.slices <= before + 3


def _encode_exactly(texts: Sequence[str]) -> NDArray[np.float32]:
    folder = minilm_model.model_folder()
    session = minilm_model.session(minilm_model.build_graph(folder, int8=False))
    tokenizer = minilm_model.load_tokenizer(folder)
    return np.concatenate([minilm.run(session, tokenizer.encode(text).ids) for text in texts])
