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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import jax
import jax.export
import jax.numpy as jnp

from jaxnet._storage import replace_file
from jaxnet._validation import check_name, is_traced, params_of
from jaxnet.interop.exported import Exported, check_width
from jaxnet.interop.signatures import ARRAY, NAMED, PADDED, STEPS, Signature, signature
from jaxnet.layers import Layer
from jaxnet.layers.calls import check_params

#: what a program can be compiled for
PLATFORMS = ("cpu", "cuda", "rocm", "tpu")
#: version of the file; those before 2 know arrays only
_VERSIONS = {ARRAY: 1, PADDED: 2, STEPS: 2, NAMED: 2}
_MAGIC = b"jaxnet.export\n"


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
    lengths: bool = False,
    stepwise: bool = False,
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
            ``dense``, a recurrent layer (the time varies). Of several inputs a mapping from names to shapes.
        dtype: of x, or by name; left out, int32 where the network begins with ``embedding``, else that of the
            parameters.
        platforms: what the program shall run on, of "cpu", "cuda", "rocm", "tpu"; none of them need be there
            now; at least one. ONNX files have no such thing.
        format: "stablehlo" or "onnx"; None: by the ending of the path.
        about: words to keep in the file, name -> text.
        lengths: whether it takes sequences of different lengths: a ``Padded`` from a StableHLO file; from an
            ONNX file the inputs "x" (n, *in_shape) and "lengths" (n,), from 1 to the number of steps. Outputs
            per step stand beside their lengths, with 0 after the end of a sequence.
        stepwise: whether it runs step by step, as :func:`jaxnet.stepwise`: ``in_shape`` is then the shape of
            one step, () for ids. An ONNX file takes "x" and "state_0", "state_1", …, zeros (n, ...) at first,
            and gives "y" and "next_state_0", "next_state_1", ….

    Raises:
        ValueError: an unknown platform or format, or no platform; ``stepwise`` and a network that cannot run
            step by step; ONNX: a network that the converter cannot
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
    program = signature(net, params, in_shape, dtype, lengths, stepwise)
    if format == "onnx":
        from jaxnet.interop import onnx  # loads the converter, an extra

        replace_file(Path(path), onnx.convert(net, program))
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
        traced = _traced(net, program, platforms)
        words = {**words, "network": repr(net), "jax": jax.__version__}
        replace_file(Path(path), _with_words(bytes(traced.serialize()), words, program.kind))


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
    body, words, kind = _without_words(path, Path(path).read_bytes())
    try:
        program = jax.export.deserialize(bytearray(body))
        run = jax.jit(program.call)
        given, result = _given(program, kind)
    except _UNREADABLE as error:
        raise _foreign(path, words, error) from None
    jax.tree.map(lambda part: check_width(part.dtype), given)
    try:  # a program that is too new, or was changed, comes out only now
        one = [
            jax.ShapeDtypeStruct([s if isinstance(s, int) else 1 for s in part.shape], part.dtype)
            for part in program.in_avals
        ]
        if jax.default_backend() in program.platforms:
            positional, by_keyword = jax.tree.unflatten(program.in_tree, one)
            run.lower(*positional, **by_keyword)
    except _UNREADABLE as error:
        raise _foreign(path, words, error) from None
    return Exported(
        program,
        run,
        jax.tree.map(lambda part: _sizes(part.shape[1:]), given),
        jax.tree.map(lambda part: _sizes(part.shape[1:]), result),
        jax.tree.map(lambda part: jnp.dtype(part.dtype), given),
        tuple(program.platforms),
        words,
        kind,
    )


# --- program and file ----------------------------------------------------------------------------------


def _traced(net: Layer, program: Signature, platforms: tuple[str, ...]) -> Any:
    scope, arrays, varies = jax.export.SymbolicScope(), [], False
    for place, (own, dtype) in enumerate(program.inputs.values()):
        names = ["n", *(f"size{place}_{i}" if size is None else str(size) for i, size in enumerate(own))]
        sizes = jax.export.symbolic_shape(f"({', '.join(names)},)", scope=scope)
        arrays.append(jax.ShapeDtypeStruct(sizes, dtype))
        varies = varies or None in own

    def function(*given: Any) -> Any:
        found = program.function(*([given[0][n] for n in program.inputs] if program.by_name[0] else given))
        if program.by_name[1]:
            return dict(zip(program.outputs, found, strict=True))
        return found[0] if len(program.outputs) == 1 and program.kind != STEPS else [*found]

    make = jax.export.export(jax.jit(function), platforms=platforms)
    examples = (dict(zip(program.inputs, arrays, strict=True)),) if program.by_name[0] else arrays
    if not varies:
        return make(*examples)
    try:
        return make(*examples)
    except Exception as error:
        shape = {name: own for name, (own, _) in program.inputs.items()}
        shape = shape if program.by_name[0] else shape["x"]
        raise ValueError(
            f"export: {net.spec.name} cannot take inputs of varying size {shape}; "
            f"give every size in in_shape ({_first_line(error)})"
        ) from None


def _with_words(body: bytes, words: dict[str, str], kind: str = ARRAY) -> bytes:
    """The program, then JSON, the length of that, a checksum of it all, and a mark."""
    told = {} if kind == ARRAY else {"kind": kind}
    text = json.dumps({"version": _VERSIONS[kind], "words": words, **told}).encode()
    whole = body + text + len(text).to_bytes(8, "little")
    return whole + hashlib.sha256(whole).digest() + _MAGIC


def _without_words(path: Any, raw: bytes) -> tuple[bytes, dict[str, str], str]:
    whole, digest = raw[: -len(_MAGIC) - 32], raw[-len(_MAGIC) - 32 : -len(_MAGIC)]
    if not raw.endswith(_MAGIC) or hashlib.sha256(whole).digest() != digest:
        raise ValueError(f"load_exported: {path} is damaged, or was not written by jaxnet.export")
    end = len(whole) - 8
    start = end - int.from_bytes(whole[end:], "little")
    content = json.loads(whole[start:end])
    kind = content.get("kind", ARRAY)
    if content.get("version") != _VERSIONS.get(kind):
        raise ValueError(
            f"load_exported: {path} was written by a newer jaxnet (version {content.get('version')} of the "
            f"file); update jaxnet"
        )
    return whole[:start], content["words"], kind


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


def _given(program: Any, kind: str) -> tuple[Any, Any]:
    """What the program takes and gives: one array, or several by name."""
    if kind != NAMED:
        return program.in_avals[0], program.out_avals[0]
    (given,), _ = jax.tree.unflatten(program.in_tree, program.in_avals)
    return given, jax.tree.unflatten(program.out_tree, program.out_avals)


def _sizes(shape: Sequence[Any]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in shape)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
