"""Inputs that gave a silent wrong number, or a failure that said nothing, each with others of its kind."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import jaxnet
from jaxnet import data, losses, metrics
from jaxnet.data import splits
from jaxnet.training.feed import weights
from jaxnet.training.feed.source import Source

KEY = jax.random.key(0)
LINE = {"w": jnp.ones((1, 1)), "b": jnp.zeros(1)}
X = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
Y = 3 * X + 1


def fit(given, net=None, **changes):
    options = {"loss": "mse", "optimizer": "sgd", "learning_rate": 0.1, "epochs": 1, "key": KEY} | changes
    return jaxnet.fit(jaxnet.dense(1) if net is None else net, given, **options)


def sentence(call):
    """What the refusal says; it is one line, and not an explanation by JAX."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    said = str(caught.value)
    assert "\n" not in said
    assert not isinstance(caught.value, jax.errors.JAXTypeError)
    return said


# --- what is held out ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "y", [np.arange(100), np.arange(100) // 2, np.arange(100)[:, None]], ids=["each", "pairs", "column"]
)
def test_whole_numbers_are_held_out_by_lot(y):
    held = [splits.stratified_split(y, 0.2, (0, seed))[1] for seed in range(40)]
    assert len({tuple(rows) for rows in held}) == 40
    # the mean of 20 random ones of 0..99 is 49.5 with deviation 5.8, that of 40 such means has deviation 0.9
    assert abs(np.mean([y[rows].mean() for rows in held]) - y.mean()) < 4
    first = [splits.folds(y, 5, (0, seed))[0] for seed in range(40)]
    assert len({tuple(rows) for rows in first}) == 40
    assert np.std([y[rows].mean() for rows in first]) > 0.3 * y.std() / np.sqrt(20)


@pytest.mark.parametrize(
    "y",
    [np.arange(100) % 4, np.arange(100) % 4 == 0, (np.arange(100) % 2)[:, None]],
    ids=["four", "truth", "column"],
)
def test_few_classes_keep_their_shares(y):
    for seed in range(5):
        out = splits.stratified_split(y, 0.2, (0, seed))[1]
        for value in np.unique(y):
            assert abs(np.sum(y[out] == value) - 0.2 * np.sum(y == value)) <= 1
            counts = [np.sum(y[fold] == value) for fold in splits.folds(y, 5, (0, seed))]
            assert max(counts) - min(counts) <= 1


# --- numbers that JAX cannot hold ---------------------------------------------------------------------

WIDE = {
    "int64": np.array([[3_000_000_000]]),
    "negative": np.array([[-(2**40)]]),
    "uint64": np.array([[2**63]], np.uint64),
    "float64": np.array([[1e300]]),
}


@pytest.mark.parametrize("case", WIDE)
def test_numbers_beyond_32_bits_are_refused(case):
    x = WIDE[case]
    for who, call in {
        "predict": lambda: jaxnet.predict(jaxnet.dense(1), LINE, x),
        "fit": lambda: fit((x, x * 0)),
        "evaluate": lambda: jaxnet.evaluate(jaxnet.dense(1), LINE, (np.ones((1, 1)), x), loss="mse"),
        "mse": lambda: losses.mse(np.zeros((1, 1)), x),
        "metrics.r2": lambda: metrics.r2(x, np.zeros((1, 1))),
    }.items():
        assert re.match(rf"{who}: expected \w+ within the range of \w+32, .* got ", sentence(call))


def test_wide_integers_that_fit_are_taken():
    assert jaxnet.predict(jaxnet.dense(1), LINE, np.array([[2_000_000_000]])).tolist() == [[2e9]]


