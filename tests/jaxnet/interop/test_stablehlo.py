"""Exported networks: the same numbers as ``apply``, in a process that does not know this library."""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import table

import jaxnet
from jaxnet.interop import stablehlo

BATCHES = (1, 3, 17)


def exported(tmp_path, net, params, **options):
    path = tmp_path / "net.stablehlo"
    jaxnet.export(net, params, path, **options)
    return path


@pytest.mark.parametrize("name", table.LAYERS)
def test_every_layer_gives_what_apply_gives(tmp_path, name):
    case = table.LAYERS[name]
    net = case.make()
    params = net.init(jax.random.key(0), case.in_shape)
    path = exported(tmp_path, net, params, in_shape=case.in_shape, dtype=jnp.int32 if case.classes else None)
    run = jaxnet.load_exported(path)
    x = case.inputs(3)
    np.testing.assert_allclose(run(x), jax.jit(net.apply)(params, x), rtol=2e-6, atol=2e-6)


FOREIGN = """
import sys
from pathlib import Path
import numpy as np
import jax, jax.export
programs = [jax.export.deserialize(bytearray(Path(path).read_bytes())) for path in sys.argv[2:]]
arrays = np.load(sys.argv[1])
run = jax.jit(lambda *xs: [program.call(x) for program, x in zip(programs, xs)])
for count in arrays["counts"]:
    xs = [arrays[f"{Path(path).stem} {count} x"] for path in sys.argv[2:]]
    for path, y in zip(sys.argv[2:], run(*xs)):
        np.testing.assert_allclose(y, arrays[f"{Path(path).stem} {count} y"], rtol=2e-6, atol=2e-6)
        print("equal", Path(path).stem, count)
assert "jaxnet" not in sys.modules
"""

NETS = {
    "mlp": (jaxnet.mlp("5-8-3"), (5,)),
    "cnn": (jaxnet.cnn((4,), 3), (8, 8, 1)),
    "lstm": (jaxnet.rnn(4, 3), (6, 2)),
    "gru": (jaxnet.rnn(4, 3, cell="gru", both_ways=True), (6, 2)),
    "layer_norm": (jaxnet.serial(jaxnet.dense(4), jaxnet.layer_norm(), jaxnet.tanh, jaxnet.dense(2)), (5,)),
}


