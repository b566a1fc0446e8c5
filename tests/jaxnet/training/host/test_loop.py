"""What the host does between epochs: early stopping, hooks, Ctrl-C, divergence, the bar."""

import copy
import functools
import pickle
import signal
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
import jaxnet.training.compiled.programs
import jaxnet.training.evaluation
from jaxnet import losses, metrics
from jaxnet.training import Diverged, EarlyStopping, Run
from jaxnet.training.host import journal, progress, stopping

NET = jaxnet.mlp([3, 4, 2], activation="tanh")


def regression(n=40, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 3)).astype(np.float32)
    return x, np.stack([x[:, 0] * x[:, 1], x[:, 2]], axis=1)


def fit(**changes):
    arguments = {"loss": losses.mse, "epochs": 5, "batch_size": 8, "key": jax.random.key(0)} | changes
    return jaxnet.fit(arguments.pop("net", NET), arguments.pop("data", regression()), **arguments)


def same(a, b):
    return all(
        np.array_equal(left, right)
        for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


def test_an_epoch_can_be_kept():
    epoch = journal.Epoch(1, 2, {"loss": 0.5}, np.ones(3))
    for kept in (pickle.loads(pickle.dumps(epoch)), copy.deepcopy(epoch)):
        assert kept._replace(params=None) == epoch._replace(params=None)
        np.testing.assert_array_equal(kept.params, epoch.params)


def test_early_stopping_gives_back_the_best_parameters():
    # a large step makes the validation loss jump about; the best epoch is looked up in the history itself
    seen = []
    run = fit(
        learning_rate=0.3, epochs=60, validation=0.25, early_stopping=4,
        on_epoch=lambda epoch: seen.append(epoch.params),
    )  # fmt: skip
    values = run.history["val_loss"]
    assert run.ended == "early stopping"
    assert run.epochs == len(values) == run.best_epoch + 4 < 60
    assert run.best_epoch == int(np.argmin(values)) + 1
    assert same(run.params, seen[run.best_epoch - 1])


def test_min_delta_counts_small_gains_as_none():
    # the loss falls by far less than 10 an epoch: nothing after the first epoch is an improvement
    run = fit(epochs=20, early_stopping=EarlyStopping(patience=2, min_delta=10.0))
    assert (run.best_epoch, run.epochs) == (1, 3)


def test_a_figure_that_begins_as_nan_is_improved_on():
    def init(key, in_shape):
        return {"b": jnp.zeros(1)}

    def late(outputs, targets):  # the outputs go 0.2, 0.36, 0.488, ...
        return jnp.where(outputs < 0.3, jnp.nan, outputs)

    constant = jaxnet.Layer(init, lambda params, x, *, key=None: x + params["b"][None, :])
    data = np.zeros((8, 1), np.float32), np.ones((8, 1), np.float32)
    run = fit(
        net=constant, data=data, validation=data, epochs=4, optimizer="sgd", learning_rate=0.1,
        metrics={"late": late}, early_stopping=EarlyStopping(patience=4, monitor="val_late", mode="max"),
    )  # fmt: skip
    assert np.isnan(run.history["val_late"]).tolist() == [True, False, False, False]
    assert run.best_epoch == 4


def test_a_metric_is_maximised():
    run = fit(
        epochs=4, metrics={"constant": lambda outputs, targets: jnp.ones(len(outputs))},
        early_stopping=EarlyStopping(patience=1, monitor="constant", mode="max"),
    )  # fmt: skip
    assert (run.best_epoch, run.epochs) == (1, 2)


@pytest.mark.parametrize("name", ["mae", "squared_error"])
def test_an_error_is_minimised(name):
    run = fit(
        epochs=10, validation=0.25, metrics={name: metrics.mean_absolute_error},
        early_stopping=EarlyStopping(patience=10, monitor=f"val_{name}"),
    )  # fmt: skip
    assert run.best_epoch == int(np.argmin(run.history[f"val_{name}"])) + 1 > 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (0, "at least 1"),
        (EarlyStopping(3, min_delta=-1.0), "min_delta"),
        (EarlyStopping(3, min_delta=float("nan")), "min_delta"),
        (EarlyStopping(3, monitor="val_loss"), "will hold loss"),
        (EarlyStopping(3, mode="up"), "'min' or 'max'"),
    ],
    ids=["patience", "negative", "nan", "monitor", "mode"],
)  # fmt: skip
def test_early_stopping_that_makes_no_sense_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        fit(early_stopping=given)


def test_on_epoch_sees_every_epoch_and_may_stop():
    seen = []

    def look(epoch):
        seen.append((epoch.epoch, epoch.epochs, epoch.figures["loss"]))
        return epoch.epoch == 3

    run = fit(on_epoch=look)
    assert [epoch for epoch, _, _ in seen] == [1, 2, 3]
    assert [loss for _, _, loss in seen] == run.history["loss"].tolist()
    assert run.ended == "on_epoch"
    assert same(run.params, fit(epochs=3).params)


