"""Inputs, targets and outputs by name, everywhere that takes data."""

import os
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import losses, metrics

KEY = jax.random.key(0)
rng = np.random.default_rng(0)
XA = rng.normal(size=(80, 3)).astype(np.float32)
XB = rng.normal(size=(80, 2)).astype(np.float32)
CLS = (XA[:, 0] > 0).astype(int)
REG = (XB[:, :1] * 2 + 1).astype(np.float32)
NET = jaxnet.serial(
    jaxnet.parallel({"a": jaxnet.dense(6), "b": jaxnet.dense(6)}, merge="concat"),
    jaxnet.relu,
    jaxnet.parallel({"cls": jaxnet.dense(2), "reg": jaxnet.dense(1)}),
)
X: Any = {"a": XA, "b": XB}
Y: Any = {"cls": CLS, "reg": REG}
LOSS = {"cls": "cross_entropy", "reg": "mse"}
FIT: dict[str, Any] = {
    "loss": LOSS, "loss_weights": {"reg": 0.1}, "learning_rate": 0.02, "epochs": 4, "batch_size": 20,
    "key": KEY,
}  # fmt: skip


@pytest.fixture(scope="module")
def run():
    asked = {"cls": {"accuracy": metrics.accuracy, "f1": metrics.f1}, "reg": {"mae": losses.mae}}
    return jaxnet.fit(NET, (X, Y), validation=(X, Y), metrics=asked, **FIT)


def test_the_history_holds_each_output_by_name(run):
    names = {"loss", "cls_cross_entropy", "reg_mse", "cls_accuracy", "reg_mae"}
    assert set(run.history) == names | {f"val_{name}" for name in names} | {"val_cls_f1"}
    history = run.history
    np.testing.assert_allclose(
        history["val_loss"], history["val_cls_cross_entropy"] + 0.1 * history["val_reg_mse"], rtol=1e-5
    )
    assert history["val_loss"][-1] < history["val_loss"][0]


def test_evaluate_and_predict_agree_with_the_network(run):
    outputs = jaxnet.predict(NET, run, X, batch_size=32)
    direct = NET.apply(run.params, X)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), outputs, direct)
    found = jaxnet.evaluate(NET, run, (X, Y), loss=LOSS, metrics={"cls": {"f1": metrics.f1}})
    assert found["reg_mse"] == pytest.approx(float(losses.mse(outputs["reg"], REG).mean()), rel=1e-5)
    assert found["loss"] == pytest.approx(found["cls_cross_entropy"] + found["reg_mse"], rel=1e-5)
    assert found["cls_f1"] == pytest.approx(float(metrics.f1(outputs["cls"], CLS)))


def test_batches_and_files_give_what_arrays_give(run, tmp_path):
    batches = [({"a": XA[i : i + 20], "b": XB[i : i + 20]}, {"cls": CLS[i : i + 20], "reg": REG[i : i + 20]})
               for i in range(0, 80, 20)]  # fmt: skip
    options = {name: value for name, value in FIT.items() if name != "batch_size"}
    streamed = jaxnet.fit(NET, batches, **options)
    assert streamed.history["loss"].shape == (4,)
    path = tmp_path / "a.npy"
    np.save(path, XA)
    in_file = {"a": np.lib.format.open_memmap(path, mode="r"), "b": XB}
    again = jaxnet.fit(NET, (in_file, Y), **FIT)
    np.testing.assert_allclose(again.history["loss"], run.history["loss"], rtol=1e-5)
    with pytest.raises(ValueError, match=r"a batch has the arrays x\['a'\], y\['cls'\]"):
        jaxnet.fit(NET, [batches[0], ({"a": XA[:20]}, {"cls": CLS[:20], "reg": REG[:20]})], **options)


def test_many_folds_checkpoints_and_files_take_them(run, tmp_path):
    runs = jaxnet.fit_many(
        NET, (X, Y), keys=jax.random.split(KEY, 2), **{k: v for k, v in FIT.items() if k != "key"}
    )
    assert runs.history["reg_mse"].shape == (2, 4)
    found = jaxnet.cross_validate(NET, (X, Y), folds=2, **FIT)
    assert set(found.scores) == {"val_loss", "val_cls_cross_entropy", "val_reg_mse"}
    first = jaxnet.fit(NET, (X, Y), checkpoint=tmp_path / "c", **{**FIT, "epochs": 2})
    resumed = jaxnet.fit(NET, (X, Y), checkpoint=tmp_path / "c", **FIT)
    assert first.epochs == 2
    np.testing.assert_allclose(resumed.history["loss"], run.history["loss"], rtol=1e-5)
    with pytest.raises(ValueError, match="belong to another run"):
        jaxnet.fit(NET, ({"a": XA, "b": XB + 1}, Y), checkpoint=tmp_path / "c", **FIT)
    path = os.fspath(tmp_path / "m.safetensors")
    jaxnet.save(path, run, net=NET)
    net, params = jaxnet.load_network(path)
    assert net is NET
    np.testing.assert_array_equal(net.apply(params, X)["reg"], NET.apply(run.params, X)["reg"])


