"""The backpropagation lab: every number of one step, forward and backward, with the rule that gives it."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

import jaxnet
from jaxnet import backprop
from quiz.exercise.figure import Network
from quiz.exercise.stream import Stream
from quiz.text import mark as _
from quiz.text.errors import Refusal
from quiz.text.expressions import evaluate
from quiz.text.numbers import Refused, parse
from quiz.web.labs.lab import Film, Frame, Lab, Sentence, Setting, State, Task
from quiz.web.labs.quantities import quantities, sizes_of

SIZES = {"2-1": "2–1", "2-2-1": "2–2–1", "2-3-1": "2–3–1", "2-2-2-1": "2–2–2–1"}
ACTIVATIONS = {"sigmoid": _("sigmoid σ"), "tanh": "tanh", "relu": "ReLU"}
#: An answer is right within half a unit of the third decimal, or a two-hundredth of the value.
_ROUNDED, _SHARE = 0.0005, 0.005


def read_weights(text: str) -> tuple[float, ...]:
    """Read numbers with spaces or semicolons between them.

    Raises:
        Refusal: one of them is not a number from -100 to 100.

    Example:
        >>> read_weights("0.5; -1/2")
        (0.5, -0.5)
    """
    try:
        numbers = tuple(float(parse(part, "ru")) for part in text.replace(";", " ").split())
    except Refused as error:
        raise Refusal(_("weights: %(reason)s"), reason=error.message("en")) from None
    if any(abs(number) > 100 for number in numbers):
        raise Refusal(_("weights: expected numbers from −100 to 100"))
    return numbers


def parameters(state: State) -> list[dict[str, np.ndarray]]:
    """Return the weights and biases of the network: those that were typed, or drawn from the seed.

    Raises:
        Refusal: there are too few or too many numbers.
    """
    pairs = list(pairwise(sizes_of(state)))
    count = sum((a + 1) * b for a, b in pairs)
    numbers = list(state["weights"])
    if not numbers:
        stream = Stream(f"lab backprop {state['seed']}")
        numbers = [float(stream.decimal("-1.5", "1.5", 1, zero=False)) for _place in range(count)]
    if len(numbers) != count:
        raise Refusal(
            _("weights: this network has %(count)d numbers, for each neuron its weights and then its bias; "
"got %(given)d"),
            count=count, given=len(numbers),
        )  # fmt: skip
    params, start = [], 0
    for a, b in pairs:
        part = np.array(numbers[start : start + (a + 1) * b], np.float32).reshape(b, a + 1)
        params.append({"w": np.ascontiguousarray(part[:, :a].T), "b": part[:, a].copy()})
        start += (a + 1) * b
    return params


@lru_cache(maxsize=64)
def _net(sizes: str, activation: Any) -> Any:
    return jaxnet.mlp(sizes, activation=activation, output=activation)


def film(state: State) -> Film:
    """Work out one step: forward, backward, update."""
    params = parameters(state)
    x, t = np.array([state["x1"], state["x2"]], np.float32), np.array([state["t"]], np.float32)
    trace = backprop.trace(_net(state["sizes"], state["activation"]), params, x, t)
    facts = {
        "params": params, "x": x, "t": float(t[0]), "loss": float(trace.loss),
        "layers": [[np.asarray(part) for part in layer] for layer in trace.layers],
    }  # fmt: skip
    found = list(quantities(state, facts))
    facts["quantities"] = found
    deltas = [np.asarray(layer.delta) for layer in trace.layers]
    facts["vanishing"] = float(np.abs(deltas[0]).max() / max(float(np.abs(deltas[-1]).max()), 1e-30))
    kinds = [q.kind for q in found]
    return Film(
        length=len(found) + 1,
        frame=partial(_frame, state, facts),
        stops=[*(place for place in range(1, len(kinds)) if kinds[place] != kinds[place - 1]), len(kinds)],
        outcome=[(
            _("The loss is `L = %(loss)s` before the step and `%(after)s` after it."),
            {"loss": facts["loss"], "after": _after(state, facts)},
        )],
        columns=("kind", "layer", "neuron", "from", "value"),
        rows=[[q.kind, q.layer, q.neuron + 1, q.source + 1, q.value] for q in found],
        facts=facts,
    )  # fmt: skip


def _after(state: State, facts: Mapping[str, Any]) -> float:
    """The loss after the update."""
    rate = np.float32(state["rate"])
    new = [
        {"w": p["w"] - rate * layer[4], "b": p["b"] - rate * layer[5]}
        for p, layer in zip(facts["params"], facts["layers"], strict=True)
    ]
    net = _net(state["sizes"], state["activation"])
    return float(backprop.trace(net, new, facts["x"], np.array([facts["t"]], np.float32)).loss)


_HEADINGS = {
    "z": _("Forward pass: the weighted sum of a neuron."),
    "a": _("Forward pass: the activation."),
    "loss": _("The loss."),
    "delta": _("Backward pass: the error `δ = ∂L/∂z` of a neuron, by the chain rule."),
    "gradient": _("The gradient of a weight: the error behind it times the value before it."),
    "update": _("The update: a step against the gradient."),
}


def _frame(state: State, facts: Mapping[str, Any], place: int) -> Frame:
    """Return the frame in which so many numbers are known."""
    known = facts["quantities"][:place]
    params = [{part: value.tolist() for part, value in p.items()} for p in facts["params"]]
    notes: dict[tuple[int, int], list[str]] = {}
    values: dict[str, Any] = {}
    for number, q in enumerate(known):
        if q.kind == "update":
            part = params[q.layer - 1]
            if q.source >= 0:
                part["w"][q.source][q.neuron] = q.value
            else:
                part["b"][q.neuron] = q.value
        elif q.kind in ("a", "delta"):
            values[f"q{number}"] = round(q.value, 3)
            letter = "a" if q.kind == "a" else "δ"
            notes.setdefault((q.layer, q.neuron), []).append(f"{letter} = %(q{number})s")
    biases = []
    for depth, part in enumerate(params, 1):
        row = []
        for j, bias in enumerate(part["b"]):
            values[f"b{depth}x{j}"] = round(bias, 3)
            row.append(", ".join(notes.get((depth, j), [f"b = %(b{depth}x{j})s"])))
        biases.append(row)
    figure = Network(
        tuple(sizes_of(state)), _("A network with its weights and the numbers that are known so far."),
        weights=[np.round(part["w"], 3).tolist() for part in params], biases=biases,
    )  # fmt: skip
    said: list[Sentence] = []
    if not place:
        said.append((
            _("The inputs are `x = %(x)s`, the target is `t = %(t)s`, the learning rate is `η = %(rate)s`."),
            {"x": [state["x1"], state["x2"]], "t": state["t"], "rate": state["rate"]},
        ))  # fmt: skip
    else:
        q = known[-1]
        said += [(_HEADINGS[q.kind], {}), q.sentence]
    return Frame([(figure, values)], said)


def judge(film: Film, place: int, text: str, lang: str) -> bool:
    """Return whether an answer is the number of a frame, rounded to three decimals or better.

    Raises:
        Refusal: the answer is not a number.
    """
    given, value = evaluate(text, lang), film.facts["quantities"][place - 1].value
    slack = max(_ROUNDED, _SHARE * abs(value)) + 1e-6
    return bool(abs(given - Fraction(value)) <= slack)


def program(state: State) -> str:
    """Write the program that works out the same numbers."""

    def array(values: np.ndarray) -> str:
        return f"np.array({values.astype(float).round(6).tolist()}, np.float32)"

    layers = "".join(f'    {{"w": {array(p["w"])}, "b": {array(p["b"])}}},\n' for p in parameters(state))
    return f"""import numpy as np

