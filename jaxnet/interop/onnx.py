"""Networks as ONNX, by the converter jax2onnx (extra ``onnx``); a wrong conversion is never written.

jax2onnx depends on JAX's internals and replaces functions of JAX while it traces, so that under a new JAX, or
for a layer it does not know, a conversion may be wrong or fail. Therefore every conversion is run in
onnxruntime and compared with ``apply`` before a file is written. Checked with jax2onnx 0.17.1: under JAX 0.10
every layer of this library but ``conv`` over three axes and ``group_norm``; under JAX 0.12 neither the
recurrent layers nor ``conv_transpose``. Step by step both can do all; with lengths JAX 0.10 does all but
convolutions, pooling by windows and ``group_norm``.
"""

import importlib.metadata
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np

from jaxnet import specs
from jaxnet.interop.signatures import PADDED, Signature
from jaxnet.layers import Layer


def convert(net: Layer, program: Signature) -> bytes:
    """The network as an ONNX model whose batch axis varies; inputs and outputs are named as in the signature.

    Where an output of several has the name of an input, ``_out`` is added to it.

    Args:
        net: a network.
        program: the network as a function of arrays, with its parameters inside.

    Returns:
        The content of a file.

    Raises:
        ImportError: the extra is not installed.
        ValueError: the network cannot be converted, or the conversion is wrong.
    """
    try:
        import jax2onnx  # pyright: ignore[reportMissingImports]
        import onnxruntime  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ImportError(
            f"export: ONNX needs the extra onnx ({error}): python -m pip install 'jaxnet-quiz[onnx]'"
        ) from None
    for shape, _ in program.inputs.values():
        if None in shape:
            raise ValueError(
                f"export: in an ONNX file only the batch axis can vary, got in_shape {shape}; give every size"
            )
    outputs = [f"{name}_out" if name in program.inputs else name for name in program.outputs]
    arrays = [jax.ShapeDtypeStruct(("n", *own), kind) for own, kind in program.inputs.values()]  # type: ignore[misc]

    def function(*arrays: Any) -> Any:
        y, *further = program.function(*arrays)
        if len(program.outputs) == 1:
            return y
        # a value with two names, such as a state that is the output too, is refused by the converter
        return y, *(part + np.zeros((), part.dtype) for part in further)

    try:
        with _quiet():
            model = jax2onnx.to_onnx(
                function,
                arrays,
                enable_double_precision=any(kind == np.float64 for _, kind in program.inputs.values()),
                input_names=[*program.inputs],
                output_names=outputs,
            )
        content = model.SerializeToString()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        wrong = _difference(net, program, session, outputs)
    except Exception as error:
        raise ValueError(
            f"export: jax2onnx {_version('jax2onnx')} cannot convert this network under JAX "
            f"{jax.__version__} ({type(error).__name__}: {str(error).partition(chr(10))[0][:200]}); "
            "write StableHLO instead"
        ) from error
    if wrong:
        raise ValueError(
            f"export: jax2onnx {_version('jax2onnx')} converted this network wrongly under JAX "
            f"{jax.__version__} ({wrong}); nothing was written, write StableHLO instead"
        )
    return content


def _difference(net: Layer, program: Signature, session: Any, asked: list[str]) -> str:
    """How the model differs from ``apply`` on random inputs of two batch sizes; empty if it does not."""
    rng = np.random.default_rng(0)
    vocabularies = [
        part.spec.options["vocabulary"] for part in specs.walk(net) if part.spec.name == "embedding"
    ]
    for count in (1, 3):
        given: dict[str, np.ndarray] = {}
        for name, (own, dtype) in program.inputs.items():
            shape: Any = own  # every size is known here
            if name == "lengths" and program.kind == PADDED:
                given[name] = rng.integers(1, given["x"].shape[1] + 1, count).astype(dtype)
            elif np.issubdtype(dtype, np.integer):
                given[name] = rng.integers(0, min(vocabularies, default=2), (count, *shape)).astype(dtype)
            else:
                given[name] = rng.uniform(-1, 1, (count, *shape)).astype(dtype)
        outputs = session.run(asked, given)
        for want, got in zip(_applied(program, given), outputs, strict=True):
            if want.shape != got.shape:
                return f"shape {got.shape} for {want.shape}"
            scale = max(float(np.abs(want).max(initial=0)), 1.0)
            gap = float(np.abs(want - got).max(initial=0))
            if not gap <= 1e-4 * scale:
                return f"an error of {gap:.2g} for outputs up to {scale:.2g}"
    return ""


def _applied(program: Signature, given: dict[str, np.ndarray]) -> list[np.ndarray]:
    """What the network itself gives."""
    return [np.asarray(part) for part in jax.jit(program.function)(*given.values())]


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the log, to which jax2onnx reports each step."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _version(package: str) -> str:
    return importlib.metadata.version(package)
