"""The ONNX graph of all-MiniLM-L6-v2, built from its weights.

One text per run: no padding, so no attention mask, and a text's vector never depends on the
texts encoded beside it (int8 activations are scaled per tensor, so in a padded batch it would).

The graph is written with ONNX Runtime's fused operators instead of relying on its optimiser,
whose choice for Add + LayerNormalization, SkipLayerNormalization, runs ten times slower on a CPU.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

LAYERS = 6
HEADS = 12
EPSILON = 1e-12

Weights = Mapping[str, NDArray[np.float32]]

_FUSED = "com.microsoft"


class _Graph:
    """Collects nodes and constants; every method returns the name of its result."""

    def __init__(self, weights: Weights, *, int8: bool) -> None:
        self._weights = weights
        self._int8 = int8
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(self._weights[name])

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        return self.op_many(kind, 1, *inputs, domain=domain, **attributes)[0]

    def op_many(
        self, kind: str, outputs: int, *inputs: str, domain: str = "", **attributes: Any
    ) -> list[str]:
        names = [f"{kind}{len(self._nodes)}.{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names

    def normalise(self, x: str, layer: str) -> str:
        gamma, beta = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.op("LayerNormalization", x, gamma, beta, axis=-1, epsilon=EPSILON)

    def linear(self, x: str, *layers: str) -> list[str]:
        """Dense layers that share one input, hence one quantisation of it."""
        if not self._int8:
            return [self._linear_fp32(x, layer) for layer in layers]
        quantised = self.op_many("DynamicQuantizeLinear", 3, x)
        return [self._linear_int8(quantised, layer) for layer in layers]

    def _linear_fp32(self, x: str, layer: str) -> str:
        product = self.op("MatMul", x, self.constant(self._weights[f"{layer}.weight"].T))
        return self.op("Add", product, self.weight(f"{layer}.bias"))

    def _linear_int8(self, quantised: list[str], layer: str) -> str:
        x, x_scale, x_zero = quantised
        values, scale = _quantise(self._weights[f"{layer}.weight"].T)
        return self.op(
            "MatMulIntegerToFloat",
            x,
            self.constant(values),
            x_scale,
            self.constant(scale),
            x_zero,
            self.constant(np.zeros(scale.shape, np.int8)),
            self.weight(f"{layer}.bias"),
            domain=_FUSED,
        )

    def serialise(self, output: str) -> bytes:
        self._nodes.append(helper.make_node("Identity", [output], ["vector"]))
        integers, floats = TensorProto.INT64, TensorProto.FLOAT
        graph = helper.make_graph(
            self._nodes,
            "all-MiniLM-L6-v2",
            [
                helper.make_tensor_value_info("tokens", integers, [1, "length"]),
                helper.make_tensor_value_info("positions", integers, ["length"]),
            ],
            [helper.make_tensor_value_info("vector", floats, [1, None])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return bytes(model.SerializeToString())


def build(weights: Weights, *, int8: bool = True) -> bytes:
    """A model from ``tokens`` (1, n) and ``positions`` (0 … n-1) to a unit ``vector`` (1, 384).

    `int8=False` gives the exact graph that the int8 one is measured against.
    """
    graph = _Graph(weights, int8=int8)
    x = _embeddings(graph, weights)
    for layer in range(LAYERS):
        x = _layer(graph, x, f"encoder.layer.{layer}")
    mean = graph.op("ReduceMean", x, graph.constant(np.array([1])), keepdims=0)
    return graph.serialise(graph.op("LpNormalization", mean, axis=-1, p=2))


def _embeddings(graph: _Graph, weights: Weights) -> str:
    # Half precision halves the file and is exact to 3e-5, far below int8's own error.
    words = graph.constant(weights["embeddings.word_embeddings.weight"].astype(np.float16))
    words = graph.op("Cast", graph.op("Gather", words, "tokens"), to=TensorProto.FLOAT)
    # All texts are of token type 0, so its embedding is part of the positions'.
    positions = weights["embeddings.position_embeddings.weight"]
    positions = positions + weights["embeddings.token_type_embeddings.weight"][0]
    places = graph.op("Gather", graph.constant(positions), "positions")
    return graph.normalise(graph.op("Add", words, places), "embeddings.LayerNorm")


def _layer(graph: _Graph, x: str, layer: str) -> str:
    attention = f"{layer}.attention"
    projections = (f"{attention}.self.{part}" for part in ("query", "key", "value"))
    heads = graph.op(
        "MultiHeadAttention", *graph.linear(x, *projections), domain=_FUSED, num_heads=HEADS
    )
    (attended,) = graph.linear(heads, f"{attention}.output.dense")
    x = graph.normalise(graph.op("Add", attended, x), f"{attention}.output.LayerNorm")
    (wide,) = graph.linear(x, f"{layer}.intermediate.dense")
    (narrow,) = graph.linear(graph.op("Gelu", wide), f"{layer}.output.dense")
    return graph.normalise(graph.op("Add", narrow, x), f"{layer}.output.LayerNorm")


def _quantise(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric, one scale per output column, in 7 bits.

    Eight bits overflow the 16-bit sums of AVX2's byte multiply and score lower there; seven give
    the same vectors on every x86 machine, whether or not it has VNNI.
    """
    scale = np.maximum(np.abs(weight).max(axis=0) / 63, np.finfo(np.float32).tiny)
    return np.rint(weight / scale).astype(np.int8), scale.astype(np.float32)
