"""Networks as ONNX, by the converter jax2onnx (extra ``onnx``); a wrong conversion is never written.

jax2onnx depends on JAX's internals and replaces functions of JAX while it traces, so that under a new JAX, or
for a layer it does not know, a conversion may be wrong or fail. Therefore every conversion is run in
onnxruntime and compared with ``apply`` before a file is written. Checked with jax2onnx 0.17.1: under JAX 0.10
every layer of this library; under JAX 0.12 all but the recurrent layers and ``conv_transpose``.
"""

import importlib.metadata
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np

from jaxnet import specs
from jaxnet.layers import Layer


def convert(net: Layer, params: Any, shape: tuple[int | None, ...], dtype: Any) -> bytes:
    """The network as an ONNX model with one input ``x`` and one output ``y``; the batch axis varies.

    Args:
        net: a network.
        params: its parameters, which are stored in the model.
        shape: of one example.
        dtype: of x.

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
    if None in shape:
        raise ValueError(
            f"export: in an ONNX file only the batch axis can vary, got in_shape {shape}; give every size"
        )
    x = jax.ShapeDtypeStruct(("n", *shape), dtype)
    try:
        with _quiet():
            model = jax2onnx.to_onnx(
                lambda x: net.apply(params, x),
                [x],
                enable_double_precision=dtype == np.float64,
                input_names=["x"],
                output_names=["y"],
            )
        content = model.SerializeToString()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        wrong = _difference(net, params, shape, dtype, session)
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


def _difference(net: Layer, params: Any, shape: Any, dtype: Any, session: Any) -> str:
    """How the model differs from ``apply`` on random inputs of two batch sizes; empty if it does not."""
    rng = np.random.default_rng(0)
    vocabularies = [
        part.spec.options["vocabulary"] for part in specs.walk(net) if part.spec.name == "embedding"
    ]
    for count in (1, 3):
        if np.issubdtype(dtype, np.integer):
            x = rng.integers(0, min(vocabularies, default=2), (count, *shape)).astype(dtype)
        else:
            x = rng.uniform(-1, 1, (count, *shape)).astype(dtype)
        want, got = _applied(net, params, x), session.run(None, {"x": x})[0]
        if want.shape != got.shape:
            return f"shape {got.shape} for {want.shape}"
        scale = max(float(np.abs(want).max(initial=0)), 1.0)
        gap = float(np.abs(want - got).max(initial=0))
        if not gap <= 1e-4 * scale:
            return f"an error of {gap:.2g} for outputs up to {scale:.2g}"
    return ""


def _applied(net: Layer, params: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(jax.jit(net.apply)(params, x))


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
