"""Question 6, backpropagation: every exercise against fractions, finite differences, the trace."""

import math

import bank_checks
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
import quiz


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def slope(f, z, h=1e-3):
    """The derivative by a finite difference of the sixth order."""
    z = float(z)
    return sum(k * (f(z + i * h) - f(z - i * h)) for i, k in ((1, 45), (2, -9), (3, 1))) / (60 * h)


def floats(value):
    return [floats(part) for part in value] if isinstance(value, tuple) else float(value)


def solve_network(g):
    """Each δ is what a small change of that neuron's sum does to the loss."""
    x, w, b, v, c, t, eta = (floats(g[name]) for name in ("x", "W", "b", "v", "c", "t", "eta"))

    def pass_(shift=(0, 0, 0), w11=w[0][0], v1=v[0]):
        z = [w11 * x[0] + w[1][0] * x[1] + b[0] + shift[0], w[0][1] * x[0] + w[1][1] * x[1] + b[1] + shift[1]]
        h = [sigmoid(s) for s in z]
        y = sigmoid(v1 * h[0] + v[1] * h[1] + c + shift[2])
        return h, y, (t - y) ** 2

    h, y, loss = pass_()
    return {
        "h1": h[0],
        "h2": h[1],
        "y": y,
        "L": loss,
        "d": slope(lambda s: pass_((0, 0, s))[2], 0),
        "d1": slope(lambda s: pass_((s, 0, 0))[2], 0),
        "d2": slope(lambda s: pass_((0, s, 0))[2], 0),
        "gv1": (gv1 := slope(lambda s: pass_(v1=s)[2], v[0])),
        "gw11": slope(lambda s: pass_(w11=s)[2], w[0][0]),
        "v1": v[0] - eta * gv1,
    }


SOLVERS = {"q6.network": solve_network}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


@pytest.mark.parametrize("seed", range(5))
def test_network_key_is_the_trace_and_what_jax_grad_gives(seed):
    variant = quiz.generate("q6.network", seed)
    key = quiz.key(variant)
    g = {name: np.array(floats(value)) for name, value in variant.givens.items()}
    net = jaxnet.mlp("2-2-1", activation="sigmoid", output="sigmoid")
    with jax.enable_x64(True):
        params = [
            {"w": jnp.array(g["W"]), "b": jnp.array(g["b"])},
            {"w": jnp.array(g["v"][:, None]), "b": jnp.array(g["c"][None])},
        ]
        x, t = jnp.array(g["x"]), jnp.array(g["t"][None])
        hidden, out = (trace := jaxnet.backprop.trace(net, params, x, t)).layers
        grad = jax.grad(lambda p: jnp.sum((net.apply(p, x) - t) ** 2))(params)
    values = {"h1": hidden.a[0], "h2": hidden.a[1], "y": out.a[0], "L": trace.loss, "d": out.delta[0]}
    values |= {"d1": hidden.delta[0], "d2": hidden.delta[1], "gv1": out.dw[0, 0], "gw11": hidden.dw[0, 0]}
    assert {name: key[name] for name in values} == pytest.approx(
        {name: float(value) for name, value in values.items()}, abs=1e-9
    )
    assert key["gv1"] == pytest.approx(float(grad[1]["w"][0, 0]), abs=1e-9)
    assert key["gw11"] == pytest.approx(float(grad[0]["w"][0, 0]), abs=1e-9)
    assert key["v1"] == pytest.approx(g["v"][0] - g["eta"] * float(grad[1]["w"][0, 0]), abs=1e-9)
