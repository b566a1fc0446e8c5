"""State dicts of PyTorch: the same numbers come out of both libraries, and the way back gives them again.

The state dicts, inputs and outputs come from ``tests/golden/bridge.npz``, which ``scripts/make_golden.py``
made; where torch is installed, from torch itself as well.
"""

import functools
import importlib.util
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import jaxnet
from jaxnet import from_torch, to_torch
from jaxnet.interop.torch_state import in_order

j = jaxnet
ROOT = Path(__file__).resolve().parents[3]
live = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")

#: case of make_golden.models -> the same network here, the shape of an example
NETS = {
    "dense": (j.dense(3), (4,)),
    "mlp": (j.mlp("4-5-3", activation="tanh"), None),
    "no bias": (j.serial(j.dense(3, use_bias=False), j.layer_norm()), (4,)),
    "image flattened": (j.serial(j.flatten(3), j.dense(3)), (3, 4, 2)),
    "cnn": (
        j.serial(
            j.conv(3, (3, 3)), j.relu, j.max_pool((2, 2)), j.conv(4, (3, 3), padding="valid"), j.flatten(),
            j.dense(5), j.relu, j.dense(2),
        ),
        None,
    ),
    "conv 1-D": (
        j.serial(j.conv(3, (3,), strides=2, padding="valid"), j.flatten(), j.layer_norm(), j.dense(2)),
        (8, 2),
    ),
    "conv_transpose": (j.conv_transpose(3, (3, 2), strides=2, padding="valid"), (3, 4, 2)),
    "conv_transpose 1-D": (j.conv_transpose(3, (3,), strides=2, padding="valid"), None),
    "embedding": (j.serial(j.embedding(7, 3), j.lstm(4), j.dense(2)), (5,)),
    "simple_rnn": (j.simple_rnn(4), (5, 3)),
    "lstm": (j.lstm(4, return_sequences=True), (5, 3)),
    "gru": (j.gru(4), (5, 3)),
    "lstm of two layers": (j.serial(j.lstm(4, return_sequences=True), j.lstm(4)), None),
    "bidirectional gru": (j.serial(j.bidirectional(j.gru(2)), j.dense(2)), (5, 3)),
    "bidirectional lstm": (
        j.serial(*[j.bidirectional(j.lstm(2, return_sequences=True))] * 2), None,
    ),
}  # fmt: skip
RECURRENT = [name for name in NETS if any(kind in name for kind in ("rnn", "lstm", "gru", "embedding"))]


@functools.cache
def golden():
    """Case -> name -> array."""
    cases = {}
    with np.load(ROOT / "tests" / "golden" / "bridge.npz") as arrays:
        for key, array in arrays.items():
            case, name = key.split("|")
            cases.setdefault(case, {})[name] = array
    return cases


def state_dict(name):
    return {key[3:]: array for key, array in golden()[name].items() if key.startswith("sd ")}


def modules_of(sd):
    """Names of the modules, each as often as it has layers, in order."""
    first = [key for key in sd if "weight" in key and "_hh" not in key and "_reverse" not in key]
    return [key.rpartition(".")[0] for key in first]


def here(x):
    """Channels to the end, where there are any."""
    return np.moveaxis(x, 1, -1)


def output(name, net, params):
    images = name.split()[0] in ("image", "cnn", "conv", "conv_transpose")
    x = golden()[name]["x"]
    y = jax.jit(net.apply)(params, here(x) if images else x)
    return y if y.ndim < 3 or not images else np.moveaxis(y, -1, 1)


def test_every_golden_model_is_compared():
    assert set(golden()) == set(NETS)


@pytest.mark.parametrize("name", NETS)
def test_the_outputs_are_those_of_pytorch(name):
    net, in_shape = NETS[name]
    with jax.enable_x64(True):
        params = from_torch(net, state_dict(name), in_shape=in_shape)
        np.testing.assert_allclose(output(name, net, params), golden()[name]["out"], rtol=1e-12, atol=1e-13)
        if in_shape is not None:
            fresh = jax.eval_shape(lambda: net.init(jax.random.key(0), in_shape))
            assert jax.tree.map(jnp.shape, params) == jax.tree.map(lambda leaf: leaf.shape, fresh)


