"""What training would take on each backend: estimates, and no price that nobody gave."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

_FITS = 1 + 5 * 0.64
"""The head is fitted once on all pairs and five times on four fifths of four fifths of them."""

_STEPS = 105
"""Of L-BFGS until a fit is done, such that BANKING77's time comes out as measured."""

_SAMPLE_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Head:
    """Seconds on this CPU: ``encoding`` as just measured, ``fitting`` from timing one step."""

    encoding: float
    fitting: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Gigabytes of a GPU that fine-tuning a model of this size with LoRA takes in bfloat16."""

    model: str
    gigabytes: float


@dataclass(frozen=True, slots=True)
class Lora:
    """Settings to start from; ``tokens`` are the longest pair's, ``steps`` those of the optimiser.

    A small set is seen more often with fewer weights, a large one less often with more.
    """

    rank: int
    learning_rate: float
    epochs: int
    batch: int
    steps: int
    tokens: int
    memory: tuple[Memory, ...]

    @property
    def options(self) -> str:
        """The same for ``knowhow tune train --backend lora``."""
        chosen = {
            "r": self.rank,
            "lora_alpha": 2 * self.rank,
            "learning_rate": f"{self.learning_rate:g}",
            "num_train_epochs": self.epochs,
        }
        return " ".join(f"--set {name}={value}" for name, value in chosen.items())


@dataclass(frozen=True, slots=True)
class Hosted:
    """A fine-tuning API: tokens of one epoch, epochs, and dollars where a price was given."""

    tokens: int
    epochs: int
    usd: float | None

    @property
    def billed(self) -> int:
        """Tokens of all epochs."""
        return self.tokens * self.epochs


@dataclass(frozen=True, slots=True)
class Estimates:
    """By backend."""

    head: Head
    lora: Lora
    openai: Hosted

    def as_json(self) -> dict[str, Any]:
        """By backend; tokens are estimated."""
        return {
            "head": {name: round(value, 2) for name, value in asdict(self.head).items()},
            "lora": {**asdict(self.lora), "options": self.lora.options},
            "openai": {**asdict(self.openai), "billed_tokens": self.openai.billed},
        }


@dataclass(frozen=True, slots=True)
class _Shape:
    """Of a transformer, from its published configuration; ``keys`` is the width of keys."""

    name: str
    billions: float
    layers: int
    width: int
    inner: int
    keys: int
    vocabulary: int


_SHAPES = (
    _Shape("0.5 B", 0.49, 24, 896, 4_864, 128, 151_936),  # Qwen2.5
    _Shape("1.5 B", 1.54, 28, 1_536, 8_960, 256, 151_936),
    _Shape("7 B", 7.62, 28, 3_584, 18_944, 512, 152_064),
)
_LORA = ((500, 8, 2e-4, 5), (5_000, 8, 1e-4, 3), (20_000, 16, 1e-4, 2))
_LORA_BEYOND = (32, 1e-4, 1)
_BATCH = 8
_RUNTIME_GIGABYTES = 1.0
_TRAINED_BYTES = 16  # weight, gradient and Adam's two moments, in single precision
_LOGIT_BYTES = 10  # in bfloat16, and in single precision with their gradient

_MESSAGE_TOKENS, _REPLY_TOKENS = 4, 3
_AUTO_EPOCHS, _FEWEST, _MOST_SEEN, _MOST_EPOCHS = 3, 100, 25_000, 25


def head_seconds(pairs: int, answers: int, dimension: int, encoding: float) -> Head:
    """Times one step of the fit on made-up numbers of this size: what a CPU does differs by far."""
    rows = min(pairs, _SAMPLE_ROWS)
    random = np.random.default_rng(0)
    vectors = random.standard_normal((max(rows, 1), dimension), np.float32)
    weights = random.standard_normal((answers + 1, dimension), np.float32)
    best = min(_step(vectors, weights) for _ in range(3))
    return Head(encoding, best * pairs / max(rows, 1) * _STEPS * _FITS)


def _step(vectors: np.ndarray, weights: np.ndarray) -> float:
    started = time.perf_counter()
    shares = np.exp(vectors @ weights.T / 1e3)
    shares /= shares.sum(axis=1, keepdims=True)
    shares.T @ vectors
    return time.perf_counter() - started


def suggested_lora(pairs: int, longest: int) -> Lora:
    """Rank, learning rate and epochs by the number of pairs; memory by the longest, in tokens."""
    fitting = (rest for most, *rest in _LORA if pairs < most)
    rank, rate, epochs = next(fitting, _LORA_BEYOND)
    steps = -(-pairs // _BATCH) * epochs
    memory = tuple(Memory(shape.name, _gigabytes(shape, int(rank), longest)) for shape in _SHAPES)
    return Lora(int(rank), rate, int(epochs), _BATCH, int(steps), longest, memory)


def _gigabytes(shape: _Shape, rank: int, longest: int) -> float:
    """Frozen weights, adapters on every linear layer, checkpointed activations, logits."""
    tokens = longest * _BATCH
    sides = 4 * shape.width + 2 * (shape.width + shape.keys) + 3 * (shape.width + shape.inner)
    held = (
        2e9 * shape.billions
        + _TRAINED_BYTES * rank * sides * shape.layers
        + 2 * tokens * (shape.width * (shape.layers + 16) + 4 * shape.inner)
        + _LOGIT_BYTES * tokens * shape.vocabulary
    )
    return round(held / 1e9 + _RUNTIME_GIGABYTES, 1)


def hosted(pairs: int, tokens: int, price: float | None) -> Hosted:
    """``tokens`` of all questions and answers; ``price`` in dollars for a million, if known.

    Epochs as OpenAI chooses them when not told (its cookbook on preparing chat data): three, more
    while that shows fewer than 100 examples, fewer once it shows more than 25,000.
    """
    epochs = _AUTO_EPOCHS
    if pairs * epochs < _FEWEST:
        epochs = min(_MOST_EPOCHS, _FEWEST // max(pairs, 1))
    elif pairs * epochs > _MOST_SEEN:
        epochs = max(1, _MOST_SEEN // pairs)
    seen = tokens + pairs * (2 * _MESSAGE_TOKENS + _REPLY_TOKENS)
    usd = None if price is None else round(seen * epochs * price / 1e6, 4)
    return Hosted(seen, epochs, usd)
