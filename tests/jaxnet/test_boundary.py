"""Whatever holds the numbers, the result is that of plain float32 arrays, or a refusal in one sentence.

A case is a call, a container and a shape for the inputs, and both for the targets. The values are small whole
numbers, which every dtype holds exactly.
"""

import datetime
import functools
import importlib
import importlib.util
import re
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given, settings

import jaxnet
from jaxnet import data, losses, metrics
from jaxnet._arrays import as_array

#: not among the pinned packages: their containers are drawn where they are installed
INSTALLED = [name for name in ("polars", "torch") if importlib.util.find_spec(name)]
FOLDER = Path(tempfile.mkdtemp(prefix="jaxnet-boundary-"))
X = np.array([[0, 1], [2, 1], [1, 3], [2, 0]], np.float32)
Y = np.array([1, 0, 2, 1], np.float32)
LONGER = [0, 1, 2, 3, 0]
SHAPES = {
    "(n, 2)": (X, X), "(n,)": (X[:, 0], Y), "(n, 1)": (X[:, :1], Y[:, None]), "(1, n)": (X[:, :1].T, Y[None]),
    "(0,)": (X[:0, 0], Y[:0]), "(0, 2)": (X[:0], X[:0]), "()": (X[1, 0], Y[2]),
    "longer": (X[LONGER], Y[LONGER]),
}  # fmt: skip


# --- containers: what is given, and the plain numbers that it stands for; None where there are none -----


def to_tuple(a: Any) -> Any:
    return tuple(map(to_tuple, a)) if isinstance(a, list) else a


def as_type(dtype: Any) -> Callable[[np.ndarray], tuple[Any, Any]]:
    return lambda a: (a.astype(dtype), a.astype(dtype).astype(np.float32))


def mapped(a: np.ndarray, dtype: Any = np.float32) -> Any:
    if not a.size:
        return a
    path = FOLDER / f"{a.shape}-{np.dtype(dtype).str}-{hash(a.tobytes())}.npy"
    np.save(path, a.astype(dtype))
    return np.load(path, mmap_mode="r")


def strided(a: np.ndarray) -> np.ndarray:
    wide = np.full((*a.shape, 3), -7, np.float32)
    wide[..., 1] = a
    return wide[..., 1]


def structured(a: np.ndarray) -> np.ndarray:
    return np.array([(1.0, 2.0)] * max(a.size, 1), [("a", "f4"), ("b", "f4")])


def table(column: Callable[[np.ndarray], Any], of: Any = pd) -> Callable[[np.ndarray], Any]:
    """A frame whose columns are all made by ``column``; a single column for one axis."""

    def make(a: np.ndarray) -> Any:
        if a.ndim == 2:
            return of.DataFrame({f"c{i}": column(a[:, i]) for i in range(a.shape[1])})
        return of.Series(column(a)) if a.ndim == 1 else a

    return make


def mixed(a: np.ndarray) -> Any:
    if a.ndim != 2 or a.shape[1] != 2:
        return a, a
    return pd.DataFrame({"a": a[:, 0] > 0, "b": a[:, 1]}), np.stack([a[:, 0] > 0, a[:, 1]], 1).astype(
        np.float32
    )


def missing(a: np.ndarray) -> Any:
    first = table(lambda c: pd.array([None, *c[1:].astype(int)], "Int64"))
    return first(a) if a.ndim and a.size else structured(a)


def same(make: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], tuple[Any, Any]]:
    def made(a: np.ndarray) -> tuple[Any, Any]:
        given = make(a)
        return given, np.zeros(0, np.float32) if isinstance(given, list | tuple) and not given else a

    return made


def nothing(make: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], tuple[Any, Any]]:
    return lambda a: (make(a), None)


def truths(a: np.ndarray) -> Any:
    frame = table(lambda column: pd.array(column > 0, "boolean"))
    return frame(a) if a.ndim else a > 0, (a > 0).astype(np.float32)