def test_a_process_without_the_library_computes_the_same(tmp_path):
    paths, rng, arrays = [], np.random.default_rng(0), {"counts": np.array(BATCHES)}
    for name, (net, in_shape) in NETS.items():
        params = net.init(jax.random.key(1), in_shape)
        paths.append(tmp_path / f"{name}.stablehlo")
        jaxnet.export(net, params, paths[-1], in_shape=in_shape)
        for count in BATCHES:
            x = rng.normal(size=(count, *in_shape)).astype(np.float32)
            arrays |= {f"{name} {count} x": x, f"{name} {count} y": jax.jit(net.apply)(params, x)}
    np.savez(tmp_path / "arrays.npz", **arrays)
    done = subprocess.run(
        [sys.executable, "-c", FOREIGN, tmp_path / "arrays.npz", *paths],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": "", "JAX_PLATFORMS": "cpu"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"equal {name} {count}" for count in BATCHES for name in NETS]


@pytest.mark.parametrize(
    ("net", "in_shape", "found", "dtype"),
    [
        (jaxnet.mlp("4-2"), (4,), (4,), "float32"),
        (jaxnet.serial(jaxnet.dropout(0.1), jaxnet.dense(2)), (4,), (4,), "float32"),
        (jaxnet.rnn(3, 2), (5, 2), (None, 2), "float32"),
        (jaxnet.bidirectional(jaxnet.gru(3)), (5, 2), (None, 2), "float32"),
        (jaxnet.serial(jaxnet.layer_norm(), jaxnet.relu), (3,), (3,), "float32"),
    ],
    ids=["mlp", "dense", "lstm", "bidirectional", "layer_norm"],
)
def test_the_shape_of_an_example_is_found(tmp_path, net, in_shape, found, dtype):
    params = net.init(jax.random.key(0), in_shape)
    run = jaxnet.load_exported(exported(tmp_path, net, params))
    assert (run.in_shape, run.dtype.name) == (found, dtype)
    x = np.random.default_rng(0).normal(size=(3, *in_shape)).astype(np.float32)
    np.testing.assert_allclose(run(x), net.apply(params, x), rtol=1e-6, atol=1e-6)


def test_sequences_of_any_length(tmp_path):
    net = jaxnet.rnn(4, 2, vocabulary=9, features=3)
    params = net.init(jax.random.key(0), (5,))
    run = jaxnet.load_exported(exported(tmp_path, net, params, in_shape=(None,)))
    assert (run.in_shape, run.out_shape, run.dtype.name) == ((None,), (2,), "int32")
    for time in (1, 7):
        x = np.random.default_rng(time).integers(0, 9, (2, time))
        np.testing.assert_allclose(run(x), net.apply(params, x), rtol=1e-6, atol=1e-6)


def test_any_number_of_batch_axes_and_inputs_of_whole_numbers(tmp_path):
    net = jaxnet.mlp("3-2")
    params = net.init(jax.random.key(0))
    run = jaxnet.load_exported(exported(tmp_path, net, params))
    for x in (np.arange(3), np.arange(24).reshape(2, 4, 3)):
        np.testing.assert_allclose(run(x), net.apply(params, x), rtol=1e-6)


def test_doubles_stay_doubles(tmp_path):
    net = jaxnet.mlp("3-4-2", activation="tanh")
    with jax.enable_x64(True):
        params = net.init(jax.random.key(0))
        run = jaxnet.load_exported(exported(tmp_path, net, params))
        x = np.random.default_rng(0).normal(size=(5, 3))
        assert run.dtype == np.float64
        np.testing.assert_allclose(run(x), net.apply(params, x), rtol=1e-14)
    for call in (lambda: run(x), lambda: jaxnet.load_exported(tmp_path / "net.stablehlo")):
        with pytest.raises(ValueError, match=r"made for inputs of float64, .*jax_enable_x64"):
            call()


def test_dropout_is_off_and_a_layer_of_your_own_goes_with_it(tmp_path):
    double = jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: 2 * x)
    net = jaxnet.serial(double, jaxnet.dropout(0.5))
    run = jaxnet.load_exported(exported(tmp_path, net, [{}, {}], in_shape=3))
    assert run([[1.0, 2.0, 3.0]]).tolist() == [[2.0, 4.0, 6.0]]


def test_what_the_file_says_of_itself(tmp_path):
    net = jaxnet.mlp("2-1")
    path = exported(tmp_path, net, net.init(jax.random.key(0)), platforms=("cpu",), about={"data": "XOR"})
    run = jaxnet.load_exported(path)
    assert run.platforms == ("cpu",)
    assert run.about == {"data": "XOR", "network": "mlp(sizes=(2, 1))", "jax": jax.__version__}
    assert [file.name for file in tmp_path.iterdir()] == ["net.stablehlo"]  # nothing half-written beside it


def changed(raw, **changes):
    """The file with other words in it, its checksum right."""
    body, words, _ = stablehlo._without_words("x", raw)
    text = json.dumps({"version": 1, "words": words, **changes}).encode()
    whole = body + text + len(text).to_bytes(8, "little")
    return whole + hashlib.sha256(whole).digest() + stablehlo._MAGIC


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda raw: raw[:-100], "is damaged, or was not written by jaxnet.export"),
        (lambda raw: raw[:200] + b"?" + raw[201:], "is damaged, or was not written by jaxnet.export"),
        (lambda raw: b"", "is damaged, or was not written by jaxnet.export"),
        (lambda raw: b"PK\x03\x04 something else", "is damaged, or was not written by jaxnet.export"),
        (lambda raw: changed(raw, version=2), "was written by a newer jaxnet"),
    ],
    ids=["cut", "a byte", "empty", "foreign", "newer"],
)
def test_a_file_that_is_not_right_is_refused(tmp_path, spoil, said):
    net = jaxnet.mlp("2-1")
    path = exported(tmp_path, net, net.init(jax.random.key(0)))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(ValueError, match=said):
        jaxnet.load_exported(path)


