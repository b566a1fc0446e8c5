"""Functions made twice are the same function; functions that differ are not."""

import functools
import importlib.util
import types

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxnet
from jaxnet import losses, networks
from jaxnet.training.compiled.fingerprint import Pure, digest, fingerprint, name_or_digest

BIG = np.arange(5000.0)
level = 1.0


def twice(x):
    return 2 * x


def scaled(by, offset=0.0):
    return lambda x: by * twice(x) + offset


def reads_a_global(x):
    return level * x


def calls_elsewhere(x):
    return losses.mse(x, x) + functools.reduce(lambda a, b: a + b, [x])


SAME = {
    "closure": lambda: scaled(2.0),
    "nested": lambda: scaled(scaled(3.0)),
    "small array": lambda: scaled(np.arange(3)),
    "jax array": lambda: scaled(jnp.arange(3)),
    "partial": lambda: functools.partial(twice, x=3),
    "partial loss": lambda: functools.partial(losses.cross_entropy, smoothing=0.1),
    "loss": lambda: losses.cross_entropy,
    "foreign functions": lambda: calls_elsewhere,
    "mlp": lambda: jaxnet.mlp([3, 4, 2]).apply,
    "serial": lambda: jaxnet.serial(jaxnet.dense(3), jaxnet.tanh, jaxnet.dropout(0.1), jaxnet.lstm(4)).apply,
    "init": lambda: (
        jaxnet.serial(jaxnet.conv(3, (2, 2)), jaxnet.relu, jaxnet.flatten(), jaxnet.dense(2)).init
    ),
    "adam": lambda: optax.adam(1e-3).update,
    "clipped": lambda: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-3)).update,
    "schedule": lambda: optax.sgd(optax.cosine_decay_schedule(0.1, 100), momentum=0.9).update,
    "accumulated": lambda: optax.MultiSteps(optax.adam(1e-3), 4).update,
}


@pytest.mark.parametrize("name", SAME)
def test_made_twice_is_the_same(name):
    a, b = Pure(SAME[name]()), Pure(SAME[name]())
    assert a == b
    assert hash(a) == hash(b)
    assert digest(a.function) == digest(b.function)