@pytest.mark.parametrize("name", NETS)
def test_the_way_back_gives_the_same(name):
    net, in_shape = NETS[name]
    sd = state_dict(name)
    with jax.enable_x64(True):
        params = from_torch(net, sd, in_shape=in_shape)
        back = to_torch(net, params, in_shape=in_shape, modules=modules_of(sd))
        again = from_torch(net, back, in_shape=in_shape)
    assert back.keys() == sd.keys()
    for key, array in back.items():
        if "bias_ih" in key or "bias_hh" in key:  # of two biases only the sum is kept
            other = key.replace("_ih", "_xx").replace("_hh", "_ih").replace("_xx", "_hh")
            np.testing.assert_allclose(array + back[other], sd[key] + sd[other], rtol=1e-15)
        else:
            np.testing.assert_array_equal(array, sd[key])
        assert array.flags.writeable
        assert array.flags.c_contiguous
    jax.tree.map(np.testing.assert_array_equal, again, params)


def test_names_are_those_of_a_sequential():
    net = j.serial(j.conv(2, (3, 3)), j.relu, j.flatten(), j.mlp("32-4-3"), j.serial(j.dense(2)))
    params = net.init(jax.random.key(0), (4, 4, 1))
    assert list(to_torch(net, params, in_shape=(4, 4, 1))) == [
        "0.weight", "0.bias", "3.0.weight", "3.0.bias", "3.2.weight", "3.2.bias", "4.0.weight", "4.0.bias",
    ]  # fmt: skip


def test_numbers_count_as_numbers_and_names_can_be_given(tmp_path):
    """A safetensors file gives its arrays in another order than torch does."""
    layers = [j.dense(4) for _ in range(12)]
    net = j.serial(*layers)
    params = jax.tree.map(
        lambda leaf: jax.random.normal(jax.random.key(leaf.size), leaf.shape),
        net.init(jax.random.key(1), (4,)),
    )
    params = [jax.tree.map(lambda leaf, i=i: leaf + i, own) for i, own in enumerate(params)]
    sd = to_torch(net, params)
    shuffled = {key: sd[key] for key in sorted(sd)}
    assert list(shuffled)[:4] != list(sd)[:4]
    jax.tree.map(np.testing.assert_array_equal, from_torch(net, shuffled), params)
    names = [f"fc{i}" for i in range(12)]
    save_file(to_torch(net, params, modules=names), tmp_path / "model.safetensors")
    loaded = load_file(tmp_path / "model.safetensors")
    jax.tree.map(np.testing.assert_array_equal, from_torch(net, loaded, modules=names), params)


def test_numbers_below_a_name_count_as_numbers_and_names_keep_their_order():
    found = ["tail.fc", "body.10", "body.9.b", "body.9.a", "body.2", "head.1", "head.0"]
    assert in_order(found) == [
        "tail.fc", "body.2", "body.9.b", "body.9.a", "body.10", "head.0", "head.1",
    ]  # fmt: skip


def test_the_order_behind_a_flattened_image_by_hand():
    """Torch counts 2 channels of (1, 3) as c0p0 c0p1 c0p2 c1p0 ...; here it is p0c0 p0c1 p1c0 ..."""
    net = j.serial(j.flatten(3), j.dense(1))
    sd = {"1.weight": np.arange(6.0)[None], "1.bias": np.zeros(1)}
    params = from_torch(net, sd, in_shape=(1, 3, 2))
    assert params[1]["w"][:, 0].tolist() == [0, 3, 1, 4, 2, 5]
    assert to_torch(net, params, in_shape=(1, 3, 2))["1.weight"].tolist() == [[0, 1, 2, 3, 4, 5]]


def test_sequences_are_flattened_alike():
    net = j.serial(j.lstm(2, return_sequences=True), j.flatten(), j.dense(1))
    params = net.init(jax.random.key(0), (3, 1))
    sd = to_torch(net, params)
    np.testing.assert_array_equal(sd["2.weight"][0], params[2]["w"][:, 0])


def test_channels_side_by_side_are_counted_together():
    net = j.serial(j.parallel(j.conv(1, (1, 1)), j.conv(2, (1, 1))), j.flatten(), j.dense(1))
    params = net.init(jax.random.key(0), (1, 2, 1))
    sd = to_torch(net, params)
    np.testing.assert_array_equal(sd["2.weight"].reshape(3, 2), params[2]["w"].reshape(2, 3).T)
    jax.tree.map(np.testing.assert_array_equal, from_torch(net, sd), params)


