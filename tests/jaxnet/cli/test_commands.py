"""The command ``jaxnet``: what people have on the command line, and what they get."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_wine

from jaxnet import tables
from jaxnet._storage import replacing_text
from jaxnet.cli import main, messages, refusals
from jaxnet.data.refusals import SENTENCES


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


PAIRS = [(i % 7 - 3, i % 5 - 2) for i in range(40)]


@pytest.fixture(scope="module")
def files(tmp_path_factory, wine, model):
    """Files by the word that stands for them in a test."""
    folder = tmp_path_factory.mktemp("files")
    tables.save(folder / "model.safetensors", model)
    (folder / "other.csv").write_text("a,y\n" + "".join(f"{a},{a + 0.5}\n" for a, _ in PAIRS))
    (folder / "bad.csv").write_text(
        "a,b,y\n" + "".join(f"{a},{b},{a}\n" for a, b in PAIRS) + "abc,1,0\n1,x7,1\n"
    )
    (folder / "other.npz").write_text("no zip")
    values = tables.train(tables.prepare(folder / "other.csv"), (), epochs=1)[0]
    tables.save(folder / "values.safetensors", values)
    return {
        "WINE": wine, "MODEL": folder / "model.safetensors", "OTHER": folder / "other.csv",
        "BAD": folder / "bad.csv", "VALUES": folder / "values.safetensors", "OTHER.npz": folder / "other.npz",
        "FOLDER": folder,
    }  # fmt: skip


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run ``jaxnet`` in this process, in an empty folder."""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "")
    monkeypatch.setenv("LANG", "C")
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return left.value.code, out, err

    return command


