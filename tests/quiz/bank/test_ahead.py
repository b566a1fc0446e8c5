"""Topics ahead: every exercise by fractions and `math`, and its rules against the library's layers."""

import math
from fractions import Fraction
from functools import reduce

import bank_checks
import jax
import numpy as np
import optax
import pytest
from by_hand import sigmoid

import jaxnet
import quiz

# --- independent ways to the answers -----------------------------------------------------------------


def solve_size(g):
    def places(size):
        """How often the filter fits, counted one by one."""
        return len([left for left in range(0, size + 2 * g["p"] - g["k"] + 1, g["s"])])

    weights = len([0 for _row in range(g["k"]) for _column in range(g["k"]) for _channel in range(g["C"])])
    return {"height": places(g["H"]), "width": places(g["W"]), "params": g["F"] * weights + g["F"]}


def solve_shapes(g):
    side = len(range(g["n"] - g["k"] + 1))
    flat = sum(1 for _row in range(0, side - 1, 2) for _column in range(0, side - 1, 2)) * g["F"]
    return {"conv": side, "pool": side // 2, "flat": flat, "params": flat * g["D"] + g["D"]}


def windows(X):
    return [[[X[r][c], X[r][c + 1], X[r + 1][c], X[r + 1][c + 1]] for c in (0, 2)] for r in (0, 2)]


def solve_pool(g):
    return {
        "max": [[max(window) for window in row] for row in windows(g["X"])],
        "mean": [[Fraction(sum(window), 4) for window in row] for row in windows(g["X"])],
    }


def solve_value(g):
    X, K = g["X"], g["K"]
    Z = [
        [sum(X[r + i][c + j] * K[i][j] for i in (0, 1) for j in (0, 1)) + g["b"] for c in (0, 1)]
        for r in (0, 1)
    ]
    A = [[max(0, z) for z in row] for row in Z]
    return {"Z": Z, "A": A, "m": max(max(row) for row in A)}


def solve_rnn(g):
    states = [0.0]
    for x in g["x"]:
        states.append(math.tanh(g["w"] * x + g["u"] * states[-1] + g["b"]))
    return dict(zip(("h1", "h2", "h3"), states[1:], strict=True))


def sums(g):
    return [w * g["x"] + u * g["h"] + b for w, u, b in zip(g["w"], g["u"], g["b"], strict=True)]


def solve_lstm(g):
    i, f, candidate, o = sums(g)
    i, f, candidate, o = sigmoid(i), sigmoid(f), math.tanh(candidate), sigmoid(o)
    c = f * float(g["c"]) + i * candidate
    return {"i": i, "f": f, "g": candidate, "o": o, "c": c, "h": o * math.tanh(c)}


def solve_gru(g):
    r, z = (sigmoid(value) for value in sums(g)[:2])
    n = math.tanh(g["w"][2] * g["x"] + g["b"][2] + Fraction(r) * g["u"][2] * g["h"])
    return {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * float(g["h"])}


def solve_momentum(g):
    w, v, found = g["w"], 0, {}
    for step in ("1", "2"):
        v = g["beta"] * v + 2 * (w - g["a"])
        w = w - g["eta"] * v
        found |= {"v" + step: v, "w" + step: w}
    return found


def solve_rmsprop(g):
    v = [g["rho"] * old + (1 - g["rho"]) * slope**2 for old, slope in zip(g["v"], g["g"], strict=True)]
    w = [
        float(weight) - float(g["eta"] * slope) / math.sqrt(mean + Fraction(1, 10**8))
        for weight, slope, mean in zip(g["w"], g["g"], v, strict=True)
    ]
    return {"v": v, "w": w}


def solve_adam(g):
    m = g["beta1"] * g["m"] + (1 - g["beta1"]) * g["g"]
    v = g["beta2"] * g["v"] + (1 - g["beta2"]) * g["g"] ** 2
    mhat, vhat = m / (1 - g["beta1"] ** g["t"]), v / (1 - g["beta2"] ** g["t"])
    w = float(g["w"]) - float(g["eta"] * mhat) / (math.sqrt(vhat) + 1e-8)
    return {"m": m, "v": v, "mhat": mhat, "vhat": vhat, "w": w}


def solve_l2(g):
    gradient = [slope + g["lam"] * w for slope, w in zip(g["g"], g["w"], strict=True)]
    return {
        "term": g["lam"] * sum(w**2 for w in g["w"]) / 2,
        "gradient": gradient,
        "w": [w - g["eta"] * slope for w, slope in zip(g["w"], gradient, strict=True)],
    }


def solve_dropout(g):
    kept = [a / (1 - g["p"]) if m else Fraction(0) for a, m in zip(g["a"], g["mask"], strict=True)]
    train, test = (sum(w * a for w, a in zip(g["w"], part, strict=True)) + g["b"] for part in (kept, g["a"]))
    return {"kept": kept, "train": train, "test": test}


def solve_stopping(g):
    best, epoch = 1, 1
    while epoch - best < g["patience"] and epoch < len(g["val"]):
        epoch += 1
        if g["val"][epoch - 1] < g["val"][best - 1]:
            best = epoch
    return {"stop": epoch, "best": best, "gap": g["val"][epoch - 1] - g["val"][best - 1]}


SOLVERS = {
    "q7.conv-size": solve_size,
    "q7.cnn-shapes": solve_shapes,
    "q7.pool": solve_pool,
    "q7.conv-value": solve_value,
    "q7.rnn": solve_rnn,
    "q7.lstm": solve_lstm,
    "q7.gru": solve_gru,
    "q7.momentum": solve_momentum,
    "q7.rmsprop": solve_rmsprop,
    "q7.adam": solve_adam,
    "q7.l2": solve_l2,
    "q7.dropout": solve_dropout,
    "q7.early-stopping": solve_stopping,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


# --- the same answers from whole layers and optimizers -----------------------------------------------


def made(exercise, count=20):
    for seed in range(count):
        variant = quiz.generate(exercise, seed)
        yield {name: _floats(value) for name, value in variant.givens.items()}, quiz.key(variant)


def _floats(value):
    return [_floats(part) for part in value] if isinstance(value, tuple) else float(value)


def test_sizes_are_those_of_the_layer():
    for g, key in made("q7.conv-size"):
        layer = jaxnet.conv(int(g["F"]), (int(g["k"]),) * 2, strides=int(g["s"]), padding=int(g["p"]))
        shape = (int(g["H"]), int(g["W"]), int(g["C"]))
        params = jax.eval_shape(lambda k, layer=layer, shape=shape: layer.init(k, shape), jax.random.key(0))
        out = layer.out_shape(shape)
        count = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params))
        assert (*out[:2], count) == (key["height"], key["width"], key["params"])