def test_a_program_of_another_jax_is_tried_and_refused_if_it_cannot_be_read(tmp_path, monkeypatch):
    net = jaxnet.mlp("2-1")
    path = exported(tmp_path, net, net.init(jax.random.key(0)))
    path.write_bytes(changed(path.read_bytes(), words={"jax": "0.0.1"}))
    assert jaxnet.load_exported(path).about == {"jax": "0.0.1"}
    body = path.read_bytes()
    program = jax.export.deserialize(bytearray(body))
    spoilt = dataclasses.replace(program, mlir_module_serialized=b"?" + program.mlir_module_serialized)
    path.write_bytes(stablehlo._with_words(bytes(spoilt.serialize()), {"jax": "99.0"}))
    with pytest.raises(ValueError, match=r"cannot read .*, which JAX 99\.0 wrote; export it anew"):
        jaxnet.load_exported(path)


def test_what_was_loaded_can_be_part_of_a_compiled_function(tmp_path):
    net = jaxnet.mlp("3-2")
    params = net.init(jax.random.key(0))
    run = jaxnet.load_exported(exported(tmp_path, net, params))
    x = np.ones((4, 3), np.float32)
    np.testing.assert_allclose(jax.jit(run)(x), net.apply(params, x), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda path: jaxnet.export(jaxnet.relu, {}, path), r"in_shape=\(28, 28, 1\)"),
        (lambda path: jaxnet.export("net", {}, path), "expected a network"),
        (lambda path: jaxnet.export(jaxnet.relu, {}, path, in_shape=0), "at least 1"),
        (lambda path: jaxnet.export(jaxnet.relu, {}, path, in_shape=2, platforms="gpu"), "no platform 'gpu'"),
        (
            lambda path: jaxnet.export(jaxnet.relu, {}, path, in_shape=2, platforms=()),
            "at least one platform",
        ),
        (
            lambda path: jaxnet.export(jaxnet.relu, {}, path, in_shape=2, about={"a": b"x"}),
            "export: expected about as name -> text",
        ),
        (lambda path: jaxnet.export(jaxnet.relu, {}, path, in_shape=2, format="onx"), "did you mean 'onnx'"),
        (
            lambda path: jaxnet.export(
                *with_params(jaxnet.cnn((2,), 2), (4, 4, 1)), path, in_shape=(None, 4, 1)
            ),
            "varying size",
        ),
        (lambda path: jaxnet.export(*with_params(jaxnet.dense(1), (2,)), path, in_shape=3), r"\(\.\.\., 2\)"),
        (
            lambda path: jax.jit(lambda p: jaxnet.export(jaxnet.mlp("2-1"), p, path))(
                jaxnet.mlp("2-1").init(jax.random.key(0))
            ),
            "inside a compiled function",
        ),
    ],
    ids=[
        "no shape",
        "no network",
        "size 0",
        "platform",
        "no platform",
        "about",
        "format",
        "varying",
        "params",
        "traced",
    ],
)
def test_what_cannot_be_exported_is_said(tmp_path, call, said):
    with pytest.raises((TypeError, ValueError), match=said):
        call(tmp_path / "net.stablehlo")
    assert list(tmp_path.iterdir()) == []


def with_params(net, in_shape):
    return net, net.init(jax.random.key(0), in_shape)


