"""evaluate and predict: runs for parameters, metrics of a whole set, weights, messages."""

from typing import NamedTuple

import jax
import numpy as np
import pytest
from sklearn import metrics as reference

import jaxnet
from jaxnet import metrics
from jaxnet.training.compiled import programs

KEY = jax.random.key(0)
rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4)).astype(np.float32)
Y = (X[:, 0] + 0.5 * rng.normal(size=90) > 0).astype(int)
NET = jaxnet.mlp("4-6-2")


@pytest.fixture(scope="module")
def run():
    asked = {"auc": metrics.roc_auc, "kappa": reference.cohen_kappa_score}
    return jaxnet.fit(
        NET,
        (X, Y),
        loss="cross_entropy",
        learning_rate=0.02,
        epochs=5,
        key=KEY,
        validation=(X, Y),
        metrics=asked,
    )


def test_a_run_is_taken_for_its_parameters(run, tmp_path):
    np.testing.assert_array_equal(jaxnet.predict(NET, run, X), jaxnet.predict(NET, run.params, X))
    data = (X, Y)
    assert jaxnet.evaluate(NET, run, data, loss="cross_entropy") == jaxnet.evaluate(
        NET, run.params, data, loss="cross_entropy"
    )
    jaxnet.export(NET, run, tmp_path / "m.stablehlo")
    exported = jaxnet.load_exported(tmp_path / "m.stablehlo")
    np.testing.assert_allclose(exported(X), jaxnet.predict(NET, run, X), rtol=1e-5, atol=1e-6)
    assert jaxnet.backprop.trace(NET, run, X[0], [1.0, 0.0]).loss > 0
    further = jaxnet.fit(NET, (X, Y), loss="cross_entropy", epochs=1, key=KEY, params=run)
    assert further.history["loss"][0] < 1


def test_a_run_of_many_is_refused_with_advice():
    runs = jaxnet.fit_many(NET, (X, Y), keys=jax.random.split(KEY, 2), loss="cross_entropy", epochs=1)
    for call in (
        lambda: jaxnet.predict(NET, runs, X),
        lambda: jaxnet.evaluate(NET, runs, (X, Y), loss="mse"),
    ):
        with pytest.raises(
            ValueError, match=r"parameters of one network, got a run of many; choose run\.member"
        ):
            call()


def test_metrics_of_a_whole_set_stand_in_the_history(run):
    outputs = np.asarray(jaxnet.predict(NET, run, X))
    assert set(run.history) == {"loss", "val_loss", "val_auc", "val_kappa"}
    assert run.history["val_auc"][-1] == pytest.approx(
        reference.roc_auc_score(Y, outputs[:, 1] - outputs[:, 0])
    )
    assert run.history["val_kappa"][-1] == pytest.approx(reference.cohen_kappa_score(Y, outputs.argmax(1)))


@pytest.mark.parametrize("weights", [None, rng.random(90)], ids=["alike", "weighted"])
def test_any_metric_of_scikit_learn_is_taken(run, weights):
    names = [
        "accuracy_score",
        "f1_score",
        "matthews_corrcoef",
        "balanced_accuracy_score",
        "log_loss",
        "roc_auc_score",
    ]
    found = jaxnet.evaluate(
        NET, run, (X, Y), metrics={name: getattr(reference, name) for name in names}, sample_weights=weights
    )
    outputs = np.asarray(jaxnet.predict(NET, run, X), float)
    share = np.exp(outputs[:, 1]) / np.exp(outputs).sum(1)
    for name in names:
        answers = share if name in ("log_loss", "roc_auc_score") else outputs.argmax(1)
        expected = getattr(reference, name)(Y, answers, sample_weight=weights)
        assert found[name] == pytest.approx(expected, abs=1e-6), name


def test_weights_weigh_losses_and_metrics(run):
    weights = rng.random(90)
    found = jaxnet.evaluate(
        NET, run, (X, Y), loss="cross_entropy", metrics={"a": metrics.accuracy, "f1": metrics.f1},
        sample_weights=weights,
    )  # fmt: skip
    outputs = jaxnet.predict(NET, run, X)
    right = np.asarray(outputs).argmax(1) == Y
    assert found["a"] == pytest.approx(np.average(right, weights=weights), rel=1e-5)
    assert found["f1"] == pytest.approx(
        reference.f1_score(Y, np.asarray(outputs).argmax(1), average="macro", sample_weight=weights), abs=1e-6
    )


def test_a_metric_of_the_whole_set_needs_validation_data():
    with pytest.raises(ValueError, match="f1 is a metric of the whole set, which needs validation data"):
        jaxnet.fit(NET, (X, Y), loss="cross_entropy", key=KEY, metrics={"f1": metrics.f1})
    with pytest.raises(
        ValueError, match="fit_many: auc is a metric of the whole set, which needs validation"
    ):
        jaxnet.fit_many(NET, (X, Y), loss="cross_entropy", keys=KEY, metrics={"auc": metrics.roc_auc})


@pytest.mark.parametrize("count", [3, 1797, 2048])
def test_a_refusal_speaks_of_the_shape_that_was_given(count):
    with pytest.raises(ValueError, match=rf"got \({count}, 30\)"):
        jaxnet.predict(NET, NET.init(KEY), np.zeros((count, 30), np.float32))


