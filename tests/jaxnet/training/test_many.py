"""Many networks at once are the same networks as one by one."""

import functools
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.metrics import matthews_corrcoef

import jaxnet
from jaxnet import losses, metrics, specs
from jaxnet.training import many

NET = jaxnet.serial(jaxnet.dense(6), jaxnet.tanh, jaxnet.dropout(0.3), jaxnet.dense(3))
KEYS = jax.random.split(jax.random.key(5), 11)


def classes(n=50):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(n, 4)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int32) + (x[:, 1] > 1).astype(np.int32)


OPTIONS = {"loss": losses.cross_entropy, "epochs": 2, "batch_size": 16, "optimizer": "momentum"}
ACCURACY = {"accuracy": metrics.accuracy}


def entry(run, i):
    return jax.tree.map(lambda leaf: np.asarray(leaf)[i], (run.params, run.opt_state, run.history))


def assert_entry_is(many, i, single):
    for left, right in zip(
        jax.tree.leaves(entry(many, i)),
        jax.tree.leaves((single.params, single.opt_state, single.history)),
        strict=True,
    ):
        np.testing.assert_allclose(left, right, rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize("validation", ["pair", "fraction"])
def test_entry_i_is_fit_with_key_i(validation):
    x, y = classes()
    held = (x[:10], y[:10]) if validation == "pair" else 0.2
    options = {**OPTIONS, "validation": held, "metrics": ACCURACY}
    many = jaxnet.fit_many(NET, (x, y), keys=KEYS, **options)
    assert many.history["val_accuracy"].shape == (11, 2)
    for i in (0, 7, 10):
        assert_entry_is(many, i, jaxnet.fit(NET, (x, y), key=KEYS[i], **options))


def test_rates_differ_without_further_compilation():
    rates, penalties, drops = (
        np.array([1e-3, 1e-2, 0.1]),
        np.array([0.0, 0.1, 0.2]),
        np.array([0.0, 0.3, 0.6]),
    )
    many = jaxnet.fit_many(
        NET,
        classes(),
        keys=KEYS[0],
        learning_rate=rates,
        l2=penalties,
        dropout=drops,
        **OPTIONS,
    )
    for i in (0, 2):
        net = specs.replace(NET, "dropout", rate=drops[i])
        single = jaxnet.fit(
            net,
            classes(),
            key=KEYS[0],
            learning_rate=rates[i],
            l2=penalties[i],
            **OPTIONS,
        )
        assert_entry_is(many, i, single)


def test_schedules_and_ready_made_optimizers():
    schedule = optax.exponential_decay(0.01, 10, 0.5)
    for optimizer, rate in ((optax.sgd(schedule), None), ("sgd", schedule)):
        options = {**OPTIONS, "optimizer": optimizer, "learning_rate": rate}
        many = jaxnet.fit_many(jaxnet.mlp([4, 3]), classes(), keys=KEYS[:2], **options)
        assert_entry_is(many, 1, jaxnet.fit(jaxnet.mlp([4, 3]), classes(), key=KEYS[1], **options))


def test_convolutions_on_the_cpu_go_step_by_step():
    x, y = classes(20)
    net = jaxnet.serial(jaxnet.conv(2, (2, 2)), jaxnet.relu, jaxnet.flatten(), jaxnet.dense(3))
    many = jaxnet.fit_many(
        net, (x.reshape(20, 2, 2, 1), y), keys=KEYS[:2], plan="loop", validation=0.2, **OPTIONS
    )
    single = jaxnet.fit(net, (x.reshape(20, 2, 2, 1), y), key=KEYS[1], plan="loop", validation=0.2, **OPTIONS)
    assert_entry_is(many, 1, single)


def test_one_that_diverges_harms_no_other():
    many = jaxnet.fit_many(
        jaxnet.mlp([4, 8, 1]), (classes()[0], classes()[0][:, :1]), keys=KEYS[0], learning_rate=[0.01, 1e4],
        loss=losses.mse, optimizer="sgd", epochs=2,
    )  # fmt: skip
    assert np.isfinite(many.history["loss"][0]).all()
    assert not np.isfinite(many.history["loss"][1]).all()


def test_cross_validation_is_a_fit_for_each_fold():
    x, y = classes(47)
    key = jax.random.key(2)
    found = jaxnet.cross_validate(NET, (x, y), folds=4, key=key, metrics=ACCURACY, **OPTIONS)
    held = np.sort(np.concatenate([fold for _, fold in found.folds]))
    np.testing.assert_array_equal(held, np.arange(47))
    assert all(not set(train) & set(out) for train, out in found.folds)
    for i in (0, 3):  # of different sizes
        train, out = found.folds[i]
        single = jaxnet.fit(
            NET,
            (x[train], y[train]),
            key=jax.random.split(key, 4)[i],
            validation=(x[out], y[out]),
            metrics=ACCURACY,
            **OPTIONS,
        )
        assert_entry_is(found.run, i, single)
        measured = jaxnet.evaluate(NET, single.params, (x[out], y[out]), metrics=ACCURACY)
        np.testing.assert_allclose(found.scores["val_accuracy"][i], measured["accuracy"], rtol=1e-6)
        assert abs((y[out] == 0).mean() - (y == 0).mean()) < 0.05  # the classes keep their shares


BAD = {
    "lengths": (dict(keys=KEYS[:3], learning_rate=[0.1, 0.2]), ValueError, "equally many"),
    "keys": (dict(keys=3), TypeError, "typed keys"),
    "dropout": (dict(keys=KEYS, dropout=1.0), ValueError, "[0, 1)"),
    "no dropout": (dict(keys=KEYS, dropout=0.5, net=jaxnet.mlp([4, 3])), ValueError, "dropout"),
    "l2": (dict(keys=KEYS, l2=-1.0), ValueError, "at least 0"),
    "option": (dict(keys=KEYS, on_epoch=print), TypeError, "'on_epoch'"),
    "key": (dict(keys=KEYS, key=KEYS[0]), TypeError, "'key'"),
    "plan": (dict(keys=KEYS, plan="fast"), ValueError, "there is no plan 'fast'"),
    "weights": (dict(keys=KEYS, sample_weights=[1.0]), ValueError, "sample_weights"),
    "rate": (dict(keys=KEYS, learning_rate=-1.0), ValueError, "learning_rate"),
    "optimizer": (dict(keys=KEYS, optimizer="adamm"), ValueError, "adamm"),
    "fraction": (dict(keys=KEYS, validation=2.0), ValueError, "between 0 and 1"),
    "validation": (dict(keys=KEYS, validation=(np.ones((2, 5)), np.ones(2))), ValueError, "all axes but the"),
    "l2 is no number": (dict(keys=KEYS, l2="much"), ValueError, "much"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence(case):
    changes, error, words = BAD[case]
    arguments = {"net": NET, **OPTIONS, **changes}
    with pytest.raises(error) as caught:
        jaxnet.fit_many(arguments.pop("net"), classes(), **arguments)
    assert words in str(caught.value)
    assert str(caught.value).startswith("fit_many: ")


@pytest.mark.parametrize(
    ("function", "keys"),
    [
        ("fit_many", {"keys": KEYS}),
        ("cross_validate", {"key": KEYS[0]}),
        ("find_learning_rate", {"key": KEYS[0]}),
    ],
)
def test_a_missing_loss_is_missed_by_the_function_that_was_called(function, keys):
    with pytest.raises(TypeError, match=f"{function}(: loss is missing|.*argument: 'loss')"):
        getattr(jaxnet, function)(NET, classes(), **keys)
    with pytest.raises(TypeError, match=f"^{function}: there is no option 'epoch'"):
        getattr(jaxnet, function)(NET, classes(), **keys, loss="mse", epoch=3)


def test_results_can_be_pickled():
    many = jaxnet.fit_many(NET, classes(), keys=KEYS[:2], **OPTIONS)
    found = jaxnet.cross_validate(NET, classes(), folds=2, key=KEYS[0], **OPTIONS)
    for run in (many, found.run):
        again = pickle.loads(pickle.dumps(run))
        np.testing.assert_array_equal(again.history["loss"], run.history["loss"])
        assert again.statistics == {}
    assert pickle.loads(pickle.dumps(found)).scores.keys() == found.scores.keys()


@pytest.mark.parametrize("function", ["fit_many", "cross_validate"])
def test_they_run_without_compilation(function):
    options = {**OPTIONS, "epochs": 1, "batch_size": 25}
    keys = {"keys": KEYS[:2], "validation": 0.2} if function == "fit_many" else {"key": KEYS[0], "folds": 2}
    train = functools.partial(getattr(jaxnet, function), NET, classes(), **keys, **options)
    compiled = train()
    jax.config.update("jax_disable_jit", True)
    try:
        plain = train()
    finally:
        jax.config.update("jax_disable_jit", False)
    plain, compiled = (run if function == "fit_many" else run.run for run in (plain, compiled))
    for name, values in compiled.history.items():
        np.testing.assert_allclose(plain.history[name], values, rtol=1e-4)


def test_both_parts_of_a_pair_are_looked_at():
    x, y = classes()
    for other in (1 - (y > 0), y[::-1], np.zeros_like(y)):
        options = {**OPTIONS, "epochs": 1}
        shared = jaxnet.fit_many(NET, (x, y), keys=KEYS[:2], validation=(x, other), **options)
        copied = jaxnet.fit_many(NET, (x, y), keys=KEYS[:2], validation=(x.copy(), other), **options)
        np.testing.assert_array_equal(shared.history["val_loss"], copied.history["val_loss"])
        assert not np.allclose(shared.history["val_loss"], shared.history["loss"])


def test_too_many_folds_are_refused():
    with pytest.raises(ValueError, match="60 folds need"):
        jaxnet.cross_validate(NET, classes(), folds=60, key=jax.random.key(0), **OPTIONS)


def test_the_mean_of_many_initial_losses_is_that_of_many_fits():
    # sixteen networks in four groups of four: none is left out, none comes twice
    keys = jax.random.split(jax.random.key(1), 16)
    many = jaxnet.fit_many(NET, classes(), keys=keys, **OPTIONS)
    assert len(np.unique(many.history["loss"][:, 0])) == 16
    assert jnp.unique(many.params[0]["w"][:, 0, 0]).size == 16


def test_an_interrupt_ends_all_folds(monkeypatch):
    x, y = classes()
    calls, real = [], many.train_networks

    def second_is_interrupted(*given):
        calls.append(given)
        run = real(*given)
        return run._replace(ended="interrupted") if len(calls) == 2 else run

    monkeypatch.setattr(many, "train_networks", second_is_interrupted)
    found = jaxnet.cross_validate(
        NET,
        (x, y),
        folds=4,
        key=KEYS[0],
        loss="cross_entropy",
        epochs=1,
        preparation=lambda seen: lambda x: x,
    )
    assert (len(calls), len(found.folds), found.run.interrupted) == (2, 2, True)
    rows = np.concatenate([out for _, out in found.folds])
    known = np.isfinite(found.predictions).all(1)
    assert known[rows].all()
    assert known.sum() == len(rows) < len(x) == len(found.predictions)


def test_metrics_of_the_whole_set_are_those_of_fit():
    x, y = classes()
    options = {**OPTIONS, "metrics": {"auc": metrics.roc_auc, **ACCURACY, "mcc": matthews_corrcoef}}
    found = jaxnet.fit_many(NET, (x, y), keys=KEYS[:3], validation=0.4, **options)
    for i in range(3):
        single = jaxnet.fit(NET, (x, y), key=KEYS[i], validation=0.4, **options)
        for name in ("val_auc", "val_mcc"):
            np.testing.assert_allclose(found.history[name][i], single.history[name], atol=1e-6)
    assert list(found.history) == list(single.history)
    early = jaxnet.EarlyStopping(1, monitor="val_auc")
    stopped = jaxnet.fit_many(NET, (x, y), keys=KEYS[:3], validation=0.4, early_stopping=early, **options)
    assert (np.nanmax(stopped.history["val_auc"], 1) > 0.5).all()
    for search in (
        jaxnet.search(NET, (x, y), {"l2": [0.0, 0.1]}, key=KEYS[0], folds=2, by="val_auc", **options).table,
        jaxnet.cross_validate(NET, (x, y), key=KEYS[0], folds=2, **options).scores,
    ):
        assert ((search["val_auc"] > 0) & (search["val_auc"] <= 1)).all()
    with pytest.raises(
        ValueError, match="fit_many: auc is a metric of the whole set, which needs validation"
    ):
        jaxnet.fit_many(NET, (x, y), keys=KEYS[:3], **options)