def test_shapes_are_those_of_the_network():
    for g, key in made("q7.cnn-shapes"):
        F, k, D = int(g["F"]), int(g["k"]), int(g["D"])
        layers = [
            jaxnet.conv(F, (k, k), padding="valid"),
            jaxnet.max_pool((2, 2)),
            jaxnet.flatten(),
            jaxnet.dense(D),
        ]
        shape, shapes = (int(g["n"]), int(g["n"]), int(g["C"])), []
        for layer in layers:
            shapes.append(shape := layer.out_shape(shape))
        assert (shapes[0][0], shapes[1][0], shapes[2]) == (key["conv"], key["pool"], (key["flat"],))
        assert key["params"] == shapes[2][0] * D + D


def test_states_are_those_of_the_recurrent_layer():
    layer = jaxnet.simple_rnn(1, return_sequences=True)
    for g, key in made("q7.rnn"):
        with jax.enable_x64(True):
            params = {"w": np.array([[g["w"]]]), "u": np.array([[g["u"]]]), "b": np.array([g["b"]])}
            h = layer.apply(params, np.array(g["x"])[:, None])[:, 0]
        np.testing.assert_allclose(h, [key["h1"], key["h2"], key["h3"]], atol=1e-10)


FAR = 60.0  # a sigmoid there is 1, and 0 at its negative


def test_the_lstm_step_is_that_of_the_layer():
    """Two steps bring the layer into the state given; the third is the one asked for."""
    layer = jaxnet.lstm(1, return_sequences=True)
    for g, key in made("q7.lstm"):
        half, opened = np.arctanh(g["c"] / 2), g["h"] / np.tanh(g["c"])
        first = [FAR, FAR, half, -FAR]
        second = [FAR, FAR, half, np.log(opened / (1 - opened))]
        # one feature for each step; those of the first two make up for the bias
        w = np.array([np.subtract(first, g["b"]), np.subtract(second, g["b"]), np.array(g["w"]) * g["x"]])
        with jax.enable_x64(True):
            h = layer.apply({"w": w, "u": np.array([g["u"]]), "b": np.array(g["b"])}, np.eye(3))[:, 0]
        np.testing.assert_allclose(h, [0, g["h"], key["h"]], atol=1e-9)


