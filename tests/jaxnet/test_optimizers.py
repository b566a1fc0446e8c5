"""Every transformation of optax trains in ``fit`` or is refused in one sentence; a page lists which.

``python tests/jaxnet/test_optimizers.py`` trains with each of them and writes the table of that page anew.
"""

import inspect
import re
import warnings
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import optax.contrib
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import jaxnet
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.trial import inputs_of

PAGE = Path(__file__).parents[2] / "scripts" / "docs" / "howto" / "optimizers.md"
#: arguments of the transformations that have required ones, beside a learning rate
REQUIRED = {
    "optax.adaptive_grad_clip": (0.1,),
    "optax.add_noise": (0.01, 0.5),
    "optax.apply_if_finite": (optax.sgd(0.05), 3),
    "optax.chain": (optax.clip_by_global_norm(1.0), optax.sgd(0.05)),
    "optax.clip": (1.0,),
    "optax.clip_by_block_rms": (1.0,),
    "optax.clip_by_global_norm": (1.0,),
    "optax.conditionally_mask": (optax.sgd(0.05), lambda step: step >= 0),
    "optax.conditionally_transform": (optax.sgd(0.05), lambda step: step >= 0),
    "optax.ema": (0.9,),
    "optax.flatten": (optax.sgd(0.05),),
    "optax.freeze": ({"w": False, "b": True},),
    "optax.inject_hyperparams": (optax.sgd, (0.05,)),
    "optax.inject_stateful_hyperparams": (optax.sgd, (0.05,)),
    "optax.lookahead": (optax.sgd(0.05), 5, 0.5),
    "optax.masked": (optax.sgd(0.05), {"w": True, "b": True}),
    "optax.measure_with_ema": (optax.global_norm, 0.9),
    "optax.monitor": ({"norm": optax.global_norm},),
    "optax.multi_transform": ({"a": optax.sgd(0.05), "b": optax.adam(0.05)}, {"w": "a", "b": "b"}),
    "optax.named_chain": (("a", optax.sgd(0.05)),),
    "optax.MultiSteps": (optax.sgd(0.05), 4),
    "optax.partition": ({"a": optax.sgd(0.05), "b": optax.adam(0.05)}, {"w": "a", "b": "b"}),
    "optax.scale": (-0.05,),
    "optax.scale_by_backtracking_linesearch": (15,),
    "optax.scale_by_zoom_linesearch": (15,),
    "optax.scale_by_schedule": (lambda step: -0.05,),
    "optax.selective_transform": (optax.sgd(0.05),),
    "optax.snapshot": ("norm", optax.global_norm),
    "optax.stateless": (lambda updates, params: jax.tree.map(lambda g: -0.05 * g, updates),),
    "optax.stateless_with_tree_map": (lambda g, p: -0.05 * g,),
    "optax.trace": (0.9,),
    "optax.with_extra_args_support": (optax.sgd(0.05),),
    "optax.contrib.differentially_private_aggregate": (1.0, 0.1),
    "optax.contrib.dpsgd": (0.05, 1.0, 0.1, 0),
    "optax.contrib.mechanize": (optax.sgd(0.05),),
    "optax.contrib.sam": (optax.sgd(0.05), optax.sgd(0.01)),
    "optax.contrib.schedule_free": (optax.sgd(0.05), 0.05),
    "optax.contrib.split_real_and_imaginary": (optax.sgd(0.05),),
}
draw = np.random.default_rng(0)
X = draw.normal(size=(32, 3)).astype(np.float32)
Y = (X @ [[1.0, 0.5], [-2.0, 1.0], [0.5, 0.0]] + 0.3).astype(np.float32)
PARAMS = {"w": np.full((3, 2), 0.1, np.float32), "b": np.zeros(2, np.float32)}


def is_transformation(thing: Any) -> bool:
    made = inspect.isfunction(thing) and "GradientTransformation" in str(thing.__annotations__.get("return"))
    return made or thing in (
        optax.MultiSteps,
        optax.monitor,
        optax.contrib.dog,
        optax.contrib.dowg,
        optax.contrib.hutchinson_estimator_diag_hessian,
    )


