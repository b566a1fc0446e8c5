"""Exported networks over sequences of different lengths and step by step give what the network gives."""

import importlib.util

import jax
import numpy as np
import pytest

import jaxnet
from jaxnet import Padded, data

j = jaxnet
LENGTHS, FEATURES = (1, 7, 4, 2), 3
converter = pytest.mark.skipif(
    importlib.util.find_spec("jax2onnx") is None, reason="the extra onnx is not installed"
)
# jax2onnx 0.17.1 under JAX 0.12: nothing with a loop or a flip in it
NEW_JAX = jax.__version_info__ >= (0, 12)

#: what it converts under no version of JAX with a batch axis that varies, and not under JAX 0.12
REFUSED_ALWAYS, REFUSED_LATER = ("conv",), ("lstm", "gru, each step", "bidirectional", "parallel")
NETS = {
    "dense": lambda: j.serial(j.dense(3), j.layer_norm(), j.softmax),
    "lstm": lambda: j.rnn((3, 2), 2),
    "gru, each step": lambda: j.rnn(3, 2, cell="gru", return_sequences=True),
    "bidirectional": lambda: j.bidirectional(j.simple_rnn(2)),
    "conv": lambda: j.serial(j.conv(3, (3,), strides=2), j.relu, j.global_max_pool(1), j.dense(2)),
    "parallel": lambda: j.parallel(j.gru(2), j.global_avg_pool(1)),
}
STEPS = {
    "lstm": lambda: j.rnn((3, 2), 2, return_sequences=True),
    "causal": lambda: j.serial(j.conv(2, (2,), dilation=2, padding=((2, 0),)), j.tanh, j.dense(2)),
    "residual": lambda: j.residual(j.gru(FEATURES, return_sequences=True)),
}


def sequences(lengths=LENGTHS, seed=0):
    rng = np.random.default_rng(seed)
    return data.pad([rng.normal(size=(n, FEATURES)).astype(np.float32) for n in lengths], value=np.nan)


def check_same(got, want):
    assert isinstance(got, Padded) == isinstance(want, Padded)
    if not isinstance(want, Padded):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=2e-6)
        return
    np.testing.assert_array_equal(got.lengths, want.lengths)
    for index, length in enumerate(np.asarray(want.lengths)):
        np.testing.assert_allclose(
            got.values[index, :length], want.values[index, :length], rtol=1e-5, atol=2e-6
        )
        assert not np.any(got.values[index, length:])


# --- StableHLO ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
def test_lengths_go_into_the_program_and_come_out(tmp_path, make):
    net, path = make(), tmp_path / "net.stablehlo"
    params = net.init(jax.random.key(0), (7, FEATURES))
    j.export(net, params, path, in_shape=(None, FEATURES), lengths=True)
    run = j.load_exported(path)
    assert (run.kind, run.in_shape) == ("padded", (None, FEATURES))
    for lengths in (LENGTHS, (3, 9)):
        x = sequences(lengths)
        check_same(run(x), net.apply(params, x))


def test_lengths_of_ids_several_batch_axes_and_inside_jit(tmp_path):
    net, path = j.rnn(3, 2, cell="gru", vocabulary=6, features=2), tmp_path / "net.stablehlo"
    params = net.init(jax.random.key(0), (3,))
    j.export(net, params, path, in_shape=(None,), lengths=True)
    run, ids = j.load_exported(path), data.pad([[1, 2, 3], [4], [5, 0]], value=-1)
    want = net.apply(params, ids)
    check_same(run(ids), want)
    check_same(jax.jit(run)(ids), want)
    check_same(run(Padded(ids.values[None], ids.lengths[None])), want[None])


@pytest.mark.parametrize("make", STEPS.values(), ids=STEPS)
def test_steps_of_the_program_are_those_of_the_network(tmp_path, make):
    net, path = make(), tmp_path / "net.stablehlo"
    params = net.init(jax.random.key(0), (5, FEATURES))
    x = np.random.default_rng(1).normal(size=(2, 5, FEATURES)).astype(np.float32)
    j.export(net, params, path, in_shape=FEATURES, stepwise=True)
    run, whole = j.load_exported(path), net.apply(params, x)
    state = run.start(2)
    for t in range(5):
        state, y = run.step(state, x[:, t])
        np.testing.assert_allclose(y, whole[:, t], rtol=1e-5, atol=2e-6)


def test_a_generator_of_ids_runs_step_by_step(tmp_path):
    net, path = j.rnn(3, 5, vocabulary=5, features=2, return_sequences=True), tmp_path / "net.stablehlo"
    params = net.init(jax.random.key(0), (4,))
    j.export(net, params, path, stepwise=True)
    run, ids = j.load_exported(path), np.array([[1, 4, 2], [0, 3, 3]])
    assert (run.kind, run.in_shape, run.dtype.name) == ("steps", (), "int32")
    state = run.start(2)
    for t in range(3):
        state, y = run.step(state, ids[:, t])
        np.testing.assert_allclose(y, net.apply(params, ids)[:, t], rtol=1e-5, atol=2e-6)


