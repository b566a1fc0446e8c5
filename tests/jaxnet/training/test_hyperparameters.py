"""Many runs: members, the best one, ensembles, early stopping, unseen predictions, search, interrupts."""

import _thread
import threading

import jax
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import jaxnet
from jaxnet import data, metrics

KEY = jax.random.key(0)
KEYS = jax.random.split(KEY, 3)
rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4)).astype(np.float32)
Y = (X[:, 0] + rng.normal(size=90) > 0).astype(int)
NET = jaxnet.mlp("4-6-2")
FIT = {"loss": "cross_entropy", "learning_rate": 0.05, "validation": 0.3, "batch_size": 30}


@pytest.fixture(scope="module")
def runs():
    return jaxnet.fit_many(NET, (X, Y), keys=KEYS, epochs=40, early_stopping=3, **FIT)


@pytest.mark.parametrize("i", [0, 1, -1])
def test_each_network_stops_as_fit_would(runs, i):
    alone = jaxnet.fit(NET, (X, Y), key=KEYS[i], epochs=40, early_stopping=3, **FIT)
    one = runs.member(i)
    assert (one.epochs, one.best_epoch) == (alone.epochs, alone.best_epoch)
    np.testing.assert_allclose(one.history["val_loss"], alone.history["val_loss"], rtol=1e-4)
    np.testing.assert_allclose(one.params[0]["w"], alone.params[0]["w"], rtol=1e-4, atol=1e-5)


def test_the_best_network_is_that_of_the_best_epoch(runs):
    lowest = [one.history["val_loss"].min() for one in map(runs.member, range(3))]
    assert runs.best().history["val_loss"].min() == min(lowest)
    assert runs.best(by="loss", mode="max").epochs == runs.best("loss", "max").epochs
    with pytest.raises(ValueError, match="there is no figure 'val_los'"):
        runs.best("val_los")
    with pytest.raises(IndexError, match="expected a number from 0 to 2, got 3"):
        runs.member(3)
    with pytest.raises(ValueError, match="this one holds one"):
        runs.member(0).member(0)


def test_an_ensemble_gives_mean_and_spread(runs):
    found = jaxnet.predict(NET, runs, X, ensemble=True, batch_size=32)
    each = np.stack([jaxnet.predict(NET, runs.member(i), X) for i in range(3)])
    np.testing.assert_allclose(found.members, each, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.mean, each.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.spread, each.std(0), rtol=1e-3, atol=1e-5)
    with pytest.raises(ValueError, match="at least two networks"):
        jaxnet.predict(NET, runs.member(0), X, ensemble=True)


def test_predictions_of_folds_are_those_of_networks_that_have_not_seen_them():
    found = jaxnet.cross_validate(NET, (X, Y), folds=3, key=KEY, loss="cross_entropy", epochs=2)
    for i, (_, out) in enumerate(found.folds):
        own = jaxnet.predict(NET, found.run.member(i), X[out])
        np.testing.assert_allclose(found.predictions[out], own, rtol=1e-5, atol=1e-6)
    assert len(repr(found)) < 100
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize("kind", ["function", "scikit-learn"])
def test_each_fold_prepares_with_its_own_training_examples(kind):
    def scaling(train):
        known = data.standardise(train)[1]
        return lambda x: data.standardise(x, known)[0]

    wide = X * 100 + 7
    preparation = scaling if kind == "function" else StandardScaler()
    options = {"loss": "cross_entropy", "epochs": 2, "learning_rate": 0.05}
    found = jaxnet.cross_validate(NET, (wide, Y), folds=3, key=KEY, preparation=preparation, **options)
    for i, (train, out) in enumerate(found.folds):
        known = data.standardise(wide[train])[1]
        own = jaxnet.predict(NET, found.run.member(i), data.standardise(wide[out], known)[0])
        np.testing.assert_allclose(found.predictions[out], own, rtol=1e-3, atol=1e-4)
    with pytest.raises(TypeError, match="expected preparation as a function"):
        jaxnet.cross_validate(NET, (X, Y), folds=3, key=KEY, preparation=lambda x: x, **options)


def test_a_grid_compares_all_combinations_on_the_same_folds():
    space = {"learning_rate": [1e-5, 0.05], "l2": [0.0, 3.0]}
    found = jaxnet.search(NET, (X, Y), space, key=KEY, folds=2, loss="cross_entropy", epochs=6, batch_size=30)
    assert found.table["learning_rate"].tolist() == [1e-5, 1e-5, 0.05, 0.05]
    assert found.best == {"learning_rate": 0.05, "l2": 0.0}
    single = jaxnet.cross_validate(
        NET, (X, Y), folds=2, key=KEY, loss="cross_entropy", epochs=6, batch_size=30, **found.best
    )
    assert found.table["val_loss"][2] == pytest.approx(single.scores["val_loss"].mean(), rel=1e-4)
    assert len(repr(found)) < 100


def test_a_random_search_draws_between_its_bounds_and_by_any_figure():
    found = jaxnet.search(
        NET, (X, Y), {"learning_rate": (1e-4, 1e-1), "l2": (0.0, 1.0)}, samples=5, key=KEY,
        loss="cross_entropy", validation=0.3, epochs=3, by="val_accuracy",
        metrics={"accuracy": metrics.accuracy}, early_stopping=2,
    )  # fmt: skip
    rates = found.table["learning_rate"]
    assert len(set(rates)) == 5
    assert rates.min() >= 1e-4
    assert rates.max() <= 1e-1
    assert found.best["learning_rate"] == rates[np.argmax(found.table["val_accuracy"])]


BAD = {
    "name": ({"rate": [1]}, {"folds": 2}, "no hyperparameter 'rate'"),
    "empty": ({}, {"folds": 2}, "expected a space such as"),
    "no values": ({"l2": []}, {"folds": 2}, "expected finite numbers to try for l2"),
    "no validation": ({"l2": [0]}, {}, "expected validation data to compare on"),
    "both": ({"l2": [0]}, {"folds": 2, "validation": 0.2}, "either folds or validation"),
    "bounds": ({"l2": [3, 1]}, {"folds": 2, "samples": 4}, "low below high"),
    "figure": ({"l2": [0]}, {"folds": 2, "by": "val_f1"}, "there is no figure 'val_f1'"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_search_refuses(what):
    space, options, words = BAD[what]
    with pytest.raises(ValueError, match=f"search: .*{words}"):
        jaxnet.search(NET, (X, Y), space, key=KEY, loss="cross_entropy", epochs=1, **options)


@pytest.mark.parametrize("who", ["fit_many", "cross_validate", "loop"])
def test_after_an_interrupt_comes_what_was_learned(who):
    timer = threading.Timer(2.0, _thread.interrupt_main)
    timer.start()
    options = {"loss": "cross_entropy", "epochs": 200_000, "batch_size": 30}
    if who == "cross_validate":
        run = jaxnet.cross_validate(NET, (X, Y), folds=3, key=KEY, **options).run
    else:
        plan = "loop" if who == "loop" else None
        run = jaxnet.fit_many(NET, (X, Y), keys=KEYS, plan=plan, **options)
    timer.join()
    assert run.interrupted
    assert 0 < run.epochs < 200_000
    assert run.history["loss"].shape == (3, run.epochs)
    assert np.isfinite(np.asarray(run.params[0]["w"])).all()