NAMES = [
    f"{module.__name__}.{name}"
    for module in (optax, optax.contrib)
    for name in sorted(vars(module))
    if not name.startswith("_") and is_transformation(getattr(module, name))
]


def made(name: str) -> Any:
    """The transformation of that name, with a learning rate of 0.05 where it takes one."""
    function = eval(name, {"optax": optax})
    if name.startswith("optax.inject"):
        return function(optax.sgd)(0.05)
    arguments: tuple[Any, ...] = REQUIRED.get(name, ())
    taken = inspect.signature(function).parameters
    options: dict[str, Any] = {"freeze_mask": {"w": False, "b": True}} if "freeze_mask" in taken else {}
    if arguments and "key" in taken:
        options["key"] = jax.random.key(0)
    if (
        not arguments
        and "learning_rate" in taken
        and taken["learning_rate"].default in (inspect.Parameter.empty, None)
    ):
        options["learning_rate"] = 0.05
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **options)


def ready(transformation: Any) -> Pure:
    made = optax.GradientTransformationExtraArgs(transformation.init, transformation.update)
    return Pure(lambda _: made)


def verdict(name: str) -> str:
    """What ``fit`` says of a transformation before it trains."""
    try:
        needs = inputs_of("fit", ready(made(name)), True, PARAMS)
    except ValueError as error:
        message = str(error)
        assert "\n" not in message
        assert message.startswith("fit: the optimizer cannot train here: ")
        alone = "uphill" in message or "do not follow" in message
        return "is refused alone, as a part of a chain" if alone else "is refused"
    return f"trains; gets {', '.join(f'`{need}`' for need in needs)}" if needs else "trains"


def fit(optimizer: Any, epochs: int = 40) -> Any:
    return jaxnet.fit(
        jaxnet.dense(2), (X, Y), loss="mse", optimizer=optimizer, epochs=epochs, batch_size=16, params=PARAMS,
        learning_rate=0.1 if inspect.isfunction(optimizer) else None, key=jax.random.key(0),
    )  # fmt: skip


def table() -> str:
    """Verdict -> names, as Markdown."""
    found: dict[str, list[str]] = {}
    for name in NAMES:
        found.setdefault(verdict(name), []).append(name.removeprefix("optax."))
    rows = [
        f"| {said} | {', '.join(found[said])} |"
        for said in sorted(found, key=lambda s: (s[:6], len(s)), reverse=True)
    ]
    return "\n".join(["| in `fit` it | transformations of optax |", "|---|---|", *rows])


@pytest.mark.filterwarnings("ignore")
def test_the_page_says_of_each_transformation_what_fit_does_with_it():
    assert table() in PAGE.read_text(encoding="utf-8")


NEEDY = {
    "polyak": (optax.polyak_sgd(), 1e-6),
    "l-bfgs": (optax.lbfgs(), 1e-6),
    "plateau": (optax.chain(optax.sgd(0.05), optax.contrib.reduce_on_plateau()), 0.05),
    "schedule free": (optax.contrib.schedule_free_sgd(0.5), 1e-3),
    "sharpness aware": (optax.contrib.sam(optax.sgd(0.1), optax.sgd(0.01), opaque_mode=True), 0.05),
    "sophia": (optax.contrib.sophia(0.05), 0.5),
    "accumulated": (optax.MultiSteps(optax.polyak_sgd(), 2), 0.1),
}


@pytest.mark.parametrize("name", NEEDY)
def test_what_an_update_needs_is_given_to_it(name):
    optimizer, reached = NEEDY[name]
    assert fit(optimizer).history["loss"][-1] < reached