@pytest.mark.parametrize("dtype", [">f4", ">f8", ">i2", ">u4", ">f2"])
def test_byte_order_changes_nothing(dtype):
    x = np.array([[1], [2], [300]])
    expected = jaxnet.predict(jaxnet.dense(1), LINE, x.astype(np.float32))
    np.testing.assert_array_equal(jaxnet.predict(jaxnet.dense(1), LINE, x.astype(dtype)), expected)
    assert losses.mse(x.astype(dtype), x.astype(np.float32)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("offset", [1_700_000_000_123, 2**52, -(10**12)])
def test_large_offsets_are_subtracted_exactly(offset):
    scaled, scaling = data.standardise(np.full((3, 1), offset))
    assert scaled.tolist() == [[0.0]] * 3
    assert data.standardise(np.array([[offset + 2]]), scaling)[0].tolist() == [[2.0]]
    spread = data.standardise(np.array([[offset - 1], [offset + 1]]))[0]
    assert spread.tolist() == [[-1.0], [1.0]]


# --- masked and missing values ------------------------------------------------------------------------

MASKED = np.ma.masked_equal(np.array([[1.0], [-999.0], [2.0]]), -999)


@pytest.mark.parametrize("x", [MASKED, list(MASKED), MASKED.astype(np.int32)], ids=["array", "list", "whole"])
def test_masked_values_are_refused(x):
    y = np.zeros((3, 1))
    for who, call in {
        "fit": lambda: fit((x, y)),
        "fit: validation": lambda: fit((y, y), validation=(x, y)),
        "predict": lambda: jaxnet.predict(jaxnet.dense(1), LINE, x),
        "mse": lambda: losses.mse(y, x),
        "metrics.r2": lambda: metrics.r2(y, x),
        "data.standardise": lambda: data.standardise(x),
        "data.split": lambda: data.split((x, y)),
    }.items():
        assert re.match(f"{who}: expected numbers in .*masked", sentence(call))


def test_an_array_without_masked_values_is_one():
    full = np.ma.masked_equal(np.array([[1.0], [2.0]]), -999)
    assert jaxnet.predict(jaxnet.dense(1), LINE, full).tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize("name", ["MLPRegressor", "MLPClassifier", "PerceptronClassifier"])
def test_estimators_refuse_masked_values(name):
    pytest.importorskip("sklearn")
    from jaxnet import estimators

    assert sentence(lambda: getattr(estimators, name)().fit(MASKED, [0, 1, 0])).startswith(f"{name}: ")


NAN = np.full((3, 2), np.nan)
SCORED = {
    "accuracy": lambda: metrics.accuracy(NAN, [0, 0, 1]),
    "top_k": lambda: metrics.top_k(1)(NAN, [0, 0, 1]),
    "binary_accuracy": lambda: metrics.binary_accuracy(NAN[:, 0], [0, 0, 1]),
    "f1": lambda: metrics.f1(NAN, [0, 0, 1]),
    "confusion_matrix": lambda: metrics.confusion_matrix(NAN[:, 0], [0, 0, 1]),
    "one-hot": lambda: metrics.accuracy(np.zeros((3, 2)), NAN),
}


@pytest.mark.parametrize("case", SCORED)
def test_nan_is_no_answer(case):
    assert re.match(r"metrics\.\w+: expected numbers in (outputs|targets), got nan", sentence(SCORED[case]))


def test_nan_is_no_answer_under_jit():
    scores = jnp.array([[1.0, 2.0], [jnp.nan, 0.0]])
    assert np.isnan(jax.jit(metrics.accuracy)(scores, jnp.array([1, 1]))).tolist() == [False, True]
    assert np.isnan(jax.jit(metrics.top_k(1))(scores, jnp.array([1, 1]))).tolist() == [False, True]
    assert np.isnan(jax.jit(metrics.binary_accuracy)(scores[:, 0], jnp.array([1, 0]))).tolist() == [
        False,
        True,
    ]
    assert jax.jit(metrics.confusion_matrix)(scores, jnp.array([1, 1])).tolist() == [[0, 0], [0, 1]]
    # infinite scores are scores: a class that is ruled out has -inf
    assert metrics.accuracy(np.array([[-np.inf, 0.0]]), [1]).tolist() == [1.0]


# --- pairs and batches --------------------------------------------------------------------------------


def cut(count):
    return [(x, y) for x, y in zip(np.split(X, count), np.split(Y, count), strict=True)]


@pytest.mark.parametrize(
    "form",
    [list, tuple, lambda b: [list(pair) for pair in b], iter],
    ids=["list", "tuple", "lists", "iterator"],
)
def test_two_batches_are_batches(form):
    expected = fit((lambda epoch: cut(2)), epochs=1)
    run = fit(form(cut(2)), epochs=1)
    np.testing.assert_array_equal(run.params["w"], expected.params["w"])


def test_two_examples_are_a_pair():
    rows = [np.array([0.0, 1.0]), np.array([1.0, 0.0])]
    assert fit((rows, [np.array([1.0]), np.array([0.0])])).params["w"].shape == (2, 1)
    assert fit([[[0.0, 1.0], [1.0, 0.0]], [1.0, 0.0]]).params["w"].shape == (2, 1)


def test_what_can_be_read_in_two_ways_is_refused():
    given = [[[0.0, 1.0], [1.0, 0.0]], [[1.0], [0.0]]]
    assert sentence(lambda: fit(given)).startswith("fit: expected data that can be read in one way")
    for who, call in {
        "evaluate": lambda: jaxnet.evaluate(jaxnet.dense(1), LINE, cut(2), loss="mse"),
        "cross_validate": lambda: jaxnet.cross_validate(jaxnet.dense(1), cut(2), key=KEY, loss="mse"),
        "fit_many": lambda: jaxnet.fit_many(jaxnet.dense(1), cut(2), keys=KEY, loss="mse"),
    }.items():
        assert sentence(call).startswith(f"{who}: expected data as a pair (x, y), got two batches")


LATER = {
    "fractions after whole numbers": ([1, 2], [0.9, 1.9], "y of float"),
    "wide after bytes": (np.uint8([1, 2]), np.int32([300, 2]), "y of int32"),
    "double columns": ([[1.0], [2.0]], [[1.0, 2.0], [3.0, 4.0]], "y of shape"),
    "one column for two": ([[1.0, 1.0], [2.0, 2.0]], [[5.0], [6.0]], "y of shape"),
}


@pytest.mark.parametrize("case", LATER)
def test_later_batches_are_not_cut_to_the_first(case):
    first, later, words = LATER[case]
    x, own = np.ones((2, 1), np.float32), lambda outputs, targets: outputs[:, 0] * 0.0
    assert words in sentence(lambda: fit([(x, np.array(first)), (x, np.array(later)), (x, first)], loss=own))


def test_later_batches_of_a_narrower_dtype_are_widened():
    mixed = [(x, y.astype(np.int32) if i else y) for i, (x, y) in enumerate(cut(4))]
    plain = [(x, np.trunc(y) if i else y) for i, (x, y) in enumerate(cut(4))]
    np.testing.assert_array_equal(fit(mixed).params["w"], fit(plain).params["w"])


# --- memory that is used again ------------------------------------------------------------------------


def test_predict_does_not_borrow_its_input():
    net = jaxnet.mlp("256-256-256-1")
    params, frames = net.init(KEY), np.random.default_rng(0).normal(size=(6, 1000, 256)).astype(np.float32)
    buffer, outputs, identity = data.aligned(frames[0].copy()), [], []
    for frame in frames:
        buffer[:] = frame
        outputs.append(jaxnet.predict(net, params, buffer))
        identity.append(jaxnet.predict(jaxnet.linear, {}, buffer))
    for frame, output, same in zip(frames, outputs, identity, strict=True):
        np.testing.assert_array_equal(output, jaxnet.predict(net, params, frame.copy()))
        np.testing.assert_array_equal(same, frame)


def test_losses_and_exported_programs_do_not_borrow(tmp_path):
    jaxnet.export(jaxnet.dense(1), {"w": jnp.ones((256, 1)), "b": jnp.zeros(1)}, tmp_path / "net.stablehlo")
    program = jaxnet.load_exported(tmp_path / "net.stablehlo")
    buffer, found = data.aligned(np.zeros((1000, 256), np.float32)), []
    for value in range(4):
        buffer[:] = value
        found.append(
            (program(buffer), losses.mae(buffer, buffer * 0), metrics.mean_absolute_error(buffer * 0, buffer))
        )
    for value, (output, loss, metric) in enumerate(found):
        assert np.unique(output).tolist() == [256.0 * value]
        assert np.unique(loss).tolist() == np.unique(metric).tolist() == [value]


class Tensor:
    """As much of another library's array as NumPy needs; it shares its memory."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


@pytest.mark.parametrize(
    "wrap",
    [lambda a: a, Tensor, memoryview, lambda a: a[::-1][::-1]],
    ids=["array", "tensor", "memory", "view"],
)
def test_a_loader_may_fill_one_buffer_again(wrap):
    def loader(epoch):
        rows, targets = np.empty((16, 1), np.float32), np.empty((16, 1), np.float32)
        for x, y in cut(4):
            rows[:], targets[:] = x, y
            yield wrap(rows), wrap(targets)

    np.testing.assert_array_equal(fit(loader, epochs=2).params["w"], fit(cut(4), epochs=2).params["w"])


# --- values that only the loss or the network knows ---------------------------------------------------

VALUES = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
WORDS = {
    "signs for labels": (
        "binary_cross_entropy",
        1,
        [-1, 1],
        r"binary_cross_entropy: expected targets in \[0, 1\]",
    ),
    "bytes for labels": ("binary_cross_entropy", 1, [0, 255], r"expected targets in \[0, 1\], got .* 255"),
    "labels for signs": ("hinge", 1, [0, 1], "hinge: expected targets -1 or"),
    "labels for signs, squared": ("squared_hinge", 1, [0, 1], "squared_hinge: expected targets -1 or"),
    "too many classes": ("cross_entropy", 2, [0, 2], "labels go from 0 to 2"),
    "own loss": (
        lambda o, t: 2 * losses.binary_cross_entropy(o, t),
        1,
        [0, 2],
        r"expected targets in \[0, 1\]",
    ),
    "smoothed": (
        losses.smoothed(0.1, losses.binary_cross_entropy),
        1,
        [0, 2],
        r"expected targets in \[0, 1\]",
    ),
}


@pytest.mark.parametrize("case", WORDS)
def test_targets_are_checked_by_the_loss(case):
    loss, outputs, targets, words = WORDS[case]
    y = np.array(targets * 20)
    y = y if outputs > 1 else y[:, None]
    net = jaxnet.mlp([4, 3, outputs])
    stream = [(VALUES, y * 0 + (outputs == 1)), (VALUES, y)]
    params = net.init(KEY)
    for who, call in {
        "fit": lambda: fit((VALUES, y), net, loss=loss, params=params),
        "fit: validation": lambda: fit(
            (VALUES, y * 0 + (outputs == 1)), net, loss=loss, validation=(VALUES, y)
        ),
        "fit ": lambda: fit(stream, net, loss=loss, params=params),
        "evaluate": lambda: jaxnet.evaluate(net, params, (VALUES, y), loss=loss),
        "fit_many": lambda: jaxnet.fit_many(net, (VALUES, y), loss=loss, keys=KEY, epochs=1),
    }.items():
        said = sentence(call)
        assert said.startswith(f"{who.strip()}: ")
        assert re.search(words, said)


@pytest.mark.parametrize("dtype", [int, np.float32])
def test_one_output_has_no_classes(dtype):
    y = np.array([0, 1] * 20)[:, None].astype(dtype)
    said = sentence(lambda: fit((VALUES, y), jaxnet.mlp("4-1"), loss="cross_entropy"))
    assert said.startswith("fit: cross_entropy: expected at least two classes, got outputs of shape")
    assert "use binary_cross_entropy" in said


def test_targets_are_checked_by_the_metrics_too():
    said = sentence(
        lambda: fit(
            (VALUES, np.full(40, 3)),
            jaxnet.mlp("4-2"),
            loss=lambda o, t: o[:, 0],
            metrics={"a": metrics.accuracy},
        )
    )
    assert said.startswith("fit: labels go from 3 to 3")


@pytest.mark.parametrize(
    "loss",
    [
        lambda o, t: (o - t[None, :]) ** 2,
        lambda o, t: o * t[None, :],
        lambda o, t: jnp.broadcast_to(t[None, :], (len(t), len(t))),
    ],
    ids=["square", "product", "targets"],
)
def test_a_loss_that_mixes_examples_is_refused(loss):
    said = sentence(lambda: fit((X, Y[:, 0]), loss=loss))
    assert said.startswith("fit: loss must give one value per example")
    assert sentence(lambda: fit((X, Y[:, 0]), metrics={"m": loss})).startswith("fit: m must give one value")


IDS = np.array([[0, 1], [2, 9]])


@pytest.mark.parametrize("x", [IDS, IDS - 5, IDS.astype(np.uint16)], ids=["above", "below", "unsigned"])
def test_ids_outside_the_vocabulary_are_refused(x):
    net = jaxnet.serial(jaxnet.embedding(4, 3), jaxnet.flatten(), jaxnet.dense(1))
    params, y = net.init(KEY, (2,)), np.ones((2, 1), np.float32)
    good = IDS.astype(x.dtype) % 4
    for who, call in {
        "fit": lambda: fit((x, y), net, params=params),
        "fit ": lambda: fit([(good, y), (x, y), (good, y)], net, params=params),
        "fit: validation": lambda: fit((good, y), net, validation=(x, y), params=params),
        "predict": lambda: jaxnet.predict(net, params, x),
        "evaluate": lambda: jaxnet.evaluate(net, params, (x, y), loss="mse"),
    }.items():
        assert sentence(call).startswith(f"{who.strip()}: expected ids from 0 to 3 in x")


# --- weights and tables -------------------------------------------------------------------------------

WEIGHTS = {
    "unknown class": ({7: 3.0}, "a weight for class 7"),
    "fraction": ({0.5: 3.0}, "class number -> weight, got 0.5: 3.0"),
    "empty": ({}, "empty mapping"),
    "text": ({"0": 3.0}, "class number -> weight, got '0'"),
    "no number": ({0: "much"}, "class number -> weight, got 0: 'much'"),
    "truth": ({True: 3.0}, "class number -> weight, got True"),
    "column": ([[1.0], [2.0]], "one weight for each class"),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_class_weights_that_mean_nothing_are_refused(case):
    given, words = WEIGHTS[case]
    said = sentence(lambda: weights.example_weights("fit", np.array([0, 1, 1]), None, given))
    assert said.startswith("fit: ")
    assert words in said


def test_class_weights_take_numbers_of_numpy():
    found = weights.example_weights("fit", np.array([0, 1]), None, {np.int64(1): np.float32(3)})
    assert found.tolist() == [0.5, 1.5]


FRAMES = {
    "truth and floats": {"a": [True, False, True, False], "b": [0.5, 1.5, 2.5, 3.5]},
    "nullable": {"a": pd.array([1, 2, 3, 4], "Int64"), "b": pd.array([0.5, 1.5, 2.5, 3.5], "Float64")},
    "nullable truth": {"a": pd.array([True, False, True, True], "boolean"), "b": np.arange(4)},
    "categories of numbers": {"a": pd.Categorical([1, 2, 1, 2]), "b": np.arange(4.0)},
    "narrow": {"a": np.arange(4, dtype=np.int8), "b": np.arange(4, dtype=np.float16)},
}


@pytest.mark.parametrize("case", FRAMES)
def test_frames_are_taken_as_the_estimators_take_them(case):
    frame = pd.DataFrame(FRAMES[case])
    plain = frame.astype(float).to_numpy(np.float32)
    y = pd.Series(pd.array([1, 2, 3, 4], "Int64"), name="y")
    run = fit((frame, y.to_frame()))
    expected = fit((plain, np.arange(1, 5, dtype=np.float32)[:, None]))
    np.testing.assert_array_equal(run.params["w"], expected.params["w"])
    assert Source.of((frame, y), None, 1).y.tolist() == [1, 2, 3, 4]


REFUSED = {
    "missing": (
        pd.DataFrame({"a": pd.array([1, None], "Int64")}),
        "finite numbers in x, got nan at index (1, 0)",
    ),
    "missing truth": (pd.DataFrame({"a": [True, None], "b": [1.0, 2.0]}), "got nan at index (1, 0)"),
    "text": (
        pd.DataFrame({"a": [1, 2], "city": ["Almaty", "Oral"]}),
        "column 'city' of x as numbers, got str",
    ),
    "categories": (
        pd.DataFrame({"c": pd.Categorical(["a", "b"])}),
        "column 'c' of x as numbers, got category",
    ),
    "dates": (pd.DataFrame({"t": pd.to_datetime(["2024-01-01", "2024-01-02"])}), "column 't' of x"),
    "no column": (pd.DataFrame(index=range(2)), "a table without columns"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_frames_that_hold_no_numbers_are_refused(case):
    frame, words = REFUSED[case]
    said = sentence(lambda: fit((frame, np.zeros((2, 1)))))
    assert said.startswith("fit: expected ")
    assert words in said