DIFFERENT = {
    "number": (scaled(2.0), scaled(3.0)),
    "type of a number": (scaled(2.0), scaled(2)),
    "sign of zero": (scaled(0.0), scaled(-0.0)),
    "default": (scaled(2.0), scaled(2.0, 1.0)),
    "array": (scaled(np.arange(3)), scaled(np.array([0, 1, 3]))),
    "dtype": (scaled(np.float32(1)), scaled(np.float64(1))),
    "code": (lambda x: x + 1, lambda x: x + 2),
    "rate": (optax.adam(1e-3).update, optax.adam(2e-3).update),
    "smoothing": (losses.smoothed(0.1), losses.smoothed(0.2)),
    "size": (jaxnet.mlp([3, 4, 2]).init, jaxnet.mlp([3, 5, 2]).init),
    "activation": (jaxnet.mlp([3, 4, 2]).apply, jaxnet.mlp([3, 4, 2], activation="tanh").apply),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs_is_not_the_same(name):
    a, b = DIFFERENT[name]
    assert Pure(a) != Pure(b)
    assert digest(a) != digest(b)


def test_large_arrays_are_the_same_only_if_they_are_one():
    assert Pure(scaled(BIG)) == Pure(scaled(BIG))
    assert Pure(scaled(BIG)) != Pure(scaled(BIG.copy()))


def test_a_global_that_changes_is_noticed():
    before = Pure(reads_a_global)
    assert before == Pure(reads_a_global)
    home = {**globals(), "level": 2.0}
    moved = types.FunctionType(reads_a_global.__code__, home)
    assert Pure(moved) != before


class Settings:
    scale = 1.0


class Weighed:
    def __init__(self):
        self.by = 1.0

    def method(self, x):
        return self.by * x

    def __call__(self, x):
        return self.by * x


def reads_a_class(x):
    return Settings.scale * x


def reads_its_own(x):
    return reads_its_own.by * x  # type: ignore[attr-defined]


def changes(name):
    """A function, and what changes something it reads."""
    weighed, big, chosen = Weighed(), np.zeros(5000), {1, 2}
    settings, module = types.SimpleNamespace(by=1.0), types.ModuleType("settings")
    module.by = 1.0  # type: ignore[attr-defined]
    reads_its_own.by = 1.0  # type: ignore[attr-defined]
    reads_a_module = types.FunctionType(compile("module.by", "", "eval"), {"module": module})
    return {
        "bound method": (weighed.method, lambda: setattr(weighed, "by", 2.0)),
        "callable object": (weighed, lambda: setattr(weighed, "by", 2.0)),
        "large array": (scaled(big), lambda: big.fill(1.0)),
        "set": (scaled(chosen), lambda: chosen.add(3)),
        "namespace": (scaled(settings), lambda: setattr(settings, "by", 2.0)),
        "module": (reads_a_module, lambda: setattr(module, "by", 2.0)),
        "function's own": (reads_its_own, lambda: setattr(reads_its_own, "by", 2.0)),
    }[name]


@pytest.mark.parametrize(
    "name",
    ["bound method", "callable object", "large array", "set", "namespace", "module", "function's own"],
)
def test_what_changes_in_place_is_noticed(name):
    function, change = changes(name)
    before = Pure(function)
    assert before == Pure(function)
    change()
    assert before != Pure(function)


def test_a_class_whose_attribute_changes_is_noticed(monkeypatch):
    before = Pure(reads_a_class)
    monkeypatch.setattr(Settings, "scale", 2.0)
    assert before != Pure(reads_a_class)


def test_a_function_may_refer_to_itself():
    def make():
        def count(n):
            return 0 if n == 0 else count(n - 1)

        return count

    assert Pure(make()) == Pure(make())


def test_an_object_that_is_not_known_is_only_itself():
    class Thing:
        pass

    thing = Thing()
    assert fingerprint(scaled(thing)) == fingerprint(scaled(thing))
    assert fingerprint(scaled(thing)) != fingerprint(scaled(Thing()))


def test_pure_calls_the_function_and_is_a_static_argument():
    traced = []

    @functools.partial(jax.jit, static_argnums=0)
    def run(function, x):
        traced.append(function)
        return function(x)

    assert [run(Pure(scaled(2.0)), 1.0).item() for _ in range(3)] == [4.0] * 3
    assert len(traced) == 1


def renamed(module):
    """The module once more, under another name, as if its file had been moved."""
    found = importlib.util.spec_from_file_location("jaxnet.moved", module.__file__)
    moved = importlib.util.module_from_spec(found)
    found.loader.exec_module(moved)
    return moved


def test_a_module_that_moves_leaves_the_digests_as_they_are():
    net, moved = jaxnet.mlp([3, 4, 2]), renamed(networks).mlp.__wrapped__([3, 4, 2])
    assert moved.apply.__module__ == "jaxnet.moved"
    assert digest(moved.apply) == digest(net.apply)
    smoothed = renamed(losses).smoothed
    assert digest(smoothed(0.1)) == digest(losses.smoothed(0.1)) != digest(losses.smoothed(0.2))


def test_library_functions_are_recorded_by_name_and_options():
    assert name_or_digest(losses.cross_entropy) == "cross_entropy"
    assert name_or_digest(functools.partial(losses.huber, delta=2.0)) == "huber(delta=2.0)"
    assert name_or_digest(twice) == digest(twice)
    assert name_or_digest(functools.partial(twice, x=3)) != name_or_digest(functools.partial(twice, x=4))


def test_a_layer_of_the_library_is_told_by_its_identity_and_one_of_ones_own_by_what_it_reads(monkeypatch):
    assert Pure(jaxnet.mlp("3-4-2").apply) == Pure(jaxnet.mlp("3-4-2").apply)
    assert Pure(jaxnet.mlp("3-4-2").apply) != Pure(jaxnet.mlp("3-5-2").apply)
    assert Pure(jaxnet.dense(2).apply) != Pure(jaxnet.dense(3).apply)
    own = jaxnet.serial(
        jaxnet.dense(2), jaxnet.layers.Layer(lambda key, in_shape: {}, lambda p, x: level * x)
    )
    before = Pure(own.apply)
    assert before == Pure(own.apply)
    monkeypatch.setitem(globals(), "level", 2.0)
    assert before != Pure(own.apply)