def test_the_value_has_the_penalty_in_it():
    # Polyak's step is (f - 0) / |grad f|^2 in the direction of -grad f, with f = mean squared error + penalty
    x, y, w = np.ones((4, 1), np.float32), np.full((4, 1), 3.0, np.float32), np.full((1, 1), 2.0, np.float32)
    run = jaxnet.fit(
        jaxnet.dense(1), (x, y), loss="mse", optimizer=optax.polyak_sgd(max_learning_rate=10.0), epochs=1,
        params={"w": w, "b": np.zeros(1, np.float32)}, l2=0.5, key=jax.random.key(0),
    )  # fmt: skip
    value = (3 - 2) ** 2 + 0.5 / 2 * 2**2
    slope_w, slope_b = 2 * (2 - 3) + 0.5 * 2, 2 * (2 - 3)
    step = value / (slope_w**2 + slope_b**2)
    np.testing.assert_allclose(run.params["w"], [[2 - step * slope_w]], rtol=1e-5)
    np.testing.assert_allclose(run.params["b"], [-step * slope_b], rtol=1e-5)


def chain(updates: Any, state: Any, params: Any = None) -> Any:
    """A rule of one's own; it has the name of one of optax's."""
    return jax.tree.map(lambda g: -0.1 * g, updates), state


def positive(rate: Any) -> Any:
    """A factory that looks at its learning rate, which is known only while the program runs."""
    return optax.sgd(rate) if rate > 0 else optax.set_to_zero()


def test_rules_of_ones_own_train():
    own = optax.GradientTransformation(lambda params: (), chain)
    np.testing.assert_allclose(fit(own).history["loss"], fit(optax.sgd(0.1)).history["loss"], rtol=1e-5)
    needs = inputs_of("fit", Pure(lambda _: own._replace(update=jax.jit(chain))), True, PARAMS)
    assert needs == inputs_of("fit", Pure(lambda _: own), True, {}) == ()


REFUSED = {
    "uphill": (optax.scale_by_adam(), "uphill"),
    "a chain without its end": (optax.chain(optax.clip(1.0), optax.trace(0.9)), "uphill"),
    "a positive scale": (optax.chain(optax.scale_by_adam(), optax.scale(0.1)), "uphill"),
    "nothing": (optax.set_to_zero(), "do not follow"),
    "no transformation": (lambda rate: rate, "parameters of another kind"),
    "a rate that is looked at": (positive, "traced"),
    "other parameters": (optax.lookahead(optax.sgd(0.1), 5, 0.5), "parameters of another kind"),
    "gradients of each example": (made("optax.contrib.differentially_private_aggregate"), "batch dimension"),
    "labels that do not fit": (optax.multi_transform({"a": optax.sgd(0.1)}, {"v": "a"}), "cannot train"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_train_is_refused_in_one_sentence(name):
    optimizer, words = REFUSED[name]
    with pytest.raises(
        ValueError, match=f"^fit: the optimizer cannot train here: .*{words}|^fit: .*{words}"
    ) as caught:
        fit(optimizer)
    assert "\n" not in str(caught.value)


def test_a_learning_rate_of_any_size_is_the_users_business():
    for optimizer in (
        optax.sgd(0.0),
        optax.sgd(50.0),
        optax.adam(optax.warmup_constant_schedule(0.0, 0.1, 50)),
    ):
        assert inputs_of("fit", ready(optimizer), True, PARAMS) == ()


def test_l_bfgs_reaches_the_optimum_of_a_logistic_regression():
    x, y = load_breast_cancer(return_X_y=True)
    x = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
    net = jaxnet.dense(1)
    run = jaxnet.fit(
        net, (x, y[:, None].astype(np.float32)), loss="binary_cross_entropy", optimizer=optax.lbfgs(),
        epochs=60, batch_size=len(x), l2=1 / len(x),
        params={"w": np.zeros((30, 1), np.float32), "b": np.zeros(1, np.float32)}, key=jax.random.key(0),
    )  # fmt: skip
    best = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000).fit(x, y)
    np.testing.assert_allclose(run.params["w"][:, 0], best.coef_[0], atol=2e-3)
    np.testing.assert_allclose(run.params["b"], best.intercept_, atol=2e-3)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    written = re.sub(r"\| in `fit` it .*?\n\n", lambda _: table() + "\n\n", text, flags=re.DOTALL)
    PAGE.write_text(written, encoding="utf-8")
    for name in NAMES:
        if verdict(name).startswith("trains"):
            print(
                f"{name:45} {'  '.join(f'{loss:.3g}' for loss in fit(made(name)).history['loss'][[0, -1]])}"
            )
