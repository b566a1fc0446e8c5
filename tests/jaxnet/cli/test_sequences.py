"""``jaxnet train``, ``predict``, ``evaluate`` and ``info`` on a column of text and on rows in time."""

import json

import numpy as np
import pytest

from jaxnet.cli import main


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run ``jaxnet`` in this process, in a folder with a table of texts and one in time."""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "")
    monkeypatch.setenv("LANG", "C")
    monkeypatch.chdir(tmp_path)
    lines = [f"{year},{10 + 5 * np.sin(year):.3f}" for year in range(1940, 2000)]
    (tmp_path / "years.csv").write_text("year,spots\n" + "\n".join(lines[::-1]) + "\n")
    words = [f"{'ab' * (1 + i % 3)},x,{i}" if i % 2 else f"{'cd' * (1 + i % 4)},y,{i}" for i in range(40)]
    (tmp_path / "texts.csv").write_text("text,kind,id\n" + "\n".join(words) + "\n")

    def command(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return left.value.code, out, err

    return command


SMALL = ("--hidden", "4", "--epochs", 20, "--learning-rate", 0.05, "--out", "m.safetensors")


def test_a_column_of_text(run, tmp_path):
    code, out, talk = run("train", "texts.csv", "--text", "text", "--target", "kind", *SMALL, "--json")
    assert code == 0
    assert json.loads(out)["val_accuracy"] == 1
    assert "the text of column text is read by characters, 4 different ones" in talk
    assert "columns that are not used: id" in talk
    code, out, _ = run("predict", "m.safetensors", "texts.csv", "--proba", "--out", "answers.csv")
    written = (tmp_path / "answers.csv").read_text().splitlines()
    assert written[0] == "text,id,kind,kind=x,kind=y"
    assert [line.split(",")[2] for line in written[1:5]] == ["y", "x", "y", "x"]
    code, out, _ = run("evaluate", "m.safetensors", "texts.csv", "--json")
    assert json.loads(out) == {"schema": 1, "accuracy": 1.0}
    code, out, _ = run("info", "m.safetensors")
    assert "characters  4" in out


def test_rows_in_time(run, tmp_path):
    arguments = ["--time", "year", "--width", 6, "--horizon", 3]
    code, _, talk = run("train", "years.csv", *arguments, *SMALL)
    assert code == 0
    assert "rows in the order of year; windows of width 6, horizon 3; columns: spots" in talk
    assert "the rows were brought into the order of time" in talk
    code, out, _ = run("predict", "m.safetensors", "years.csv", "--json")
    answers = json.loads(out)["answers"]
    assert (len(answers), json.loads(out)["target"]) == (3, "spots")
    code, out, _ = run("predict", "m.safetensors", "years.csv", "--out", "next.csv")
    rows = [line.split(",") for line in (tmp_path / "next.csv").read_text().splitlines()]
    assert rows[0] == ["step", "spots"]
    np.testing.assert_allclose([float(value) for _, value in rows[1:]], answers, rtol=1e-5)
    code, out, _ = run("evaluate", "m.safetensors", "years.csv")
    assert out.split()[::2] == ["rmse", "r2", "rmse_of_last_value"]
    code, out, _ = run("predict", "m.safetensors", "years.csv", "--proba")
    assert code == 2
    code, out, _ = run("info", "m.safetensors", "--json")
    assert json.loads(out)["horizon"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--width", 3], 2, "--width goes with --time only"),
        (["--unit", "words"], 2, "--unit goes with --text only"),
        (["--text", "text", "--time", "id"], 2, "--time does not go with --text"),
        (["--text", "text", "--activation", "tanh"], 2, "--activation does not go with --text"),
        (["--time", "id", "--task", "regression"], 2, "--task does not go with --time"),
        (["--text", "words"], 2, "there is no column 'words'"),
        (["--text", "id", "--target", "id"], 2, "is the target and something else"),
        (["--time", "text", "--target", "id"], 3, "holds neither dates nor numbers"),
        (["--time", "id", "--target", "kind"], 3, "expected a finite number, got 'y'"),
        (["--time", "kind", "--target", "id", "--lang", "ru"], 3, "нет ни дат вроде 2024-01-31, ни чисел"),
        (["--width", 3, "--lang", "kk"], 2, "--width тек --time параметрімен бірге беріледі"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(run, tmp_path, arguments, code, sentence):
    found, _, talk = run("train", "texts.csv", *arguments)
    assert (found, "Traceback" in talk) == (code, False)
    assert sentence in talk
    assert not [*tmp_path.glob("*.safetensors")]
