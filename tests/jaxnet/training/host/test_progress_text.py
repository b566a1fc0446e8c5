"""Progress as text: one line that is rewritten in a notebook, lines in a log file."""

import io
import sys

import pytest

from jaxnet.training.host.progress import Lines, progress_bar


class OutStream(io.StringIO):
    """What a notebook has for standard error."""


OutStream.__module__ = "ipykernel.iostream"


@pytest.mark.parametrize("stream", [OutStream, io.StringIO])
def test_text_shows_epoch_figures_and_remaining_time(monkeypatch, stream):
    shown = stream()
    monkeypatch.setattr(sys, "stderr", shown)
    notebook = stream is OutStream
    with Lines(4, after=0.0, every=0.0 if notebook else 1e-9) as bar:
        for epoch in (1, 2, 4):
            bar.update(epoch, 10.0, {"loss": 0.5})
            bar._next = 0.0
    text = shown.getvalue()
    assert "epoch 2/4" in text
    assert "loss 0.5" in text
    assert "left" in text
    assert text.count("\n") == (1 if notebook else 3)
    assert ("\r" in text) == notebook


def test_short_runs_show_nothing_and_the_kind_follows_the_stream(monkeypatch):
    for stream in (OutStream(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_bar(True, 3) as bar:
            bar.update(3.0, 1.0, {})
        assert stream.getvalue() == ""
