"""Models of a column of text and of rows in time: what they read, and what they never see."""

import datetime

import jax
import numpy as np
import pytest

from jaxnet.data.refusals import InvalidFile
from jaxnet.tables import sequence_model as models
from jaxnet.tables import sequences


def rows_in_time(path, values, *, turned=False):
    days = [datetime.date(2024, 2, 1) + datetime.timedelta(days=i) for i in range(len(values))]
    lines = [f"{day},{value},{value * 2}" for day, value in zip(days, values, strict=True)]
    path.write_text("\n".join(["day,sales,other", *(lines[::-1] if turned else lines)]) + "\n")
    return path


def wave(count):
    return np.round(50 + 10 * np.sin(np.arange(count) / 3), 3)


def fitted(table, **options):
    return models.train(table, (3,), epochs=2, batch_size=8, progress=False, **options)


def test_training_sees_nothing_of_the_rows_it_is_measured_on(tmp_path):
    values = wave(50)
    changed = np.concatenate([values[:40], values[40:] * -1000])
    runs = []
    for one in (values, changed):
        table = sequences.prepare_series(rows_in_time(tmp_path / "t.csv", one), "day", "sales", width=4)
        runs.append(fitted(table, validation=0.2))
    (first, one), (second, other) = runs
    np.testing.assert_array_equal(first.mean, second.mean)
    np.testing.assert_array_equal(first.scale, second.scale)
    for a, b in zip(jax.tree.leaves(first.params), jax.tree.leaves(second.params), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(one.history["loss"], other.history["loss"])
    assert np.all(other.history["val_loss"] > 100 * one.history["val_loss"])
    np.testing.assert_allclose(first.mean[0], values[:40].mean())


def test_rows_are_brought_into_the_order_of_time(tmp_path):
    straight = sequences.prepare_series(rows_in_time(tmp_path / "a.csv", wave(12)), "day", "sales", width=3)
    turned = sequences.prepare_series(
        rows_in_time(tmp_path / "b.csv", wave(12), turned=True), "day", "sales", width=3
    )
    assert (straight.sorted, turned.sorted) == (False, True)
    np.testing.assert_array_equal(straight.x, turned.x)
    assert straight.source.columns == ("sales", "other")
    dropped = sequences.prepare_series(tmp_path / "a.csv", "day", "sales", width=3, drop=("other",))
    assert dropped.left_out == ("other",)
    assert dropped.x.shape == (12, 1)


def test_a_forecast_goes_on_after_the_last_row(tmp_path):
    path = rows_in_time(tmp_path / "t.csv", wave(60))
    table = sequences.prepare_series(path, "day", "sales", width=6, horizon=2)
    model, _ = models.train(table, (12,), epochs=60, learning_rate=0.02, batch_size=16, progress=False)
    found = models.answer(model, models.apply(model, path))
    true = 50 + 10 * np.sin(np.arange(60, 62) / 3)
    np.testing.assert_allclose(found, true, atol=1.5)
    report = models.report(model, models.apply(model, path, with_target=True))
    assert report["rmse"] < report["rmse_of_last_value"] / 3
    windows = np.lib.stride_tricks.sliding_window_view(table.x[:, 0], 8)
    naive = np.sqrt(np.mean((windows[:, 6:] - windows[:, 5:6]) ** 2))
    assert report["rmse_of_last_value"] == pytest.approx(naive, rel=1e-5)
    models.save(tmp_path / "m.safetensors", model)
    again = models.load(tmp_path / "m.safetensors")
    assert again.source == model.source
    np.testing.assert_array_equal(models.answer(again, models.apply(again, path)), found)


def test_gaps_are_filled_with_the_value_before_and_never_with_a_later_one(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("t,y\n3,\n1,10\n2,\n4,40\n5,50\n")
    with pytest.raises(InvalidFile, match=r"row 2, column 'y': the value is missing"):
        sequences.prepare_series(path, "t", width=2)
    table = sequences.prepare_series(path, "t", width=2, gaps="previous")
    assert table.x[:, 0].tolist() == [10, 10, 10, 40, 50]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("t,y\n1,\n2,3\n3,4\n", {"gaps": "previous"}, "row 2, column 'y': the value is missing"),
        ("t,y\n1,a\n2,3\n3,4\n4,5\n5,6\n6,7\n", {"gaps": "previous"}, "expected a finite number, got 'a'"),
        ("t,y\nmon,1\ntue,2\nwed,3\n", {}, "holds neither dates nor numbers .* first cell is 'mon'"),
        ("t,y\n2024-01-01,1\n2024-01-02,2\n2024-01-01,3\n", {}, "has the time '2024-01-01' twice"),
        ("t,y\n2024-01-01,1\n,2\n2024-01-03,3\n", {}, "row 3, column 't': expected a date or number"),
        ("t,y\n1,1\n2,2\n", {"width": 2}, "at least 3 rows .* width 2 and horizon 1, got 2"),
        ("t,y\n1,1\n2,2\n", {"target": "t"}, "is the target and something else"),
        ("t,y\n1,1\n2,2\n", {"drop": ("z",)}, "there is no column 'z'"),
        ("t,y\n1,1\n2\n", {}, "row 3: expected 2 cells, got 1"),
    ],
)
def test_a_table_in_time_that_cannot_be_used_is_refused(tmp_path, text, options, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InvalidFile, match=message):
        sequences.prepare_series(tmp_path / "t.csv", "t", **{"width": 1, "header": True, **options})


