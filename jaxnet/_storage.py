"""The file format: safetensors with the structure of a tree in its metadata, written whole or not at all."""

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save as to_bytes

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where an open file cannot be deleted anyway
    fcntl = None

_DTYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32",
    "I32": "int32", "U64": "uint64", "I64": "int64", "F16": "float16", "BF16": "bfloat16", "F32": "float32",
    "F64": "float64", "C64": "complex64", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2",
}  # fmt: skip
_NAMES = set(_DTYPES.values())
_VERSION = 2  # 1: the digest covers the arrays only
_PREFIX = 40  # characters of a name that its unfinished file has, too


def write(path: Path, tree: Any, words: Mapping[str, str]) -> None:
    """Write a tree and some words, atomically: a crash leaves the old file or the new one, never a half."""
    arrays: dict[str, np.ndarray] = {}
    content: dict[str, Any] = {"structure": describe(tree, (), arrays), "words": dict(words)}
    content |= {"version": _VERSION, "sha256": _digest(arrays, _text(content))}
    if not arrays:  # the format needs at least one
        arrays["nothing"] = np.zeros(0, np.uint8)
    # one entry of metadata: the order of several is not fixed, and equal trees should give equal files
    replace_file(path, to_bytes(arrays, {"jaxnet": json.dumps(content)}))


def read(path: Path, caller: str = "load") -> tuple[Any, dict[str, str]]:
    """Read a tree (its arrays are NumPy's) and the words with it.

    Args:
        path: the file.
        caller: the public function, for error messages.
    """
    raw = path.read_bytes()
    try:
        parts = deserialize(raw)
        length = int.from_bytes(raw[:8], "little")
        content = json.loads(json.loads(raw[8 : 8 + length]).get("__metadata__", {}).get("jaxnet", "{}"))
        version = content.get("version")
        if version in (1, _VERSION):
            arrays = {
                name: np.frombuffer(part["data"], jnp.dtype(_DTYPES[part["dtype"]])).reshape(part["shape"])
                for name, part in parts
            }
            arrays.pop("nothing", None)
            if content["sha256"] != _digest(arrays, "" if version == 1 else _text(content)):
                raise ValueError("its content is not what was written")
            return _rebuild(content["structure"], arrays), content["words"]
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{caller}: {path} is damaged or no safetensors file: {error}") from None
    if version is not None:
        raise ValueError(f"{caller}: {path} has version {version!r} of the format; this jaxnet knows 1 and 2")
    raise ValueError(
        f"{caller}: {path} was not written by jaxnet.save, so its structure is not known; "
        "read its arrays with safetensors.numpy.load_file"
    )


def describe(tree: Any, path: tuple[str, ...], arrays: dict[str, np.ndarray]) -> Any:
    """The tree as JSON; its arrays are put into ``arrays``, by name."""
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


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps([content["structure"], content["words"]])


def _digest(arrays: Mapping[str, np.ndarray], text: str) -> str:
    found = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        found.update(f"{name}:{array.dtype.name}:{array.shape}".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()


def replace_file(path: Path, content: bytes) -> None:
    """Put a file with this content in the place of ``path``, whole or not at all."""
    with replacing(path) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write; if all goes well, it takes the place of ``path`` at the end, and else it is deleted.

    A symbolic link at ``path`` stays: what it points to is replaced. The file's mode stays as it was; a new
    file gets the mode that the umask allows. What a killed process left behind for ``path`` is deleted.
    """
    path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, f"there is no folder for {path.name!r}; make it first", str(path.parent)
        )
    if path.exists() and not path.is_file() and not path.is_dir():  # /dev/stdout, a pipe
        with path.open("wb") as file:
            yield file
        return
    remove_leftovers(path.parent, path.name)
    beside, descriptor = _create_beside(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if path.exists() and hasattr(os, "fchmod"):
                os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
            yield file
            file.flush()
            os.fsync(descriptor)
            if fcntl is not None:
                os.replace(beside, path)
        if fcntl is None:  # Windows renames closed files only
            os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # the new name is on the disk too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def replacing_text(path: Path) -> Iterator[TextIO]:
    """The same for a text file in UTF-8, whose line ends stay as they are written."""
    with replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


def _create_beside(path: Path) -> tuple[Path, int]:
    """A new file in the same folder, locked while it is written."""
    while True:
        # nobody can guess the name, and O_EXCL does not follow a link
        beside = path.with_name(f".{path.name[:_PREFIX]}.{secrets.token_hex(8)}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(beside, flags, 0o666)  # less the umask
        with contextlib.suppress(OSError):  # a file system without locks
            _lock(descriptor)
        if beside.exists():  # not deleted as a leftover before it was locked
            return beside, descriptor
        os.close(descriptor)


def remove_leftovers(folder: Path, name: str) -> None:
    """Delete the unfinished files of killed processes for files whose names begin with ``name``.

    A file that is being written is locked, and stays.
    """
    pattern = re.compile(
        rf"\.{re.escape(name[:_PREFIX])}.*\.([0-9a-f]{{16}}|[a-z0-9_]{{8}})\.part", re.DOTALL
    )
    for entry in [entry for entry in os.scandir(folder) if pattern.fullmatch(entry.name)]:
        with contextlib.suppress(OSError):
            descriptor = os.open(entry.path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                _lock(descriptor, wait=False)
                os.unlink(entry.path)
            finally:
                os.close(descriptor)


def _lock(descriptor: int, wait: bool = True) -> None:
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
