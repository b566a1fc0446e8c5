"""The table of draws is up to date."""

from quiz.audit import draws
from quiz.variants.draws import PATH


def test_a_line_is_the_beginning_of_the_table_s(monkeypatch, tmp_path):
    monkeypatch.setattr(draws.bank, "ids", lambda: ("q2.update",))
    monkeypatch.setattr(draws, "line", lambda name, make=draws.line: make(name, 20))
    draws.write(tmp_path / "draws.txt")
    (made,) = (tmp_path / "draws.txt").read_text("utf-8").splitlines()
    assert any(known.startswith(made) for known in PATH.read_text("utf-8").splitlines())
