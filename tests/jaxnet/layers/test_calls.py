"""Parameters of another network, mistakes in layers of one's own, and the layer that an error names."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet

KEY = jax.random.key(0)
NET = jaxnet.serial(
    jaxnet.dense(3),
    jaxnet.relu,
    jaxnet.serial(jaxnet.layer_norm(), jaxnet.dense(64)),
    jaxnet.relu,
    jaxnet.dense(5),
)
OTHER = jaxnet.serial(*NET.spec.layers[:4], jaxnet.dense(10)).init(KEY, (4,))
X = np.ones((8, 4), np.float32)
WRONG = r"in layer 4 \(dense 5\): expected w \(64, 5\), got \(64, 10\)"

WRONG_PARAMS = {
    "dense": (jaxnet.dense(5), jaxnet.dense(10), (4,), r"dense 5: expected w \(4, 5\), got \(4, 10\)"),
    "no bias": (jaxnet.dense(5, use_bias=False), jaxnet.dense(5), (4,), "expected no parameter b"),
    "conv": (jaxnet.conv(2, (3,)), jaxnet.conv(4, (3,)), (9, 1), r"expected w \(3, 1, 2\), got \(3, 1, 4\)"),
    "kernel": (
        jaxnet.conv(2, (3,)),
        jaxnet.conv(2, (5,)),
        (9, 1),
        r"expected w \(3, 1, 2\), got \(5, 1, 2\)",
    ),
    "lstm": (jaxnet.lstm(2), jaxnet.lstm(3), (9, 1), r"lstm 2: expected w \(1, 8\), got \(1, 12\)"),
    "gru": (jaxnet.gru(2), jaxnet.simple_rnn(2), (9, 1), r"gru 2: expected parameters \{w, u, b, c\}"),
    "norm": (jaxnet.layer_norm(), jaxnet.dense(4), (4,), r"layer_norm: expected parameters \{scale, b\}"),
    "embedding": (jaxnet.embedding(3, 2), jaxnet.embedding(4, 2), (), r"expected w \(3, 2\), got \(4, 2\)"),
    "mlp": (jaxnet.mlp("4-3-2"), jaxnet.mlp("4-5-2"), (4,), r"in layer 0 \(dense 3\): expected w \(4, 3\)"),
    "run": (jaxnet.serial(jaxnet.dense(1)), None, (4,), r"got Run; pass run\.params"),
}


@pytest.mark.parametrize("what", WRONG_PARAMS)
def test_a_layer_refuses_the_parameters_of_another(what):
    layer, other, shape, words = WRONG_PARAMS[what]
    if other is None:
        params = jaxnet.fit(layer, (X, X[:, :1]), loss="mse", epochs=1, key=KEY)
    else:
        params = other.init(KEY, shape)
    x = np.zeros((2, *shape), int if what == "embedding" else np.float32)
    with pytest.raises(ValueError, match=words):
        layer.apply(params, x)


@pytest.mark.parametrize("who", ["fit", "predict", "evaluate", "save", "export"])
def test_a_network_refuses_them_everywhere_and_names_the_layer(who, tmp_path):
    y = np.zeros((8, 5), np.float32)
    path = os.fspath(tmp_path / "m.safetensors")
    calls = {
        "fit": lambda: jaxnet.fit(NET, (X, y), loss="mse", params=OTHER, key=KEY),
        "predict": lambda: jaxnet.predict(NET, OTHER, X),
        "evaluate": lambda: jaxnet.evaluate(NET, OTHER, (X, y), loss="mse"),
        "save": lambda: jaxnet.save(path, OTHER, net=NET),
        "export": lambda: jaxnet.export(NET, OTHER, path),
    }
    with pytest.raises(ValueError, match=f"{who}: {WRONG}"):
        calls[who]()


def test_a_file_with_other_parameters_is_not_loaded(tmp_path):
    from jaxnet import _storage, specs

    path = tmp_path / "m.safetensors"
    import json

    _storage.write(path, OTHER, {"about": "{}", "network": json.dumps(specs.to_spec(NET))})
    with pytest.raises(ValueError, match=f"load_network: {WRONG}"):
        jaxnet.load_network(path)


def stax_init(key, in_shape):
    return (3,), {"a": jnp.ones(in_shape)}


@pytest.mark.parametrize("where", ["alone", "serial", "parallel", "nested"])
def test_init_must_return_parameters_only(where):
    own = jaxnet.Layer(stax_init, lambda params, x: x)
    net = {
        "alone": own,
        "serial": jaxnet.serial(jaxnet.dense(3), own),
        "parallel": jaxnet.parallel(jaxnet.dense(3), own),
        "nested": jaxnet.serial(jaxnet.serial(jaxnet.dense(3), own)),
    }[where]
    with pytest.raises(
        TypeError, match=r"init must return parameters only, got a tuple that begins with the shape"
    ):
        jaxnet.fit(net, (X, X), loss="mse", key=KEY)


def broken(kind):
    def apply(params, x):
        raise kind("something is wrong")

    return jaxnet.Layer(lambda key, in_shape: {}, apply, out_shape=lambda in_shape: in_shape, name="glu")


@pytest.mark.parametrize("kind", [TypeError, ValueError, KeyError, ZeroDivisionError])
def test_an_error_inside_a_layer_says_which(kind):
    net = jaxnet.serial(jaxnet.dense(3), jaxnet.relu, broken(kind))
    with pytest.raises(kind) as caught:
        net.apply(net.init(KEY, (4,)), X)
    told = str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    assert "in layer 2 (glu)" in told
    assert "something is wrong" in told


@pytest.mark.parametrize("function", [jnp.sin, jnp.square, lambda x: x])
def test_a_function_in_place_of_a_layer_gets_advice_that_works(function):
    with pytest.raises(TypeError, match=r"make a layer of it by jaxnet\.activation\("):
        jaxnet.serial(function)
    assert float(jaxnet.activation(function).apply({}, 1.0)) == pytest.approx(float(function(jnp.float32(1))))


def test_known_functions_and_constructors_get_theirs():
    with pytest.raises(TypeError, match=r"use jaxnet\.relu"):
        jaxnet.serial(jaxnet.activations.relu)
    with pytest.raises(TypeError, match=r"call it, such as dense\(\.\.\.\)"):
        jaxnet.serial(jaxnet.dense)


@pytest.mark.parametrize(
    ("given", "near"), [("Relu", "relu"), ("RELU", "relu"), ("Tanh", "tanh"), ("sigmoud", "sigmoid")]
)
def test_names_are_compared_without_case(given, near):
    with pytest.raises(ValueError, match=f"did you mean '{near}'"):
        jaxnet.mlp("2-2-1", activation=given)


def test_layers_in_a_list_or_by_name_get_advice():
    with pytest.raises(TypeError, match=r"give them one by one, serial\(\*layers\)"):
        jaxnet.serial([jaxnet.dense(1), jaxnet.relu])
    with pytest.raises(TypeError, match=r"got tanh; use jaxnet\.tanh"):
        jaxnet.serial(jaxnet.dense(1), "tanh")


@pytest.mark.parametrize(
    ("option", "given", "advice"),
    [
        ("loss", "BCELoss", "did you mean 'binary_cross_entropy'"),
        ("loss", "categorical_crossentropy", "did you mean 'cross_entropy'"),
        ("loss", "L1", "did you mean 'mae'"),
        ("optimizer", "Adam", "did you mean 'adam'"),
        ("optimizer", "lion", r"give optax's, optimizer=optax\.lion"),
    ],
)
def test_names_of_other_libraries_lead_to_those_here(option, given, advice):
    with pytest.raises(ValueError, match=advice):
        jaxnet.fit(NET, (X, X[:, 0].astype(int)), key=KEY, **{"loss": "mse", option: given})


@pytest.mark.parametrize("output", [None, (1, 2)], ids=["nothing", "a tuple"])
def test_a_layer_must_return_arrays(output):
    own = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: output, name="own")
    with pytest.raises(TypeError, match=r"in layer 1 \(own\): Layer: apply must return an array, or several"):
        jaxnet.serial(jaxnet.dense(2), own).init(KEY, (4,))


def test_the_shapes_of_several_inputs_and_outputs_of_a_layer_are_found():
    own = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: {"sum": x["a"] + 1.0, "b": x["b"]})
    heads = jaxnet.parallel({"sum": jaxnet.dense(2), "b": jaxnet.dense(3)}, merge="concat")
    assert jaxnet.serial(own, heads).out_shape({"a": (4,), "b": (2,)}) == (5,)


def test_steps_and_traces_refuse_the_parameters_of_another_network():
    net, other = (jaxnet.serial(jaxnet.lstm(n), jaxnet.dense(2)) for n in (4, 5))
    with pytest.raises(ValueError, match=r"stepwise: in layer 0 \(lstm 4\): expected w \(2, 16\)"):
        jaxnet.stepwise(net).start(other.init(KEY, (3, 2)), 2)
    with pytest.raises(ValueError, match=r"backprop\.trace: in layer 0 \(dense 5\): expected w \(4, 5\)"):
        jaxnet.backprop.trace(jaxnet.mlp("4-5-2"), jaxnet.mlp("4-6-2").init(KEY), X, X[:, :2])


def test_steps_take_a_run():
    net, x = jaxnet.rnn(3, 1, return_sequences=True), np.ones((8, 2, 1), np.float32)
    run = jaxnet.fit(net, (x, x), loss="mse", epochs=1, key=KEY)
    steps = jaxnet.stepwise(net)
    _, outputs = steps.run(run, steps.start(run, 8), x)
    np.testing.assert_allclose(outputs, jaxnet.predict(net, run, x), atol=1e-6)
