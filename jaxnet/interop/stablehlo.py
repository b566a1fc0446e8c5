"""A trained network as a file that runs without this library: StableHLO, or ONNX (extra ``onnx``).

StableHLO is what JAX itself compiles; the file is what ``jax.export`` serializes, with a few words about it
and a checksum behind its end, which ``jax.export.deserialize`` passes over. Only JAX and flatbuffers are
needed to run it.
"""

import hashlib
import json
import os
import signal
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import jax
import jax.export
import jax.numpy as jnp

from jaxnet._storage import replace_file
from jaxnet._validation import check_name, is_traced, params_of
from jaxnet.interop.inputs import (
    by_name,
    examples,
    found_dtype,
    found_shape,
    given_dtype,
    given_shape,
    is_shape,
    named_inputs,
    read_input,
)
from jaxnet.layers import Layer
from jaxnet.layers.calls import check_params

#: what a program can be compiled for
PLATFORMS = ("cpu", "cuda", "rocm", "tpu")
_VERSION = 1
_MAGIC = b"jaxnet.export\n"


@dataclass(frozen=True, eq=False)  # by identity, so that jax.jit takes it
class Exported:
    """A network from a file; call it with inputs.

    It may stand inside ``jax.jit``, but not inside ``jax.grad`` or ``jax.vmap``: the file holds no
    derivative, and the batch axes are x's own.

    Attributes:
        program: what ``jax.export.deserialize`` gives.
        run: the same, compiled, for x with exactly one batch axis.
        in_shape: shape of one example; None for a size that may vary. Of several inputs a mapping.
        out_shape: shape of one output, or a mapping.
        dtype: of the inputs, or a mapping.
        platforms: what it can run on.
        about: the words that were given to ``export``, and the versions it was made with.
    """

    program: Any
    run: Callable[[Any], Any]
    in_shape: Any
    out_shape: Any
    dtype: Any
    platforms: tuple[str, ...]
    about: dict[str, str]

    def __call__(self, x: Any) -> Any:
        """The network's output for x of shape (..., *in_shape), any number of batch axes.

        Args:
            x: inputs, by name where there are several.

        Raises:
            ValueError: x of another shape, a device that the file was not made for, or 64-bit inputs while
                JAX works in 32 bits.
            TypeError: fractions where the network takes whole numbers.
        """
        here = jax.default_backend()
        if not {here, *(("cuda", "rocm") if here == "gpu" else ())} & {*self.platforms}:
            raise ValueError(
                f"load_exported: the file was made for {', '.join(self.platforms)}, and this is {here}; "
                "export it with all platforms that it shall run on"
            )
        leaves, batches = [], []
        for name, (part, shape, dtype) in named_inputs(x, self.in_shape, self.dtype):
            _check_width(dtype)
            found, batch = read_input(name, part, shape, dtype)
            leaves.append(found)
            batches.append(batch)
        if len(set(batches)) > 1:
            raise ValueError(f"load_exported: expected the same batch axes in all inputs, got {batches}")
        _, structure = jax.tree.flatten(self.in_shape, is_leaf=is_shape)
        y = self.run(jax.tree.unflatten(structure, leaves))
        return jax.tree.map(lambda part: part.reshape(*batches[0], *part.shape[1:]), y)


