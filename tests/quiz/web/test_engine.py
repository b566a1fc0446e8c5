"""What is compiled in the background of the pages."""

from quiz.web import engine


def test_a_server_that_closes_at_once_compiles_nothing(monkeypatch):
    """The thread that waits for the first page wakes up when the server is already closing."""
    asked: list[str] = []
    monkeypatch.setattr(engine, "_compiled", set())
    monkeypatch.setattr(engine, "_compile", asked.append)
    warm = engine.Warm()
    warm.close()
    warm.exercise("q2.update@7")  # an error here would be one of a thread, after Ctrl-C
    assert asked == []
    assert engine._compiled == set()