import jaxnet
from jaxnet import backprop

net = jaxnet.mlp({state["sizes"]!r}, activation={state["activation"]!r}, output={state["activation"]!r})
params = [
{layers}]
trace = backprop.trace(net, params, [{state["x1"]!r}, {state["x2"]!r}], [{state["t"]!r}])
print("loss:", trace.loss)
for layer in trace.layers:
    print("a:", layer.a, "delta:", layer.delta)
for p, g in zip(params, trace.grads):
    print("new w:", p["w"] - {state["rate"]!r} * g["w"], "new b:", p["b"] - {state["rate"]!r} * g["b"])
"""


LAB = Lab(
    name="backprop",
    question=6,
    title=_("Backpropagation, number by number"),
    intro=_("The values go forward neuron by neuron, the errors come back by the chain rule, and then each "
"weight takes its step. Hide any number and work it out yourself."),
    settings=(
        Setting("sizes", _("network"), "2-2-1", SIZES),
        Setting("activation", _("activation"), "sigmoid", ACTIVATIONS),
        Setting("x1", _("input x₁"), "1", low=-10, high=10),
        Setting("x2", _("input x₂"), "0.5", low=-10, high=10),
        Setting("t", _("target t"), "1", low=-10, high=10),
        Setting("rate", _("learning rate η"), "0.5", low=0.0001, high=100),
        Setting("seed", _("seed of the weights"), "1", low=0, high=999999, whole=True),
        Setting("weights", _("your own weights, for each neuron its bias last"), "", read=read_weights),
    ),
    film=film,
    program=program,
    tasks=(
        Task(
            _("Find weights with which the first layer learns nothing: its errors are all 0, the output's is "
"not."),
            lambda _s, film: film.facts["vanishing"] == 0 and abs(film.facts["layers"][-1][3][0]) > 0,
        ),
        Task(
            _("Make the errors of the first layer a hundred times smaller than the output's, but not 0."),
            lambda _s, film: 0 < film.facts["vanishing"] <= 0.01,
        ),
        Task(
            _("Choose a learning rate with which one step makes the loss larger."),
            lambda state, film: _after(state, film.facts) > film.facts["loss"],
        ),
    ),
    exercises=("q6.forward", "q6.output-delta", "q6.hidden-deltas", "q6.gradients", "q6.updates"),
    judge=judge,
)  # fmt: skip