@pytest.mark.parametrize("plan", ["scan", "loop"])
def test_ctrl_c_gives_back_what_was_learned(plan):
    def interrupt(epoch):
        if epoch.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    run = fit(on_epoch=interrupt, plan=plan)
    assert run.interrupted
    assert run.epochs == len(run.history["loss"]) == 2
    assert same(run.params, fit(epochs=2, plan=plan).params)


def test_an_error_in_the_hook_is_passed_on():
    def fail(epoch):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fit(on_epoch=fail)


@pytest.mark.parametrize("plan", ["run", "scan", "loop"])
def test_divergence_says_when_and_keeps_good_parameters(plan):
    # deep linear network, steps far too large: the numbers overflow within a few steps
    net = jaxnet.mlp([3, 8, 8, 2], activation="linear")
    with pytest.raises(FloatingPointError, match="learning rate 50") as caught:
        fit(net=net, optimizer="sgd", learning_rate=50.0, plan=plan)
    error = caught.value
    assert isinstance(error, Diverged)
    assert "epoch 1, step" in str(error)
    assert error.epoch == 1
    assert 0 < error.step < 5
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(error.params))
    assert error.where == "the loss"  # the outputs are finite, their squares are not


def test_bad_numbers_in_streamed_data_are_named(tmp_path):
    x, y = regression()
    x[17] = np.nan
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(Diverged, match="it began in the input; x holds NaN") as caught:
        fit(data=(np.load(tmp_path / "x.npy", mmap_mode="r"), y))
    assert np.isfinite(caught.value.params[0]["w"]).all()


def test_divergence_names_the_layer():
    def broken(params, x, *, key=None):  # the logarithm of a negative number, for large enough x
        return jnp.log(2.0 - x)

    log = jaxnet.Layer(lambda key, in_shape: {}, broken)
    net = jaxnet.serial(jaxnet.dense(2), jaxnet.tanh, jaxnet.dense(2), log, jaxnet.dense(1))
    params = net.init(jax.random.key(0), (1,))
    params[2] = {"w": jnp.eye(2), "b": jnp.array([0.0, 5.0])}
    with pytest.raises(Diverged) as caught:
        fit(net=net, params=params, data=([[1.0]], [[1.0]]), batch_size=1)
    assert "params[2]['b']" in caught.value.where
    assert caught.value.step == 0


def test_the_step_after_which_parameters_are_not_finite_is_found_at_the_end_too():
    # in the trial before the run, where gradients are 1 and -1, it goes downhill
    huge = optax.stateless(
        lambda updates, params: jax.tree.map(
            lambda g: jnp.where(jnp.abs(g) == 1, -0.1 * g, g * jnp.inf), updates
        )
    )
    with pytest.raises(Diverged):
        fit(optimizer=huge, epochs=1, batch_size=40)


def test_an_optimizer_with_infinite_updates_is_refused_before_the_run():
    huge = optax.stateless(lambda updates, params: jax.tree.map(lambda g: g * jnp.inf, updates))
    with pytest.raises(ValueError, match="fit: the optimizer cannot train here"):
        fit(optimizer=huge, epochs=1, batch_size=40)


def test_the_bar_is_silent_without_a_terminal(capsys):
    fit(progress=True, epochs=1)
    assert capsys.readouterr() == ("", "")


