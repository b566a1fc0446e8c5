"""Saved parameters come back as they were; damaged and foreign files are refused."""

import hashlib
import json
import os
import re
import stat
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

import jaxnet
from jaxnet import _storage

TREE = {
    "layers": [{"w": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros(3, np.float32)}, {}],
    "half": jnp.array([1.5, -2.25], jnp.bfloat16),
    "counts": (np.int32(7), np.array([True, False])),
    "plain": [1, -2.5, float("inf"), True, None, "жүйке"],
    "empty": np.zeros((0, 4), np.float32),
}


def assert_same(a, b):
    assert jax.tree.structure(a, is_leaf=lambda leaf: leaf is None) == jax.tree.structure(
        b, is_leaf=lambda leaf: leaf is None
    )
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        if hasattr(left, "dtype"):
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(np.asarray(left), np.asarray(right))
        else:
            assert (type(left), left) == (type(right), right)


def test_a_tree_comes_back_with_structure_dtypes_and_bits(tmp_path):
    path = tmp_path / "model.safetensors"
    jaxnet.save(path, TREE)
    found = jaxnet.load(path)
    assert_same(TREE, found)
    assert isinstance(found["layers"][0]["w"], jax.Array)


leaves = of_numpy.arrays(
    st.sampled_from([np.float32, np.float64, np.int8, np.uint16, np.bool_]),
    of_numpy.array_shapes(min_dims=0, max_dims=3),
) | st.floats(allow_nan=False) | st.integers(-(2**60), 2**60) | st.text(max_size=5) | st.none()  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.text(max_size=4), inside, max_size=3)
        | st.tuples(inside, inside)
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(tree=trees)
def test_any_tree_comes_back(tree, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    _storage.write(path, tree, {})
    found, _ = _storage.read(path)
    assert repr(jax.tree.structure(tree)) == repr(jax.tree.structure(found))
    for left, right in zip(jax.tree.leaves(tree), jax.tree.leaves(found), strict=True):
        assert getattr(left, "dtype", type(left)) == getattr(right, "dtype", type(right))
        np.testing.assert_array_equal(left, right)


def test_another_reader_sees_readable_names(tmp_path):
    path = tmp_path / "model.safetensors"
    net = jaxnet.mlp([2, 3, 1])
    params = net.init(jax.random.key(0))
    jaxnet.save(path, params)
    arrays = safetensors.numpy.load_file(path)
    assert set(arrays) == {"0.w", "0.b", "1.w", "1.b"}
    np.testing.assert_array_equal(arrays["0.w"], params[0]["w"])


def test_a_network_is_built_again_from_its_file(tmp_path):
    path = tmp_path / "model.safetensors"
    net = jaxnet.serial(jaxnet.dense(3), jaxnet.tanh, jaxnet.dropout(0.25), jaxnet.dense(1))
    params, x = net.init(jax.random.key(0), (2,)), np.ones((4, 2), np.float32)
    jaxnet.save(path, params, net=net)
    again, found = jaxnet.load_network(path)
    assert repr(again) == repr(net)
    np.testing.assert_array_equal(again.apply(found, x), net.apply(params, x))
    jaxnet.save(path, params)
    with pytest.raises(ValueError, match="parameters only"):
        jaxnet.load_network(path)


@pytest.mark.parametrize(
    "tree", [{"f": max}, {1: np.ones(2)}, {"k": jax.random.key(0)}, np.array(["a"])], ids=str
)
def test_what_a_file_cannot_hold_is_refused(tree, tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(TypeError, match=r"^save: "):
        jaxnet.save(path, tree)
    assert not list(tmp_path.iterdir())


def test_every_damage_is_noticed(tmp_path):
    path = tmp_path / "model.safetensors"
    jaxnet.save(path, {"w": np.arange(4, dtype=np.float32)})
    whole = path.read_bytes()
    for cut in (0, 4, 20, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match="damaged"):
            jaxnet.load(path)
    flipped = bytearray(whole)
    flipped[-1] ^= 1
    path.write_bytes(flipped)
    with pytest.raises(ValueError, match="its content is not what was written"):
        jaxnet.load(path)


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file({"w": np.ones(3, np.float32)}, path)
    with pytest.raises(ValueError, match="not written by jaxnet"):
        jaxnet.load(path)
    path.write_bytes(b"\x80\x04\x95 a pickle, or anything else")
    with pytest.raises(ValueError, match="no safetensors file"):
        jaxnet.load(path)
    with pytest.raises(FileNotFoundError):
        jaxnet.load(tmp_path / "none")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    jaxnet.save(path, {"w": np.ones(2, np.float32)})

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        jaxnet.save(path, {"w": np.zeros(2, np.float32)})
    monkeypatch.undo()
    assert jaxnet.load(path)["w"].tolist() == [1.0, 1.0]
    assert [file.name for file in tmp_path.iterdir()] == ["model.safetensors"]


def test_the_structure_is_plain_json(tmp_path):
    path = tmp_path / "model.safetensors"
    jaxnet.save(path, [{"w": np.ones(2, np.float32)}], about={"trained": "today"})
    with safetensors.safe_open(path, "np") as file:
        content = json.loads(file.metadata()["jaxnet"])
    assert content["structure"] == {"list": [{"dict": {"w": {"array": "0.w"}}}]}
    assert json.loads(content["words"]["about"]) == {"trained": "today"}


def test_a_missing_folder_is_named_and_not_the_file_in_the_making(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"there is no folder for 'model'; make it first: '.*missing'"
    ):
        jaxnet.save(tmp_path / "missing" / "model", {"w": np.ones(2)})


def write_any(path, tree, net, about):
    """A file as ``save`` writes it, of a tree that need not fit the network."""
    words = {"about": json.dumps(about), "network": json.dumps(jaxnet.specs.to_spec(net))}
    _storage.write(Path(path), tree, words)


def test_a_digit_changed_in_the_text_of_a_file_is_noticed(tmp_path):
    path = tmp_path / "model.safetensors"
    net = jaxnet.mlp([2, 3, 1])
    write_any(path, [net.init(jax.random.key(0)), 1234, 0.5], net, {"rows": "1234"})
    whole = path.read_bytes()
    text = whole[8 : 8 + int.from_bytes(whole[:8], "little")]
    places = [found.start() + 8 for found in re.finditer(rb"[0-9]", text)]
    assert len(places) > 100
    for place in places:
        changed = bytearray(whole)
        changed[place] = ord("7") if changed[place] != ord("7") else ord("3")
        path.write_bytes(changed)
        with pytest.raises(ValueError, match=r"is damaged|has version"):
            jaxnet.load(path)


@pytest.mark.parametrize(("old", "new"), [(b"rows", b"cows"), (b"tanh", b"relu"), (b"value", b"float")])
def test_a_word_changed_in_the_text_of_a_file_is_noticed(tmp_path, old, new):
    path = tmp_path / "model.safetensors"
    write_any(path, [1], jaxnet.mlp([2, 1], activation="tanh"), {"rows": "7"})
    whole = path.read_bytes()
    assert old in whole
    path.write_bytes(whole.replace(old, new))
    with pytest.raises(ValueError, match=r"load_network: .* is damaged"):
        jaxnet.load_network(path)


def test_files_of_the_first_version_still_load(tmp_path):
    path, arrays = tmp_path / "model.safetensors", {"0.w": np.arange(3, dtype=np.float32)}
    content = {
        "version": 1,
        "structure": {"list": [{"dict": {"w": {"array": "0.w"}}}]},
        "sha256": hashlib.sha256(b"0.w:float32:(3,)" + arrays["0.w"].tobytes()).hexdigest(),
        "words": {"about": "{}"},
    }
    safetensors.numpy.save_file(arrays, path, {"jaxnet": json.dumps(content)})
    assert jaxnet.load(path)[0]["w"].tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("text", ["[]", "3", '{"version": 2}', '{"version": 1, "sha256": 4}', "[" * 100_000])
def test_hostile_text_gets_one_sentence(tmp_path, text):
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file({"w": np.ones(3, np.float32)}, path, {"jaxnet": text})
    with pytest.raises(ValueError, match="is damaged or no safetensors file"):
        jaxnet.load(path)


def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "real").mkdir()
    target, link, dangling = tmp_path / "real" / "a", tmp_path / "a", tmp_path / "b"
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "real" / "b")
    chain = tmp_path / "chain"
    chain.symlink_to(link)
    for number, place in enumerate((link, dangling, chain, link)):
        jaxnet.save(place, number)
        assert place.is_symlink()
        assert jaxnet.load(place) == number
    assert jaxnet.load(target) == 3
    assert sorted(os.listdir(tmp_path / "real")) == ["a", "b"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_mode_of_the_umask_and_an_old_one_keeps_its_own(tmp_path, mask, mode):
    path = tmp_path / "model.safetensors"
    before = os.umask(mask)
    try:
        jaxnet.save(path, 1)
        assert stat.S_IMODE(path.stat().st_mode) == mode
        path.chmod(0o640)
        jaxnet.save(path, 2)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    finally:
        os.umask(before)


def test_what_a_killed_writer_left_is_deleted_and_what_is_being_written_stays(tmp_path):
    path = tmp_path / "model.safetensors"
    leftovers = [f".{path.name}.0123456789abcdef.part", f".{path.name}.x4_b7k2q.part"]
    others = [f".{path.name}.mine.part", "model.part", ".other.0123456789abcdef.part"]
    for name in leftovers + others:
        (tmp_path / name).write_bytes(b"half")
    planted = tmp_path / f".{path.name}.fedcba9876543210.part"
    planted.symlink_to(tmp_path / "precious")
    (tmp_path / "precious").write_bytes(b"precious")
    with _storage.replacing(path) as file:
        file.write(b"slow")
        jaxnet.save(path, 1)  # a second writer at the same time
        assert jaxnet.load(path) == 1
    assert path.read_bytes() == b"slow"
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert {entry.name for entry in tmp_path.iterdir()} == {*others, planted.name, path.name, "precious"}


def test_a_pipe_is_written_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    jaxnet.save(pipe, [1.0])
    assert b"jaxnet" in os.read(reader, 1 << 16)
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