def test_images_over_time_are_flattened_step_by_step():
    """Two channels of three places, at each of two steps: each step's features come in torch's order."""
    steps = j.time_distributed(j.serial(j.conv(2, (1, 1)), j.flatten()))
    for last, leaf in ((j.dense(1), "1.weight"), (j.lstm(1), "1.weight_ih_l0"), (j.gru(1), "1.weight_ih_l0")):
        net = j.serial(steps, last)
        params = net.init(jax.random.key(0), (2, 1, 3, 1))
        sd = to_torch(net, params, in_shape=(2, 1, 3, 1), modules=["0", "1"])
        theirs = sd[leaf].reshape(-1, 2, 3)  # rows, channels, places
        np.testing.assert_array_equal(theirs, params[1]["w"].T.reshape(-1, 3, 2).swapaxes(1, 2))
        again = from_torch(net, sd, in_shape=(2, 1, 3, 1))
        jax.tree.map(np.testing.assert_array_equal, again[1]["w"], params[1]["w"])


def test_one_channel_lies_alike_however_it_is_flattened():
    net = j.serial(j.parallel(j.flatten(3), j.serial(j.conv(1, (3, 3)), j.flatten())), j.dense(1))
    params = net.init(jax.random.key(0), (2, 3, 1))
    sd = to_torch(net, params, in_shape=(2, 3, 1), modules=["conv", "fc"])
    np.testing.assert_array_equal(sd["fc.weight"], params[1]["w"].T)


FLAT = j.serial(j.conv(4, (3, 3)), j.flatten())
OWN = j.Layer(lambda key, in_shape: {}, lambda params, x: x, j.layers.Spec("custom"), lambda shape: shape)


@pytest.mark.parametrize(
    ("net", "in_shape"),
    [
        (j.serial(j.parallel(FLAT, FLAT), j.dense(5)), (6, 6, 1)),
        (j.serial(j.parallel(j.dense(3), j.conv(3, (3, 3))), j.flatten(), j.dense(5)), (6, 6, 1)),
        (j.serial(j.parallel(FLAT, j.serial(j.conv(1, (3, 3)), j.flatten())), j.layer_norm()), (6, 6, 1)),
        (j.serial(FLAT, j.residual(j.dense(144)), j.dense(5)), (6, 6, 1)),
        (j.serial(j.time_distributed(j.conv(4, (3, 3))), j.flatten(), j.dense(5)), (3, 6, 6, 1)),
        (j.serial(j.flatten(4), j.dense(5)), (3, 6, 6, 2)),
        (j.serial(j.flatten(), j.dense(5)), (3, 6, 6, 2)),
        (j.serial(j.time_distributed(FLAT), j.flatten(), j.dense(5)), (3, 6, 6, 1)),
        (j.serial(j.time_distributed(FLAT), j.conv(2, (3,))), (3, 6, 6, 1)),
        (j.serial(j.time_distributed(FLAT), j.global_avg_pool(1), j.dense(5)), (3, 6, 6, 1)),
        (j.serial(FLAT, OWN, j.dense(5)), (6, 6, 1)),
        (j.serial(j.conv(4, (3, 3)), OWN, j.flatten(), j.dense(5)), (6, 6, 1)),
    ],
    ids=["flat blocks", "mixed kinds", "blocks of other sizes", "added to", "over time", "four axes",
         "all of four axes", "flat over time", "convolved", "pooled", "own layer", "own layer before"],
)  # fmt: skip
def test_an_order_that_cannot_be_compared_is_refused(net, in_shape):
    params = net.init(jax.random.key(0), in_shape)
    with pytest.raises(ValueError, match=r"in an order that cannot be compared with PyTorch's"):
        to_torch(net, params, in_shape=in_shape)


LINEAR = {"0.weight": np.ones((3, 4)), "0.bias": np.zeros(3)}
LSTM = state_dict("lstm")


