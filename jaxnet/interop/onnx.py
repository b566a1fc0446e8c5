"""Networks as ONNX, by the converter jax2onnx (extra ``onnx``); a wrong conversion is never written.

jax2onnx depends on JAX's internals and replaces functions of JAX while it traces, so that under a new JAX, or
for a layer it does not know, a conversion may be wrong or fail. Therefore every conversion is run in
onnxruntime and compared with ``apply`` before a file is written. Checked with jax2onnx 0.17.1: under JAX 0.10
every layer of this library; under JAX 0.12 all but the recurrent layers and ``conv_transpose``.
"""

import functools
import importlib.metadata
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np

from jaxnet import specs
from jaxnet.interop.inputs import by_name, is_shape, names_of
from jaxnet.layers import Layer


def convert(net: Layer, params: Any, shape: Any, dtype: Any) -> bytes:
    """The network as an ONNX model with one input ``x`` and one output ``y``; the batch axis varies.

    Several inputs and outputs are called by their names; where an output has that of an input, ``_out`` is
    added to it.

    Args:
        net: a network.
        params: its parameters, which are stored in the model.
        shape: of one example, or a mapping of shapes.
        dtype: of x, or a mapping.

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
    shapes, structure = jax.tree.flatten(shape, is_leaf=is_shape)
    kinds = jax.tree.leaves(dtype)
    if any(None in sizes for sizes in shapes):
        raise ValueError(
            f"export: in an ONNX file only the batch axis can vary, got in_shape {shape}; give every size"
        )

    def flat(*inputs: Any) -> Any:
        return tuple(jax.tree.leaves(by_name(net.apply(params, jax.tree.unflatten(structure, inputs)))))

    try:
        ones = [jax.ShapeDtypeStruct((1, *sizes), kind) for sizes, kind in zip(shapes, kinds, strict=True)]
        results = jax.eval_shape(
            lambda *x: by_name(net.apply(params, jax.tree.unflatten(structure, x))), *ones
        )
        inputs, outputs = names_of(shape, "x"), names_of(results, "y")
        outputs = [f"{name}_out" if name in inputs else name for name in outputs]
        with _quiet():
            model = jax2onnx.to_onnx(
                flat if len(outputs) > 1 else lambda *x: flat(*x)[0],
                [jax.ShapeDtypeStruct(("n", *one.shape[1:]), one.dtype) for one in ones],
                enable_double_precision=any(kind == np.float64 for kind in kinds),
                input_names=inputs,
                output_names=outputs,
            )
        content = model.SerializeToString()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        wrong = _difference(net, params, shape, dtype, session, inputs)
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


def _difference(net: Layer, params: Any, shape: Any, dtype: Any, session: Any, names: list[str]) -> str:
    """How the model differs from ``apply`` on random inputs of two batch sizes; empty if it does not."""
    rng = np.random.default_rng(0)
    vocabularies = [
        part.spec.options["vocabulary"] for part in specs.walk(net) if part.spec.name == "embedding"
    ]

    def drawn(count: int, sizes: Any, kind: Any) -> np.ndarray:
        if np.issubdtype(kind, np.integer):
            return rng.integers(0, min(vocabularies, default=2), (count, *sizes)).astype(kind)
        return rng.uniform(-1, 1, (count, *sizes)).astype(kind)

    for count in (1, 3):
        x = jax.tree.map(functools.partial(drawn, count), shape, dtype, is_leaf=is_shape)
        found = session.run(None, dict(zip(names, jax.tree.leaves(x), strict=True)))
        for want, got in zip(jax.tree.leaves(_applied(net, params, x)), found, strict=True):
            if want.shape != got.shape:
                return f"shape {got.shape} for {want.shape}"
            scale = max(float(np.abs(want).max(initial=0)), 1.0)
            gap = float(np.abs(want - got).max(initial=0))
            if not gap <= 1e-4 * scale:
                return f"an error of {gap:.2g} for outputs up to {scale:.2g}"
    return ""


def _applied(net: Layer, params: Any, x: Any) -> Any:
    return jax.tree.map(np.asarray, jax.jit(lambda params, x: by_name(net.apply(params, x)))(params, x))


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
