"""Models of tables: what the target says, saved models, refusals."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_wine

from jaxnet import tables
from jaxnet.data.readers import Table


@pytest.fixture(scope="module")
def wine(tmp_path_factory):
    """The wine table as a .csv, with names."""
    found = load_wine()
    path = tmp_path_factory.mktemp("wine") / "wine.csv"
    names = [name.replace("/", "_") for name in found.feature_names]
    kinds = [found.target_names[k] for k in found.target]
    rows = [",".join([*names, "kind"])]
    rows += [",".join([*map(str, row), kind]) for row, kind in zip(found.data, kinds, strict=True)]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(wine):
    """A model of the wine table."""
    return tables.train(tables.read(wine, "kind"), (16,), epochs=30, learning_rate=0.01)[0]


@pytest.mark.parametrize(
    ("column", "task"),
    [
        (["a", "b", "a", "b"], "classification"),
        ([0, 1, 0, 1], "classification"),
        ([1.5, 2.5, 1.5, 2.5], "regression"),
        ([1, 2, 3, 4], "regression"),  # each value once
    ],
    ids=["text", "whole", "fractions", "all different"],
)
def test_the_target_tells_the_task(tmp_path, column, task):
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "\n".join(f"{i},{value}" for i, value in enumerate(column)))
    assert (tables.read(path).classes is not None) == (task == "classification")
    if not isinstance(column[0], str):
        assert tables.read(path, task="regression").y.tolist() == column
    assert tables.read(path, task="classification").classes == tuple(str(v) for v in sorted(set(column)))


def test_a_line_is_found():
    """y = 3 a - 2 b + 5, without hidden layers: the least-squares solution, whatever the units."""
    draw = np.random.default_rng(0)
    x = (draw.normal(size=(200, 2)) * [1, 100] + [0, 1000]).astype(np.float32)
    y = (3 * x[:, 0] - 2 * x[:, 1] + 5).astype(np.float32)
    table = Table(x, y, ("a", "b"), "y", None)
    found, run = tables.train(table, (), epochs=400, learning_rate=0.02)
    assert tables.evaluate(found, table)["r2"] > 0.9999
    assert tables.answer(found, np.array([[1.0, 1000.0]])) == pytest.approx([3 - 2000 + 5], abs=2)
    assert run.history["loss"][-1] < 1e-4


def test_wine_is_told_apart(model, wine):
    assert tables.evaluate(model, tables.read(wine, "kind"))["accuracy"] >= 0.98
    assert model.task == "classification"
    assert model.classes == ("class_0", "class_1", "class_2")


def test_a_saved_model_answers_the_same(model, wine, tmp_path):
    path = tmp_path / "wine.safetensors"
    tables.save(path, model)
    again = tables.load(path)
    x = tables.read(wine, "kind").x
    assert (tables.answer(again, x) == tables.answer(model, x)).all()
    assert (again.features, again.target, again.classes) == (model.features, "kind", model.classes)
    assert again.net == model.net


def test_npz_with_a_part_to_test_on(tmp_path):
    x = np.arange(8, dtype=np.uint8).reshape(4, 2, 1)
    np.savez(tmp_path / "t.npz", x_train=x, y_train=[3, 5, 3, 5], x_test=x[:2], y_test=[5, 5])
    table = tables.read(tmp_path / "t.npz")
    assert (table.x.shape, table.classes, table.y.tolist()) == ((4, 2), ("3", "5"), [0, 1, 0, 1])
    assert table.x[1].tolist() == pytest.approx([2 / 255, 3 / 255])
    held = tables.read(tmp_path / "t.npz", classes=("3", "5"), held_out=True)
    assert held.y.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda m, w: tables.answer(m, np.zeros((2, 3))), r"rows of 13 features, .* got shape \(2, 3\)"),
        (lambda m, w: tables.load(w), "no safetensors file"),
        (
            lambda m, w: tables.read(w, "kind", task="guessing"),
            "expected a task of classification, regression",
        ),
        (lambda m, w: tables.train(tables.read(w, "kind")._replace(y=None)), "a table with a target"),
    ],
    ids=["features", "foreign file", "task", "no target"],
)
def test_refusals(call, sentence, model, wine):
    with pytest.raises(ValueError, match=sentence):
        call(model, wine)


#: six rows of a table, and what jaxnet 0.1.0 answered to them when it wrote tests/golden/table_*.safetensors
OLD_ROWS = [
    [0.1257302165031433, 986.7894897460938], [0.6404226422309875, 1010.489990234375],
    [-0.5356693863868713, 1036.1595458984375], [1.3040000200271606, 1094.7081298828125],
    [-0.7037352323532104, 873.4578247070312], [-0.6232744455337524, 1004.132568359375],
]  # fmt: skip
OLD_ANSWERS = {
    "classification": [1, 1, 0, 1, 0, 0],
    "regression": [
        -20.444053649902344, -21.20819664001465, -20.268098831176758, -20.31283950805664, -26.967391967773438,
        -21.344980239868164,
    ],
}  # fmt: skip


@pytest.mark.parametrize("task", OLD_ANSWERS)
def test_an_earlier_model_answers_the_same(tmp_path, task):
    path = Path(__file__).parents[2] / "golden" / f"table_{task}.safetensors"
    model = tables.load(path)
    (tmp_path / "t.csv").write_text("b,note,a\n" + "".join(f"{b!r},x,{a!r}\n" for a, b in OLD_ROWS))
    applied = tables.apply(model, tmp_path / "t.csv")
    # to a ulp or two of float32: another processor may add in another order
    np.testing.assert_allclose(tables.answer(model, applied.table.x), OLD_ANSWERS[task], rtol=3e-7)
    tables.save(tmp_path / "again.safetensors", model)
    assert tables.load(tmp_path / "again.safetensors").preparation is None
    (tmp_path / "t.csv").write_text("a,b\n1,\n2,3\n")
    with pytest.raises(
        ValueError, match="column 'b': 1 cells are blank, the first in row 2, and the model has no"
    ):
        tables.apply(model, tmp_path / "t.csv")


@pytest.mark.parametrize("place", range(0, 1600, 97))
def test_a_changed_file_is_refused_in_one_sentence(tmp_path, place):
    raw = bytearray((Path(__file__).parents[2] / "golden" / "table_regression.safetensors").read_bytes())
    raw[place] ^= 0x15
    (tmp_path / "m.safetensors").write_bytes(raw)
    with pytest.raises(
        ValueError, match=r"m\.safetensors is damaged or holds no model|holds no model of a table"
    ):
        tables.load(tmp_path / "m.safetensors")