def test_train_predict_evaluate(run, wine, tmp_path):
    out = tmp_path / "model.safetensors"
    options = ["--target", "kind", "--hidden", "16", "--epochs", 30, "--learning-rate", 0.01, "--out", out]
    code, said, talk = run("train", wine, *options, "--json")
    figures = json.loads(said)
    assert (code, figures["schema"], figures["task"]) == (0, 1, "classification")
    assert figures["val_accuracy"] > 0.9
    assert "kind holds 3 classes: classification; 178 rows, 13 features" in talk
    code, said, _ = run("evaluate", out, wine, "--json")
    report = json.loads(said)
    assert report["accuracy"] > 0.95
    assert np.sum(report["confusion"]) == 178
    assert sum(found["rows"] for found in report["per_class"].values()) == 178
    assert report["accuracy"] == pytest.approx(np.trace(report["confusion"]) / 178)
    code, said, _ = run("evaluate", out, wine)
    assert [line.split() for line in said.splitlines()][-1][0] == "class_2"
    # a new process, a table whose columns stand in another order, without the target
    header, *rows = [line.split(",") for line in wine.read_text().splitlines()]
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join(",".join(row[-2::-1]) for row in [header, *rows]))
    done = subprocess.run(
        [sys.executable, "-m", "jaxnet.cli", "predict", str(out), str(turned)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    right = np.mean([said == row[-1] for said, row in zip(done.stdout.split(), rows, strict=True)])
    assert right > 0.95


def test_predict_writes_a_table(run, wine, model, tmp_path):
    tables.save(tmp_path / "m.safetensors", model)
    code, said, _ = run("predict", tmp_path / "m.safetensors", wine, "--out", tmp_path / "answers.csv")
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    assert (code, said, len(lines)) == (0, "", 179)
    assert lines[0].endswith(",kind")
    assert lines[1].endswith(",class_0")


def test_info(run):
    code, said, _ = run("info", "--json")
    found = json.loads(said)
    assert code == 0
    assert found["backend"] == "cpu"
    assert len(found["devices"]) == 2


@pytest.mark.parametrize(
    ("code", "arguments", "sentence"),
    [
        (2, "train nothing.csv", "nothing.csv: No such file"),
        (2, "train WINE --target colour", "there is no column 'colour'"),
        (2, "train WINE --hidden a,b", "expected sizes such as 64,32"),
        (2, "train WINE --optimizer magic", "'magic' is not one of"),
        (2, "train WINE --activation magic", "there is no activation 'magic'"),
        (2, "train WINE --lang de", "expected one of kk, ru, en"),
        (2, f"train WINE --seed {'9' * 20}", "is not in the range"),
        (2, f"train WINE --seed -{'9' * 30}", "is not in the range"),
        (2, "train WINE --seed one", "'one' is not a valid"),
        (2, "train WINE --drop colour", "there is no column 'colour'"),
        (2, "train WINE --out nowhere/m.safetensors", "there is no folder nowhere"),
        (2, "train WINE --out FOLDER", "is a folder"),
        (2, "predict MODEL", "Missing argument 'DATA'"),
        (2, "predict VALUES OTHER --proba", "--proba is for classes"),
        (2, "predict MODEL OTHER", "lacks columns that the model was trained on: alcohol"),
        (3, "predict WINE WINE", "no safetensors file"),
        (3, "info OTHER", "no safetensors file"),
        (3, "train BAD", "cannot be used as it is"),
        (3, "evaluate MODEL OTHER.npz", "to be a .npz file"),
    ],
)
def test_the_command_refuses_in_one_sentence(run, files, code, arguments, sentence):
    given, said, talk = run(*[files.get(word, word) for word in arguments.split()])
    assert (given, said) == (code, "")
    assert sentence in talk
    assert "Traceback" not in talk


@pytest.mark.parametrize(
    ("lang", "word"), [("kk", "жіктеу"), ("ru", "классификация"), ("en", "classification")]
)
def test_it_speaks_three_languages(run, wine, lang, word):
    assert word in run("train", wine, "--epochs", 1, "--lang", lang)[2]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "kk",
            [
                "bad.csv файлын",
                "'a' бағаны: 42 ұяшықтың 1 ұяшығында сан емес, біріншісі 42-жолда: 'abc'",
                "--drop",
            ],
        ),
        (
            "ru",
            ["bad.csv нельзя", "столбец 'b': в 1 из 42 ячеек не числа, первая в строке 43: 'x7'", "--drop"],
        ),
        (
            "en",
            [
                "bad.csv cannot",
                "column 'b': 1 of 42 cells are no numbers, the first in row 43: 'x7'",
                "--drop",
            ],
        ),
    ],
)
def test_errors_name_file_line_and_column_in_the_language(run, files, lang, words):
    code, said, talk = run("train", files["BAD"], "--lang", lang)
    assert (code, said) == (3, "")
    for word in words:
        assert word in talk
    assert "tables." not in talk
    assert "read_csv" not in talk


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("train WINE --epochs 0", "'--epochs': 0 вне диапазона x>=1"),
        ("train WINE --epochs many", "'--epochs': 'many' — не число"),
        ("train WINE --task guess", "значения 'guess' нет; есть: "),
        ("train", "Не указано: 'DATA'"),
        ("train WINE --colour red", "Параметра"),
        ("train WINE --target", "нужно значение"),
        ("info MODEL MODEL", "лишний аргумент"),
        ("guess", "Команды 'guess' нет"),
    ],
)
def test_what_click_refuses_is_said_in_the_language(run, files, arguments, sentence, monkeypatch):
    monkeypatch.setenv("JAXNET_LANG", "ru")
    code, _, talk = run(*[files.get(word, word) for word in arguments.split()])
    assert code == 2
    assert sentence in talk


def test_every_sentence_is_there_in_every_language_with_the_same_values():
    fields = lambda text: sorted(__import__("re").findall(r"%\((\w+)\)", text))  # noqa: E731
    for name, texts in messages.SENTENCES.items():
        assert len({tuple(fields(text)) for text in texts}) == 1, name
    assert refusals._TRANSLATED.keys() == SENTENCES.keys()
    for name, english in SENTENCES.items():
        assert {tuple(fields(text)) for text in refusals._TRANSLATED[name]} == {tuple(fields(english))}, name