def test_inputs_that_do_not_fit_are_refused(tmp_path):
    net = jaxnet.rnn(4, 2, vocabulary=9, features=3)
    run = jaxnet.load_exported(exported(tmp_path, *with_params(net, (5,)), in_shape=(5,)))
    with pytest.raises(ValueError, match=r"expected x of shape \(\.\.\., 5\), got \(2, 4\)"):
        run(np.zeros((2, 4), np.int32))
    with pytest.raises(TypeError, match="expected x of int32, got float32"):
        run(np.zeros((2, 5), np.float32))
    with pytest.raises(ValueError, match="at least one example"):
        run(np.zeros((0, 5), np.int32))
    with pytest.raises(ValueError, match="made for tpu, and this is cpu"):
        jaxnet.load_exported(exported(tmp_path, *with_params(net, (5,)), in_shape=(5,), platforms=["tpu"]))(
            np.zeros((2, 5), np.int32)
        )


HEADS = jaxnet.parallel({"cls": jaxnet.dense(3), "a": jaxnet.dense(1)})
SEVERAL = {
    "mapping": (
        jaxnet.serial(
            jaxnet.parallel(
                {"b": jaxnet.serial(jaxnet.embedding(7, 3), jaxnet.flatten()), "a": jaxnet.dense(4)},
                merge="concat",
            ),
            HEADS,
        ),
        {"b": (2,), "a": (5,)},
    ),
    "outputs only": (jaxnet.serial(jaxnet.dense(4), jaxnet.relu, HEADS), (3,)),
    "custom": (
        jaxnet.serial(
            jaxnet.Layer(lambda key, in_shape: {}, lambda p, x: {"cls": x["u"] + x["v"], "a": x["v"]}), HEADS
        ),
        {"u": (3,), "v": (3,)},
    ),
    "any time": (
        jaxnet.parallel({"past": jaxnet.gru(3), "now": jaxnet.dense(2)}, merge="concat"),
        {"past": (None, 2), "now": (4,)},
    ),
}


def drawn(shape, count):
    rng = np.random.default_rng(count)
    if isinstance(shape, dict):
        return {name: drawn(part, count) for name, part in shape.items()}
    sizes = (count, *(6 if size is None else size for size in shape))
    return rng.integers(0, 7, sizes) if shape == (2,) else rng.normal(size=sizes).astype(np.float32)


@pytest.mark.parametrize("what", SEVERAL)
def test_several_inputs_and_outputs_keep_their_names(tmp_path, what):
    net, shape = SEVERAL[what]
    known = jax.tree.map(lambda size: size or 6, shape, is_leaf=lambda part: part is None)
    params = net.init(jax.random.key(0), known)
    run = jaxnet.load_exported(exported(tmp_path, net, params, in_shape=shape))
    assert (run.in_shape, run.out_shape) == (shape, net.out_shape(known))
    for count in (1, 4):
        x = drawn(shape, count)
        jax.tree.map(
            lambda got, want: np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-6),
            run(x),
            net.apply(params, x),
        )
    twice = jax.tree.map(lambda part: part.reshape(2, 2, *part.shape[1:]), drawn(shape, 4))
    assert jax.tree.leaves(run(twice))[0].shape[:2] == (2, 2)


def test_inputs_by_name_that_do_not_fit_are_refused(tmp_path):
    net, shape = SEVERAL["mapping"]
    params = net.init(jax.random.key(0), shape)
    run = jaxnet.load_exported(exported(tmp_path, net, params, in_shape=shape))
    x = drawn(shape, 4)
    for given, said in (
        (x["a"], "inputs a, b by name, got a ndarray"),
        ({"a": x["a"]}, "inputs a, b by name, got those of a"),
        ({**x, "b": x["b"][:3]}, "the same batch axes in all inputs"),
        ({**x, "a": x["a"][:, :2]}, r"x\['a'\]: expected x of shape"),
    ):
        with pytest.raises(ValueError, match=said):
            run(given)
    with pytest.raises(TypeError, match=r"x\['b'\] of int32, got float32"):
        run({**x, "b": x["b"].astype(np.float32)})
    with pytest.raises(TypeError, match="expected dtypes for the inputs b, a, got some for a"):
        exported(tmp_path, net, params, in_shape=shape, dtype={"a": "float32"})
    with pytest.raises(TypeError, match="at least one input"):
        exported(tmp_path, net, params, in_shape={})