def export(
    net: Layer,
    params: Any,
    path: str | os.PathLike[str],
    *,
    in_shape: int | Sequence[int | None] | Mapping[str, Any] | None = None,
    dtype: Any = None,
    platforms: Sequence[str] = ("cpu", "cuda", "tpu"),
    format: Literal["stablehlo", "onnx"] | None = None,
    about: Mapping[str, str] | None = None,
) -> None:
    """Write a network with its parameters as a program that runs without this library.

    y = net.apply(params, x), compiled for x of shape (n, *in_shape) and any number n of examples; the
    parameters are inside. Several inputs and outputs keep their names.
    Dropout is off. The file appears whole or not at all. Like all of JAX's programs it
    names the source files that it was traced from. A newer JAX reads it, an older one perhaps not.

    Args:
        net: a network.
        params: its parameters.
        path: the file, by custom ``….stablehlo``; a name that ends in ``.onnx`` makes an ONNX file.
        in_shape: shape of one example, as for ``init``; None for a size that may vary, as that of the time:
            (None, 8). Left out, it is found where the network begins with a layer that says it: ``mlp``,
            ``dense``, a recurrent layer (the time varies).
            Of several inputs a mapping from names to shapes.
        dtype: of x, or of each input by name; left out, int32 where the network begins with ``embedding``,
            else that of the parameters.
        platforms: what the program shall run on, of "cpu", "cuda", "rocm", "tpu"; none of them need be there
            now; at least one. ONNX files have no such thing.
        format: "stablehlo" or "onnx"; None: by the ending of the path.
        about: words to keep in the file, name -> text.

    Raises:
        ValueError: an unknown platform or format, or no platform; ONNX: a network that the converter cannot
            do or does wrong, which is tried in onnxruntime before anything is written.
        TypeError: the shape of an example is needed and was not given; ``about`` is not name -> text.
        ImportError: ONNX without the extra ``onnx``.

    Example:
        >>> import os, tempfile, jaxnet
        >>> net = jaxnet.mlp("2-3-1")
        >>> params = net.init(jax.random.key(0))
        >>> path = os.path.join(tempfile.mkdtemp(), "net.stablehlo")
        >>> export(net, params, path)
        >>> x = jnp.ones((5, 2))
        >>> bool(jnp.allclose(load_exported(path)(x), net.apply(params, x)))
        True

    Reference: OpenXLA, "StableHLO Specification", 2023.
    """
    if not isinstance(net, Layer):
        raise TypeError(f"export: expected a network such as jaxnet.mlp('4-8-2'), got {type(net).__name__}")
    if is_traced(params):
        raise ValueError("export: cannot be called inside a compiled function; call it on its results")
    params = params_of("export", params)
    try:
        check_params(net, params)
    except ValueError as error:
        raise ValueError(f"export: {error}") from None
    format = ("onnx" if os.fspath(path).endswith(".onnx") else "stablehlo") if format is None else format
    check_name("export", "format", format, ("stablehlo", "onnx"))
    shape = found_shape(net, params) if in_shape is None else given_shape(in_shape)
    dtype = given_dtype(found_dtype(net, params, shape) if dtype is None else dtype, shape)
    params = jax.tree.map(jnp.asarray, params)
    if format == "onnx":
        from jaxnet.interop import onnx  # loads the converter, an extra

        replace_file(Path(path), onnx.convert(net, params, shape, dtype))
        return
    words = {} if about is None else about
    if not isinstance(words, Mapping) or not all(
        isinstance(text, str) for pair in words.items() for text in pair
    ):
        raise TypeError(
            f"export: expected about as name -> text, such as {{'data': 'XOR'}}, got {about!r:.80}"
        )
    platforms = (platforms,) if isinstance(platforms, str) else tuple(platforms)
    if not platforms:
        raise ValueError(f"export: expected at least one platform of {', '.join(PLATFORMS)}, got none")
    for platform in platforms:
        check_name("export", "platform", platform, PLATFORMS)
    with _interrupted_afterwards():
        program = _traced(net, params, shape, dtype, platforms)
        words = {**words, "network": repr(net), "jax": jax.__version__}
        replace_file(Path(path), _with_words(bytes(program.serialize()), words))