def test_what_passes_through_is_not_changed(run, tmp_path):
    rows = [f"{10_000_001 + i},{a}.50,{b:+},007,{'yes' if a > b else 'no'}" for i, (a, b) in enumerate(PAIRS)]
    (tmp_path / "t.csv").write_text("\n".join(["client,a,b,code,y", *rows]))
    code, _, talk = run("train", "t.csv", "--epochs", 1)
    assert code == 0
    assert "client  left out: counts or identifies the rows" in talk
    assert "code    left out: the same in every row" in talk
    assert talk.index("written to t.safetensors") < talk.index("written: t.safetensors")
    (tmp_path / "new.csv").write_text("client,a,b,code,note,y\n10000001,1.50,+2,007,=1,?\n10000002,,2,7,, \n")
    code, said, talk = run("predict", "t.safetensors", "new.csv", "--out", "out.csv", "--proba")
    header, first, second = (tmp_path / "out.csv").read_text().splitlines()
    assert (code, said, header) == (0, "", "client,a,b,code,note,y,y=no,y=yes")
    assert first.startswith("10000001,1.50,+2,007,=1,")
    assert second.startswith("10000002,,2,7,,")
    assert float(first.split(",")[-1]) + float(first.split(",")[-2]) == pytest.approx(1, abs=1e-5)
    assert "were not used: note" in talk
    assert "column 'a': 1 blank cells filled with the median" in talk
    # the default name does not replace a file; a table of fewer rows than a batch trains
    assert run("train", "t.csv", "--epochs", 1)[0] == 0
    assert (tmp_path / "t-2.safetensors").exists()
    said = run("info", "t.safetensors", "--json")[1]
    assert [(c["name"], c["kind"]) for c in json.loads(said)["columns"]] == [
        ("client", "left out"), ("a", "number"), ("b", "number"), ("code", "left out")
    ]  # fmt: skip
    assert "client  left out" in run("info", "t.safetensors")[1]


@pytest.mark.parametrize("name", ["a,b", "y", "x;z"])
@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_any_target_stands_anywhere(run, tmp_path, name, separator):
    path = tmp_path / "t.tsv"
    quoted = f'"{name}"'
    rows = [separator.join([str(int(a > b)), str(a), str(b)]) for a, b in PAIRS]
    path.write_text("\n".join([separator.join([quoted, "p", "q"]), *rows]))
    model = tables.train(tables.prepare(path, name), (), epochs=1)[0]
    tables.save(tmp_path / "m.safetensors", model)
    code, said, _ = run("evaluate", "m.safetensors", path, "--json")
    assert (code, model.target, np.sum(json.loads(said)["confusion"])) == (0, name, 40)


@pytest.mark.parametrize("rows", ["1,1.5\n", "1,1.5\n2,1.5\n"], ids=["one row", "constant"])
def test_json_is_always_json(run, files, tmp_path, rows):
    (tmp_path / "t.csv").write_text("a,y\n" + rows)
    code, said, _ = run("evaluate", files["VALUES"], "t.csv", "--json")
    found = json.loads(said, parse_constant=lambda name: pytest.fail(name))
    assert (code, found["r2"]) == (0, None)


@pytest.mark.parametrize("rows", [3, 9, 31, 39])
def test_tables_of_fewer_rows_than_a_batch_train(run, tmp_path, rows):
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{a},{b},{a - b}\n" for a, b in PAIRS[:rows]))
    assert run("train", "t.csv", "--epochs", 1, "--task", "regression", "--batch-size", 64)[0] == 0


def test_a_link_is_followed_to_its_file_only(tmp_path):
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "out.csv.part").symlink_to(tmp_path / "precious")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    for name in ("out.csv", "link.csv"):
        with replacing_text(tmp_path / name) as file:
            file.write("new")
    assert (tmp_path / "precious").read_text() == "keep"
    assert (tmp_path / "real.csv").read_text() == "new"
    assert (tmp_path / "link.csv").is_symlink()
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o666 & ~mask


def test_what_a_killed_process_left_is_removed(tmp_path):
    for name in (f".out.csv.{'a' * 16}.part", f".b.csv.{'a' * 16}.part", ".out.csv.mine"):
        (tmp_path / name).write_text("half")
    with pytest.raises(ZeroDivisionError), replacing_text(tmp_path / "out.csv") as file:
        file.write(str(1 / 0))
    assert {path.name for path in tmp_path.iterdir()} == {f".b.csv.{'a' * 16}.part", ".out.csv.mine"}


def test_a_machine_that_fails_has_its_own_exit_code(run, files, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "m.safetensors")

    monkeypatch.setattr(tables, "save", full)
    code, said, talk = run("train", files["OTHER"], "--epochs", 1, "--lang", "ru")
    assert (code, said) == (6, "")
    assert "m.safetensors: на диске нет места" in talk


@pytest.mark.parametrize("command", [["info"], ["info", "--json"], ["--help"]], ids=" ".join)
def test_a_closed_pipe_is_no_error(command):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "jaxnet.cli", *command], stdout=writing, stderr=subprocess.PIPE
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
