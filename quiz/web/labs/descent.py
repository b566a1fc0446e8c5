"""The descent lab: four optimizers race on a loss of two weights."""

import math
from functools import cache, partial
from typing import Any

import jax
import numpy as np
import optax

from jaxnet import optimizers
from quiz.exercise.figure import Curve, Plot, Point
from quiz.text import mark as _
from quiz.web.labs.lab import Film, Frame, Lab, Sentence, Setting, State, Task

#: Steps of the compiled program; shorter races show fewer of them.
_STEPS = 100
RUNNERS = {"sgd": "SGD", "momentum": "Momentum", "rmsprop": "RMSprop", "adam": "Adam"}
#: Curvatures of the two bowls: the loss is ``(a·w₁² + b·w₂²) / 2``.
BOWLS = {"round": (1.0, 1.0), "ravine": (0.2, 4.0)}
SURFACES = {"round": _("a round bowl"), "ravine": _("a ravine"), "valley": _("a bent valley")}
#: Beyond this place a path is no longer drawn, beyond this loss no longer told; losses below are not drawn.
_FAR, _LOST, _LEAST = 50.0, 1000.0, 1e-12
#: Paths of fewer places show each of them.
_DOTS = 15
_MARKERS = ("circle", "square", "triangle", "cross")
#: What the heavy ball of `optax` keeps of its last step.
_KEPT = 0.9


def loss(surface: str, w: Any) -> Any:
    """Return the loss of two weights.

    Example:
        >>> float(loss("ravine", np.array([1.0, 1.0])))
        2.1
    """
    if surface == "valley":  # Rosenbrock's, flatter
        return (1 - w[0]) ** 2 / 4 + 2 * (w[1] - w[0] * w[0] / 2) ** 2
    a, b = BOWLS[surface]
    return (a * w[0] ** 2 + b * w[1] ** 2) / 2