@contextmanager
def _interrupted_afterwards() -> Iterator[None]:
    """Answer Ctrl-C after the block: an exception inside JAX's exporter can abort the process."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    asked: list[Any] = []
    signal.signal(signal.SIGINT, lambda *seen: asked.append(seen))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked:
        before(*asked[-1])


def load_exported(path: str | os.PathLike[str]) -> Exported:
    """Read what :func:`export` wrote as StableHLO; neither the network nor its parameters are needed.

    A file is a program: load only what you trust. The checksum shows damage, not who wrote the file, and a
    program that was changed on purpose can crash the compiler.

    Args:
        path: the file.

    Returns:
        A function x -> y for any number of batch axes, see :class:`Exported`. It can be called and
        compiled by ``jax.jit``, but not go through ``jax.grad`` (the file holds no derivative) or
        ``jax.vmap`` (give it the batch axes instead).

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, foreign, or of a newer version, or takes 64-bit inputs while JAX
            works in 32 bits.

    Example:
        >>> import os, tempfile, jaxnet
        >>> path = os.path.join(tempfile.mkdtemp(), "net.stablehlo")
        >>> export(jaxnet.dense(1), {"w": jnp.ones((2, 1)), "b": jnp.zeros(1)}, path)
        >>> load_exported(path)([[1.0, 2.0]]).tolist()
        [[3.0]]
    """
    body, words = _without_words(path, Path(path).read_bytes())
    try:
        program = jax.export.deserialize(bytearray(body))
        run = jax.jit(program.call)
        ((given,), _), result = (
            jax.tree.unflatten(tree, avals)
            for tree, avals in ((program.in_tree, program.in_avals), (program.out_tree, program.out_avals))
        )
    except _UNREADABLE as error:
        raise _foreign(path, words, error) from None
    jax.tree.map(lambda part: _check_width(part.dtype), given)
    try:  # a program that is too new, or was changed, comes out only now
        if jax.default_backend() in program.platforms:
            run.lower(jax.tree.map(_smallest, given))
    except _UNREADABLE as error:
        raise _foreign(path, words, error) from None
    return Exported(
        program,
        run,
        jax.tree.map(_sizes, given),
        jax.tree.map(_sizes, result),
        jax.tree.map(lambda part: jnp.dtype(part.dtype), given),
        tuple(program.platforms),
        words,
    )


# --- program and file ----------------------------------------------------------------------------------


def _traced(net: Layer, params: Any, shape: Any, dtype: Any, platforms: tuple[str, ...]) -> Any:
    x = examples(shape, dtype)
    make = jax.export.export(jax.jit(lambda x: by_name(net.apply(params, x))), platforms=platforms)
    if not any(None in sizes for sizes in jax.tree.leaves(shape, is_leaf=is_shape)):
        return make(x)
    try:
        return make(x)
    except Exception as error:
        raise ValueError(
            f"export: {net.spec.name} cannot take inputs of varying size {shape}; "
            f"give every size in in_shape ({_first_line(error)})"
        ) from None


def _with_words(body: bytes, words: dict[str, str]) -> bytes:
    """The program, then JSON, the length of that, a checksum of it all, and a mark."""
    text = json.dumps({"version": _VERSION, "words": words}).encode()
    whole = body + text + len(text).to_bytes(8, "little")
    return whole + hashlib.sha256(whole).digest() + _MAGIC


def _without_words(path: Any, raw: bytes) -> tuple[bytes, dict[str, str]]:
    whole, digest = raw[: -len(_MAGIC) - 32], raw[-len(_MAGIC) - 32 : -len(_MAGIC)]
    if not raw.endswith(_MAGIC) or hashlib.sha256(whole).digest() != digest:
        raise ValueError(f"load_exported: {path} is damaged, or was not written by jaxnet.export")
    end = len(whole) - 8
    start = end - int.from_bytes(whole[end:], "little")
    content = json.loads(whole[start:end])
    if content.get("version") != _VERSION:
        raise ValueError(
            f"load_exported: {path} was written by a newer jaxnet (version {content.get('version')} of the "
            f"file, {_VERSION} is known); update jaxnet"
        )
    return whole[:start], content["words"]


#: what JAX raises for a program that it cannot read
_UNREADABLE = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, AssertionError, NotImplementedError,
    struct.error, jax.errors.JaxRuntimeError, jax.errors.JAXTypeError,
)  # fmt: skip


def _foreign(path: Any, words: dict[str, str], error: BaseException) -> ValueError:
    if words.get("jax") == jax.__version__:
        return ValueError(
            f"load_exported: {path} is damaged: JAX cannot read its program ({_first_line(error)})"
        )
    return ValueError(
        f"load_exported: JAX {jax.__version__} cannot read {path}, which JAX {words['jax']} wrote; "
        f"export it anew with a JAX nearer to this one ({_first_line(error)})"
    )


def _check_width(dtype: Any) -> None:
    """Refuse a program for 64-bit inputs where JAX would cut them."""
    if jax.dtypes.canonicalize_dtype(dtype) != dtype:
        raise ValueError(
            f"load_exported: the file was made for inputs of {jnp.dtype(dtype).name}, and JAX works in 32 "
            'bits; call jax.config.update("jax_enable_x64", True) first, or export it with a dtype of 32 bits'
        )


def _sizes(of_batch: Any) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in of_batch.shape[1:])


def _smallest(given: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct([size if isinstance(size, int) else 1 for size in given.shape], given.dtype)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
