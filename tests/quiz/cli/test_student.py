"""The commands for students: exit codes, languages, pipes, terminals with and without Unicode."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import quiz
from quiz.cli import main
from quiz.practice.store import Store

CYRILLIC = re.compile("[\N{CYRILLIC CAPITAL LETTER A}-\N{CYRILLIC SMALL LETTER YA}]")
RIGHT = {name: value for name, value in quiz.key(quiz.generate("q2.update", 7)).items()}


def command(*arguments, stdin="", **environ):
    """Run ``quiz`` in a separate process."""
    done = subprocess.run(
        [sys.executable, "-m", "quiz.cli", *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "LANG": "C.UTF-8", "PYTHONUTF8": "1", **environ},
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def here(capsys, monkeypatch):
    """Run ``quiz`` in this process, where JAX is already loaded."""
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["--lang", "en", *arguments] if "--lang" not in arguments else list(arguments))
        out, err = capsys.readouterr()
        return left.value.code, out, err

    return run


@pytest.fixture
def data(tmp_path):
    """A folder for the student's data."""
    return str(tmp_path)


def test_importing_the_quiz_loads_neither_jax_nor_numpy():
    code = "import quiz, quiz.cli, sys; assert not {'jax', 'numpy', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_question_is_shown_without_jax():
    code = (
        "import sys, quiz; from quiz.render.terminal import Screen;"
        "Screen('kk').question(quiz.generate('q2.update', 7)); assert 'jax' not in sys.modules"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)
    assert "Перцептронның салмақтары" in shown.stdout.decode()


def test_help_and_exit_code_without_a_terminal():
    code, out, err = command()
    assert (code, out) == (2, "")
    assert "generate" in err
    assert command("--help")[0] == 0


def test_list_json(here):
    code, out, _ = here("list", "--json", "--lang", "ru")
    listed = json.loads(out)
    assert (code, listed["schema"]) == (0, 1)
    update = next(row for row in listed["exercises"] if row["id"] == "q2.update")
    assert (update["question"], update["level"]) == (2, 1)
    assert [ask["name"] for ask in update["asks"]] == ["z", "y", "e", "w1", "w2", "b"]
    assert "sign" in update["slips"]
    assert CYRILLIC.search(update["title"])


def test_generate_json_has_no_key(here):
    code, out, _ = here("generate", "q2.update", "--seed", "7", "--json")
    made = json.loads(out)
    assert code == 0
    assert (made["schema"], made["variant"], made["question"], made["level"]) == (1, "q2.update@7", 2, 1)
    assert [ask["name"] for ask in made["asks"]] == list(RIGHT)
    assert set(made["asks"][0]) >= {"name", "label", "kind", "tolerance"}
    assert "0.52" not in out  # the new w2


def test_grade_json(here):
    answers = ("-a", "w1=-0,49", "-a", "b=1/2", "-a", "y=oh")
    code, out, _ = here("grade", "q2.update@7", *answers, "--json", "--lang", "kk")
    marked = json.loads(out)
    assert (code, marked["schema"], marked["variant"]) == (1, 1, "q2.update@7")
    parts = {part["name"]: part for part in marked["parts"]}
    assert [parts[n]["status"] for n in ("z", "y", "w1", "b")] == ["blank", "invalid", "correct", "wrong"]
    assert set(parts["b"]) == {"name", "given", "status", "credit", "slip", "message"}
    assert parts["b"]["message"] == "Дұрыс емес."


def test_grade_all_right_exits_0(here):
    answers = [part for name, value in RIGHT.items() for part in ("-a", f"{name}={value}")]
    code, out, _ = here("grade", "q2.update@7", *answers)
    assert code == 0
    assert "100 %" in out


