"""ONNX files in onnxruntime against ``apply``, where the extra ``onnx`` is installed; else the refusal."""

import importlib.util
import sys

import jax
import numpy as np
import pytest
import table

import jaxnet
from jaxnet.interop import onnx as onnx_files

converter = pytest.mark.skipif(
    importlib.util.find_spec("jax2onnx") is None, reason="the extra onnx is not installed"
)
# jax2onnx 0.17.1 under JAX 0.12: nothing with a loop or a flip in it
LATER = ("lstm", "gru", "simple_rnn", "bidirectional", "rnn", "conv_transpose")
#: what it converts under no version of JAX
NEVER = ("conv 3-D", "group_norm")
NEW_JAX = jax.__version_info__ >= (0, 12)
#: an output that is the input itself has no name of its own
NETS = {name: case for name, case in table.LAYERS.items() if name != "dropout"}


def session(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@converter
@pytest.mark.parametrize("name", NETS)
def test_every_layer_gives_in_onnxruntime_what_apply_gives(tmp_path, name):
    case, path = NETS[name], tmp_path / "net.onnx"
    net = case.make()
    params = net.init(jax.random.key(0), case.in_shape)
    dtype = "int32" if case.classes else "float32"
    refusal = ""
    try:
        jaxnet.export(net, params, path, in_shape=case.in_shape, dtype=dtype)
    except ValueError as error:
        refusal = str(error)
    if refusal:
        assert name in NEVER or (NEW_JAX and any(part in name for part in LATER)), refusal
        assert refusal.endswith("write StableHLO instead")
        assert not path.exists()
        return
    for count in (1, 3, 17):
        x = case.inputs(count).astype(dtype)
        (y,) = session(path).run(["y"], {"x": x})
        np.testing.assert_allclose(y, jax.jit(net.apply)(params, x), rtol=1e-5, atol=2e-6)


@converter
def test_what_would_come_out_wrong_is_not_written(tmp_path, monkeypatch):
    net = jaxnet.mlp("3-2")
    params = net.init(jax.random.key(0))
    wrong = lambda program, given: [np.zeros((len(given["x"]), 2), np.float32)]  # noqa: E731
    monkeypatch.setattr(onnx_files, "_applied", wrong)
    with pytest.raises(ValueError, match=r"converted this network wrongly .* nothing was written"):
        jaxnet.export(net, params, tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


@converter
def test_sizes_that_vary_are_refused(tmp_path):
    net = jaxnet.rnn(3, 2)
    with pytest.raises(ValueError, match="give every size"):
        jaxnet.export(net, net.init(jax.random.key(0), (5, 2)), tmp_path / "net.onnx")


def test_without_the_extra_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax2onnx", None)
    net = jaxnet.mlp("3-2")
    with pytest.raises(ImportError, match=r"jaxnet-quiz\[onnx\]"):
        jaxnet.export(net, net.init(jax.random.key(0)), tmp_path / "net", format="onnx")
    assert list(tmp_path.iterdir()) == []


@converter
@pytest.mark.parametrize("inputs", [{"ids": (2,), "a": (5,)}, {"a": (3,)}])
def test_several_inputs_and_outputs_are_called_by_their_names(tmp_path, inputs):
    branches = {"ids": jaxnet.serial(jaxnet.embedding(7, 3), jaxnet.flatten()), "a": jaxnet.dense(4)}
    net = jaxnet.serial(
        jaxnet.parallel({name: branches[name] for name in inputs}, merge="concat"),
        jaxnet.parallel({"cls": jaxnet.dense(3), "a": jaxnet.dense(1)}),
    )
    params = net.init(jax.random.key(0), inputs)
    jaxnet.export(net, params, tmp_path / "net.onnx", in_shape=inputs)
    rng = np.random.default_rng(0)
    x = {name: rng.uniform(0, 7, (4, *shape)).astype("f") for name, shape in inputs.items()}
    x |= {"ids": x["ids"].astype(np.int32)} if "ids" in x else {}
    run = session(tmp_path / "net.onnx")
    found = dict(zip([one.name for one in run.get_outputs()], run.run(None, x), strict=True))
    want = net.apply(params, x)
    assert set(found) == {"cls", "a_out"}
    np.testing.assert_allclose(found["cls"], want["cls"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found["a_out"], want["a"], rtol=1e-5, atol=1e-5)
