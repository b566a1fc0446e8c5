"""Many networks at once are the same networks as one by one."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
from jaxnet import losses, metrics, specs

NET = jaxnet.serial(jaxnet.dense(6), jaxnet.tanh, jaxnet.dropout(0.3), jaxnet.dense(3))
KEYS = jax.random.split(jax.random.key(5), 11)


def classes(n=50):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(n, 4)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int32) + (x[:, 1] > 1).astype(np.int32)


OPTIONS = {
    "loss": losses.cross_entropy,
    "epochs": 3,
    "batch_size": 16,
    "metrics": {"accuracy": metrics.accuracy},
}


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
    held = (x[:9], y[:9]) if validation == "pair" else 0.2
    many = jaxnet.fit_many(NET, (x, y), keys=KEYS, validation=held, **OPTIONS)
    assert many.history["val_accuracy"].shape == (11, 3)
    for i in (0, 7, 10):
        assert_entry_is(many, i, jaxnet.fit(NET, (x, y), key=KEYS[i], validation=held, **OPTIONS))


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
        optimizer="rmsprop",
        **OPTIONS,
    )
    for i in range(3):
        net = specs.replace(NET, "dropout", rate=drops[i])
        single = jaxnet.fit(
            net,
            classes(),
            key=KEYS[0],
            learning_rate=rates[i],
            l2=penalties[i],
            optimizer="rmsprop",
            **OPTIONS,
        )
        assert_entry_is(many, i, single)


def test_schedules_and_ready_made_optimizers():
    schedule = optax.exponential_decay(0.01, 10, 0.5)
    for options in ({"optimizer": optax.adam(schedule)}, {"optimizer": "adam", "learning_rate": schedule}):
        many = jaxnet.fit_many(NET, classes(), keys=KEYS[:2], **options, **OPTIONS)
        assert_entry_is(many, 1, jaxnet.fit(NET, classes(), key=KEYS[1], **options, **OPTIONS))


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
        loss=losses.mse, optimizer="sgd", epochs=3,
    )  # fmt: skip
    assert np.isfinite(many.history["loss"][0]).all()
    assert not np.isfinite(many.history["loss"][1]).all()


def test_cross_validation_is_a_fit_for_each_fold():
    x, y = classes(47)
    key = jax.random.key(2)
    found = jaxnet.cross_validate(NET, (x, y), folds=4, key=key, **OPTIONS)
    held = np.sort(np.concatenate([fold for _, fold in found.folds]))
    np.testing.assert_array_equal(held, np.arange(47))
    for i, (train, out) in enumerate(found.folds):
        assert not set(train) & set(out)
        single = jaxnet.fit(
            NET, (x[train], y[train]), key=jax.random.split(key, 4)[i], validation=(x[out], y[out]), **OPTIONS
        )
        assert_entry_is(found.run, i, single)
        measured = jaxnet.evaluate(
            NET, single.params, (x[out], y[out]), metrics={"accuracy": metrics.accuracy}
        )
        np.testing.assert_allclose(found.scores["val_accuracy"][i], measured["accuracy"], rtol=1e-6)
        assert abs((y[out] == 0).mean() - (y == 0).mean()) < 0.05  # the classes keep their shares


BAD = {
    "lengths": (dict(keys=KEYS[:3], learning_rate=[0.1, 0.2]), ValueError, "equally many"),
    "keys": (dict(keys=3), TypeError, "typed keys"),
    "dropout": (dict(keys=KEYS, dropout=1.0), ValueError, "[0, 1)"),
    "no dropout": (dict(keys=KEYS, dropout=0.5, net=jaxnet.mlp([4, 3])), ValueError, "dropout"),
    "l2": (dict(keys=KEYS, l2=-1.0), ValueError, "at least 0"),
    "option": (dict(keys=KEYS, on_epoch=print), TypeError, "'on_epoch'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence(case):
    changes, error, words = BAD[case]
    arguments = {"net": NET, **OPTIONS, **changes}
    with pytest.raises(error) as caught:
        jaxnet.fit_many(arguments.pop("net"), classes(), **arguments)
    assert words in str(caught.value)


def test_too_many_folds_are_refused():
    with pytest.raises(ValueError, match="60 folds need"):
        jaxnet.cross_validate(NET, classes(), folds=60, key=jax.random.key(0), **OPTIONS)


def test_the_mean_of_many_initial_losses_is_that_of_many_fits():
    # sixteen networks in two groups of eight: none is left out, none comes twice
    keys = jax.random.split(jax.random.key(1), 16)
    many = jaxnet.fit_many(NET, classes(), keys=keys, **OPTIONS)
    assert len(np.unique(many.history["loss"][:, 0])) == 16
    assert jnp.unique(many.params[0]["w"][:, 0, 0]).size == 16