def test_the_gru_step_is_that_of_the_layer():
    """A step with an open update gate brings the layer into the state given; the second is asked for."""
    layer = jaxnet.gru(1, return_sequences=True)
    for g, key in made("q7.gru"):
        first = [0.0, -FAR, np.arctanh(g["h"])]
        w = np.array([np.subtract(first, g["b"]), np.array(g["w"]) * g["x"]])
        params = {"w": w, "u": np.array([g["u"]]), "b": np.array(g["b"]), "c": np.zeros(1)}
        with jax.enable_x64(True):
            h = layer.apply(params, np.eye(2))[:, 0]
        np.testing.assert_allclose(h, [g["h"], key["h"]], atol=1e-9)


def test_momentum_is_that_of_optax():
    for g, key in made("q7.momentum"):
        with jax.enable_x64(True):
            rule, w = optax.sgd(g["eta"], momentum=g["beta"]), np.float64(g["w"])
            state = rule.init(w)
            for step in ("1", "2"):
                change, state = rule.update(2 * (w - g["a"]), state)
                w = w + change
                assert float(w) == pytest.approx(key["w" + step])


def test_rmsprop_is_that_of_optax():
    for g, key in made("q7.rmsprop"):
        with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"):
            rule = optax.rmsprop(g["eta"], decay=g["rho"])
            state = optax.tree.set(rule.init(np.array(g["w"])), nu=np.array(g["v"]))
            change, state = rule.update(np.array(g["g"]), state)
        np.testing.assert_allclose(np.array(g["w"]) + np.asarray(change), key["w"], atol=1e-9)
        np.testing.assert_allclose(optax.tree.get(state, "nu"), key["v"], atol=1e-9)


def test_adam_is_that_of_optax():
    for g, key in made("q7.adam"):
        with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"):
            rule = optax.adam(g["eta"], b1=g["beta1"], b2=g["beta2"])
            state = rule.init(np.float64(g["w"]))
            state = optax.tree.set(state, mu=np.float64(g["m"]), nu=np.float64(g["v"]), count=int(g["t"]) - 1)
            change, state = rule.update(np.float64(g["g"]), state)
        assert g["w"] + float(change) == pytest.approx(key["w"], abs=1e-9)
        assert float(optax.tree.get(state, "mu")) == pytest.approx(key["m"])


def test_the_l2_term_is_that_of_fit():
    """One step of gradient descent with ``l2`` on data whose gradient is the one given."""
    for g, key in made("q7.l2", 3):
        net = jaxnet.dense(1, use_bias=False)
        # the loss w.x of one sample has the gradient x
        run = jaxnet.fit(
            net,
            (np.array([g["g"]]), np.zeros((1, 1))),
            loss=lambda outputs, targets: outputs[..., 0] + 0 * targets[..., 0],
            optimizer=optax.sgd(g["eta"]),
            epochs=1,
            batch_size=1,
            key=jax.random.key(0),
            params={"w": np.array(g["w"])[:, None]},
            l2=g["lam"],
            progress=False,
        )
        np.testing.assert_allclose(np.asarray(run.params["w"])[:, 0], key["w"], atol=1e-5)


def test_dropout_scales_as_the_layer_does():
    for g, key in made("q7.dropout"):
        a = np.array(g["a"], np.float32)
        out = np.asarray(jaxnet.dropout(g["p"]).apply({}, np.tile(a, (50, 1)), key=jax.random.key(1)))
        kept = np.array(key["kept"])
        scaled = out.max(axis=0)
        np.testing.assert_allclose(kept[kept > 0], scaled[kept > 0], rtol=1e-5)
        assert set(np.unique(out[:, 0])) == {0, scaled[0]}


def test_the_product_of_conv_weights_by_hand():
    """One variant worked out on paper: an image of ones and twos against a filter of ones."""
    X, K = ((1, 2, 0), (0, 1, 3), (-2, 1, 1)), ((1, 0), (-1, 2))
    found = solve_value({"X": X, "K": K, "b": -1})
    assert found["Z"] == [[1 - 0 + 2 - 1, 2 - 1 + 6 - 1], [0 + 2 + 2 - 1, 1 - 1 + 2 - 1]]
    assert found["m"] == reduce(max, (2, 6, 3, 1))
