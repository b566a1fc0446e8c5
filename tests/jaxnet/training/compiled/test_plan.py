"""Where steps run: the choice and its grounds."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import losses
from jaxnet.training.compiled import programs
from jaxnet.training.compiled.plan import Cost, choose, cost


def test_operations_are_counted():
    def net(x, w):
        def body(c, _):
            return jnp.tanh(c @ w), None

        return jax.lax.scan(body, x, None, length=5)[0]

    found = cost(jax.make_jaxpr(net)(jnp.ones((3, 4)), jnp.ones((4, 4))).jaxpr)
    assert found.flops == 5 * 2 * 3 * 4 * 4
    assert found.operations == 5 * 2
    assert not found.convolution


def test_a_convolution_is_found_however_deep():
    def net(x, w):
        return jax.jit(lambda x: jax.lax.conv(x, w, (1, 1), "VALID"))(x)

    found = cost(jax.make_jaxpr(net)(jnp.ones((1, 3, 6, 6)), jnp.ones((5, 3, 2, 2))).jaxpr)
    assert found.convolution
    assert found.flops == 2 * (5 * 5 * 5) * (3 * 2 * 2)  # 5 channels of 5 x 5, each from 3 x 2 x 2 inputs


SMALL, LARGE, CONV = Cost(1e5, 10, False), Cost(1e10, 10, False), Cost(1e8, 20, True)
MIDDLE = Cost(6e7, 10, False)
CASES = {
    "small": (SMALL, 50, 20, {}, "run", 1000),
    "middle": (MIDDLE, 469, 5, {}, "scan", 469),
    "long steps": (LARGE, 100, 5, {}, "loop", 1),
    "convolution on the CPU": (CONV, 100, 5, {}, "loop", 100),
    "convolution on a GPU": (CONV, 100, 5, {"backend": "gpu"}, "run", 500),
    "visits": (SMALL, 50, 20, {"visits": True}, "scan", 50),
    "asked for": (SMALL, 50, 20, {"wanted": "loop"}, "loop", 50),
    "asked for, with visits": (SMALL, 50, 20, {"wanted": "run", "visits": True}, "scan", 50),
}


@pytest.mark.parametrize("case", CASES)
def test_the_choice(case):
    forward, steps, epochs, options, kind, chunk = CASES[case]
    plan = choose(forward, steps, epochs, **{"backend": "cpu"} | options)
    assert (plan.kind, plan.chunk) == (kind, chunk) or (case == "long steps" and plan.chunk < 20)
    assert plan.kind == kind
    assert plan.reason


def test_parts_of_an_epoch_are_equal():
    plan = choose(Cost(6e7, 10, False), 4690, 2, backend="cpu")
    lengths = [min(plan.chunk, 4690 - first) for first in range(0, 4690, plan.chunk)]
    assert len(set(lengths)) <= 2
    assert max(lengths) - min(lengths) < len(lengths)


def test_nothing_goes_to_the_host_inside_a_chunk(monkeypatch):
    """The program of a chunk, as it is compiled: no callback, nothing sent or received."""
    programs_seen = []
    compiled = programs.run_epochs

    def look(*args):
        programs_seen.append(compiled.lower(*args).compile().as_text())
        return compiled(*args)

    monkeypatch.setattr(programs, "run_epochs", look)
    net = jaxnet.serial(jaxnet.dropout(0.5), jaxnet.lstm(2), jaxnet.dense(1))
    x = np.ones((8, 4, 4), np.float32)
    jaxnet.fit(net, (x, x[:, 0, 0]), loss=losses.mse, epochs=2, plan="scan", key=jax.random.key(0))
    assert "while(" in programs_seen[0]
    assert not re.search("callback|infeed|outfeed|send|recv", programs_seen[0])


def test_the_plan_can_be_seen_in_the_run():
    x = np.ones((8, 4, 4, 1), np.float32)
    net = jaxnet.serial(jaxnet.conv(2, (3, 3)), jaxnet.flatten(), jaxnet.dense(1))
    run = jaxnet.fit(net, (x, x[:, 0, 0]), loss=losses.mse, epochs=1, key=jax.random.key(0))
    assert run.plan.kind in ("run", "loop")
    assert run.plan.reason