def test_the_bar_shows_figures_rate_and_remaining_time(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    with progress.progress_bar(True, 3, after=0.0) as bar:
        assert isinstance(bar, progress.Bar)
        bar.update(2.0, 1000, {"loss": 0.25})
    shown = capsys.readouterr().err
    assert "epoch 2/3" in shown
    assert "loss 0.25" in shown
    assert "examples/s" in shown


def test_a_short_run_shows_no_bar(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress.progress_bar(True, 3) as bar:
        bar.update(2.0, 1000, {"loss": 0.25})
    assert capsys.readouterr().err == ""


def test_report_divides_by_the_examples():
    task = jaxnet.training.compiled.tracing.make_task(NET, losses.mse, {"mae": losses.mae}, name="test")
    tally = jaxnet.training.compiled.task.Tally(np.float32(6), (np.float32(3),), np.float32(12))
    assert journal.report(task, tally) == {"loss": 0.5, "mae": 0.25}


def test_statistics_of_each_layer_are_those_of_the_parameters_then():
    seen = []
    run = fit(
        net=jaxnet.mlp([3, 4, 2]), statistics=True, epochs=2, batch_size=40, optimizer="sgd",
        learning_rate=0.1, on_epoch=lambda epoch: seen.append(epoch.params),
    )  # fmt: skip
    assert run.layers == ("dense 1", "dense 2")
    x, y = regression()
    for epoch in range(2):
        expected = jaxnet.backprop.layer_statistics(jaxnet.mlp([3, 4, 2]), seen[epoch], x, y, losses.mse)
        for name in ("activation_mean", "dead", "gradient_norm", "weight_norm"):
            np.testing.assert_allclose(run.statistics[name][epoch], expected[name], rtol=1e-5, atol=1e-7)
        # plain gradient descent: the update is 0.1 times the gradient
        np.testing.assert_allclose(
            run.statistics["update_ratio"][epoch], 0.1 * expected["update_ratio"], rtol=1e-4
        )


def test_a_run_tells_itself_in_one_line():
    run = fit(epochs=2)
    assert repr(run) == f"Run(finished after 2 epochs, loss={run.history['loss'][-1]:.4g}, plan='run')"


@pytest.mark.parametrize(
    ("name", "function", "mode"),
    [
        ("cross_entropy", losses.mse, "min"),
        ("anything", losses.huber, "min"),
        ("anything", functools.partial(losses.huber, delta=2.0), "min"),
        ("anything", metrics.mean_absolute_error, "min"),
        ("loss_of_mine", metrics.binary_accuracy, "max"),
        ("accuracy", lambda outputs, targets: -outputs[:, 0], "max"),
        ("my_loss", lambda outputs, targets: outputs[:, 0], "min"),
        ("f1", lambda outputs, targets: outputs[:, 0], "max"),
    ],
)
def test_the_direction_of_a_figure_is_that_of_its_function(name, function, mode):
    early = stopping.early_stopping(
        EarlyStopping(3, monitor=f"val_{name}"), [f"val_{name}"], {name: function}
    )
    assert early == EarlyStopping(3, 0.0, f"val_{name}", mode)


@pytest.mark.parametrize("name", ["gloss", "terror", "coverage", "perplexity", "mse_gain"])
def test_an_unknown_figure_needs_a_mode(name):
    with pytest.raises(ValueError, match=f"^fit: whether a small or a large '{name}' is good .* mode='min'"):
        stopping.early_stopping(EarlyStopping(3, monitor=name), [name], {name: lambda o, t: o[:, 0]})


def test_a_loss_as_metric_is_minimised():
    run = fit(
        epochs=10, validation=0.25, metrics={"cross_entropy": losses.mse},
        early_stopping=EarlyStopping(np.int64(10), monitor="val_cross_entropy"),
    )  # fmt: skip
    assert run.best_epoch == int(np.argmin(run.history["val_loss"])) + 1 > 1


@pytest.mark.parametrize("answer", [1, "stop", [0], np.float32(1), 0, None, False, np.False_])
def test_only_true_stops_a_run(answer):
    assert fit(epochs=2, on_epoch=lambda epoch: answer).epochs == 2


@pytest.mark.parametrize("answer", [True, np.True_])
def test_true_stops_a_run(answer):
    run = fit(epochs=2, on_epoch=lambda epoch: answer)
    assert (run.epochs, run.ended) == (1, "on_epoch")


@pytest.mark.parametrize("number", [np.float32(0.25), np.float64(0.25), np.array(0.25), jnp.float32(0.25)])
def test_numbers_of_numpy_are_numbers(number):
    given = fit(epochs=np.int64(2), validation=number, early_stopping=np.int32(5), l2=np.float32(0.0))
    plain = fit(epochs=2, validation=0.25, early_stopping=5)
    np.testing.assert_array_equal(given.history["val_loss"], plain.history["val_loss"])


def test_what_is_returned_and_raised_can_be_pickled():
    error = Diverged("no", {"w": np.ones(2)}, [{"loss": 1.0}], 2, 3, "there")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.history, again.epoch, again.step, again.where) == (
        "no", [{"loss": 1.0}], 2, 3, "there"
    )  # fmt: skip
    run = Run({"w": np.ones(2)}, {}, None, None, 1, 1, "finished")
    assert pickle.loads(pickle.dumps(run)).params["w"].tolist() == [1.0, 1.0]
    assert copy.deepcopy(run).statistics == {}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("where", ["weak reference", "finalizer"])
def test_ctrl_c_that_python_drops_still_ends_the_run(where):
    seen = []

    class Thing:
        def __del__(self):
            if where == "finalizer":
                signal.raise_signal(signal.SIGINT)

    def on_epoch(epoch):
        if epoch.epoch == 2:
            thing = Thing()
            kept = weakref.ref(
                thing, lambda _: where == "weak reference" and signal.raise_signal(signal.SIGINT)
            )
            del thing
            seen.append(kept)

    run = fit(epochs=5, on_epoch=on_epoch)
    assert (run.ended, run.epochs) == ("interrupted", 2)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_users_own_is_left_alone():
    seen = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        run = fit(epochs=3, on_epoch=lambda epoch: signal.raise_signal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, before)
    assert (run.ended, seen) == ("finished", [signal.SIGINT] * 3)
