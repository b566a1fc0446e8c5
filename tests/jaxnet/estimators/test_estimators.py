"""The estimators beside scikit-learn's own: the same numbers, the same tools, errors in one sentence."""

import functools
import io
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import jax
import joblib
import numpy as np
import optax
import pandas as pd
import pytest
from scipy import sparse
from sklearn import linear_model, neural_network
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

import jaxnet
from jaxnet import data, estimators, plot
from jaxnet.estimators import MLPClassifier, MLPRegressor, PerceptronClassifier
from jaxnet.estimators.inputs import MERGED, gathered, room_for
from jaxnet.training.compiled import programs

IRIS, SPECIES = load_iris(return_X_y=True)
IRIS = StandardScaler().fit_transform(IRIS)
ALL = np.inf  # n_iter_no_change: go through all epochs
FEW: dict[str, Any] = {"hidden_layer_sizes": 5, "max_iter": 6, "n_iter_no_change": ALL, "random_state": 0}


def theirs(kind: Any, x: np.ndarray, y: np.ndarray, **options: Any) -> Any:
    """An estimator of scikit-learn that was trained on one batch, whether it converged or not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return kind(random_state=0, shuffle=False, n_iter_no_change=1000, batch_size=len(x), **options).fit(
            x, y
        )


def assert_same_weights(ours: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-7) -> None:
    for a, b in zip([*ours.coefs_, *ours.intercepts_], [*other.coefs_, *other.intercepts_], strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


PLAIN = {"solver": "sgd", "nesterovs_momentum": False}
# the two put Adam's epsilon in different places: here it is too small to matter
RULES = {
    "adam": (functools.partial(optax.adam, eps=1e-15), {"solver": "adam", "epsilon": 1e-15}),
    "sgd": ("sgd", {**PLAIN, "momentum": 0.0}),
    "momentum": ("momentum", {**PLAIN, "momentum": 0.9}),
}
SEVERAL = np.stack([SPECIES == 0, SPECIES != 1], axis=1).astype(int)
TARGETS = {"two": SPECIES == 2, "three": SPECIES, "several": SEVERAL}


@pytest.mark.parametrize(
    ("targets", "rule", "weighted"),
    [("two", "adam", True), ("three", "sgd", True), ("three", "momentum", False), ("several", "adam", False)],
)
def test_a_classifier_learns_the_weights_of_scikit_learns(targets: str, rule: str, weighted: bool):
    y, (optimizer, solver) = TARGETS[targets], RULES[rule]
    both = {"hidden_layer_sizes": (5, 4), "activation": "tanh", "alpha": 3.0, "learning_rate_init": 0.02}
    times = np.random.default_rng(0).integers(0, 4, len(y)) if weighted else np.ones(len(y), int)
    model = MLPClassifier(max_iter=12, n_iter_no_change=ALL, random_state=0, optimizer=optimizer, **both)
    # scikit-learn's precision: Adam blows up what rounding does to small gradients
    with jax.enable_x64(True):
        model.fit(IRIS, y, sample_weight=times if weighted else None)
        outputs, shares, answers = model.coefs_[0], model.predict_proba(IRIS), model.predict(IRIS)
    x, y = IRIS.repeat(times, axis=0), y.repeat(times, axis=0)  # a weight is a repetition
    reference = theirs(neural_network.MLPClassifier, x, y, max_iter=12, **both, **solver)
    assert outputs.dtype == np.float64
    assert_same_weights(model, reference)
    np.testing.assert_allclose(shares, reference.predict_proba(IRIS), rtol=1e-5)
    assert (answers == reference.predict(IRIS)).all()
    assert model.n_layers_ == reference.n_layers_
    assert model.n_outputs_ == reference.n_outputs_
    assert model.t_ == 12 * 150


@pytest.mark.parametrize(("activation", "outputs"), [("relu", 1), ("identity", 3), ("logistic", 3)])
def test_a_regressor_learns_the_weights_of_scikit_learns(activation: str, outputs: int):
    y = np.random.default_rng(1).normal(size=(len(IRIS), outputs)) + IRIS[:, :1]
    y = y[:, 0] if outputs == 1 else y
    both = {"hidden_layer_sizes": 5, "activation": activation, "alpha": 0.5, "max_iter": 10}
    both |= {"learning_rate_init": 0.01}
    optimizer, solver = RULES["adam"]
    with jax.enable_x64(True):
        model = MLPRegressor(n_iter_no_change=ALL, random_state=0, optimizer=optimizer, **both).fit(IRIS, y)
        answers = model.predict(IRIS)
    reference = theirs(neural_network.MLPRegressor, IRIS, y, **both, **solver)
    assert_same_weights(model, reference)
    np.testing.assert_allclose(answers, reference.predict(IRIS), rtol=1e-5, atol=1e-7)
    assert answers.shape == y.shape


@pytest.mark.parametrize("tol", [1e-2, 1e-3])
def test_training_ends_when_scikit_learns_ends(tol: float):
    both = {"hidden_layer_sizes": 8, "learning_rate_init": 0.01, "alpha": 0.0, "tol": tol, "max_iter": 500}
    model = MLPClassifier(random_state=0, n_iter_no_change=5, **both).fit(IRIS, SPECIES)
    reference = neural_network.MLPClassifier(random_state=0, n_iter_no_change=5, **both).fit(IRIS, SPECIES)
    assert 10 < model.n_iter_ < 500
    assert model.n_iter_ == reference.n_iter_
    np.testing.assert_allclose(model.loss_curve_, reference.loss_curve_, rtol=1e-4)
    assert model.loss_ == model.loss_curve_[-1]


def test_too_few_epochs_are_warned_of():
    with pytest.warns(ConvergenceWarning, match="max_iter=3 epochs are over"):
        MLPClassifier(5, max_iter=3).fit(IRIS, SPECIES)


def test_the_digits_are_read_as_well_as_by_scikit_learn():
    x, y = load_digits(return_X_y=True)
    x, x_new, y, y_new = train_test_split(x / 16, y, random_state=0, stratify=y)
    options = {"hidden_layer_sizes": 64, "max_iter": 60, "random_state": 0, "batch_size": 64}
    found = {}
    for kind in (MLPClassifier, neural_network.MLPClassifier):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            found[kind.__module__] = kind(**options).fit(x, y).score(x_new, y_new)
    ours, reference = found.values()
    assert ours > 0.96
    assert abs(ours - reference) < 0.015  # 450 digits: one standard deviation is 0.007


# --- the tools of scikit-learn -----------------------------------------------------------------------


def test_a_grid_search_over_a_pipeline_in_two_processes():
    pipeline = make_pipeline(
        StandardScaler(), MLPClassifier(5, max_iter=40, n_iter_no_change=ALL, random_state=0)
    )
    pipeline.set_params(mlpclassifier__learning_rate_init=0.05)
    grid = {"mlpclassifier__alpha": [1e-4, 100.0], "mlpclassifier__optimizer": ["adam", optax.lion]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2, error_score="raise").fit(
        *load_iris(return_X_y=True)
    )
    assert search.best_params_["mlpclassifier__alpha"] == 1e-4
    assert search.best_score_ > 0.9
    one = clone(pipeline).set_params(**search.best_params_).fit(*load_iris(return_X_y=True))
    assert (search.predict(IRIS) == one.predict(IRIS)).all()


def test_cross_validation_compiles_no_program_for_each_fold():
    model = MLPRegressor(
        16, learning_rate_init=0.03, max_iter=60, n_iter_no_change=50, tol=0.1, random_state=0
    )
    x, y = load_diabetes(return_X_y=True)
    x, y = StandardScaler().fit_transform(x)[:203], (y[:203] - 150) / 77
    programs.run_epochs.clear_cache()
    scores = cross_val_score(model, x, y, cv=5)  # folds of 162 and 163 examples to train on
    assert scores.mean() > 0.2
    assert programs.run_epochs._cache_size() == 1


@pytest.mark.parametrize(
    "model",
    [
        MLPClassifier(**FEW, dropout=0.2),
        MLPRegressor(**FEW, optimizer=optax.lion, learning_rate_init=1e-3),
        PerceptronClassifier(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_trained_estimator_comes_back_from_a_file_and_goes_on(model: Any, tmp_path: Path):
    x, y = IRIS[:100], SPECIES[:100]
    model.fit(x, y)
    joblib.dump(model, tmp_path / "model.joblib")
    for again in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model.joblib")):
        assert (again.predict(IRIS) == model.predict(IRIS)).all()
        expected = pickle.loads(pickle.dumps(model)).partial_fit(x, y)
        assert (again.partial_fit(x, y).predict(IRIS) == expected.predict(IRIS)).all()
        assert again.n_iter_ == model.n_iter_ + 1


def test_tables_keep_their_names():
    table, kinds = load_iris(return_X_y=True, as_frame=True)
    kinds = kinds.map(dict(enumerate(["setosa", "versicolor", "virginica"])))
    scaler = MinMaxScaler().set_output(transform="pandas")
    model = make_pipeline(scaler, MLPClassifier(8, learning_rate_init=0.1, random_state=0)).fit(table, kinds)
    assert model[-1].feature_names_in_.tolist() == table.columns.tolist()
    assert model[-1].classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert set(model.predict(table)) == {"setosa", "versicolor", "virginica"}
    assert model.score(table, kinds) > 0.95
    with pytest.raises(ValueError, match="feature names should match"):
        model[-1].predict(table.rename(columns=str.upper))
    weights = pd.Series(np.ones(len(table)))
    again = clone(model).fit(table, kinds, mlpclassifier__sample_weight=weights)
    assert (again.predict_proba(table) == model.predict_proba(table)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_input_of_any_dtype_gives_the_same_and_numbers_come_back_in_its_precision(dtype: Any):
    x = (IRIS * 4).round().astype(dtype)
    model = MLPRegressor(**FEW).fit(x, SPECIES)
    same = clone(model).fit(x.astype(float), SPECIES)
    assert (model.predict(x) == same.predict(x)).all()
    assert model.predict(x).dtype == (np.float32 if dtype == np.float32 else np.float64)
    assert model.coefs_[0].dtype == np.float32


def test_sparse_input_is_refused_as_scikit_learn_does():
    for model in (MLPClassifier(), MLPRegressor(), PerceptronClassifier()):
        with pytest.raises(TypeError, match="Sparse data was passed for X, but dense data is required"):
            model.fit(sparse.csr_array(IRIS), SPECIES)


def test_what_float32_cannot_hold_is_refused():
    x = IRIS * 1e40
    for model in (MLPClassifier(), PerceptronClassifier()):
        with pytest.raises(ValueError, match=r"too large for dtype\('float32'\)"):
            model.fit(x, SPECIES)
    model = PerceptronClassifier().fit(*data.AND)
    with pytest.raises(ValueError, match=r"too large for dtype\('float32'\)"):
        model.predict([[1e40, 0.0]])


# --- what scikit-learn's do not have -----------------------------------------------------------------


def test_weights_of_classes_are_weights_of_examples():
    y = np.where(np.arange(150) % 5, "many", "few")
    options = {**FEW, "max_iter": 60}
    model = MLPClassifier(class_weight="balanced", **options).fit(IRIS, y)
    same = MLPClassifier(**options).fit(IRIS, y, sample_weight=compute_sample_weight("balanced", y))
    named = MLPClassifier(class_weight={"many": 0.625, "few": 2.5}, **options).fit(IRIS, y)
    for other in (same, named):
        np.testing.assert_allclose(model.decision_function(IRIS), other.decision_function(IRIS), rtol=1e-3)
    plain = MLPClassifier(**options).fit(IRIS, y)
    assert (model.predict(IRIS) == "few").sum() > (plain.predict(IRIS) == "few").sum()


def test_a_weight_is_a_repetition_to_the_last_bit():
    times = np.random.default_rng(0).integers(0, 4, len(IRIS))
    model = MLPRegressor(**FEW, batch_size=1000)
    weighted = clone(model).fit(IRIS, SPECIES, sample_weight=times).predict(IRIS)
    order = np.random.default_rng(1).permutation(times.sum())
    repeated = clone(model).fit(IRIS.repeat(times, 0)[order], SPECIES.repeat(times)[order]).predict(IRIS)
    assert (weighted == repeated).all()


def test_dropout_changes_training_and_not_prediction():
    options = {**FEW, "hidden_layer_sizes": (6, 5)}
    plain, dropped = (MLPClassifier(dropout=rate, **options).fit(IRIS, SPECIES) for rate in (0.0, 0.5))
    assert not np.allclose(plain.coefs_[0], dropped.coefs_[0])
    assert (dropped.predict_proba(IRIS) == dropped.predict_proba(IRIS)).all()
    assert [w.shape for w in dropped.coefs_] == [(4, 6), (6, 5), (5, 3)]
    assert [part.spec.name for part in dropped.network_.spec.layers].count("dropout") == 2


def test_optax_comes_as_a_factory_or_ready_made():
    x, y = IRIS, SPECIES
    named = MLPClassifier(optimizer="adam", learning_rate_init=0.01, **FEW).fit(x, y)
    factory = functools.partial(optax.adam, b1=0.9)
    made = MLPClassifier(optimizer=optax.adam(0.01), **FEW).fit(x, y)
    from_factory = MLPClassifier(optimizer=factory, learning_rate_init=0.01, **FEW).fit(x, y)
    assert_same_weights(named, made, rtol=1e-6)
    assert_same_weights(named, from_factory, rtol=1e-6)
    with pytest.raises(ValueError, match="a ready-made optimizer has its own learning rate"):
        clone(made).set_params(learning_rate_init=0.1).fit(x, y)


def test_a_narrower_dtype_changes_little():
    wide = MLPRegressor(**FEW).fit(IRIS, SPECIES).predict(IRIS)
    narrow = MLPRegressor(compute_dtype="bfloat16", **FEW).fit(IRIS, SPECIES).predict(IRIS)
    assert 1e-5 < np.abs(wide - narrow).max() < 0.1


def test_a_loss_by_name_or_as_a_function():
    named = MLPRegressor(loss="huber", **FEW).fit(IRIS, SPECIES)
    given = MLPRegressor(loss=jaxnet.losses.huber, **FEW).fit(IRIS, SPECIES)
    assert (named.predict(IRIS) == given.predict(IRIS)).all()
    assert named.loss_ != MLPRegressor(**FEW).fit(IRIS, SPECIES).loss_


def test_what_was_learned_is_a_network_like_any_other():
    model = MLPClassifier(**FEW).fit(IRIS, SPECIES)
    assert model.network_ == jaxnet.mlp([4, 5, 3])
    outputs = model.network_.apply(model.params_, IRIS.astype(np.float32))
    np.testing.assert_allclose(outputs, model.decision_function(IRIS), rtol=1e-5, atol=1e-6)
    assert [panel.get_ylabel() for panel in plot.history(model.history_).axes] == ["loss"]


def test_probabilities_and_their_logarithms():
    for y in TARGETS.values():
        model = MLPClassifier(**FEW).fit(IRIS, y)
        shares = model.predict_proba(IRIS)
        np.testing.assert_allclose(np.exp(model.predict_log_proba(IRIS)), shares, rtol=1e-6)
        if np.ndim(y) == 1:
            np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
            assert (model.classes_[shares.argmax(axis=1)] == model.predict(IRIS)).all()
        else:
            assert ((shares > 0.5) == model.predict(IRIS)).all()
    assert np.isfinite(model.predict_log_proba(IRIS * 1e6)).all()


# --- going on ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 32},
        {},
        {"dropout": 0.3, "batch_size": 50},
        {
            "learning_rate_init": optax.cosine_decay_schedule(0.1, 12),
            "batch_size": 50,
            "optimizer": "momentum",
        },
    ],
    ids=["batches", "one-batch", "dropout", "schedule"],
)
def test_passes_one_by_one_do_what_fit_does(options: dict[str, Any]):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        whole = MLPClassifier(5, max_iter=4, random_state=0, **options).fit(IRIS, SPECIES)
    model = MLPClassifier(5, random_state=0, **options)
    for _ in range(4):
        model.partial_fit(IRIS, SPECIES, classes=[0, 1, 2])
    assert (whole.decision_function(IRIS) == model.decision_function(IRIS)).all()
    assert whole.loss_curve_ == model.loss_curve_
    assert (whole.n_iter_, whole.t_) == (model.n_iter_, model.t_) == (4, 600)


def test_passes_go_on_after_fit_and_over_other_data():
    options = {**FEW, "batch_size": 32}
    whole = MLPRegressor(**{**options, "max_iter": 3}).fit(IRIS, SPECIES)
    model = MLPRegressor(**{**options, "max_iter": 2}).fit(IRIS, SPECIES).partial_fit(IRIS, SPECIES)
    np.testing.assert_allclose(model.predict(IRIS), whole.predict(IRIS), rtol=1e-6)
    before = model.score(IRIS[:40], SPECIES[:40])
    for _ in range(30):
        model.partial_fit(IRIS[:40], SPECIES[:40])
    assert model.score(IRIS[:40], SPECIES[:40] + 0.0) >= before
    assert model.n_iter_ == 33


def test_one_pass_may_hold_some_of_the_classes_only():
    model = MLPClassifier(5, learning_rate_init=0.05, random_state=0)
    for _ in range(20):
        for kind in range(3):
            model.partial_fit(IRIS[kind == SPECIES], SPECIES[kind == SPECIES], classes=[0, 1, 2])
    assert model.score(IRIS, SPECIES) > 0.6
    with pytest.raises(ValueError, match=r"expected labels among the classes \[0 1 2\], got \[3\] too"):
        model.partial_fit(IRIS[:2], [0, 3])
    with pytest.raises(ValueError, match=r"expected the classes of the first call, \[0 1 2\], got \[0 1\]"):
        model.partial_fit(IRIS[:2], [0, 1], classes=[0, 1])


def test_a_warm_start_goes_on_from_the_weights():
    options = {**FEW, "optimizer": "sgd"}
    twice = MLPClassifier(warm_start=True, **options).fit(IRIS, SPECIES).fit(IRIS, SPECIES)
    once = MLPClassifier(**{**options, "max_iter": 12}).fit(IRIS, SPECIES)
    assert_same_weights(
        twice, once, rtol=1e-5, atol=1e-6
    )  # one batch, SGD: the order and the optimizer keep nothing
    assert (twice.n_iter_, len(twice.loss_curve_)) == (6, 12)
    with pytest.raises(ValueError, match=r"continues with the present network, mlp\(sizes=\(4, 5, 3\)"):
        twice.set_params(hidden_layer_sizes=7).fit(IRIS, SPECIES)


def test_early_stopping_keeps_the_best():
    x, y = load_digits(return_X_y=True)
    model = MLPClassifier(
        16,
        early_stopping=True,
        validation_fraction=0.3,
        n_iter_no_change=3,
        learning_rate_init=0.03,
        random_state=0,
    ).fit(x / 16, y)
    assert model.best_validation_score_ == max(model.validation_scores_) > 0.9
    assert 3 < model.n_iter_ < 200
    _, x_held, _, y_held = train_test_split(x / 16, y, test_size=0.3, stratify=y, random_state=model._seed)
    assert accuracy_score(y_held, model.predict(x_held)) == pytest.approx(model.best_validation_score_)
    assert len(model.history_["val_score"]) == len(model.history_["loss"]) == model.n_iter_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_best_score_is_that_of_the_parameters_after_a_worse_warm_start_too():
    options = {**FEW, "early_stopping": True, "validation_fraction": 0.4, "warm_start": True}
    model: Any = MLPClassifier(**options, learning_rate_init=0.1).fit(IRIS, SPECIES)
    before = model.best_validation_score_
    model.set_params(learning_rate_init=30.0).fit(IRIS, SPECIES)
    _, x_held, _, y_held = train_test_split(
        IRIS, SPECIES, test_size=0.4, stratify=SPECIES, random_state=model._seed
    )
    assert model.score(x_held, y_held) == pytest.approx(model.best_validation_score_)
    assert model.best_validation_score_ == max(model.validation_scores_[6:]) < before
    assert len(model.validation_scores_) == len(model.loss_curve_) == 12
    model.set_params(early_stopping=False, learning_rate_init=0.03).fit(IRIS, SPECIES)
    assert model.best_validation_score_ is None  # nothing was held out


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_examples_of_weight_0_are_not_held_out(kind: Any):
    y = np.arange(150) % 2
    weight = np.zeros(150)
    weight[:20] = np.arange(1, 21)
    options = {**FEW, "early_stopping": True, "validation_fraction": 0.2}
    weighted = kind(**options).fit(IRIS, y, sample_weight=weight)  # 4 of 20 are held out, not 30 of 150
    alone = kind(**options).fit(IRIS[:20], y[:20], sample_weight=weight[:20])
    assert weighted.validation_scores_ == alone.validation_scores_
    assert (weighted.predict(IRIS) == alone.predict(IRIS)).all()


def test_early_stopping_of_a_regressor_watches_r2():
    x, y = load_diabetes(return_X_y=True)
    y, weight = (y - 150) / 77, np.arange(1.0, 1 + len(y))
    model = MLPRegressor(16, early_stopping=True, learning_rate_init=0.1, random_state=0).fit(x, y, weight)
    parts = train_test_split(x, y, weight, test_size=0.1, random_state=model._seed)
    expected = r2_score(parts[3], model.predict(parts[1]), sample_weight=parts[5])
    assert model.best_validation_score_ == pytest.approx(expected, rel=1e-5)


class Impatient(MLPClassifier):
    """Somebody presses Ctrl-C while the third epoch is looked at."""

    def _score(self, outputs: Any, targets: Any, weight: Any) -> float:
        self.looks_ = getattr(self, "looks_", 0) + 1
        if self.looks_ == 3:
            raise KeyboardInterrupt
        return super()._score(outputs, targets, weight)


def test_what_was_learned_until_ctrl_c_is_kept():
    with pytest.warns(
        UserWarning, match="interrupted after 3 epochs; the parameters reached so far are kept"
    ):
        model = Impatient(5, early_stopping=True, random_state=0).fit(IRIS, SPECIES)
    assert model.n_iter_ == len(model.loss_curve_) == 3
    assert model.predict(IRIS).shape == (150,)


# --- the perceptron ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", [2, 3])
def test_a_perceptron_makes_the_corrections_of_scikit_learns(kinds: int):
    rng = np.random.default_rng(3)
    x = rng.integers(-500, 500, (60, 3)) / 64  # every sum is exact, and none is 0 but the very first
    y = (x @ rng.normal(size=(3, kinds))).argmax(axis=1)
    y[0] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours = PerceptronClassifier(max_iter=7).fit(x, y)
        other = linear_model.Perceptron(max_iter=7, tol=None, shuffle=False, eta0=1.0).fit(x, y)
    if kinds == 3:  # those whose first example has the answer 0: here only scikit-learn's is corrected
        assert ours.coef_.shape == other.coef_.shape == (3, 3)
        np.testing.assert_array_equal(ours.coef_[1], other.coef_[1])
        assert ours.intercept_[1] == other.intercept_[1]
    else:
        np.testing.assert_array_equal(ours.coef_, other.coef_)
        np.testing.assert_array_equal(ours.intercept_, other.intercept_)
        assert (ours.predict(x) == other.predict(x)).all()


def test_a_perceptron_is_the_lectures():
    x, y = data.AND
    run = jaxnet.perceptron.fit(jaxnet.perceptron.init(2), x, y, 0.5, 50, 0.2)
    model = PerceptronClassifier(eta0=0.5, max_iter=50, threshold=0.2).fit(x, np.where(y == 1, "yes", "no"))
    assert model.mistakes_.tolist() == run.mistakes.tolist()
    assert model.n_iter_ == run.epochs
    assert model.converged_
    assert model.coef_.tolist() == [run.params["w"].tolist()]
    assert model.decision_function(x) == pytest.approx(
        np.asarray(jaxnet.perceptron.net_input(run.params, x)) - 0.2
    )
    assert model.predict(x).tolist() == ["no", "no", "no", "yes"]


def test_a_perceptron_at_xor_never_ends():
    with pytest.warns(ConvergenceWarning, match="the last of 30 epochs still made 4 mistakes"):
        model = PerceptronClassifier(max_iter=30).fit(*data.XOR)
    assert not model.converged_
    assert model.mistakes_.tolist()[-3:] == [4, 4, 4]


def test_a_perceptron_goes_on():
    x, y = data.OR
    whole = PerceptronClassifier().fit(x, y)
    model = PerceptronClassifier()
    for _ in range(whole.n_iter_):
        model.partial_fit(x, y, classes=[0, 1])
    assert model.mistakes_.tolist() == whole.mistakes_.tolist()
    assert model.coef_.tolist() == whole.coef_.tolist()
    warm = PerceptronClassifier(warm_start=True).fit(x, y).fit(x, y)
    assert warm.n_iter_ == 1
    assert warm.mistakes_.tolist() == [*whole.mistakes_.tolist(), 0]


def test_a_perceptron_for_each_of_three_classes():
    x = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    model = PerceptronClassifier().fit(x, ["a", "b", "c"])
    assert model.mistakes_.shape == (3, model.n_iter_)
    assert model.converged_
    assert model.predict(x).tolist() == ["a", "b", "c"]
    each = [jaxnet.perceptron.fit(jaxnet.perceptron.init(2), x, np.arange(3) == kind) for kind in range(3)]
    assert model.coef_.tolist() == [run.params["w"].tolist() for run in each]
    assert model.mistakes_.sum(axis=1).tolist() == [run.updates for run in each]


# --- what is refused ---------------------------------------------------------------------------------

BAD = {
    "hidden_layer_sizes": [(0, "at least 1, got 0"), ((5, 2.5), "whole number, got 2.5"), ("8", "got '8'")],
    "activation": [("rely", "there is no activation 'rely'; did you mean 'relu'"), (3, "activation 3")],
    "optimizer": [("lbfgs", "no optimizer 'lbfgs'; give optax's"), (None, "an optax transformation")],
    "alpha": [(-1, "number of at least 0, got -1"), ("a", "got 'a'"), (np.nan, "got nan")],
    "batch_size": [(0, "at least 1, got 0"), ("all", "whole number, got 'all'")],
    "learning_rate_init": [(0, "number above 0, got 0"), ("x", "got 'x'")],
    "max_iter": [(0, "at least 1, got 0"), (1.5, "whole number, got 1.5")],
    "dropout": [(1.0, "number of at least 0 and below 1, got 1.0"), (True, "got True")],
    "random_state": [("x", "cannot be used to seed")],
    "tol": [(-1e-4, "number of at least 0"), (None, "got None")],
    "n_iter_no_change": [(0, "at least 1, got 0")],
    "early_stopping": [("yes", "True or False, got 'yes'")],
    "validation_fraction": [(1.0, "number above 0 and below 1, got 1.0")],
    "warm_start": [(2, "True or False, got 2")],
    "compute_dtype": [("int8", "float dtype such as jnp.bfloat16, got 'int8'")],
}
CASES = [(name, value, said) for name, cases in BAD.items() for value, said in cases]


@pytest.mark.parametrize(("name", "value", "said"), CASES, ids=[f"{n}={v}" for n, v, _ in CASES])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_a_bad_parameter_is_named_in_one_sentence(kind: Any, name: str, value: Any, said: str):
    model = kind(**{name: value})  # not refused here: scikit-learn asks for that
    with pytest.raises((ValueError, TypeError)) as caught:
        model.fit(IRIS, SPECIES)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    if name != "random_state":  # scikit-learn's own sentence
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            MLPClassifier(class_weight="even"),
            "MLPClassifier: expected class_weight to be 'balanced', a mapping",
        ),
        (MLPRegressor(loss="hubber"), "MLPRegressor: there is no loss 'hubber'; did you mean 'huber'"),
        (MLPRegressor(loss=3), "MLPRegressor: there is no loss 3"),
        (PerceptronClassifier(eta0=0), "PerceptronClassifier: expected eta0 to be a number above 0, got 0"),
        (PerceptronClassifier(max_iter=0), "PerceptronClassifier: expected max_iter to be at least 1, got 0"),
        (PerceptronClassifier(threshold=np.inf), "PerceptronClassifier: expected threshold to be a number"),
    ],
    ids=["class_weight", "loss", "loss-kind", "eta0", "max_iter", "threshold"],
)
def test_a_parameter_of_one_kind_is_named_too(model: Any, said: str):
    with pytest.raises((ValueError, TypeError)) as caught:
        model.fit(IRIS, SPECIES)
    assert said in str(caught.value)


def test_one_class_is_refused():
    for model in (MLPClassifier(), PerceptronClassifier()):
        with pytest.raises(ValueError, match=r"expected at least two classes, got one class, \[1\.\]"):
            model.fit(IRIS, np.ones(150))
        for classes in ([1], []):
            with pytest.raises(
                ValueError, match=r"expected at least two classes, got (one class, \[1\]|none)$"
            ):
                model.partial_fit(IRIS, np.ones(150, int), classes=classes)
        assert not hasattr(model, "classes_")
    with pytest.raises(ValueError, match="of at least two classes, got those of one class only"):
        MLPClassifier().fit(IRIS, SPECIES, sample_weight=SPECIES == 1)


def test_the_first_pass_needs_all_classes_and_single_passes_know_no_balance():
    for model in (MLPClassifier(), PerceptronClassifier()):
        with pytest.raises(ValueError, match="expected classes= in the first call of partial_fit"):
            model.partial_fit(IRIS, SPECIES)
    with pytest.raises(ValueError, match="class_weight='balanced' needs all data at once"):
        MLPClassifier(class_weight="balanced").partial_fit(IRIS, SPECIES, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="expected early_stopping=False in partial_fit"):
        MLPRegressor(early_stopping=True).partial_fit(IRIS, SPECIES)
    model = MLPRegressor(5).partial_fit(IRIS, SPECIES)
    with pytest.raises(ValueError, match="the optimizer is not the one that training started with"):
        model.set_params(optimizer="sgd").partial_fit(IRIS, SPECIES)
    with pytest.raises(ValueError, match="expected 1 targets per example, got 2"):
        model.set_params(optimizer="adam").partial_fit(IRIS, SEVERAL)


def test_a_network_that_diverges_says_so():
    with pytest.raises(jaxnet.Diverged, match="try a smaller learning rate"):
        MLPRegressor(5, optimizer="sgd", learning_rate_init=1e6).fit(IRIS * 100, SPECIES)


def test_what_failed_to_train_is_not_trained():
    for wrong in ({"optimizer": "lbfgs"}, {"optimizer": "sgd", "learning_rate_init": 1e6}):
        model = MLPRegressor(**FEW).fit(IRIS, SPECIES).set_params(**wrong)
        with pytest.raises((ValueError, jaxnet.Diverged)):
            model.fit(IRIS * 100, SPECIES)
        with pytest.raises(NotFittedError):
            model.predict(IRIS)


def test_weights_must_be_weights():
    for weight in (np.zeros(150), -np.ones(150)):
        with pytest.raises(ValueError, match="expected weights that are not negative and not zero for every"):
            MLPRegressor(**FEW).fit(IRIS, SPECIES, sample_weight=weight)
    with pytest.raises(ValueError, match="not zero for every example"):
        MLPClassifier(**FEW, class_weight={0: 0.0, 1: 0.0, 2: 0.0}).fit(IRIS, SPECIES)
    with pytest.raises(ValueError, match=r"sample_weight of shape \(150,\), got \(150, 1\)"):
        MLPClassifier(**FEW).fit(IRIS, SPECIES, sample_weight=np.ones((150, 1)))


def test_one_example_is_too_few_to_validate_on():
    with pytest.raises(ValueError, match="validation_fraction to hold out at least 2 of 9 examples"):
        MLPRegressor(early_stopping=True).fit(IRIS[:9], SPECIES[:9])


def test_equal_examples_become_one_with_their_weights_added():
    x, t = np.array([[0.0, 2], [1, 1], [-0.0, 2], [3, 3], [1, 1]]), np.array([[1.0], [0], [1], [1], [1]])
    rows, targets, weight = gathered(x, t, np.array([1.0, 2, 4, 0, 8]))
    found = {(*row, *target): w for row, target, w in zip(rows, targets, weight, strict=True) if w}
    assert found == {(0, 2, 1): 5, (1, 1, 0): 2, (1, 1, 1): 8}
    assert len(rows) == len(targets) == len(weight) == 64
    assert weight.sum() == 15


def test_more_examples_than_the_bound_are_taken_as_they_are():
    x = np.random.default_rng(0).integers(0, 3, (MERGED + 1, 1)).astype(np.float32)
    rows, targets, weight = gathered(x, 2 * x, None)
    assert (rows[: len(x)] == x).all()
    assert (targets == 2 * rows).all()
    assert (weight == (np.arange(room_for(MERGED + 1)) <= MERGED)).all()
    assert np.count_nonzero(gathered(x[1:], 2 * x[1:], None)[2]) == 3
    model: Any = MLPRegressor(**FEW, batch_size=2 * MERGED)
    twice, once = np.vstack([x, x]), 2 * np.ones(len(x))
    large: Any = MLPRegressor(**FEW, batch_size=len(twice))
    repeated = large.fit(twice, twice[:, 0]).predict(x[:9])
    weighted = model.fit(x, x[:, 0], sample_weight=once).predict(x[:9])
    np.testing.assert_allclose(repeated, weighted, rtol=1e-4)


@pytest.mark.parametrize(
    ("count", "room"), [(1, 64), (64, 64), (65, 128), (1000, 1024), (1025, 1152), (10000, 10240)]
)
def test_the_room_for_examples_is_little_more_than_they_need(count: int, room: int):
    assert room_for(count) == room


def test_what_is_not_trained_says_so():
    for model in (MLPClassifier(), MLPRegressor(), PerceptronClassifier()):
        with pytest.raises(NotFittedError):
            model.predict(IRIS)
        assert not hasattr(model, "coefs_")
        assert not hasattr(model, "network_")


def test_without_scikit_learn_one_sentence_says_what_to_install():
    code = "import sys; sys.modules['sklearn'] = None; import jaxnet; jaxnet.estimators"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]
    assert said.startswith("ModuleNotFoundError: jaxnet.estimators: they need scikit-learn, which is missing")
    assert 'pip install "jaxnet-quiz[sklearn]"' in said


def test_all_names_come_without_scikit_learn_too():
    code = (
        "import sys; sys.modules['sklearn'] = None; from jaxnet import *; print(mlp, 'estimators' in dir())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.endswith(" False\n"), done.stderr
    assert "estimators" in dir(jaxnet)


def test_the_progress_bar_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    MLPClassifier(**FEW).fit(IRIS, SPECIES)
    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]
    assert estimators.__all__ == ["MLPClassifier", "MLPRegressor", "PerceptronClassifier"]


@pytest.mark.parametrize(
    "sequences",
    [
        data.pad([[[1.0], [2.0]], [[3.0]]]),
        [[[1.0], [2.0]], [[3.0]]],
        (np.ones((2, 3)), np.ones((4, 3))),
    ],
    ids=["padded", "lists", "arrays"],
)
@pytest.mark.parametrize("make", [MLPClassifier, MLPRegressor, PerceptronClassifier])
def test_sequences_of_different_lengths_are_refused_in_one_sentence(make: Any, sequences: Any):
    with pytest.raises(ValueError, match=rf"^{make.__name__}: expected X as one row .* jaxnet\.fit"):
        make().fit(sequences, [0, 1])
