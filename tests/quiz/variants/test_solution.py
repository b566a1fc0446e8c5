"""The worked solution."""

from quiz.exercise import Step
from quiz.variants.solution import WorkedStep


def test_the_line_that_fits_the_value_is_shown():
    step = Step(
        "e", lambda e: e, text=("nothing changes", "change by %(e)s"), case=lambda known: known["e"] != 0
    )
    lines = [WorkedStep("e", e, step, {"e": e}).text("en") for e in (0, 2)]
    assert lines == ["nothing changes", "change by 2"]
