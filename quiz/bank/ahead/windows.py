"""Series: what a network can predict that sees a window of the last values."""

from quiz.exercise import Ask, Exercise, Givens, Slip, Step, Stream, jnp
from quiz.text import mark as _


def _windows(S, k):
    """Each window of `k` values before a value of the repeated pattern, as a binary number."""
    size = len(S)
    places = (jnp.arange(size)[:, None] - 1 - jnp.arange(size)[None, :]) % size
    back = jnp.arange(float(size))[None, :]
    return jnp.sum(jnp.where(back < k, S[places] * 2.0**back, 0.0), axis=1)


def _alike(S, k):
    """Whether two places of the pattern have the same window before them."""
    windows = _windows(S, k)
    return jnp.where(windows[:, None] == windows[None, :], 1.0, 0.0)


def _kinds(S, k):
    return jnp.sum(1.0 / jnp.sum(_alike(S, k), axis=1))


def _errors(S, k):
    alike = _alike(S, k)
    ones, all_of_them = alike @ S, jnp.sum(alike, axis=1)
    return jnp.sum(jnp.minimum(ones, all_of_them - ones) / all_of_them)


def _ambiguous(S, k):
    """The places before which a window stands that does not always have the same next value."""
    alike = _alike(S, k)
    ones, all_of_them = alike @ S, jnp.sum(alike, axis=1)
    return jnp.sum(jnp.where((ones > 0) & (ones < all_of_them), 1.0, 0.0))


def _enough(S):
    widths = jnp.arange(1.0, len(S) + 1.0)
    faults = jnp.stack([_errors(S, k) for k in range(1, len(S) + 1)])
    return jnp.min(jnp.where(faults < 0.5, widths, len(S) + 1.0))


def _draw_window(stream: Stream) -> Givens | None:
    wanted, k = stream.choice((1, 2, 2)), stream.integer(1, 3)
    for _attempt in range(100):
        size = stream.choice((6, 7, 7, 8, 8))
        S = tuple(stream.integer(0, 1) for _place in range(size))
        if len({S[turn:] + S[:turn] for turn in range(size)}) < size:
            continue  # the pattern repeats a shorter one
        before = [tuple(S[(j - back) % size] for back in range(1, k + 1)) for j in range(size)]
        nexts = [[S[j] for j in range(size) if before[j] == window] for window in set(before)]
        wrong = sum(min(found.count(0), found.count(1)) for found in nexts)
        if wrong == wanted and len(nexts) < 2**k:
            return {"S": S, "k": k, "size": size}
    return None


WINDOW = Exercise(
    id="q7.window",
    question=7,
    level=3,
    minutes=8,
    places=0,
    title=_("What a window of the last values can predict"),
    text=_(
        "A series repeats the pattern `%(S)s` again and again, without an end. A feed-forward network gets a "
        "window of the last values of the series, of the width `%(k)s`, and predicts the next value. How "
        "many different windows of this width occur? The network learns for each window the value that "
        "follows it most often: how many of the predictions in a period of `%(size)s` values are wrong at "
        "least? From which width of the window on can every value be predicted?"
    ),
    draw=_draw_window,
    steps=(
        Step(
            "kinds",
            _kinds,
            _(
                "Write down for each value of the pattern the window in front of it, going round at the end. "
                "Different windows: `%(kinds)s`"
            ),
        ),
        Step(
            "errors",
            _errors,
            _(
                "A window that is followed by 0 as well as by 1 is wrong each time that the rarer value "
                "comes. Wrong predictions in a period, at least: `%(errors)s`"
            ),
        ),
        Step(
            "enough",
            _enough,
            _(
                "The window becomes wider until each one is always followed by the same value, from the "
                "width `%(enough)s` on. A recurrent network can keep in its state what is further back"
            ),
        ),
    ),
    asks=(
        Ask("kinds", "kinds", label=_("different windows of this width")),
        Ask("errors", "errors", label=_("wrong predictions in a period at least")),
        Ask("enough", "enough", label=_("width from which on all can be predicted")),
    ),
    slips=(
        Slip(
            "all-possible",
            {"kinds": lambda k: 2.0**k},
            _("Only the windows that occur in the series count, not all that could be written down."),
        ),
        Slip(
            "both-wrong",
            {"errors": _ambiguous},
            _(
                "Where a window is followed by both values the network can still be right with the more "
                "frequent one."
            ),
        ),
        Slip(
            "whole-period",
            {"enough": lambda S: len(S) + 0 * jnp.sum(S)},
            _(
                "Often less than a period is enough: a window must only be followed by the same value each "
                "time."
            ),
        ),
        Slip(
            "never-wrong",
            {"errors": lambda S: 0 * jnp.sum(S)},
            _("A feed-forward network gives the same answer to the same window, whatever was before it."),
        ),
    ),
    hints=(
        _("Write the pattern twice in a row and list what comes before each value."),
        _(
            "Another pattern: `0 0 1` repeated has the windows `1`, `0`, `0` of width 1 in front of `0`, "
            "`0`, `1`: two different ones, one wrong prediction in a period, and width 2 is enough."
        ),
        _(
            "Different windows: count each once. Wrong: for each window the rarer of its two next values. "
            "Width: the first with no wrong prediction."
        ),
    ),
)

EXERCISES = (WINDOW,)