@pytest.mark.parametrize(
    ("loss", "targets"), [("cross_entropy", Y[:64]), ("mse", X[:64, :1]), ("mse", X[:64, 0])]
)
def test_a_forgotten_flatten_is_named(loss, targets):
    images = rng.normal(size=(64, 8, 8)).astype(np.float32)
    with pytest.raises(ValueError, match=r"put jaxnet\.flatten\(\) in front"):
        jaxnet.fit(jaxnet.dense(2), (images, targets), loss=loss, key=KEY)


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_shorter_run_than_its_checkpoint_is_refused(tmp_path, epochs):
    options = {"loss": "cross_entropy", "key": KEY, "checkpoint": tmp_path}
    jaxnet.fit(NET, (X, Y), epochs=4, **options)
    with pytest.raises(ValueError, match=f"holds 4 epochs, more than epochs={epochs}"):
        jaxnet.fit(NET, (X, Y), epochs=epochs, **options)
    assert jaxnet.fit(NET, (X, Y), epochs=4, **options).epochs == 4


def test_a_few_examples_take_a_short_way_to_the_same_outputs():
    net = jaxnet.mlp("4-8-3")
    params = net.init(jax.random.key(0))
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    want = np.asarray(jaxnet.predict(net, params, x.tolist()))
    ways = {
        "short": x, "strided": np.repeat(x, 2, 0)[::2], "columns": np.asfortranarray(x),
        "device": jax.device_put(x),
        "doubles": x.astype(float), "foreign": x.astype(">f4"), "masked": np.ma.masked_array(x),
    }  # fmt: skip
    for way, given in ways.items():
        np.testing.assert_allclose(jaxnet.predict(net, params, given), want, atol=1e-6, err_msg=way)
    more = jax.tree.map(lambda leaf: leaf + 1, params)  # other parameters, the same program
    np.testing.assert_allclose(jaxnet.predict(net, more, x), net.apply(more, x), rtol=1e-6)
    buffer, found = np.zeros((2, 4), np.float32), []
    for value in range(5):
        buffer[:] = value
        found.append(jaxnet.predict(net, params, buffer))
    for value, outputs in enumerate(found):
        np.testing.assert_allclose(outputs, net.apply(params, np.full((2, 4), value, np.float32)), rtol=1e-5)


def test_the_short_way_refuses_what_the_long_one_refuses():
    net = jaxnet.mlp("4-8-3")
    params = net.init(jax.random.key(0))
    refused = {
        "finite numbers in x, got nan": (params, np.array([[0, 1, np.nan, 0]], np.float32)),
        "finite numbers in x, got inf": (params, np.array([[0, 1, 0, np.inf]], np.float32)),
        r"expected x of shape \(\.\.\., 4\), got \(2, 5\)": (params, np.ones((2, 5), np.float32)),
        r"expected w \(4, 8\), got \(4, 5\)": (
            jaxnet.mlp("4-5-3").init(jax.random.key(0)), np.ones((1, 4), np.float32),
        ),
    }  # fmt: skip
    for said, given in refused.items():
        with pytest.raises(ValueError, match=f"predict: .*{said}"):
            jaxnet.predict(net, *given)
    huge = np.full((1, 4), 3e38, np.float32)  # finite, although the sum of the squares is not
    assert jaxnet.predict(net, params, huge).shape == (1, 3)
    with pytest.raises(ValueError, match="batch_size"):
        jaxnet.predict(net, params, huge, batch_size=0)


def test_a_layer_of_ones_own_is_never_answered_from_memory():
    settings = {"factor": 1.0}
    own = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: settings["factor"] * x, name="own")
    net, x = jaxnet.serial(own, jaxnet.linear), np.ones((1, 2), np.float32)
    assert jaxnet.predict(net, [{}, {}], x).tolist() == [[1.0, 1.0]]
    settings["factor"] = 3.0
    assert jaxnet.predict(net, [{}, {}], x).tolist() == [[3.0, 3.0]]


def test_inputs_and_targets_are_no_inputs():
    net = jaxnet.mlp("4-3")
    x, y = np.ones((5, 4), np.float32), np.zeros(5, int)
    with pytest.raises(TypeError, match="predict: expected inputs x only, got a pair of inputs and targets"):
        jaxnet.predict(net, net.init(jax.random.key(0)), (x, y))
    pair = NamedTuple("pair", [("a", np.ndarray), ("b", np.ndarray)])(x, np.ones((5, 2), np.float32))
    both = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: x.a.sum(-1) + x.b.sum(-1))
    assert jaxnet.predict(both, {}, pair).tolist() == [6.0] * 5  # several inputs in a NamedTuple are inputs


@pytest.mark.parametrize("each_step", [False, True])
@pytest.mark.parametrize("wider", [0, 3])
def test_sequences_are_predicted_in_at_most_four_shapes(monkeypatch, each_step, wider):
    rng = np.random.default_rng(0)
    lengths = rng.permutation(np.arange(1, 24)).astype(np.int32)
    values = rng.normal(size=(23, 23 + wider, 2)).astype(np.float32)
    x = jaxnet.Padded(values, lengths)
    net = jaxnet.rnn(3, 2, cell="gru", return_sequences=each_step)
    params = net.init(jax.random.key(0), (23, 2))
    seen, run = set(), programs.run_forward

    def counted(task, params, x):
        seen.add(x.values.shape)
        return run(task, params, x)

    monkeypatch.setattr(programs, "run_forward", counted)
    found, want = jaxnet.predict(net, params, x, batch_size=2), net.apply(params, x)
    assert 1 < len(seen) <= 4
    assert {shape[0] for shape in seen} == {2}
    assert jax.tree.map(np.shape, found) == jax.tree.map(np.shape, want)
    if not each_step:
        np.testing.assert_allclose(found, want, rtol=1e-5, atol=1e-6)
        return
    np.testing.assert_array_equal(found.lengths, lengths)
    for one, other, length in zip(found.values, want.values, lengths, strict=True):
        np.testing.assert_allclose(one[:length], other[:length], rtol=1e-5, atol=1e-6)