@pytest.mark.parametrize(
    ("net", "sd", "options", "said"),
    [
        (j.mlp("4-3-2"), LINEAR, {}, r"has 2 layers with parameters, the state dict 1 modules \(0\)"),
        (j.dense(5), LINEAR, {}, r"0\.weight has the shape \(3, 4\), and dense\(units=5\) needs \(5, any\)"),
        (j.mlp("5-3"), LINEAR, {}, r"0\.w gets the shape \(4, 3\), and the network needs \(5, 3\)"),
        (j.dense(3), LINEAR, {"in_shape": 7}, r"the network needs \(7, 3\) for in_shape \(7,\)"),
        (j.dense(3, use_bias=False), LINEAR, {}, "module '0' has bias, which .* has no place for"),
        (j.dense(3), {"weight": np.ones((3, 4))}, {}, "has no bias, which"),
        (j.dense(3), LINEAR | {"1.running_mean": np.ones(3)}, {}, "module '1' is a batch normalisation"),
        (j.lstm(4), LSTM | {"inner.weight_hr_l0": np.ones((2, 4))}, {}, "has weight_hr_l0, which"),
        (j.gru(4), LSTM, {}, r"inner\.weight_ih_l0 has the shape \(16, 3\), and gru"),
        (j.bidirectional(j.lstm(4)), LSTM, {}, "has no weight_ih_l0_reverse"),
        (j.serial(j.flatten(), j.dense(3)), LINEAR, {}, "the order of the features after flatten"),
        (j.serial(j.conv(3, (3, 3)), j.flatten(), j.dense(3)), {"0.weight": np.ones((3, 1, 3, 3)),
         "0.bias": np.zeros(3), **{f"1.{k[2:]}": v for k, v in LINEAR.items()}}, {}, "has 4 inputs"),
        (j.dense(3), LINEAR, {"modules": ["fc"]}, "has the modules 0, and modules names fc"),
        (j.dense(3), [LINEAR], {}, r"call model\.state_dict"),
        (j.dense(3), {"weight": np.array(["a"]), "bias": np.zeros(3)}, {}, "expected numbers in 'weight'"),
    ],
    ids=["count", "units", "inputs", "in_shape", "bias", "no bias", "norm", "projection", "gates", "one way",
         "flatten", "channels", "names", "list", "words"],
)  # fmt: skip
def test_what_cannot_be_carried_is_said(net, sd, options, said):
    with pytest.raises((TypeError, ValueError), match=said):
        from_torch(net, sd, **options)


def test_what_cannot_be_given_back_is_said():
    own = j.Layer(lambda key, in_shape: {"s": jnp.ones(1)}, lambda params, x: x * params["s"][0])
    net = j.serial(own, j.dense(1))
    params = net.init(jax.random.key(0), (1,))
    with pytest.raises(ValueError, match="a layer of your own cannot be converted"):
        to_torch(net, params)
    with pytest.raises(ValueError, match="a layer of your own has parameters"):
        from_torch(net, {"weight": np.ones((1, 1)), "bias": np.zeros(1)}, in_shape=1)
    two = j.mlp("1-1-1")
    with pytest.raises(ValueError, match="2 layers with parameters, got 1 names"):
        to_torch(two, two.init(jax.random.key(0)), modules=["fc"])
    with pytest.raises(ValueError, match=r"two layers would be 'fc\.weight'"):
        to_torch(two, two.init(jax.random.key(0)), modules=["fc", "fc"])


@live
def test_golden_values_are_what_torch_gives_now():
    fresh = make_golden().bridge()
    assert fresh.keys() == golden().keys()
    for case, arrays in fresh.items():
        assert arrays.keys() == golden()[case].keys()
        for name, array in arrays.items():
            np.testing.assert_allclose(array, golden()[case][name], rtol=1e-9, atol=1e-11, err_msg=case)


@live
@pytest.mark.parametrize("name", NETS)
def test_torch_takes_what_is_given_back(name):
    """A network of ours, drawn here, computes the same in torch; half precision goes both ways too."""
    import torch

    net, in_shape = NETS[name]
    model = make_golden().models()[name][0]
    for dtype in (torch.float64, torch.bfloat16):
        with jax.enable_x64(dtype is torch.float64):
            params = from_torch(net, model.to(dtype).state_dict(), in_shape=in_shape)
            leaf = jax.tree.leaves(params)[0]
            assert str(dtype).endswith(leaf.dtype.name)
    with jax.enable_x64(True):
        params = from_torch(net, state_dict(name), in_shape=in_shape)
        back = to_torch(net, params, in_shape=in_shape, modules=modules_of(model.state_dict()))
    model = model.double()
    model.load_state_dict({key: torch.from_numpy(array) for key, array in back.items()})
    with torch.no_grad():
        out = model(torch.from_numpy(golden()[name]["x"])).numpy()
    np.testing.assert_allclose(out, golden()[name]["out"], rtol=1e-12, atol=1e-13)


@functools.cache
def make_golden():
    spec = importlib.util.spec_from_file_location("make_golden", ROOT / "scripts" / "make_golden.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