def test_too_few_rows_before_those_held_out_are_refused(tmp_path):
    table = sequences.prepare_series(rows_in_time(tmp_path / "t.csv", wave(8)), "day", "sales", width=6)
    with pytest.raises(InvalidFile, match=r"at least 7 rows to train on, .* got 6 of 8"):
        fitted(table, validation=0.2)


# --- texts --------------------------------------------------------------------------------------------

TEXTS = "id,text,kind,note\n1,aaa,a,x\n2,bbb,b,y\n3,,b,z\n4,aab,a,x\n5,bba,,y\n6,ab a,a,y\n7,bb,b,y\n"


def texts(tmp_path, **options):
    (tmp_path / "t.csv").write_text(TEXTS)
    return sequences.prepare_text(tmp_path / "t.csv", "text", "kind", **options)


def test_texts_become_ids_with_begin_and_end(tmp_path):
    table = texts(tmp_path)
    assert (table.rows, table.without_target, table.left_out) == (6, 1, ("id", "note"))
    assert table.x.lengths.tolist() == [5, 5, 2, 5, 6, 4]  # a blank text has its begin and its end
    assert table.y.tolist() == [0, 1, 1, 0, 0, 1]
    assert table.classes == ("a", "b")
    words = texts(tmp_path, unit="words").source.vocabulary
    assert (words.unit, words.tokens) == ("words", ())


def test_a_model_of_texts_is_saved_with_its_vocabulary(tmp_path):
    table = texts(tmp_path)
    model, _ = models.train(table, (6,), epochs=60, learning_rate=0.05, batch_size=6, progress=False)
    applied = models.apply(model, tmp_path / "t.csv", with_target=True)
    assert models.report(model, applied) == {"accuracy": 1.0}
    models.save(tmp_path / "m.safetensors", model)
    again = models.load(tmp_path / "m.safetensors")
    assert again.source.vocabulary == model.source.vocabulary
    (tmp_path / "new.csv").write_text("text\naaaa\nbbbbz\n")
    shares = models.probabilities(again, models.apply(again, tmp_path / "new.csv"))
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)
    (tmp_path / "bad.csv").write_text("words\naaaa\nbb\n")
    with pytest.raises(InvalidFile, match="lacks columns that the model was trained on: text"):
        models.apply(again, tmp_path / "bad.csv", header=True)


def test_a_text_may_tell_a_value(tmp_path):
    (tmp_path / "t.csv").write_text("text,y\n" + "".join(f"{'a' * n},{n * 10}.5\n" for n in range(1, 9)))
    table = sequences.prepare_text(tmp_path / "t.csv", "text", task="regression")
    model, _ = models.train(table, (8,), epochs=80, learning_rate=0.05, batch_size=8, progress=False)
    assert models.report(model, models.apply(model, tmp_path / "t.csv", with_target=True))["r2"] > 0.9


def test_files_that_hold_no_model_of_sequences(tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"no model")
    assert models.load(tmp_path / "x.safetensors") is None