DTYPES = ["float16", "float64", "longdouble", "bool", ml_dtypes.bfloat16, ">f4", ">f8", ">f2", ">i2", ">u8"]
DTYPES += [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
SAME: dict[str, Callable[[np.ndarray], Any]] = {  # the numbers of the array, in another container
    "numpy": lambda a: a, "list": lambda a: a.tolist(), "tuple": lambda a: to_tuple(a.tolist()),
    "memmap": mapped, "wide memmap": lambda a: mapped(a, np.int64),
    "swapped memmap": lambda a: mapped(a, ">f4"),
    "read-only": lambda a: np.frombuffer(a.tobytes(), np.float32).reshape(a.shape), "strided": strided,
    "negative": lambda a: a[::-1].copy()[::-1] if a.ndim else a, "fortran": np.asfortranarray,
    "nothing masked": np.ma.array, "list of rows": lambda a: list(a) if a.ndim else a,
    "list of jax rows": lambda a: [jnp.asarray(row) for row in a] if a.ndim else a,
    "jax": jnp.asarray, "jax int": lambda a: jnp.asarray(a, jnp.int32),
    "jax on another device": lambda a: jax.device_put(a, jax.devices()[-1]),
    "frame": table(lambda column: column),
    "nullable floats": table(lambda column: pd.array(column, "Float32")),
    "nullable": table(lambda column: pd.array(column.astype(int), "Int64")),
    "categories": table(lambda column: pd.Categorical(column.astype(int))),
    "objects in a frame": table(lambda column: column.astype(int).astype(object)),
}  # fmt: skip
if "polars" in INSTALLED:
    polars = importlib.import_module("polars")
    SAME["polars"] = table(lambda column: column, polars)
    SAME["polars nullable"] = table(lambda column: polars.Series(column.astype(int).tolist()), polars)
if "torch" in INSTALLED:
    torch = importlib.import_module("torch")
    SAME["torch"] = torch.tensor
    SAME["torch with gradient"] = lambda a: torch.tensor(a, requires_grad=True)
    SAME["torch bfloat16"] = lambda a: torch.tensor(a, dtype=torch.bfloat16)
    SAME["torch rows"] = lambda a: [torch.tensor(row) for row in a] if a.ndim else a
TAKEN = {name: same(make) for name, make in SAME.items()} | {str(name): as_type(name) for name in DTYPES}
TAKEN |= {"truth and floats": mixed, "nullable truth": truths}


def full(value: Any) -> Callable[[np.ndarray], Any]:
    return lambda a: np.full(a.shape, value) if a.size else structured(a)


REFUSED: dict[str, Callable[[np.ndarray], Any]] = {
    "masked": lambda a: np.ma.array(a, mask=a == a.max()) if a.size else structured(a),
    "list with masked": lambda a: [np.ma.masked, *a.tolist()] if a.ndim == 1 else structured(a),
    "structured": structured, "objects": lambda a: a.astype(object), "text": lambda a: a.astype(str),
    "bytes": lambda a: a.astype("S"), "words": lambda a: "abc", "none": lambda a: None,
    "ragged": lambda a: [[1.0], [1.0, 2.0]], "complex": lambda a: a + 1j,
    "jax complex": lambda a: jnp.asarray(a + 1j, jnp.complex64), "keys": lambda a: jax.random.split(KEY, 4),
    "dates": lambda a: a.astype("datetime64[s]"), "durations": lambda a: a.astype("timedelta64[s]"),
    "days": lambda a: [datetime.date(2024, 1, 1)] * 4,
    "generator": lambda a: (row for row in np.atleast_1d(a)),
    "set": lambda a: {1.0, 2.0}, "mapping": lambda a: {"x": a},
    "sparse": lambda a: scipy.sparse.csr_matrix(np.atleast_2d(a)), "too wide": full(2**40),
    "too large": full(1e300), "huge": lambda a: [10**400], "nan": full(np.float32(np.nan)),
    "missing": missing,
    "text column": lambda a: pd.DataFrame({"a": ["x"] * 4, "b": 1.0}),
    "dates column": lambda a: pd.DataFrame({"a": pd.to_datetime(["2024-01-01"] * 4)}),
    "text categories": lambda a: pd.Series(pd.Categorical(list("abab"))),
}  # fmt: skip
CONTAINERS = TAKEN | {name: nothing(make) for name, make in REFUSED.items()}

# --- calls ----------------------------------------------------------------------------------------------

NET, KEY = jaxnet.dense(1), jax.random.key(0)
PARAMS = {"w": jnp.array([[1.0], [2.0]]), "b": jnp.array([0.5])}
HOW: dict[str, Any] = {"loss": "mse", "optimizer": "sgd"}


@functools.cache
def program() -> Any:
    jaxnet.export(NET, PARAMS, FOLDER / "net.stablehlo", platforms="cpu")
    return jaxnet.load_exported(FOLDER / "net.stablehlo")


def run_of(found: Any) -> Any:
    return found.params, found.history


def fit(x: Any, y: Any) -> Any:
    return run_of(jaxnet.fit(NET, (x, y), epochs=1, learning_rate=0.1, key=KEY, **HOW))


def batches(x: Any, y: Any) -> Any:
    three = [(X, Y[:, None]), (x, y), (X, Y[:, None])]
    return run_of(jaxnet.fit(NET, three, epochs=1, learning_rate=0.1, key=KEY, **HOW))


def validation(x: Any, y: Any) -> Any:
    return run_of(
        jaxnet.fit(NET, (X, Y[:, None]), validation=(x, y), epochs=1, learning_rate=0.1, key=KEY, **HOW)
    )


def fit_many(x: Any, y: Any) -> Any:
    return run_of(jaxnet.fit_many(NET, (x, y), keys=KEY, epochs=1, learning_rate=0.1, **HOW))


def cross_validate(x: Any, y: Any) -> Any:
    return jaxnet.cross_validate(
        NET, (x, y), folds=2, key=KEY, epochs=1, learning_rate=0.1, batch_size=2, **HOW
    ).scores


def find_learning_rate(x: Any, y: Any) -> Any:
    return jaxnet.find_learning_rate(NET, (x, y), steps=10, key=KEY, **HOW).losses


def evaluate(x: Any, y: Any) -> Any:
    return jaxnet.evaluate(NET, PARAMS, (x, y), loss="mse", metrics={"r2": metrics.r2})


def estimator(x: Any, y: Any) -> Any:
    from jaxnet import estimators

    return estimators.PerceptronClassifier(max_iter=2).fit(x, y).predict(X)


#: call -> (function of inputs and targets, what its sentences begin with, how many cases)
CALLS: dict[str, tuple[Callable[[Any, Any], Any], str, int]] = {
    "fit": (fit, "fit: ", 60),
    "batches": (batches, "fit: ", 60),
    "validation": (validation, "fit: validation: |fit: validation x has shape", 30),
    "fit_many": (fit_many, "fit_many: ", 40),
    "cross_validate": (cross_validate, "cross_validate: ", 40),
    "find_learning_rate": (find_learning_rate, "find_learning_rate: ", 40),
    "predict": (lambda x, y: jaxnet.predict(NET, PARAMS, x), "predict: ", 120),
    "evaluate": (evaluate, "evaluate: ", 80),
    "loss": (losses.huber, "huber: ", 100),
    "labels": (losses.binary_cross_entropy, "binary_cross_entropy: ", 100),
    "metric": (metrics.mean_absolute_error, r"metrics\.mean_absolute_error: ", 100),
    "classes": (metrics.f1, r"metrics\.f1: ", 100),
    "program": (lambda x, y: program()(x), "load_exported: ", 60),
    "standardise": (lambda x, y: data.standardise(x), r"data\.standardise: ", 60),
    "estimator": (estimator, "", 60),
}


Refusal = TypeError | ValueError


def outcome(call: Callable[[], Any], estimator: bool) -> Any:
    """The result on the host, or the refusal; any other exception, and any warning, is a failure."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if estimator else "error")  # scikit-learn warns of columns
            return jax.tree.map(np.asarray, call())
    except (TypeError, ValueError) as error:
        return error


def check_sentence(error: Refusal, begins: str) -> None:
    """One line that names the function; scikit-learn's own, which the estimators raise, have several."""
    said = str(error)
    assert not isinstance(error, jax.errors.JAXTypeError), said
    assert not re.search("Tracer|ShapedArray|jaxlib|Traceback|Sharding", said), said
    if begins:
        assert re.match(begins, said), said
        assert "\n" not in said, said
        assert len(said) < 400, said


def cases(name: str) -> Any:
    usual = {"loss": "(n, 2)", "labels": "(n, 2)", "metric": "(n, 2)", "classes": "(n,)"}.get(name, "(n, 1)")
    containers = st.one_of(st.just("numpy"), st.sampled_from([*TAKEN]), st.sampled_from([*CONTAINERS]))
    shapes = [
        st.one_of(st.just(often), st.just(often), st.sampled_from([*SHAPES])) for often in ("(n, 2)", usual)
    ]
    return st.tuples(containers, shapes[0], containers, shapes[1])


@pytest.mark.parametrize("name", CALLS)
def test_the_result_is_that_of_plain_arrays_or_a_sentence(name, record_property):
    function, begins, count = CALLS[name]
    seen: Counter[str] = Counter()

    @settings(max_examples=count)
    @given(case=cases(name))
    def check(case: tuple[str, str, str, str]) -> None:
        of_x, shape_x, of_y, shape_y = case
        base_y = SHAPES[shape_y][0 if shape_y == "(n, 2)" else 1]
        x, plain_x = CONTAINERS[of_x](SHAPES[shape_x][0])
        y, plain_y = CONTAINERS[of_y](np.minimum(base_y, 1) if name in ("labels", "classes") else base_y)
        whole = name == "cross_validate" and plain_y is not None and as_array("", "y", y).dtype.kind in "biu"
        plain_y = plain_y.astype(np.int32) if whole else plain_y  # classes keep their shares in the folds
        found = outcome(lambda: function(x, y), name == "estimator")
        seen["refused" if isinstance(found, Refusal) else "equal"] += 1
        if isinstance(found, Refusal):
            check_sentence(found, begins)
        if plain_x is None or plain_y is None:
            return  # there are no plain numbers to compare with
        expected = outcome(lambda: function(plain_x, plain_y), name == "estimator")
        # what is refused as plain arrays is refused in any container, and what is taken is taken
        assert isinstance(found, Refusal) == isinstance(expected, Refusal), (found, expected)
        if not isinstance(found, Refusal):
            narrow = {"float16", str(ml_dtypes.bfloat16), ">f2", "torch bfloat16"} & {of_x, of_y}
            for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
                one, other = np.asarray(one, float), np.asarray(other, float)
                np.testing.assert_allclose(one, other, rtol=2e-2 if narrow else 1e-6, atol=1e-6)

    check()
    for what, times in seen.items():
        record_property(what, times)
    print(f"{name}: {seen.total()} cases, {seen['equal']} equal, {seen['refused']} refused")
    assert seen["equal"]
    assert seen["refused"]


def test_a_loader_may_use_one_buffer():
    for dtype in (np.float32, np.float64, np.int64, ">f4"):

        def loader(epoch, dtype=dtype):
            x, y = np.empty((2, 2), dtype), np.empty((2, 1), dtype)
            for first in (0, 2, 0):
                x[:], y[:] = X[first : first + 2], Y[first : first + 2, None]
                yield x, y

        plain = [(X[f : f + 2], Y[f : f + 2, None]) for f in (0, 2, 0)]
        one, other = (
            jaxnet.fit(NET, d, epochs=1, learning_rate=0.1, key=KEY, **HOW) for d in (loader, plain)
        )
        np.testing.assert_allclose(one.params["w"], other.params["w"], rtol=1e-6)
