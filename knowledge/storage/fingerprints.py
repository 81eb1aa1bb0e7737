"""What a document says, small enough to find others that say the same: MinHash over shingles.

A shingle is three words in a row. Case, punctuation, markup, word endings and articles do not
count; numbers, negations and every other word do. Broder 1997, "On the resemblance and
containment of documents"; the bands are the locality-sensitive hashing of Indyk and Motwani 1998.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from zlib import crc32

import numpy as np
import Stemmer  # type: ignore[import-not-found]  # a C extension without stubs
from numpy.typing import NDArray

from knowledge.terms import CJK

Shingles: TypeAlias = NDArray[np.uint64]
"""Distinct hashes of a text's shingles, sorted."""

_BANDS, _ROWS = 16, 4
"""Two texts that share 80 % of their shingles share a band with a chance of .9998."""

_WORD = re.compile(rf"\d+(?:[.,:]\d+)*|[{CJK}]|[^\W\d_{CJK}]+")
_ARTICLES = frozenset({"a", "an", "the"})
_PRIME = np.uint64(0x9E3779B97F4A7C15)

# Raw bits of the generator: they stay the same in every version of numpy.
_RANDOM = np.random.PCG64(1).random_raw(2 * _BANDS * _ROWS)
_FACTORS = _RANDOM[::2] | np.uint64(1)
_OFFSETS = _RANDOM[1::2]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``digest`` is of all words; ``signature`` has the shape ``(64,)``, ``bands`` are 16 keys."""

    digest: str
    signature: NDArray[np.uint32]
    bands: tuple[int, ...]


def fingerprint(title: str, text: str) -> Fingerprint:
    """Of a document; about 0.1 ms a thousand characters."""
    said = _words(title, text)
    shingles = _shingles(said)
    (signature,) = signatures([shingles])
    keys = np.arange(_BANDS, dtype=np.uint64)
    for row in signature.reshape(_BANDS, _ROWS).T:
        keys = keys * _PRIME + row
    digest = hashlib.sha256(" ".join(said).encode()).hexdigest()
    return Fingerprint(digest, signature, tuple(keys.view(np.int64).tolist()))


def signatures(texts: Sequence[Shingles]) -> NDArray[np.uint32]:
    """MinHash of each text's shingles, of which it has at least one: shape ``(len(texts), 64)``."""
    ends = np.cumsum([len(shingles) for shingles in texts])
    starts = ends - [len(shingles) for shingles in texts]
    hashes = np.concatenate(texts)
    least = [
        np.minimum.reduceat(hashes * factor + offset, starts) >> np.uint64(32)
        for factor, offset in zip(_FACTORS, _OFFSETS, strict=True)
    ]
    return np.stack(least, axis=1).astype(np.uint32)


def shingles_of(title: str, text: str) -> Shingles:
    """What the document says, in pieces that can be looked for in another."""
    return _shingles(_words(title, text))


def says_no_more(one: Shingles, other: Shingles) -> bool:
    """Whether all that the one says stands in the other, word for word."""
    return len(one) <= len(other) and bool(np.isin(one, other, assume_unique=True).all())


def resemblance(one: NDArray[np.uint32], others: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Estimated share of common shingles of one signature and each row of others, 0..1."""
    agreeing: NDArray[np.float64] = (others == one).mean(axis=-1)
    return agreeing


def _words(title: str, text: str) -> list[str]:
    # PyStemmer's objects must not be shared by threads.
    stem = Stemmer.Stemmer("english").stemWord
    whole = unicodedata.normalize("NFKC", f"{title}\n{text}").casefold()
    return [stem(word) for word in _WORD.findall(whole) if word not in _ARTICLES]


def _shingles(words: Sequence[str]) -> Shingles:
    """A text of one or two words is one shingle, an empty one too."""
    padded = [*words, "", "", ""][: max(3, len(words))]
    hashes = np.array([crc32(word.encode()) for word in padded], np.uint64)
    return np.unique(((hashes[:-2] * _PRIME + hashes[1:-1]) * _PRIME + hashes[2:]) * _PRIME)
