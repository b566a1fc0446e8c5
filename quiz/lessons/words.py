"""The headings of a lesson."""

from quiz.text import mark as _

HEADS = {
    "formula": _("The formula"),
    "figure": _("The picture"),
    "example": _("A worked example"),
    "other": _("The same exercise with other numbers, solved:"),
    "mistakes": _("The most common mistakes"),
    "checks": _("Check yourself"),
    "answer": _("Answer"),
    "practise": _("Exercises:"),
    "all": _("Lessons"),
}
