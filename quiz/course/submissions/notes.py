"""Notes on a submission that is read all the same: a line that is no answer, a name not asked."""

from typing import Any

from quiz.text.errors import one_line_each

#: A message of the catalog with the values of its placeholders.
Note = dict[str, Any]


def note(template: str, **given: object) -> Note:
    """Return a note; texts from strangers are made fit for one line."""
    return {"template": template, "given": one_line_each(given)}
