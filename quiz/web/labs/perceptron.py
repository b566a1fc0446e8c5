"""The perceptron lab: the line moves after each mistake, and the rule's arithmetic stands beside it."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxnet import perceptron
from quiz.exercise.figure import Curve, Line, Plot, Point
from quiz.text import mark as _
from quiz.web.labs import points
from quiz.web.labs.lab import Film, Frame, Lab, Sentence, Setting, State, Task

#: Rows of the compiled program; fewer points are padded, so that nothing is compiled again.
_ROWS = 160


@jax.jit
def _epoch(p: Any, x: jax.Array, t: jax.Array, real: jax.Array, rate: jax.Array, theta: jax.Array) -> Any:
    """Present all points once.

    Returns:
        The parameters after the epoch; for each point net input, output, and the parameters after it.
    """

    def present(p: Any, example: Any) -> Any:
        x, t, real = example
        z, y = perceptron.net_input(p, x), perceptron.predict(p, x, theta)
        after = perceptron.update(p, x, t, rate, theta)
        p = jax.tree.map(partial(jnp.where, real), after, p)
        return p, (z, y, p)

    return jax.lax.scan(present, p, (x, t, real))


def film(state: State) -> Film:
    """Run the rule until an epoch has no mistake, or the epochs are over."""
    x, t = points.chosen(state["data"], state["points"])
    count = len(x)
    padded = np.zeros((_ROWS, 2), np.float32), np.zeros(_ROWS, np.float32), np.arange(_ROWS) < count
    padded[0][:count], padded[1][:count] = x, t
    rate, theta = np.float32(state["rate"]), np.float32(state["theta"])
    p = {"w": np.zeros(2, np.float32), "b": np.float32(0)}
    # one row per presentation: epoch, point, z, y, error, w1, w2, b after it
    rows: list[list[float]] = []
    mistakes: list[int] = []
    for epoch in range(1, state["epochs"] + 1 if count else 1):
        p, seen = jax.tree.map(np.asarray, _epoch(p, *padded, rate, theta))
        z, y, after = seen
        rows += [[epoch, i + 1, z[i], y[i], t[i] - y[i], *after["w"][i], after["b"][i]] for i in range(count)]
        mistakes.append(int((y[:count] != t).sum()))
        if not mistakes[-1]:
            break
    separable = count == 0 or perceptron.inseparability_proof(x, t) is None
    facts = {
        "x": x, "t": t, "rows": rows, "mistakes": mistakes, "separable": separable,
        "converged": bool(mistakes) and mistakes[-1] == 0, "updates": sum(mistakes),
        "both": 0 < t.sum() < count,
    }  # fmt: skip
    return Film(
        length=len(rows) + 1,
        frame=partial(_frame, state, facts),
        stops=[count * (epoch + 1) for epoch in range(len(mistakes))],
        outcome=_outcome(state, facts),
        columns=("epoch", "point", "z", "y", "e", "w1", "w2", "b"),
        rows=[[float(cell) for cell in row] for row in rows],
        facts=facts,
    )


def _outcome(state: State, facts: dict[str, Any]) -> list[Sentence]:
    x, t = facts["x"], facts["t"]
    if not len(x):
        return [(_("There are no points yet; put some there."), {})]
    known = {"epochs": len(facts["mistakes"]), "updates": facts["updates"]}
    if not facts["separable"]:
        proof = perceptron.inseparability_proof(x, t)
        assert proof is not None
        point = [float(part) for part in proof.point]
        return [(
            _("No line separates these classes: the point %(point)s is a weighted mean of points of class 1 "
"and also of points of class 0, so it would have to lie on both sides. The rule never ends."),
            {"point": point},
        )]  # fmt: skip
    said: list[Sentence] = [
        (_("An epoch without a mistake: epoch %(epochs)s, after %(updates)s corrections."), known)
        if facts["converged"]
        else (_("Not finished after %(epochs)s epochs and %(updates)s corrections, although a line exists; "
"allow more epochs."), known)
    ]  # fmt: skip
    if state["theta"] == 0 and facts["both"]:
        bound = perceptron.mistake_bound(x, t)
        said.append(
            (
                _("There are at most `(R/γ)² = %(bound)s` corrections, whatever the learning rate."),
                {"bound": bound},
            )
        )
    return said


def _frame(state: State, facts: dict[str, Any], place: int) -> Frame:
    """Return the frame after so many presentations; 0 is the beginning."""
    rows, x, t = facts["rows"], facts["x"], facts["t"]
    w1, w2, b = rows[place - 1][5:] if place else (0.0, 0.0, 0.0)
    current = int(rows[place - 1][1]) - 1 if place else -1
    shown = [
        Point(px, py, "`x`" if i == current else "", bool(c))
        for i, ((px, py), c) in enumerate(zip(x, t, strict=True))
    ]
    curves = _proof(facts) if not facts["separable"] else []
    name = _("line of the perceptron") if curves else ""
    lines = [Line(w1, w2, b - state["theta"], name)] if w1 or w2 else []
    low, high = _range(x, 0), _range(x, 1)
    alt = _(
        "%(ones)s points of class 1 (filled), %(zeros)s of class 0, and the line "
        "`%(w1)s·x₁%(w2__)s·x₂%(b__)s = %(theta)s`."
    )
    known = {"ones": int(t.sum()), "zeros": int(len(t) - t.sum()), "w1": float(w1), "w2": float(w2),
             "b": float(b), "theta": state["theta"]}  # fmt: skip
    plane = Plot(low, high, alt, points=shown, lines=lines, curves=curves)
    figures: list[Any] = [(plane, known)]
    done = [
        m
        for m, stop in zip(facts["mistakes"], range(len(t), len(rows) + 1, len(t) or 1), strict=False)
        if stop <= place
    ]
    if len(done) > 1:
        figures.append((_course(done), {"last": done[-1], "epochs": len(done)}))
    return Frame(figures, _sentences(state, facts, place))


def _range(x: np.ndarray, axis: int) -> tuple[float, float]:
    low, high = (float(x[:, axis].min()), float(x[:, axis].max())) if len(x) else (0.0, 1.0)
    rim = max(0.5, 0.2 * (high - low))
    return low - rim, high + rim


def _course(mistakes: list[int]) -> Plot:
    """The mistakes of each epoch so far."""
    places = list(enumerate(mistakes, 1))
    return Plot(
        (0.5, len(mistakes) + 0.5), (-0.2, max(mistakes) + 0.5),
        _("Mistakes in each of %(epochs)s epochs; %(last)s in the last one."),
        curves=(Curve(places, dots=True),),
        x_label=_("epoch"), y_label=_("mistakes"),
    )  # fmt: skip


def _proof(facts: dict[str, Any]) -> list[Curve]:
    """Lines from the common point to the points of which it is a mean."""
    proof = perceptron.inseparability_proof(facts["x"], facts["t"])
    assert proof is not None
    middle = (float(proof.point[0]), float(proof.point[1]))
    ends = {
        c: [
            (float(p[0]), float(p[1]))
            for p, w, t in zip(facts["x"], proof.weights, facts["t"], strict=True)
            if w and t == c
        ]
        for c in (1.0, 0.0)
    }
    labels = {1.0: _("mean of class 1"), 0.0: _("mean of class 0")}
    return [
        Curve([place for end in ends[c] for place in (middle, end, middle)], labels[c], dashed=not c)
        for c in (1.0, 0.0)
    ]


def _sentences(state: State, facts: dict[str, Any], place: int) -> list[Sentence]:
    """The arithmetic of the rule at a frame."""
    if not place:
        start = _(
            "All weights and the bias begin at 0; the learning rate is `η = %(rate)s`, the threshold `θ = "
            "%(theta)s`."
        )
        return [(start, state)]
    rows, t = facts["rows"], facts["t"]
    epoch, number, z, y, e, *after = rows[place - 1]
    before = rows[place - 2][5:] if place > 1 else [0.0, 0.0, 0.0]
    point = facts["x"][int(number) - 1]
    known = {
        "epoch": int(epoch), "number": int(number), "count": len(t), "x": [float(v) for v in point],
        "w": [float(v) for v in before[:2]], "b": float(before[2]), "z": float(z), "y": int(y),
        "t": int(t[int(number) - 1]), "e": int(e), "rate": state["rate"], "theta": state["theta"],
        "v": [float(v) for v in after[:2]], "c": float(after[2]),
    }  # fmt: skip
    said: list[Sentence] = [
        (_("Epoch %(epoch)s, point %(number)s of %(count)s: `x = %(x)s`, class %(t)s."), known),
        (
            _(
                "`z = %(w1_)s · %(x1_)s + %(w2_)s · %(x2_)s%(b__)s = %(z)s`; `z > θ` is needed for 1, so `y "
                "= %(y)s` and the error is `e = t − y = %(e)s`."
            ),
            known,
        ),
    ]
    if not e:
        return [*said, (_("No mistake, so nothing changes."), {})]
    return [*said, (
        _("`w₁ = %(w1)s + %(rate)s · %(e_)s · %(x1_)s = %(v1)s`, `w₂ = %(w2)s + %(rate)s · %(e_)s · %(x2_)s "
"= %(v2)s`, `b = %(b)s + %(rate)s · %(e_)s = %(c)s`."),
        known,
    )]  # fmt: skip


def program(state: State) -> str:
    """Write the program that learns the same."""
    x, t = points.chosen(state["data"], state["points"])
    return f"""import numpy as np