def test_solve_json(here):
    code, out, _ = here("solve", "q2.update@7", "--json", "--lang", "ru")
    solved = json.loads(out)
    assert (code, solved["schema"], solved["key"]) == (0, 1, RIGHT)
    assert [step["name"] for step in solved["steps"]] == ["z", "y", "e", "w_new", "b_new"]
    assert "0,52" in solved["steps"][3]["text"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["generate", "q9.nothing"], 2, "there is no exercise"),
        (["generate", "q2.updaet"], 2, "similar names"),
        (["grade", "q2.update"], 2, "expected the name of a variant"),
        (["grade", "q2.update@7", "-a", "x=1"], 2, "it asks for z, y, e, w1, w2, b"),
        (["grade", "q2.update@7", "-a", "w1"], 2, "expected -a NAME=VALUE"),
        (["grade", "q2.update@7", "-a", "z=1", "-a", "z=2"], 2, "answered twice"),
        (["list", "--lang", "de"], 2, "expected one of kk, ru, en"),
        (["take", "-q", "9"], 2, "not in the range"),
        (["no-such-command"], 2, "No such command"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_refusals_are_one_sentence(arguments, code, sentence, here):
    got, out, err = here(*arguments)
    assert (got, out) == (code, "")
    assert sentence in err
    assert "Traceback" not in err


def test_refusals_speak_the_language():
    assert "жаттығу жоқ" in command("generate", "q9.x", QUIZ_LANG="kk")[2]
    assert "упражнения" in command("generate", "q9.x", LANG="ru_RU.UTF-8")[2]
    assert "Қолданылуы" in command("--lang", "kk", "--help")[1]


def test_a_damaged_file_of_attempts_exits_3(tmp_path):
    (tmp_path / "quiz.sqlite3").write_bytes(b"rubbish" * 1000)
    code, _, err = command("stats", QUIZ_DATA_DIR=str(tmp_path))
    assert code == 3
    assert "is damaged or not a file of attempts" in err


def test_take_from_a_pipe(data):
    lines = "\n".join(str(value) for value in RIGHT.values())
    code, out, _ = command("take", "q2.update@7", stdin=lines, QUIZ_DATA_DIR=data)
    assert code == 0
    assert "100 %" in out
    assert "5. b" in out  # the worked solution
    code, out, _ = command("stats", "--json", QUIZ_DATA_DIR=data)
    assert json.loads(out)["attempts"] == 1


def test_a_seed_too_long_for_a_name_leaves_nothing_open(data):
    code, _, err = command("take", "q2.update", "--seed", "1" + "0" * 40, QUIZ_DATA_DIR=data)
    assert (code, err.count("\n")) == (2, 1)
    assert Store(Path(data) / "quiz.sqlite3").sittings() == {}


def test_take_names_the_slip_and_continues(data):
    code, out, _ = command(
        "take", "q2.update@7", "--lang", "en", stdin="1.2\n1\n1\n-0.31\n0.88\n0.29\n", QUIZ_DATA_DIR=data
    )
    assert code == 1
    assert "you have the wrong sign" in " ".join(out.split())
    assert out.count("Follows correctly") == 3


def test_take_keeps_what_was_answered_when_the_pipe_ends(data):
    code, out, _ = command("take", "q2.update@7", stdin="1.2\n1_0\n1\n", QUIZ_DATA_DIR=data)
    assert code == 1
    assert "Saved." in out
    (session,) = Store(Path(data) / "quiz.sqlite3").sittings().values()
    assert session["todo"] == ["q2.update@7"]
    assert session["answers"] == {"z": "1.2", "y": "1"}


def test_same_seed_same_question(here):
    one, two = (here("generate", "q2.update", "--seed", "12", "--json")[1] for _ in "ab")
    assert one == two


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_terminal_without_unicode(lang):
    ascii_only = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    code, out, err = command("generate", "q2.update", "--seed", "7", "--lang", lang, **ascii_only)
    assert (code, err) == (0, "")
    assert out.isascii()
    assert "q2.update@7" in out


def test_no_colour_and_80_columns():
    code, out, _ = command("generate", "q2.update", "--seed", "7", "--lang", "kk", NO_COLOR="1", COLUMNS="80")
    assert code == 0
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_a_pipe_that_closes():
    process = subprocess.Popen(
        [sys.executable, "-m", "quiz.cli", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(60)


def test_export_and_reset(data):
    command("take", "q2.update@7", stdin="1.2\n\n\n\n\n\n", QUIZ_DATA_DIR=data)
    code, out, _ = command("export-data", QUIZ_DATA_DIR=data)
    row = json.loads(out)
    assert (code, row["schema"], row["variant"], row["answers"]) == (0, 1, "q2.update@7", {"z": "1.2"})
    assert command("reset", stdin="n\n", QUIZ_DATA_DIR=data)[0] == 1
    assert command("reset", "--yes", QUIZ_DATA_DIR=data)[0] == 0
    assert command("export-data", QUIZ_DATA_DIR=data)[1] == ""


class Terminal:
    """The command on a pseudo-terminal."""

    def __init__(self, data, *arguments):
        self.fd, child = pty.openpty()
        environ = {**os.environ, "QUIZ_DATA_DIR": data, "LANG": "C.UTF-8", "TERM": "xterm", "COLUMNS": "80"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "quiz.cli", *arguments],
            stdin=child, stdout=child, stderr=child, env=environ, start_new_session=True,
        )  # fmt: skip
        os.close(child)
        self.text = ""

    def until(self, wanted, seconds=60):
        """Read the screen until a text is on it."""
        end = time.monotonic() + seconds
        while wanted not in self.text:
            assert time.monotonic() < end, f"{wanted!r} does not come; the screen says {self.text[-500:]!r}"
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.fd, 4096).decode("utf-8", "replace")
                except OSError:
                    break
        seen, _, self.text = self.text.partition(wanted)
        return seen

    def type(self, line):
        """Type a line."""
        os.write(self.fd, (line + "\r").encode())

    def end(self, interrupt=False, seconds=60):
        """Wait for the end, sending Ctrl-C repeatedly if ``interrupt``; return the exit code."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if interrupt and self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
            if select.select([self.fd], [], [], 0.5)[0]:
                try:
                    if not os.read(self.fd, 4096):
                        break
                except OSError:
                    break
        else:
            self.process.kill()
        os.close(self.fd)
        return self.process.wait(60)


def test_a_sitting_at_a_terminal(data):
    """Invalid answers do not count, wrong ones may be repeated; `?` gives hints, `q` saves all."""
    screen = Terminal(data, "take", "q2.update@7", "--lang", "en")
    screen.until("z = ")
    screen.type("1_0")
    screen.until("underscore")
    screen.until("z = ")
    screen.type("?")
    screen.until("Work in the rule's order")
    screen.until("z = ")
    screen.type("7")
    screen.until("Try again")
    screen.until("z = ")
    screen.type("1.2")
    screen.until("Correct.")
    screen.until("y = ")
    screen.type("q")
    assert screen.end() == 1

    again = Terminal(data)
    again.until("Resuming where you stopped.")
    for name in ("y", "e", "w1", "w2", "b"):
        again.until(f"\n{name} = ")
        again.type(str(RIGHT[name]))
    again.until("100 %")
    again.until("Worked solution")
    again.until("> ")
    again.type("n")  # another variant of the same kind
    again.until("q2.update@")
    again.until("z = ")
    for _ in RIGHT:
        again.type("-")
    again.until("Score: 0 %")
    again.until("> ")
    again.type("q")
    again.until("Summary")
    assert again.end() == 1
    row, blank = [json.loads(line) for line in command("export-data", QUIZ_DATA_DIR=data)[1].splitlines()]
    assert (row["score"], blank["score"], blank["answers"]) == (1, 0, {})
    assert blank["variant"] != row["variant"]
    assert row["answers"]["z"] == "1.2"


def test_empty_lines_give_nothing_away_and_back_goes_back(data):
    screen = Terminal(data, "take", "q2.update@7", "--lang", "en")
    screen.until("z = ")
    for _ in range(3):
        screen.type("")
        screen.until("Type an answer")
        screen.until("z = ")
    screen.type("1.2")
    screen.until("y = ")
    screen.type("г")  # `u` on a Cyrillic keyboard
    screen.until("Your answer was z = 1.2.")
    screen.until("z = ")
    screen.type("z = 1.2; y=1")
    screen.until("e = ")
    screen.type("\N{CYRILLIC SMALL LETTER KA}")  # `r`
    assert "One update by the learning rule" in screen.until("Your answers so far:")
    screen.until("e = ")
    screen.type("?")
    screen.until("Hint 1 of 3 for e:")
    screen.until("e = ")
    screen.type("ы")  # `s`
    screen.until("Worked solution")
    screen.until("> ")
    screen.type("")
    screen.until("Keys:")  # the next exercise
    screen.until(" = ")
    screen.type("выход")
    screen.until("Exercises: 1, mean score: 3")
    assert screen.end() == 1
    (row,) = [json.loads(line) for line in command("export-data", QUIZ_DATA_DIR=data)[1].splitlines()]
    assert row["answers"] == {"z": "1.2", "y": "1"}
    assert row["parts"]["e"] == {
        "status": "blank", "credit": 0, "slips": [], "hints": 1, "given_up": True,
    }  # fmt: skip
    (left,) = Store(Path(data) / "quiz.sqlite3").sittings().values()
    assert left["todo"][0].partition("@")[0] != "q2.update"


def test_two_sittings_are_open_and_one_is_chosen(data):
    for variant in ("q2.update@7", "q2.rate@3"):
        screen = Terminal(data, "take", variant, "--lang", "en")
        screen.until("z = ")
        screen.type("й")
        screen.until("Saved.")
        assert screen.end() == 1
    screen = Terminal(data, "--lang", "en")
    screen.until("1) q2.rate@3")
    screen.until("2) q2.update@7")
    screen.until("> ")
    screen.type("-1")
    screen.until("> ")
    screen.type("1")
    screen.until("Resuming where you stopped.")
    screen.until("q2.update@7")
    screen.until("z = ")
    screen.type("q")
    assert screen.end() == 1
    assert len(Store(Path(data) / "quiz.sqlite3").sittings()) == 1


def test_a_wrong_value_can_be_kept_and_what_follows_from_it_counts(data):
    screen = Terminal(data, "take", "q2.update@7", "--lang", "en")
    screen.until("z = ")
    screen.type("7")
    screen.until("goes on with your value")
    screen.until("z = ")
    screen.type("-")
    screen.until("You go on with your value")
    screen.until("y = ")
    screen.type("q")
    assert screen.end() == 1


@pytest.mark.parametrize("typed", [b"\xff\xfe\n", b"0\x80,5\n", b"\xd1\n"])
def test_bytes_that_are_not_utf_8_are_asked_again(data, typed):
    done = subprocess.run(
        [sys.executable, "-m", "quiz.cli", "take", "q2.update@7", "--lang", "en"],
        input=typed + b"1.2\n", capture_output=True, timeout=120, check=False,
        env={**os.environ, "LANG": "C.UTF-8", "PYTHONUTF8": "1", "QUIZ_DATA_DIR": data},
    )  # fmt: skip
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert "✓ z" in done.stdout.decode()


def test_several_answers_in_one_line_of_a_pipe(data):
    lines = "z = 1.2; y = 1; e = -1\nz = 3\nw1=-0.49 b=0.11\n0.52\n"
    code, out, _ = command("take", "q2.update@7", "--lang", "en", stdin=lines, QUIZ_DATA_DIR=data)
    assert code == 0
    assert "z is already answered" in out
    assert "100 %" in out


def test_theory_and_a_worked_example_at_the_prompt(data):
    lines = "t\nt\nq\n"
    code, out, _ = command("take", "q2.update@7", "--lang", "en", stdin=lines, QUIZ_DATA_DIR=data)
    assert code == 1
    assert "How a perceptron learns" in out
    assert "The same exercise with other numbers, solved:" in out
    assert "Saved." in out


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("2", "How a perceptron learns"),
        ("q6", "Backpropagation: forward, then backward"),
        ("q2.update", "with other numbers"),
        ("q2.update@7", "with other numbers"),
        (None, "Convolutional networks"),
    ],
)
def test_learn(here, name, shown):
    code, out, _ = here("learn", *([name] if name else []))
    assert code == 0
    assert shown in out


@pytest.mark.parametrize(
    ("name", "said"),
    [("9", "there is no lesson"), ("q2.updaet", "similar names"), ("q2.update@x", "expected the name")],
)
def test_learn_refuses_in_a_sentence(here, name, said):
    code, out, err = here("learn", name)
    assert (code, out) == (2, "")
    assert said in err


def test_lists_are_filtered(here, monkeypatch, tmp_path):
    monkeypatch.setenv("QUIZ_DATA_DIR", str(tmp_path))
    assert "q3.proof" in here("list", "-q", "3")[1]
    assert "q2.update" not in here("list", "-q", "3")[1]
    assert "q2.update" in here("list", "--new", "-l", "1")[1]
    assert "q2.rate" not in here("list", "--new", "-l", "1")[1]
    assert "There is no such exercise." in here("list", "--due")[1]


def test_ctrl_c_keeps_everything(data):
    screen = Terminal(data, "take", "q2.update@7", "--lang", "en")
    screen.until("z = ")
    screen.type("1.2")
    screen.until("y = ")
    # again and again: a signal between readline's prompt and its wait is seen at the next one only
    assert screen.end(interrupt=True) == 130
    again = Terminal(data)
    again.until("Resuming where you stopped.")
    again.until("\ny = ")
    again.type("q")
    again.end()


def test_kill_9_during_a_sitting(data):
    screen = Terminal(data, "take", "q2.update@7", "--lang", "en")
    screen.until("z = ")
    screen.type("1.2")
    screen.until("y = ")
    screen.process.kill()
    assert screen.end() == -signal.SIGKILL
    again = Terminal(data)
    again.until("Resuming where you stopped.")
    assert "\nz = " not in again.until("\ny = ").split("±")[-1]
    again.type("q")
    assert again.end() == 1


def test_a_sitting_that_can_no_longer_be_made_exits_4(data, tmp_path):
    Store(tmp_path / "quiz.sqlite3").open_sitting({"todo": ["q2.long-gone@3"]})
    screen = Terminal(data)
    screen.until("cannot be resumed")
    assert screen.end() == 4
