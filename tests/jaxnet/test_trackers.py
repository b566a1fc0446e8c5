"""What the trackers write, read back: lines of JSON, and TensorBoard's records down to their bytes."""

import json
import math
import os
import signal
import struct
import subprocess
import sys

import jax
import numpy as np
import pytest

import jaxnet
from jaxnet import trackers
from jaxnet.training import Epoch

X = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
DATA = (X, X**2)


def fit(epochs=3, **options):
    options = {"loss": "mse", "key": jax.random.key(0), "progress": False} | options
    return jaxnet.fit(jaxnet.mlp("1-4-1"), DATA, epochs=epochs, **options)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


# --- lines of JSON -----------------------------------------------------------------------------------


def test_a_line_holds_what_the_history_holds(tmp_path):
    path = tmp_path / "new" / "run.jsonl"
    run = fit(on_epoch=trackers.jsonl(path), validation=DATA)
    rows = lines(path)
    assert [(row["epoch"], row["epochs"]) for row in rows] == [(1, 3), (2, 3), (3, 3)]
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    for name in ("loss", "val_loss"):
        assert [row[name] for row in rows] == run.history[name].tolist()


def test_statistics_of_the_layers_are_in_the_line(tmp_path):
    path = tmp_path / "run.jsonl"
    run = fit(on_epoch=trackers.jsonl(path), statistics=True)
    for epoch, row in enumerate(lines(path)):
        assert row["layers"] == ["dense 1", "dense 2"]
        assert row["statistics"].keys() == run.statistics.keys()
        for name, values in row["statistics"].items():
            np.testing.assert_array_equal(np.float32(values), run.statistics[name][epoch])


def test_what_is_not_finite_is_null(tmp_path):
    path = tmp_path / "run.jsonl"
    trackers.jsonl(path)(Epoch(1, 1, {"loss": 1.0, "r2": math.nan, "worst": -math.inf}, None))
    (row,) = lines(path)
    assert (row["loss"], row["r2"], row["worst"]) == (1.0, None, None)


def test_going_on_from_a_checkpoint_repeats_no_epoch(tmp_path):
    path, where = tmp_path / "run.jsonl", tmp_path / "checkpoint"
    fit(epochs=2, on_epoch=trackers.jsonl(path), checkpoint=where)
    run = fit(epochs=5, on_epoch=trackers.jsonl(path), checkpoint=where)
    assert [row["epoch"] for row in lines(path)] == [1, 2, 3, 4, 5]
    assert [row["loss"] for row in lines(path)] == run.history["loss"].tolist()


@pytest.mark.parametrize("torn", [b"", b'{"epoch": 4, "lo', b'{"epoch": 4, "epochs": 9}'])
def test_epochs_done_again_take_the_place_of_the_old(tmp_path, torn):
    path = tmp_path / "run.jsonl"
    write = trackers.jsonl(path)
    for number in (1, 2, 3):
        write(Epoch(number, 9, {"loss": float(number)}, None))
    path.write_bytes(path.read_bytes() + torn)
    trackers.jsonl(path)(Epoch(2, 9, {"loss": 20.0}, None))
    assert [(row["epoch"], row["loss"]) for row in lines(path)] == [(1, 1.0), (2, 20.0)]
    write(Epoch(1, 9, {"loss": 10.0}, None))
    assert [(row["epoch"], row["loss"]) for row in lines(path)] == [(1, 10.0)]


def test_lines_longer_than_what_is_read_at_once(tmp_path):
    path = tmp_path / "run.jsonl"
    figures = {f"figure {i}": float(i) for i in range(5000)}
    for number in (1, 2, 3, 2):
        trackers.jsonl(path)(Epoch(number, 9, figures, None))
    assert [row["epoch"] for row in lines(path)] == [1, 2]
    assert path.stat().st_size > 2 * 2**16


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "[1, 2]\n", '{"epoch": "first"}\n'])
def test_a_file_of_something_else_is_left_alone(tmp_path, content):
    path = tmp_path / "data.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match="something other than epochs"):
        trackers.jsonl(path)(Epoch(1, 2, {"loss": 1.0}, None))
    assert path.read_text() == content