def test_shape_of_a_step_is_found(tmp_path):
    net, path = j.rnn(3, 2, return_sequences=True), tmp_path / "net.stablehlo"
    params = net.init(jax.random.key(0), (4, FEATURES))
    j.export(net, params, path, stepwise=True)
    assert j.load_exported(path).in_shape == (FEATURES,)


def written(tmp_path, net, **options):
    params = net.init(jax.random.key(0), (4, FEATURES))
    j.export(net, params, tmp_path / "net.stablehlo", **options)
    return j.load_exported(tmp_path / "net.stablehlo")


@pytest.mark.parametrize(
    ("net", "options", "message"),
    [
        (lambda: j.rnn(2, 2), {"lengths": True, "stepwise": True}, "lengths=True or stepwise=True, got both"),
        (lambda: j.rnn(2, 2, both_ways=True), {"stepwise": True}, "reads from the end"),
        (lambda: j.conv(2, (3,)), {"stepwise": True, "in_shape": FEATURES}, "must look back only"),
        (lambda: j.rnn(2, 2), {"stepwise": True, "in_shape": (None, 3)}, "without the axis of time"),
        (lambda: j.flatten(), {"lengths": True, "in_shape": (4, 3)}, "flatten: expected an array, got a Pad"),
        (
            lambda: j.avg_pool((4,), strides=3, padding="same"),
            {"lengths": True, "in_shape": (None, 3)},
            "give every size in in_shape",
        ),
    ],
    ids=["both", "bidirectional", "conv", "time", "flatten", "varying"],
)
def test_what_cannot_be_exported_is_said(tmp_path, net, options, message):
    with pytest.raises(ValueError, match=message):
        written(tmp_path, net(), **options)
    assert list(tmp_path.iterdir()) == []


def test_a_program_is_called_as_it_was_made(tmp_path):
    x = sequences((2, 4))
    padded = written(tmp_path, j.rnn(2, 2), lengths=True)
    for wrong, message in (
        (x.values, r"made for a Padded, got an array; .* lengths=False"),
        (Padded(x.values, [0, 4]), "got a length of 0"),
        (Padded(x.values, [2, 5]), "a length of 5 is more than the 4 steps"),
        (Padded(x.values[..., :2], x.lengths), "load_exported: expected"),
    ):
        with pytest.raises(ValueError, match=message):
            padded(wrong)
    with pytest.raises(ValueError, match="export the network with stepwise=True"):
        padded.start(2)
    plain = written(tmp_path, j.rnn(2, 2))
    with pytest.raises(ValueError, match=r"made for an array, got a Padded; .* lengths=True"):
        plain(x)
    steps = written(tmp_path, j.rnn(2, 2), stepwise=True)
    with pytest.raises(ValueError, match=r"call start\(batch\)"):
        steps(x.values)
    for state, x_t in ((steps.start(2), np.ones((3, 3))), (steps.start(2)[:1], np.ones((2, 3)))):
        with pytest.raises(ValueError, match=r"expected x_t \(batch, 3\) and the state"):
            steps.step(state, x_t)
    with pytest.raises(ValueError, match="at least 1"):
        steps.start(0)


# --- ONNX ---------------------------------------------------------------------------------------------


def converted(path, net, params, **options):
    """A session in onnxruntime, or None where the converter refuses."""
    import onnxruntime

    try:
        j.export(net, params, path, **options)
    except ValueError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert refusal.endswith("write StableHLO instead")
        assert not path.exists()
        return None
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@converter
@pytest.mark.parametrize("name", NETS)
def test_lengths_are_an_input_of_an_onnx_file(tmp_path, name):
    net = NETS[name]()
    params = net.init(jax.random.key(0), (7, FEATURES))
    session = converted(tmp_path / "net.onnx", net, params, in_shape=(7, FEATURES), lengths=True)
    if session is None:
        assert name in REFUSED_ALWAYS or (NEW_JAX and name in REFUSED_LATER)
        return
    x = sequences()
    found = session.run(None, {"x": x.values, "lengths": x.lengths})
    check_same(Padded(*found) if len(found) == 2 else found[0], net.apply(params, x))


@converter
@pytest.mark.parametrize("name", STEPS)
def test_steps_in_onnxruntime(tmp_path, name):
    net = STEPS[name]()
    params = net.init(jax.random.key(0), (5, FEATURES))
    session = converted(tmp_path / "net.onnx", net, params, in_shape=FEATURES, stepwise=True)
    assert session is not None
    x = np.random.default_rng(1).normal(size=(2, 5, FEATURES)).astype(np.float32)
    whole = net.apply(params, x)
    state = {
        part.name: np.zeros((2, *part.shape[1:]), np.float32)
        for part in session.get_inputs()
        if part.name != "x"
    }
    names = [part.name for part in session.get_outputs()]
    for t in range(5):
        found = dict(zip(names, session.run(None, {"x": x[:, t], **state}), strict=True))
        np.testing.assert_allclose(np.asarray(found["y"]), whole[:, t], rtol=1e-5, atol=1e-5)
        state = {name: found[f"next_{name}"] for name in state}
