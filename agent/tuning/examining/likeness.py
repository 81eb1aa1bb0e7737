"""Which questions are nearly the same: by their words (MinHash, then checked) and by their vectors.

Everything is done in blocks: 20,000 questions never make a table of 20,000 by 20,000.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from agent.learned.ngrams import Ngrams
from agent.tuning.examining.folding import folded, words_of
from agent.tuning.examining.slips import sameness
from knowledge.embedding.scripts import is_cjk
from knowledge.storage.fingerprints import Shingles, resemblance, signatures

CLOSE = 0.95
"""A cosine above which two questions ask the same, on MiniLM and on n-grams."""

NEAR = 0.935
"""One above which a person is asked: int8 vectors stray by .015 from those of single precision."""

_BLOCK = 512
_ROWS = 3
"""Of a band: 21 bands of three find two questions that share half of their shingles with .94, six
tenths with .99; four rows, as for documents, would miss a slip in a short question."""

_CANDIDATE = 0.42
"""Two swapped letters leave three words of five letters a resemblance of .58, give or take .06."""

_WINDOW = 64
"""Questions that one of a crowd is held against: the next in a sorted bucket, or the nearest."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Alike:
    """Two of the distinct questions; ``score`` is the share of words or the cosine, 0..1."""

    one: int
    other: int
    by: Literal["words", "meaning"]
    score: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """``number`` has for each question that of its distinct form; ``alike`` are pairs of these."""

    number: tuple[int, ...]
    alike: tuple[Alike, ...]


def likeness(
    questions: Sequence[str], vectors: Mapping[int, NDArray[np.float32]] | None = None
) -> Likeness:
    """Of all questions to each other; ``vectors`` are unit vectors by position.

    A question without a vector is compared by its n-grams when ``vectors`` are given at all.
    """
    distinct: dict[str, int] = {}
    number = tuple(distinct.setdefault(folded(one), len(distinct)) for one in questions)
    first: dict[int, int] = {}
    for place, own in enumerate(number):
        first.setdefault(own, place)
    texts = [questions[first[own]] for own in range(len(distinct))]
    found = {(one.one, one.other): one for one in _by_words(texts)}
    if vectors is not None:
        read = {own: vectors[place] for own, place in first.items() if place in vectors}
        for one in _by_meaning(texts, read):
            found.setdefault((one.one, one.other), one)
    return Likeness(number, tuple(found[key] for key in sorted(found)))


def close_rows(
    rows: NDArray[np.float32], others: NDArray[np.float32], above: float = CLOSE
) -> Iterator[tuple[int, int, float]]:
    """Every row and the others whose cosine is above the bound, block by block."""
    for start in range(0, len(rows), _BLOCK):
        yield from _nearest(start, rows[start : start + _BLOCK] @ others.T, above)


def _nearest(
    start: int, cosines: NDArray[np.float32], above: float
) -> Iterator[tuple[int, int, float]]:
    """Of a block's rows at most the nearest: thousands of one pattern are near to each other."""
    near = cosines > above
    if near.sum(axis=1).max(initial=0) > _WINDOW:
        nearest = np.argpartition(cosines, -_WINDOW, axis=1)[:, -_WINDOW:]
        kept = np.zeros_like(near)
        np.put_along_axis(kept, nearest, values=True, axis=1)
        near &= kept
    row, column = np.nonzero(near)
    capped = np.minimum(cosines[row, column], 1)
    yield from zip((start + row).tolist(), column.tolist(), capped.tolist(), strict=True)


def _by_words(texts: Sequence[str]) -> Iterator[Alike]:
    spoken = [words_of(text) for text in texts]
    for one, other in _candidates(spoken):
        score = sameness(spoken[one], spoken[other])
        if score is not None:
            yield Alike(one, other, "words", score)


def _candidates(spoken: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Pairs of questions worth a look, ascending; by locality-sensitive hashing."""
    if len(spoken) < 2:  # noqa: PLR2004
        return []
    marks = signatures([_shingles(words) for words in spoken])
    order = np.array(sorted(range(len(spoken)), key=lambda row: spoken[row]))
    pairs: set[int] = set()
    for start in range(0, marks.shape[1] - _ROWS + 1, _ROWS):
        keys = np.zeros(len(marks), np.uint64)
        for column in range(start, start + _ROWS):
            keys = keys * _PRIME + marks[:, column]
        pairs.update(_bucketed(keys[order], order, marks, len(spoken)))
    return [divmod(pair, len(spoken)) for pair in sorted(pairs)]


def _bucketed(
    keys: NDArray[np.uint64], order: NDArray[np.intp], marks: NDArray[np.uint32], count: int
) -> Iterator[int]:
    """Pairs with the same key, as one number each, that share enough of their signatures."""
    sorting = np.argsort(keys, kind="stable")
    keys, rows = keys[sorting], order[sorting]
    for step in range(1, min(_WINDOW, count - 1) + 1):
        same = np.flatnonzero(keys[:-step] == keys[step:])
        if not len(same):
            return
        one, other = rows[same], rows[same + step]
        for start in range(0, len(same), _BLOCK):
            block = slice(start, start + _BLOCK)
            mine, theirs = one[block], other[block]
            kept = resemblance(marks[mine], marks[theirs]) >= _CANDIDATE
            low, high = np.minimum(mine, theirs)[kept], np.maximum(mine, theirs)[kept]
            yield from (low * count + high).tolist()


def _shingles(words: Sequence[str]) -> Shingles:
    """Characters in a row of each word with its edges, three or, in Chinese, two.

    The order of the words does not count.
    """
    pieces: set[str] = set()
    for word in words:
        size = 2 if is_cjk(word[0]) else 3
        edged = f"^{word}$"
        pieces.update(edged[start : start + size] for start in range(len(edged) - size + 1))
    return np.unique(np.array([crc32(piece.encode()) for piece in pieces], np.uint64) * _PRIME)


def _by_meaning(
    texts: Sequence[str], vectors: Mapping[int, NDArray[np.float32]]
) -> Iterator[Alike]:
    if vectors:
        rows = np.array(list(vectors))
        table = np.stack(list(vectors.values()))
        for start in range(0, len(rows), _BLOCK):
            for one, other, cosine in close_rows(
                table[start : start + _BLOCK], table[start:], NEAR
            ):
                if one < other:
                    yield Alike(int(rows[start + one]), int(rows[start + other]), "meaning", cosine)
    spelled = [own for own in range(len(texts)) if own not in vectors]
    if len(spelled) > 1:
        table = spelling([texts[own] for own in spelled])
        for one, other, cosine in close_spelled(table, table):
            if one < other:
                yield Alike(spelled[one], spelled[other], "meaning", cosine)


def spelling(texts: Sequence[str]) -> sparse.csr_array:
    """Unit vectors of character n-grams, a row each, for what no encoder reads."""
    ngrams = Ngrams.fit(texts)
    blocks = [
        sparse.csr_array(ngrams.vectors(texts[start : start + _BLOCK]))
        for start in range(0, len(texts), _BLOCK)
    ]
    return sparse.vstack(blocks, format="csr")


def close_spelled(
    rows: sparse.csr_array, others: sparse.csr_array
) -> Iterator[tuple[int, int, float]]:
    """As `close_rows`, of sparse ones."""
    for start in range(0, rows.shape[0], _BLOCK):
        yield from _nearest(start, (rows[start : start + _BLOCK] @ others.T).toarray(), CLOSE)