KILLED = """
import os, signal, sys, jax, jaxnet, numpy as np
from jaxnet import trackers
x = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
kill = lambda epoch: os.kill(os.getpid(), signal.SIGKILL) if epoch.epoch == 4 else None
jaxnet.fit(jaxnet.mlp("1-4-1"), (x, x**2), loss="mse", key=jax.random.key(0), epochs=6, progress=False,
           on_epoch=trackers.all_of(trackers.jsonl(sys.argv[1]), trackers.tensorboard(sys.argv[2]), kill))
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_kill_loses_nothing_and_the_run_after_it_repeats_nothing(tmp_path):
    path, folder = tmp_path / "run.jsonl", tmp_path / "board"
    done = subprocess.run([sys.executable, "-c", KILLED, path, folder], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [row["epoch"] for row in lines(path)] == [1, 2, 3, 4]
    assert [step for step, tag, _ in scalars(folder) if tag == "loss"] == [1, 2, 3, 4]
    hook = trackers.all_of(trackers.jsonl(path), trackers.tensorboard(folder))
    run = fit(epochs=6, on_epoch=hook)
    assert [row["epoch"] for row in lines(path)] == [1, 2, 3, 4, 5, 6]
    found = [(step, value) for step, tag, value in scalars(folder) if tag == "loss"]
    assert found == [(step, np.float32(loss)) for step, loss in enumerate(run.history["loss"], 1)]


# --- TensorBoard -------------------------------------------------------------------------------------


def crc32c(data):
    """The Castagnoli checksum, bit by bit."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def masked(data):
    value = crc32c(data)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(raw):
    """The records of an event file: length, its checksum, content, its checksum."""
    while raw:
        (length,), (check,) = struct.unpack("<Q", raw[:8]), struct.unpack("<I", raw[8:12])
        content, raw = raw[12 : 12 + length], raw[12 + length :]
        assert check == masked(struct.pack("<Q", length))
        assert struct.unpack("<I", raw[:4]) == (masked(content),)
        yield content
        raw = raw[4:]


def fields(raw):
    """The fields of a protocol buffer: number -> values, as bytes or int."""
    found = {}

    def varint():
        nonlocal raw
        value = shift = 0
        while True:
            byte, raw = raw[0], raw[1:]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while raw:
        number, kind = divmod(varint(), 8)
        if kind == 0:
            value = varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or varint()
            value, raw = raw[:size], raw[size:]
        found.setdefault(number, []).append(value)
    return found


def scalars(folder):
    """(step, tag, value) as TensorBoard shows them: a restart hides what was there from its step on."""
    shown = []
    for path in sorted(folder.iterdir(), key=lambda path: int(path.name.rpartition(".")[2])):
        for record in records(path.read_bytes()):
            event = fields(record)
            step = event.get(2, [0])[0]
            if 7 in event and fields(event[7][0]).get(1) == [1]:  # session_log, START
                shown = [point for point in shown if point[0] < step]
            for value in fields(event[5][0]).get(1, []) if 5 in event else []:
                entry = fields(value)
                shown.append((step, entry[1][0].decode(), np.float32(struct.unpack("<f", entry[2][0])[0])))
    return shown


def test_every_figure_is_a_scalar(tmp_path):
    run = fit(on_epoch=trackers.tensorboard(tmp_path), validation=DATA, statistics=True)
    want = {(epoch + 1, name): value for name, row in run.history.items() for epoch, value in enumerate(row)}
    for name, rows in run.statistics.items():
        for epoch, values in enumerate(rows):
            want |= {(epoch + 1, f"{name}/{layer}"): v for layer, v in zip(run.layers, values, strict=True)}
    found = {(step, tag): value for step, tag, value in scalars(tmp_path)}
    assert (3, "gradient_norm/dense 2") in found
    assert found == {place: np.float32(value) for place, value in want.items()}


def test_going_on_and_beginning_anew_hide_what_was_there(tmp_path):
    board, where = tmp_path / "board", tmp_path / "checkpoint"
    hook = trackers.tensorboard(board)
    fit(epochs=2, on_epoch=hook, checkpoint=where)
    fit(epochs=4, on_epoch=hook, checkpoint=where)
    assert [step for step, tag, _ in scalars(board)] == [1, 2, 3, 4]
    hook(Epoch(3, 4, {"loss": 30.0}, None))
    hook(Epoch(2, 4, {"loss": 20.0}, None))
    assert [(step, float(value)) for step, _, value in scalars(board)][1:] == [(2, 20.0)]
    hook(Epoch(4, 4, {"loss": 40.0}, None))


def test_without_the_extra_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX.event_file_writer", None)
    with pytest.raises(ImportError, match=r"jaxnet-quiz\[tensorboard\]"):
        trackers.tensorboard(tmp_path)


# --- several at once ---------------------------------------------------------------------------------


def test_all_are_called_and_any_stops_the_run():
    seen = []
    hook = trackers.all_of(
        lambda epoch: epoch.epoch == 2, lambda epoch: seen.append(epoch.epoch), lambda epoch: None
    )
    run = fit(epochs=5, on_epoch=hook)
    assert (run.ended, run.epochs, seen) == ("on_epoch", 2, [1, 2])


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match=r"expected functions of an epoch, got 'run.jsonl'"):
        trackers.all_of(print, "run.jsonl")


@pytest.mark.parametrize(
    ("answer", "ends"), [(7, False), ("text", False), (np.False_, False), (np.True_, True)]
)
def test_only_true_of_one_of_several_stops_a_run(answer, ends):
    hook = trackers.all_of(lambda epoch: answer, lambda epoch: None)
    assert hook(Epoch(1, 2, {"loss": 0.5}, None)) is ends