def test_weights_of_examples_and_of_classes_by_output():
    sample = rng.random(80)
    one = jaxnet.fit(NET, (X, Y), sample_weights=sample, **FIT)
    both = jaxnet.fit(NET, (X, Y), sample_weights={"cls": sample, "reg": sample}, **FIT)
    np.testing.assert_allclose(one.history["loss"], both.history["loss"], rtol=1e-5)
    balanced = jaxnet.fit(NET, (X, Y), class_weights={"cls": "balanced"}, **FIT)
    assert np.isfinite(balanced.history["loss"]).all()
    with pytest.raises(TypeError, match="expected class_weights by output"):
        jaxnet.fit(NET, (X, Y), class_weights="balanced", **FIT)
    with pytest.raises(ValueError, match="no output 'clss'; did you mean 'cls'"):
        jaxnet.fit(NET, (X, Y), class_weights={"clss": "balanced"}, **FIT)
    weighted = jaxnet.evaluate(NET, one, (X, Y), loss=LOSS, sample_weights=sample)
    values = losses.mse(NET.apply(one.params, X)["reg"], REG)
    assert weighted["reg_mse"] == pytest.approx(float(np.average(values, weights=sample)), rel=1e-5)


class Pair(NamedTuple):
    left: Any
    right: Any


def test_any_named_tuple_is_taken():
    def init(key, in_shape):
        return {"w": jnp.ones((in_shape.left[-1], 1)), "v": jnp.ones((in_shape.right[-1], 1))}

    def apply(params, x):
        return Pair(x.left @ params["w"], x.right @ params["v"])

    net = jaxnet.Layer(init, apply, name="twins")
    data = (Pair(XA, XB), Pair(XA[:, :1], REG))
    by_name = jaxnet.fit(net, data, loss={"left": "mse", "right": "mse"}, epochs=2, key=KEY)

    def whole(outputs, targets):
        return losses.mse(outputs.left, targets.left) + losses.mse(outputs.right, targets.right)

    own = jaxnet.fit(net, data, loss=whole, epochs=2, key=KEY)
    np.testing.assert_allclose(own.history["loss"], by_name.history["loss"], rtol=1e-5)
    assert isinstance(jaxnet.predict(net, own, data[0]), Pair)


BAD = {
    "one loss": (X, Y, {"loss": "mse"}, r"the network has the outputs cls, reg; give a loss for each"),
    "missing loss": (X, Y, {"loss": {"cls": "cross_entropy"}}, "y has reg, for which there is no loss"),
    "unknown output": (
        X,
        Y,
        {"loss": {"cla": "mse"}},
        "a loss for 'cla', but the network has the outputs cls, reg",
    ),
    "missing targets": (X, {"cls": CLS}, {"loss": LOSS}, "a loss for 'reg', but y has cls"),
    "one array": (X, CLS, {"loss": LOSS}, "a loss for 'cls', but y has one array"),
    "lengths": ({"a": XA, "b": XB[:9]}, Y, {"loss": LOSS}, r"x\['a'\] has 80 examples and x\['b'\] has 9"),
    "labels": (X, {"cls": CLS + 2, "reg": REG}, {"loss": LOSS}, "labels go from 2 to 3"),
    "shape": (X, {"cls": CLS, "reg": XA}, {"loss": LOSS}, "output 'reg': mse: expected targets of the shape"),
    "NaN": ({"a": XA * np.nan, "b": XB}, Y, {"loss": LOSS}, r"expected finite numbers in x\['a'\]"),
    "weights": (X, Y, {"loss": LOSS, "loss_weights": {"regg": 1}}, "loss_weights has 'regg'"),
    "negative": (X, Y, {"loss": LOSS, "loss_weights": {"reg": -1}}, "loss_weights of at least 0"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_does_not_fit_is_refused_by_name(what):
    x, y, options, words = BAD[what]
    with pytest.raises(ValueError, match=f"fit: .*{words}"):
        jaxnet.fit(NET, (x, y), key=KEY, epochs=1, **options)


@pytest.mark.parametrize("data", [{"x": XA, "y": CLS}, {"inputs": XA}])
def test_data_as_a_mapping_are_told_apart_from_a_pair(data):
    with pytest.raises(
        TypeError, match=r"expected the data as a pair \(x, y\) or as batches, got a dict with"
    ):
        jaxnet.fit(NET, data, key=KEY, loss=LOSS)
