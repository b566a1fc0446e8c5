"""IDX, .npz and CSV files: what is read, and what is refused with which words."""

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from jaxnet import data


def idx(array: np.ndarray, code: int) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()


TYPES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("kind", TYPES)
def test_idx_of_every_type(tmp_path, kind, compressed):
    array = np.array([[1, 2, 3], [100, 5, 6]]).astype(f">{kind}")
    content = idx(array, TYPES[kind])
    path = tmp_path / "x.idx"
    path.write_bytes(gzip.compress(content) if compressed else content)
    found = data.read_idx(path)
    np.testing.assert_array_equal(found, array)
    assert found.dtype == np.dtype(kind)
    assert found.dtype.isnative


GOOD = idx(np.arange(6, dtype=np.uint8).reshape(2, 3), 0x08)
BAD_IDX = {
    "empty file": (b"", "an empty file"),
    "wrong magic": (b"\x89PNG\r\n", "got 89 50 4e 47"),
    "unknown type": (b"\0\0\x0a\x01" + GOOD[4:], "got 00 00 0a 01"),
    "no axes": (b"\0\0\x08\0", "got 00 00 08 00"),
    "truncated": (GOOD[:-1], "cut short, 17 bytes where its header states 18"),
    "truncated header": (GOOD[:9], "cut short"),
    "too long": (GOOD + b"\0", "too long"),
    "no entries": (struct.pack(">HBBI", 0, 8, 1, 0), "holds no entries"),
    "huge header": (struct.pack(">HBB4I", 0, 8, 4, *[2**32 - 1] * 4), "cut short"),
    "truncated gzip": (gzip.compress(GOOD)[:-9], "damaged gzip"),
    "broken gzip": (
        gzip.compress(GOOD)[:12] + b"\xff\xff\xff\xff" + gzip.compress(GOOD)[16:],
        "damaged gzip",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD_IDX.values(), ids=BAD_IDX)
def test_bad_idx_is_refused(tmp_path, content, message):
    path = tmp_path / "x.idx"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        data.read_idx(path)
    assert "\n" not in str(caught.value)


def test_npz_round_trip(tmp_path):
    arrays = {"x": np.arange(6.0).reshape(2, 3), "y": np.array([0, 1], np.int8)}
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    found = data.read_npz(tmp_path / "a.npz")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_npz_with_objects_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}], object))
    with pytest.raises(ValueError, match="holds Python objects"):
        data.read_npz(tmp_path / "a.npz")


def test_damaged_npz_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(1000))
    content = (tmp_path / "a.npz").read_bytes()
    for name, broken, message in [
        ("short", content[:500], "something else or one cut short"),
        ("foreign", b"hello", "expected .* to be a .npz file"),
        ("flipped", content[:500] + b"\xff\xff" + content[502:], "damaged"),
        ("npy", content[content.index(b"\x93NUMPY") :][:200], "to be a .npz file"),
    ]:
        path = tmp_path / f"{name}.npz"
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=message):
            data.read_npz(path)


def test_npz_without_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="expected arrays"):
        data.read_npz(tmp_path / "a.npz")


@pytest.fixture
def small_mnist():
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (5, 28, 28)).astype(np.uint8),
        "y_train": np.arange(5, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (3, 28, 28)).astype(np.uint8),
        "y_test": np.arange(3, dtype=np.uint8),
    }


def test_mnist_from_npz_and_from_idx_files_is_the_same(tmp_path, small_mnist):
    np.savez(tmp_path / "mnist.npz", **small_mnist)
    names = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte",
    ]
    for name, array in zip(names, small_mnist.values(), strict=True):
        content = idx(array, 0x08)
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    for source in (tmp_path / "mnist.npz", tmp_path):
        (x, y), (x_test, y_test) = data.mnist(source)
        np.testing.assert_array_equal(x, small_mnist["x_train"].astype(np.float32) / 255)
        np.testing.assert_array_equal(x_test, small_mnist["x_test"].astype(np.float32) / 255)
        assert y.tolist() == [0, 1, 2, 3, 4]
        assert y_test.tolist() == [0, 1, 2]
        assert x.dtype == np.float32
        assert y.dtype == np.int32