from jaxnet import perceptron

X = np.array({np.round(x.astype(float), 6).tolist()}, np.float32)
t = np.array({t.astype(int).tolist()})
run = perceptron.fit(
    perceptron.init(2),
    X,
    t,
    learning_rate={state["rate"]!r},
    max_epochs={state["epochs"]},
    threshold={state["theta"]!r},
)
print("mistakes of each epoch:", run.mistakes.tolist())
print("weights:", run.params["w"], "bias:", run.params["b"])
"""


LAB = Lab(
    name="perceptron",
    question=2,
    title=_("The perceptron and its learning rule"),
    intro=_("Points of two classes are presented one after another. After each mistake the rule `w ← w + "
"η·e·x` moves the line; watch it, step by step."),
    settings=(
        Setting("data", _("points"), "and", points.SETS),
        Setting("points", _("your own points"), "0 0 0; 1 1 1", read=points.read),
        Setting("rate", _("learning rate η"), "0.5", low=0.001, high=10),
        Setting("theta", _("threshold θ"), "0", low=-10, high=10),
        Setting("epochs", _("epochs at most"), "20", low=1, high=100, whole=True),
    ),
    film=film,
    program=program,
    tasks=(
        Task(_("Find points for which the rule never ends."), lambda _s, film: not film.facts["separable"]),
        Task(
            _("Make the rule need more than 20 corrections and still end."),
            lambda _s, film: film.facts["converged"] and film.facts["updates"] > 20,
        ),
        Task(
            _("Make it end with at most one correction, with both classes present."),
            lambda _s, film: film.facts["converged"] and film.facts["updates"] <= 1 and film.facts["both"],
        ),
    ),
    exercises=("q2.update", "q2.epoch", "q2.boundary", "q3.separable", "q3.cycle"),
    clicks=True,
)  # fmt: skip