@partial(jax.jit, static_argnames=("surface", "name"))
def _race(surface: str, name: str, start: jax.Array, rate: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the weights and the loss before the first step and after each."""
    rule: optax.GradientTransformation = getattr(optimizers, name)(rate)

    def step(state: Any, _: None) -> Any:
        w, memory = state
        updates, memory = rule.update(jax.grad(partial(loss, surface))(w), memory, w)
        return (optax.apply_updates(w, updates), memory), (w, loss(surface, w))

    with jax.numpy_dtype_promotion("standard"):
        return jax.lax.scan(step, (start, rule.init(start)), None, length=_STEPS + 1)[1]


def film(state: State) -> Film:
    """Let all optimizers run from the same place with the same learning rate."""
    start = np.array([state["w1"], state["w2"]], np.float32)
    runs = {
        name: tuple(map(np.asarray, _race(state["surface"], name, start, np.float32(state["rate"]))))
        for name in RUNNERS
    }
    steps = state["steps"]
    rows = [
        [k, *(float(part) for path, value in runs.values() for part in (*path[k], value[k]))]
        for k in range(steps + 1)
    ]
    facts = {
        "runs": runs,
        "last": {
            name: float(np.nan_to_num(value[steps], nan=np.inf)) for name, (_path, value) in runs.items()
        },
        "first": float(runs["sgd"][1][0]),
        "limits": limits(state["surface"]),
    }
    names = (f"{name} {part}" for name in RUNNERS for part in ("w1", "w2", "loss"))
    return Film(
        length=steps + 1,
        frame=partial(_frame, state, facts),
        stops=range(0, steps + 1, 10),
        outcome=_outcome(state, facts),
        columns=("step", *names),
        rows=rows,
        facts=facts,
    )


def limits(surface: str) -> dict[str, float]:
    """Return the learning rates above which SGD and momentum diverge; empty where there is no such rate.

    On ``λ w² / 2`` a step of SGD multiplies w by ``1 − ηλ``, so it diverges above ``2 / λ``. With momentum
    ``β`` the limit is ``2 (1 + β) / λ``. The largest curvature counts.

    Example:
        >>> limits("ravine")
        {'sgd': 0.5, 'momentum': 0.95}
    """
    if surface not in BOWLS:
        return {}
    steepest = max(BOWLS[surface])
    return {"sgd": 2 / steepest, "momentum": 2 * (1 + _KEPT) / steepest}


def _outcome(state: State, facts: dict[str, Any]) -> list[Sentence]:
    best = min(facts["last"], key=lambda name: facts["last"][name])
    known = {"name": RUNNERS[best], "steps": state["steps"], "loss": facts["last"][best]}
    said: list[Sentence] = [(_("After %(steps)s steps %(name)s is lowest, with the loss %(loss)s."), known)]
    if facts["last"][best] > _LOST:
        said = [(_("After %(steps)s steps all four have left the picture."), known)]
    if facts["limits"]:
        limit = _(
            "On this bowl SGD diverges above `η = 2/λ = %(sgd)s` and momentum above `η = 2(1 + β)/λ = "
            "%(momentum)s`, where `λ` is the largest curvature and `β = %(kept)s`."
        )
        said.append((limit, facts["limits"] | {"kept": _KEPT}))
    return said


def _frame(state: State, facts: dict[str, Any], place: int) -> Frame:
    """Return the frame after so many steps."""
    seen = {
        name: [(float(x), float(y)) for x, y in path[: place + 1] if max(abs(x), abs(y)) < _FAR]
        for name, (path, _value) in facts["runs"].items()
    }
    paths = [Curve(places, RUNNERS[name], dots=len(places) < _DOTS) for name, places in seen.items()]
    levels = [Curve(places, faint=True) for places in _contours(state["surface"])]
    last = [Point(*places[-1], marker=marker) for places, marker in zip(seen.values(), _MARKERS, strict=True)]
    alt = _(
        "The loss of two weights with lines of equal loss, and the ways of four optimizers after %(step)s "
        "steps."
    )
    plane = Plot((-3, 3), (-3, 3), alt, points=last, curves=(*levels, *paths),
                 x_label="`w₁`", y_label="`w₂`", square=True)  # fmt: skip
    figures: list[Any] = [(plane, {"step": place})]
    if place:
        figures.append((_heights(facts, place), {"step": place}))
    said: list[Sentence] = [(_("Step %(step)s of %(steps)s."), {"step": place, "steps": state["steps"]})]
    for name, (path, value) in facts["runs"].items():
        known = {
            "name": RUNNERS[name],
            "w": [float(part) for part in path[place]],
            "loss": float(value[place]),
        }
        if not known["loss"] <= _LOST:
            said.append(
                (
                    _("%(name)s has left the picture: its loss is above %(most)s."),
                    {"name": RUNNERS[name], "most": _LOST},
                )
            )
        else:
            said.append((_("%(name)s: `w = %(w)s`, loss `L = %(loss)s`."), known))
    return Frame(figures, said)


def _heights(facts: dict[str, Any], place: int) -> Plot:
    """The losses so far, as powers of ten."""
    curves = []
    for name, (_path, value) in facts["runs"].items():
        heights = [(k, math.log10(v)) for k, v in enumerate(value[: place + 1]) if _LEAST < v < _LOST]
        curves.append(Curve(heights, RUNNERS[name]))
    all_heights = [height for curve in curves for _k, height in curve.places] or [0.0]
    low, high = min(all_heights), max(all_heights)
    alt = _("The loss of each optimizer after each of %(step)s steps, as a power of ten.")
    return Plot((0, max(place, 1)), (low - 0.2, high + 0.2), alt, curves=curves,
                x_label=_("step"), y_label=_("`log₁₀ L`"))  # fmt: skip


@cache
def _contours(surface: str) -> list[list[tuple[float, float]]]:
    """Return lines of equal loss: both terms of a loss are squares, so each is an ellipse, perhaps bent."""
    turns = np.linspace(0, 2 * np.pi, 91)
    found = []
    for level in (0.1, 0.5, 1.5, 4.0, 9.0):
        if surface == "valley":
            w1 = 1 - 2 * math.sqrt(level) * np.cos(turns)
            w2 = w1 * w1 / 2 + math.sqrt(level / 2) * np.sin(turns)
        else:
            a, b = BOWLS[surface]
            w1, w2 = math.sqrt(2 * level / a) * np.cos(turns), math.sqrt(2 * level / b) * np.sin(turns)
        found.append(list(zip(w1.tolist(), w2.tolist(), strict=True)))
    return found


def program(state: State) -> str:
    """Write the program that runs the same race."""
    if state["surface"] in BOWLS:
        a, b = BOWLS[state["surface"]]
        value = f"({a} * w[0] ** 2 + {b} * w[1] ** 2) / 2"
    else:
        value = "(1 - w[0]) ** 2 / 4 + 2 * (w[1] - w[0] * w[0] / 2) ** 2"
    return f"""import jax
import jax.numpy as jnp
import optax

from jaxnet import optimizers


def loss(w):
    return {value}


for name in {tuple(RUNNERS)}:
    rule = getattr(optimizers, name)({state["rate"]!r})
    w = jnp.array([{state["w1"]!r}, {state["w2"]!r}])
    memory = rule.init(w)
    for _ in range({state["steps"]}):
        updates, memory = rule.update(jax.grad(loss)(w), memory, w)
        w = optax.apply_updates(w, updates)
    print(name, w, loss(w))
"""


def _alone(state: State, film: Film) -> bool:
    """Whether SGD got higher and momentum lower than where both began."""
    last, first = film.facts["last"], film.facts["first"]
    return bool(last["sgd"] > first > last["momentum"])


def _all_down(state: State, film: Film) -> bool:
    """Whether all four got down in the ravine, soon."""
    down = all(value < 0.01 for value in film.facts["last"].values())
    return down and state["surface"] == "ravine" and state["steps"] <= 60 and film.facts["first"] >= 1


LAB = Lab(
    name="descent",
    question=6,
    title=_("Gradient descent: four ways down"),
    intro=_("SGD, momentum, RMSprop and Adam begin at the same place and take steps with the same learning "
"rate. Watch which of them gets down, oscillates or is thrown out."),
    settings=(
        Setting("surface", _("loss"), "ravine", SURFACES),
        Setting("w1", _("start w₁"), "-2.5", low=-3, high=3),
        Setting("w2", _("start w₂"), "1.5", low=-3, high=3),
        Setting("rate", _("learning rate η"), "0.1", low=0.0001, high=10),
        Setting("steps", _("steps"), "40", low=1, high=_STEPS, whole=True),
    ),
    film=film,
    program=program,
    tasks=(
        Task(_("Find a learning rate with which SGD is thrown out and momentum gets down."), _alone),
        Task(
            _("Bring all four below the loss 0.01 in the ravine, in at most 60 steps, from a start with the "
"loss 1 or more."),
            _all_down,
        ),
        Task(
            _("Find a start and a learning rate for which SGD ends lower than Adam."),
            lambda _s, film: bool(film.facts["last"]["sgd"] < film.facts["last"]["adam"]),
        ),
    ),
    exercises=("q6.parabola", "q6.descent", "q7.momentum", "q7.rmsprop", "q7.adam"),
)  # fmt: skip