def test_incomplete_mnist_is_refused(tmp_path, small_mnist):
    with pytest.raises(ValueError, match="expected a file train-images-idx3-ubyte"):
        data.mnist(tmp_path)
    np.savez(tmp_path / "a.npz", **{**small_mnist, "y_test": np.arange(4)})
    with pytest.raises(ValueError, match=r"got \(3, 28, 28\) and \(4,\)"):
        data.mnist(tmp_path / "a.npz")
    del small_mnist["y_test"]
    np.savez(tmp_path / "a.npz", **small_mnist)
    with pytest.raises(ValueError, match="got no y_test"):
        data.mnist(tmp_path / "a.npz")


def test_real_mnist(shared):
    (x, y), (x_test, y_test) = data.mnist(shared / "data" / "mnist.npz")
    assert x.shape == (60000, 28, 28)
    assert y[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert x.max() == 1
    assert x_test.mean() == pytest.approx(0.1325, abs=1e-3)


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_csv_with_header_and_text_classes(tmp_path):
    table = data.read_csv(write(tmp_path, 'a,"b, c",kind\n1,2,yes\n\n3,4.5,no\n-1e2,.5,yes\n'))
    np.testing.assert_array_equal(table.x, [[1, 2], [3, 4.5], [-100, 0.5]])
    assert table.y is not None
    assert table.y.tolist() == [1, 0, 1]
    assert (table.features, table.target, table.classes) == (("a", "b, c"), "kind", ("no", "yes"))
    assert table.x.dtype == np.float32
    assert table.y.dtype == np.int32


@pytest.mark.parametrize(
    ("text", "options", "x", "y", "classes"),
    [
        pytest.param("1,2,3\n4,5,6\n", {}, [[1, 2], [4, 5]], [3, 6], None, id="no header, values"),
        pytest.param(
            "a;b\r\n1;2\r\n3;4\r\n", {"target": "a"}, [[2], [4]], [1, 3], None, id="semicolons, crlf"
        ),
        pytest.param("1\t2\n3\t4\n", {"target": 0}, [[2], [4]], [1, 3], None, id="tabs, first column"),
        pytest.param(
            "\ufeffa,b\n1,2\n", {"target": None}, [[1, 2]], None, None, id="byte order mark, no target"
        ),
        pytest.param(
            "10,a\n2,b\n", {"target": 0, "classes": True, "header": False}, None, None, None, id="x text"
        ),
        pytest.param(
            "1,10\n1,9\n1,10\n", {"classes": True}, [[1]] * 3, [1, 0, 1], ("9", "10"), id="number classes"
        ),
        pytest.param("1,b\n", {"classes": ["a", "b"]}, [[1]], [1], ("a", "b"), id="classes given"),
        pytest.param("1,2\n3,4\n", {"header": True}, [[3]], [4], None, id="numbers as names"),
        pytest.param("1|2\n", {"delimiter": "|"}, [[1]], [2], None, id="own delimiter"),
    ],
)
def test_csv_variants(tmp_path, text, options, x, y, classes):
    path = write(tmp_path, text)
    if x is None:
        with pytest.raises(ValueError, match="row 1, column '1': expected a finite number, got 'a'"):
            data.read_csv(path, **options)
        return
    table = data.read_csv(path, **options)
    np.testing.assert_array_equal(table.x, x)
    assert (None if table.y is None else table.y.tolist()) == y
    assert table.classes == classes


BAD_CSV = {
    "missing": ("a,b\n1,2\n,4\n", {}, "row 3, column 'a': the value is missing"),
    "NA": ("a,b\n1,2\nNA,4\n", {}, "row 3, column 'a': the value is missing"),
    "missing target": ("a,b\n1,\n", {}, "row 2, column 'b': the target is missing"),
    "text": ("a,b\n1,2\nx1,4\n", {}, "row 3, column 'a': expected a finite number, got 'x1'"),
    "infinite": ("a,b\ninf,2\n", {}, "expected a finite number, got 'inf'"),
    "underscore": ("a,b\n1_000,2\n", {}, "expected a finite number, got '1_000'"),
    "short row": ("a,b\n1,2\n3\n", {}, "row 3: expected 2 cells, got 1"),
    "long row": ("1,2\n3,4,5\n", {}, "row 2: expected 2 cells, got 3"),
    "empty": ("", {}, "holds no data"),
    "header only": ("a,b\n", {}, "holds no data"),
    "no such name": ("a,b\n1,2\n", {"target": "c"}, "no column 'c' in .*, only a, b"),
    "no such index": ("a,b\n1,2\n", {"target": 2}, "no column 2"),
    "same names": ("a,a\n1,2\n", {}, "different names"),
    "unknown class": (
        "1,b\n2,c\n",
        {"classes": ["a", "b"]},
        "row 2, .*expected one of the classes a, b, got 'c'",
    ),
    "text as values": ("1,b\n", {"classes": False}, "expected a finite number, got 'b'"),
    "only a target": ("a\n1\n", {}, "features beside the target"),
    "quotes": ('a,b\n"1,2\n', {}, "not a CSV file"),
}


@pytest.mark.parametrize(("text", "options", "message"), BAD_CSV.values(), ids=BAD_CSV)
def test_bad_csv_is_refused(tmp_path, text, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        data.read_csv(write(tmp_path, text), **options)
    assert "\n" not in str(caught.value)


def test_csv_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(ValueError, match="UTF-8"):
        data.read_csv(write(tmp_path, "имя,б\n1,2\n", "cp1251"))


@pytest.mark.parametrize("shape", [(2**33,), (2**40, 2**40), (-1,), (2**62, 0)], ids=str)
def test_an_npz_that_claims_more_than_it_holds_takes_no_memory(tmp_path, shape):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(80))
    with pytest.raises(ValueError, match=r"x\.npy claims"):
        data.read_npz(tmp_path / "a.npz")


@pytest.mark.parametrize("place", range(30, 600, 23))
def test_a_changed_npz_is_refused_or_read(tmp_path, place):
    np.savez(tmp_path / "a.npz", x=np.arange(20.0), y=np.arange(20))
    raw = bytearray((tmp_path / "a.npz").read_bytes())
    raw[place] ^= 0x55
    (tmp_path / "a.npz").write_bytes(raw)
    try:
        found = data.read_npz(tmp_path / "a.npz")
    except ValueError as error:
        said = str(error)
    else:
        said = f"read_npz: {[array.size for array in found.values()]}"
    assert said.startswith("read_npz: ")
    assert "\n" not in said


def test_a_gzip_file_is_not_unpacked_beyond_what_its_header_states(tmp_path):
    content = struct.pack(">HBBI", 0, 0x08, 1, 5)
    (tmp_path / "a.gz").write_bytes(gzip.compress(content + bytes(1 << 26)))
    with pytest.raises(ValueError, match="too long: its header states 13 bytes"):
        data.read_idx(tmp_path / "a.gz")
    (tmp_path / "b.gz").write_bytes(gzip.compress(struct.pack(">HBB4I", 0, 0x0E, 4, *[2**32 - 1] * 4)))
    with pytest.raises(ValueError, match="cut short"):
        data.read_idx(tmp_path / "b.gz")


@pytest.mark.parametrize("cell", ["1e39", "-3.5e38", "1e400"])
def test_a_number_that_float32_cannot_hold_is_refused(tmp_path, cell):
    with pytest.raises(ValueError, match="expected a finite number"):
        data.read_csv(write(tmp_path, f"a,b\n{cell},2\n"))
