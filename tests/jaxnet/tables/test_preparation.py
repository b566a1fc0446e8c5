"""Tables as people have them: what is done to each kind of column, and what is refused, all at once."""

import sys

import numpy as np
import pytest

from jaxnet import tables
from jaxnet.data.delimited import has_header, read_sheet
from jaxnet.data.refusals import InvalidFile


@pytest.fixture(params=["pyarrow", "standard library"])
def reader(request, monkeypatch):
    """Both readers must give the same."""
    if request.param == "pyarrow":
        pytest.importorskip("pyarrow")
    else:
        monkeypatch.setitem(sys.modules, "pyarrow", None)


def write(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def kinds(prepared):
    return {c.name: (c.kind, c.reason) for c in prepared.preparation.columns}


ROWS = range(1, 41)
PEOPLE = "номер;город;дата;балл;цена\n" + "".join(
    f"{row};{('Алматы', 'Астана')[row % 2]};{1 + row % 28:02}.{1 + row % 12:02}.2024;"
    f"{'' if row % 4 == 0 else row % 7};{row % 5},5\n"
    for row in ROWS
)


def test_every_kind_of_column(tmp_path, reader):
    prepared = tables.prepare(write(tmp_path, PEOPLE), task="regression")
    assert kinds(prepared) == {
        "номер": ("left out", "id"), "город": ("category", ""), "дата": ("date", ""), "балл": ("number", ""),
    }  # fmt: skip
    table = prepared.table
    assert table.features == (
        "город=Алматы", "город=Астана", "дата", "дата.month", "дата.day", "дата.weekday",
        "балл", "балл (blank)",
    )  # fmt: skip
    # row 3: 3 is odd, so Астана; 04.04.2024 was a Thursday, 19817 days after 1970; 3 % 7; 3 % 5 and a half
    assert table.x[2].tolist() == [0, 1, 19817, 4, 4, 3, 3, 0]
    assert table.y[2] == 3.5
    # row 4 is blank; the median of row % 7 over the 30 others is 3
    assert table.x[3, -2:].tolist() == [3, 1]


def test_a_further_table_is_read_as_the_first_one_was(tmp_path, reader):
    model = tables.train(tables.prepare(write(tmp_path, PEOPLE), task="regression"), (4,), epochs=1)[0]
    path = write(tmp_path, "цена,город,балл,note,дата\n?,Орал,,a,2024-04-04\n1.5,Алматы,2,b,\n", "new.csv")
    applied = tables.apply(model, path)
    assert applied.table.x.tolist()[0] == [0, 0, 19817, 4, 4, 3, 3, 1]
    assert (applied.unused, applied.unknown, applied.blanks) == (("note",), {"город": 1}, {"дата": 1})
    measured = tables.apply(model, path, with_target=True)
    assert (measured.table.y.tolist(), measured.without_target) == ([1.5], 1)
    tables.save(tmp_path / "m.safetensors", model)
    again = tables.load(tmp_path / "m.safetensors")
    assert again.preparation == model.preparation
    assert (tables.answer(again, applied.table.x) == tables.answer(model, applied.table.x)).all()


@pytest.mark.parametrize(
    ("header", "row", "names"),
    [
        ("0,1,2,target", "{a},{b},{c},{t}", "0 1 2"),
        ("Na,2019,Mg,target", "{a},{b},{c},{t}", "Na 2019 Mg"),
        (",a,b,target", "{i},{a},{b},{t}", "column 1|a b"),
        ("2018,2019,2020,2021", "{a},{b},{c},{t}", "2018 2019 2020"),
        ("жасы;салмағы;түрі", "{a};{b};{t}", "жасы салмағы"),
        ("place,kind,sold", "Oral,{k},{t}", "kind"),
        (None, "{a},{b},{c},{t}", "0 1 2"),
        (None, "{k},{a},{t}", "0 1"),
        (None, "2024-01-{d:02},{a},{t}", "0 1"),
    ],
    ids=["pandas", "Na, 2019", "index", "years", "Kazakh", "texts", "none", "none, texts", "none, dates"],
)
def test_a_header_is_what_differs_from_the_rows_below(tmp_path, header, row, names, reader):
    lines = [
        row.format(i=i, a=i * 0.37 % 3, b=i % 7 + 0.5, c=-i % 5, k=("red", "blue")[i % 3 == 0], d=i % 28 + 1,
                   t=("no", "yes")[i % 2])
        for i in range(30)
    ]  # fmt: skip
    prepared = tables.prepare(write(tmp_path, "\n".join([header, *lines] if header else lines)))
    used = [c.name for c in prepared.preparation.columns if c.kind != "left out"]
    assert used == names.rpartition("|")[2].split()
    assert len(prepared.table.x) == 30
    assert prepared.table.classes == ("no", "yes")
    assert prepared.preparation.header == bool(header)


def test_the_option_decides_about_the_header(tmp_path):
    path = write(tmp_path, "rare,1\nred,2\nred,2\nred,1\n")
    assert read_sheet("t", path, header=True).names == ["rare", "1"]
    assert read_sheet("t", path, header=False).names == ["0", "1"]


@pytest.mark.parametrize("rows", [[["a", "b"]], [["x", "y"], ["1", "2"]], [["a", "b"], ["a", "c"]]], ids=str)
def test_rows_with_a_header(rows):
    assert has_header(rows)


def test_all_that_cannot_be_read_is_said_at_once(tmp_path, reader):
    text = "a,b,when,y\n" + "".join(f"{i},{i / 2},2024-01-{1 + i % 28:02},{i % 2}\n" for i in range(30))
    path = write(tmp_path, text + "x1,5,2024-02-31,1\n7,1_000,2024-02-03,0\n1,2\n")
    with pytest.raises(InvalidFile) as caught:
        tables.prepare(path)
    said = str(caught.value)
    for part in (
        "column 'a': 1 of 32 cells are no numbers, the first in row 32: 'x1'",
        "column 'b': 1 of 32 cells are no numbers, the first in row 33: '1_000'",
        "column 'when': 1 of 32 cells are no dates, the first in row 32: '2024-02-31'",
        "1 rows do not have 4 cells, the first is row 34 with 2",
    ):
        assert part in said
    whole = write(tmp_path, text + "x1,5,2024-02-31,1\n7,1_000,2024-02-03,0\n", "whole.csv")
    prepared = tables.prepare(whole, unreadable="blank")
    assert prepared.unreadable == {"a": 1, "b": 1, "when": 1}


@pytest.mark.parametrize(
    ("cells", "options", "kind"),
    [
        ([f"{i:04}" for i in range(30)], {}, ("left out", "id")),
        ([f"{i:04}" for i in range(30)], {"keep": ["c"]}, ("number", "")),
        ([f"word {i}" for i in range(30)], {}, ("left out", "texts")),
        (["7"] * 30, {}, ("left out", "constant")),
        ([""] * 30, {}, ("left out", "blank")),
        ([str(50_000 + i % 3) for i in range(30)], {"category": ["c"]}, ("category", "")),
        ([f"{1 + i % 12}/{1 + i % 12}/2024" for i in range(30)], {}, ("date", "")),
        (["yes", "no", "?"] * 10, {}, ("category", "")),
        (["1", "2", "3+"] * 10, {}, ("category", "")),
    ],
    ids=["count", "kept count", "words", "constant", "blank", "codes", "dates", "yes, no, ?", "3+"],
)
def test_what_a_column_is(tmp_path, cells, options, kind):
    lines = [f"{cell},{i * 7 % 11},{i % 2}" for i, cell in enumerate(cells)]
    prepared = tables.prepare(write(tmp_path, "c,x,y\n" + "\n".join(lines)), **options)
    assert kinds(prepared)["c"] == kind


def test_a_count_is_used_where_there_is_nothing_else(tmp_path):
    path = write(tmp_path, "x,y\n" + "".join(f"{i},{2 * i + 1}\n" for i in range(30)))
    assert kinds(tables.prepare(path)) == {"x": ("number", "")}


@pytest.mark.parametrize(
    ("first", "order", "days"), [("13/02/2024", "dmy", 19766), ("02/13/2024", "mdy", 19766)]
)
def test_the_order_of_a_date_is_told_by_its_days(tmp_path, first, order, days):
    lines = [
        f"{first},{i % 5},{i % 2}" if i == 0 else f"0{1 + i % 9}/01/2024,{i % 5},{i % 2}" for i in range(30)
    ]
    prepared = tables.prepare(write(tmp_path, "when,x,y\n" + "\n".join(lines)))
    assert prepared.preparation.columns[0].order == order
    assert prepared.table.x[0, 0] == days


def test_large_offsets_are_subtracted_before_they_are_rounded(tmp_path):
    start = 1_700_000_000_123
    path = write(tmp_path, "t,y\n" + "".join(f"{start + i * 7 % 13},{i * 7 % 13}\n" for i in range(39)))
    model, _ = tables.train(tables.prepare(path, task="regression"), (), epochs=300, learning_rate=0.05)
    assert tables.evaluate(model, tables.apply(model, path, with_target=True).table)["r2"] > 0.999


@pytest.mark.parametrize("labels", [["1", "1.0", "2"], ["01", "1", "2"], ["1e0", "1", "2.0"]], ids=str)
def test_equal_numbers_are_one_class(tmp_path, labels):
    path = write(tmp_path, "x,y\n" + "".join(f"{i % 7},{labels[i % 3]}\n" for i in range(30)))
    assert tables.prepare(path).table.classes == ("1", "2")
    assert tables.read(path, task="classification").classes == ("1", "2")


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no", "yes"] * 9),
        np.array([b"no", b"yes"] * 9),
        np.array([[3], [5]] * 9),
        np.array([True, False] * 9),
    ],
    ids=["text", "bytes", "column", "bool"],
)
def test_labels_of_an_array(tmp_path, labels):
    np.savez(tmp_path / "t.npz", x=np.arange(36.0).reshape(18, 2), y=labels)
    prepared = tables.prepare(tmp_path / "t.npz")
    assert len(prepared.table.classes) == 2
    assert np.bincount(prepared.table.y).tolist() == [9, 9]


