"""The file format: safetensors with the structure of a tree in its metadata, written whole or not at all."""

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save as to_bytes

_DTYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32",
    "I32": "int32", "U64": "uint64", "I64": "int64", "F16": "float16", "BF16": "bfloat16", "F32": "float32",
    "F64": "float64", "C64": "complex64", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
}  # fmt: skip


_NAMES = set(_DTYPES.values())


def write(path: Path, tree: Any, words: Mapping[str, str]) -> None:
    """Write a tree and some words, atomically: a crash leaves the old file or the new one, never a half."""
    arrays: dict[str, np.ndarray] = {}
    structure = describe(tree, (), arrays)
    content = {"version": 1, "structure": structure, "sha256": _digest(arrays), "words": dict(words)}
    if not arrays:  # the format wants one at least
        arrays["nothing"] = np.zeros(0, np.uint8)
    # one entry of metadata: the order of several is up to chance, and equal trees should give equal files
    replace_file(path, to_bytes(arrays, {"jaxnet": json.dumps(content)}))


def read(path: Path) -> tuple[Any, dict[str, str]]:
    """Read a tree (arrays are NumPy's) and the words with it."""
    raw = path.read_bytes()
    try:
        parts = deserialize(raw)
        length = int.from_bytes(raw[:8], "little")
        content = json.loads(json.loads(raw[8 : 8 + length]).get("__metadata__", {}).get("jaxnet", "{}"))
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"load: {path} is damaged or no safetensors file: {error}") from None
    if content.get("version") != 1:
        raise ValueError(
            f"load: {path} was not written by jaxnet.save, so its structure is not known; "
            "read its arrays with safetensors.numpy.load_file"
        )
    arrays = {
        name: np.frombuffer(part["data"], jnp.dtype(_DTYPES[part["dtype"]])).reshape(part["shape"])
        for name, part in parts
    }
    arrays.pop("nothing", None)
    if _digest(arrays) != content.get("sha256"):
        raise ValueError(f"load: {path} is damaged: its numbers are not those that were written")
    return _rebuild(content["structure"], arrays), content["words"]


def describe(tree: Any, path: tuple[str, ...], arrays: dict[str, np.ndarray]) -> Any:
    """The tree as JSON, its arrays put aside under names."""
    if isinstance(tree, dict):
        for key in tree:
            if not isinstance(key, str):
                raise TypeError(
                    f"save: the keys of dictionaries must be strings, got {key!r} at {'.'.join(path)}"
                )
        return {"dict": {key: describe(value, (*path, key), arrays) for key, value in tree.items()}}
    if type(tree) in (list, tuple):
        parts = [describe(value, (*path, str(place)), arrays) for place, value in enumerate(tree)]
        return {type(tree).__name__: parts}
    if tree is None or isinstance(tree, bool | int | str):
        return {"value": tree}
    if isinstance(tree, float):
        return {"float": tree.hex()}
    if isinstance(tree, np.ndarray | np.generic | jax.Array) and str(tree.dtype) in _NAMES:
        name = ".".join(path) or "array"
        while name in arrays:
            name += "_"
        arrays[name] = np.ascontiguousarray(np.asarray(tree)).reshape(tree.shape)
        return {"array": name}
    kind = f"an array of {tree.dtype}" if hasattr(tree, "dtype") else f"a {type(tree).__name__}"
    raise TypeError(
        f"save: cannot write {kind} at {'.'.join(path) or 'the top'}; "
        "use dictionaries, lists, tuples, arrays, numbers and strings"
    )


def _rebuild(node: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    (kind, content), *_ = node.items()
    if kind == "dict":
        return {key: _rebuild(value, arrays) for key, value in content.items()}
    if kind in ("list", "tuple"):
        parts = [_rebuild(value, arrays) for value in content]
        return parts if kind == "list" else tuple(parts)
    if kind == "float":
        return float.fromhex(content)
    return arrays[content] if kind == "array" else content


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    found = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        found.update(f"{name}:{array.dtype.name}:{array.shape}".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file, make sure it is on the disk, then put it in the file's place."""
    if not path.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, f"there is no folder for {path.name!r}; make it first", str(path.parent)
        )
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name is on the disk too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