@pytest.mark.parametrize("kind", ["uint8", "int64", "float32"])
def test_a_model_keeps_the_scale_of_its_images(tmp_path, kind):
    x = np.random.default_rng(0).integers(0, 256, (40, 3, 3)).astype(np.uint8)
    y = np.arange(40) % 2
    np.savez(tmp_path / "bytes.npz", x=x, y=y)
    np.savez(tmp_path / "other.npz", x=x.astype(kind), y=y)
    model, _ = tables.train(tables.prepare(tmp_path / "bytes.npz"), (4,), epochs=1)
    found = tables.apply(model, tmp_path / "other.npz", with_target=True).table
    np.testing.assert_allclose(found.x, x.reshape(40, 9) / 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": np.array(["2024-01-01"] * 4, "datetime64[D]"), "y": [0, 1, 0, 1]}, "datetime64"),
        ({"x": np.ones((4, 2), complex), "y": [0, 1, 0, 1]}, "complex128"),
        ({"x": np.ones(4, [("a", "f4")]), "y": [0, 1, 0, 1]}, "array of numbers"),
        ({"x": [[1.0], [np.nan]], "y": [0, 1]}, "row 1"),
        ({"x": [[1.0], [2.0]], "y": [0, 1, 2]}, "shape"),
        ({"z": [1]}, "expected arrays x"),
        ({"x": [[1.0]] * 4, "y": [0.0, np.nan, 1, 1]}, "finite numbers in y"),
    ],
    ids=["dates", "complex", "structured", "nan", "lengths", "names", "nan target"],
)
def test_arrays_that_cannot_be_used(tmp_path, arrays, said):
    np.savez(tmp_path / "t.npz", **arrays)
    with pytest.raises(InvalidFile, match=said):
        tables.prepare(tmp_path / "t.npz")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n1,a\n2,a\n3,a\n", "at least 2 classes in column 'y'"),
        ("x,y\n1,\n2,?\n", "at least 2 rows with a target"),
        ("x,y\n" + "".join(f"{i},word {i}\n" for i in range(50)), "50 different texts in 50 rows"),
        ("x,y\n" + "5,1\n5,2\n" * 5, "every other column is left out"),
    ],
    ids=["one class", "no target", "texts", "constant"],
)
def test_tables_that_teach_nothing(tmp_path, text, said):
    with pytest.raises(InvalidFile, match=said):
        tables.prepare(write(tmp_path, text))


def test_a_refusal_can_be_pickled():
    import pickle

    error = InvalidFile("tables.read", "no data", path="t.csv")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.name) == (str(error), "no data")
