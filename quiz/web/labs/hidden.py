"""The lab on hidden layers: a network learns to tell two classes apart, epoch by epoch."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import jax
import numpy as np

import jaxnet
from jaxnet import backprop, metrics
from quiz.exercise.figure import Curve, Plot, Point
from quiz.text import mark as _
from quiz.web.labs import points
from quiz.web.labs.lab import Film, Frame, Lab, Sentence, Setting, State, Task

HIDDEN = {"0": _("none")} | {
    sizes: sizes.replace("-", "–") for sizes in ("1", "2", "3", "4", "8", "2-2", "4-4", "8-8")
}
ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU", "sigmoid": _("sigmoid σ"), "step": _("step function")}
LOSSES = {"binary_cross_entropy": _("cross-entropy"), "mse": _("mean squared error")}
OPTIMIZERS = {"adam": "Adam", "rmsprop": "RMSprop", "momentum": "Momentum", "sgd": "SGD"}
DATA = {"xor": _("XOR"), **points.SHAPES, "own": _("your own points")}
#: Points of a shape; every third one is held out, unless there are few.
_COUNT, _EVERY, _FEW = 150, 3, 12
#: Cells of the region, and of the map of a hidden neuron, along a side.
_CELLS, _SMALL = 32, 16
#: Frames of a film at most.
_FRAMES = 60


DROPOUT = {"0": _("none"), "0.2": "0.2", "0.5": "0.5"}
BATCHES = {"all": _("all points"), "32": "32", "8": "8", "1": "1"}


@cache
def _net(hidden: str, activation: Any, output: Any, dropout: float) -> Any:
    sizes = [] if hidden == "0" else [int(size) for size in hidden.split("-")]
    if not dropout:
        return jaxnet.mlp([2, *sizes, 1], activation=activation, output=output)
    parts = [
        part
        for size in sizes
        for part in (jaxnet.dense(size), jaxnet.activation(activation), jaxnet.dropout(dropout))
    ]
    return jaxnet.serial(*parts, jaxnet.dense(1), jaxnet.activation(output))


def network(state: State) -> Any:
    """Return the network of a state; with the cross-entropy its output is a logit."""
    return _net(state["hidden"], state["activation"], _output(state), float(state["dropout"]))


def _output(state: State) -> str:
    return "linear" if state["loss"] == "binary_cross_entropy" else "sigmoid"


def _right(outputs: Any, targets: Any) -> jax.Array:
    """Whether probabilities are on the right side of one half."""
    return metrics.binary_accuracy(outputs, targets, threshold=0.5)


def data(state: State) -> tuple[Any, Any]:
    """Return the pairs that are learned from and, if there are enough points, those that are held out."""
    if state["data"] in points.SHAPES:
        x, t = points.shape(state["data"], _COUNT)
    else:
        x, t = points.chosen(state["data"], state["points"])
    t = t[:, None]
    if len(x) < _FEW:
        return (x, t), None
    held = np.arange(len(x)) % _EVERY == _EVERY - 1
    return (x[~held], t[~held]), (x[held], t[held])


@partial(jax.jit, static_argnames=("net", "linear"))
def _look(net: Any, params: Any, x: jax.Array, linear: bool) -> tuple[jax.Array, list[jax.Array]]:
    """Return the probability of class 1 at places, and the values behind each layer there."""
    outputs = net.activations(params, x)
    return jax.nn.sigmoid(outputs[-1]) if linear else outputs[-1], outputs


def _places(low: np.ndarray, high: np.ndarray, cells: int) -> np.ndarray:
    """The middles of the cells of a picture, its upper row first."""
    share = (np.arange(cells) + 0.5) / cells
    x, y = low[0] + (high[0] - low[0]) * share, low[1] + (high[1] - low[1]) * share[::-1]
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float32)


def film(state: State) -> Film:
    """Train, and keep the parameters of the epochs that are shown."""
    net, (train, held) = network(state), data(state)
    if len(train[0]) < 2:
        nothing = Frame([], [(_("There are no points yet; put some there."), {})])
        facts = {"accuracy": 0.0, "weights": 0, "state": state}
        return Film(1, lambda _place: nothing, [], [], ("epoch", "loss"), [[0, 0.0]], facts)
    key = jax.random.key(state["seed"])
    params = jax.tree.map(np.asarray, net.init(key) if state["dropout"] == "0" else net.init(key, (2,)))
    kept, history, ended = [(0, params)], [], ""
    every = -(-state["epochs"] // _FRAMES)

    def keep(epoch: Any) -> None:
        history.append([epoch.epoch, *map(float, epoch.figures.values())])
        if epoch.epoch % every == 0 or epoch.epoch == state["epochs"]:
            kept.append((epoch.epoch, jax.tree.map(np.asarray, epoch.params)))

    batch = len(train[0]) if state["batch"] == "all" else min(int(state["batch"]), len(train[0]))
    names = ["loss", "accuracy", *(["val_loss", "val_accuracy"] if held is not None else [])]
    try:
        run = jaxnet.fit(
            net, train, loss=state["loss"], optimizer=state["optimizer"], learning_rate=state["rate"],
            epochs=state["epochs"], batch_size=batch, l2=state["l2"], key=key, params=params,
            validation=held, on_epoch=keep, progress=False,
            metrics={"accuracy": metrics.binary_accuracy if _output(state) == "linear" else _right},
        )  # fmt: skip
        names = list(run.history)
    except jaxnet.Diverged:
        ended = "diverged"
    x, t = (np.concatenate(parts) for parts in zip(train, held or train, strict=True))
    facts: dict[str, Any] = {
        "net": net, "train": train, "held": held, "kept": kept, "history": history, "names": names,
        "low": x.min(0) - 0.3, "high": x.max(0) + 0.3, "ended": ended,
        "weights": sum(leaf.size for leaf in jax.tree.leaves(params)),
    }  # fmt: skip
    facts["accuracy"] = _accuracy(state, facts, x, t)
    return Film(
        length=len(kept),
        frame=partial(_frame, state, facts),
        stops=range(0, len(kept), 10),
        outcome=_outcome(state, facts),
        columns=("epoch", *names),
        rows=history or [[0] * (len(names) + 1)],
        facts=facts,
    )


def _accuracy(state: State, facts: Mapping[str, Any], x: np.ndarray, t: np.ndarray) -> float:
    probability, _outputs = _look(facts["net"], facts["kept"][-1][1], x, _output(state) == "linear")
    return float(((np.asarray(probability) > 0.5) == t).mean())


def _outcome(state: State, facts: Mapping[str, Any]) -> list[Sentence]:
    if facts["ended"]:
        return [(_("The loss left the numbers that a computer holds; choose a smaller learning rate."), {})]
    known = {
        "right": round(100 * facts["accuracy"], 1),
        "weights": facts["weights"],
        "epochs": state["epochs"],
    }
    said: list[Sentence] = [
        (_("After %(epochs)s epochs %(right)s %% of all points are on the right side; the network has "
"%(weights)s weights and biases."), known)
    ]  # fmt: skip
    if state["activation"] == "step" and state["hidden"] != "0":
        said.append((
            _("The derivative of the step function is 0, so no error comes back through it: the hidden "
"layers keep their first weights, and only the output layer learns."),
            {},
        ))  # fmt: skip
    return said


def _frame(state: State, facts: Mapping[str, Any], place: int) -> Frame:
    """Return the frame of an epoch that was kept."""
    epoch, params = facts["kept"][place]
    net, low, high = facts["net"], facts["low"], facts["high"]
    probability, outputs = _look(net, params, _places(low, high, _CELLS), _output(state) == "linear")
    shades = np.asarray(probability).reshape(_CELLS, _CELLS)
    shown = [
        Point(float(px), float(py), filled=bool(t), marker=marker)
        for pair, marker in ((facts["train"], "circle"), (facts["held"], "square"))
        if pair is not None
        for (px, py), t in zip(pair[0], pair[1][:, 0], strict=True)
    ]
    alt = _(
        "The plane after epoch %(epoch)s: where the network says class 1 it is darker. Points of class 1 are "
        "filled, those held out are square."
    )
    across, up = ((float(low[axis]), float(high[axis])) for axis in (0, 1))
    figures: list[Any] = [
        (Plot(across, up, alt, points=shown, shades=shades.tolist(), square=True), {"epoch": epoch})
    ]
    if state["hidden"] != "0":
        figures.append((_neurons(outputs[1]), {"epoch": epoch}))
    done = [row for row in facts["history"] if row[0] <= epoch]
    if len(done) > 1:
        figures.append((_losses(facts, done), {"epoch": epoch}))
    said: list[Sentence] = [
        (_("Epoch %(epoch)s of %(epochs)s."), {"epoch": epoch, "epochs": state["epochs"]})
    ]
    if done:
        row = dict(zip(facts["names"], done[-1][1:], strict=True))
        said.append((_("Loss %(loss)s; %(right)s %% of the points that are learned from are right."),
                     {"loss": row["loss"], "right": round(100 * row["accuracy"], 1)}))  # fmt: skip
        if "val_loss" in row:
            known = {"loss": row["val_loss"], "right": round(100 * row["val_accuracy"], 1)}
            said.append((_("On the points held out: loss %(loss)s, %(right)s %% right."), known))
    return Frame(figures, said + _flow(state, facts, params))


def _neurons(values: jax.Array) -> Plot:
    """A map for each neuron of the first hidden layer, side by side."""
    count = values.shape[1]
    cells = np.asarray(values).reshape(_CELLS, _CELLS, count)[:: _CELLS // _SMALL, :: _CELLS // _SMALL]
    low, high = cells.min(axis=(0, 1)), cells.max(axis=(0, 1))
    cells = (cells - low) / np.maximum(high - low, 1e-6)
    rows = np.concatenate([np.pad(cells[:, :, n], ((0, 0), (0, 1))) for n in range(count)], axis=1)
    alt = _(
        "What each neuron of the first hidden layer answers on the plane after epoch %(epoch)s: the larger, "
        "the darker."
    )
    across = _("neurons of the first hidden layer")
    return Plot((0, count), (0, 1), alt, shades=rows.tolist(), x_label=across, y_label="")


def _losses(facts: Mapping[str, Any], done: list[Any]) -> Plot:
    """The loss of each epoch so far, on the points that are learned from and on those held out."""
    labels = {"loss": _("points learned from"), "val_loss": _("points held out")}
    curves = [
        Curve([(row[0], row[1 + facts["names"].index(name)]) for row in done], label)
        for name, label in labels.items()
        if name in facts["names"]
    ]
    top = max(value for curve in curves for _epoch, value in curve.places)
    alt = _("The loss of each epoch up to epoch %(epoch)s.")
    return Plot(
        (0, done[-1][0]), (0, 1.05 * top + 1e-9), alt, curves=curves, x_label=_("epoch"), y_label=_("loss")
    )


def _flow(state: State, facts: Mapping[str, Any], params: Any) -> list[Sentence]:
    """How much of the error reaches each layer, and how many of its neurons are dead."""
    if state["hidden"] == "0":
        return []
    x, t = facts["train"]
    found = _statistics(facts["net"], params, x, t, state["loss"])
    norms = [float(value) for value in np.asarray(found["gradient_norm"])]
    said: list[Sentence] = [
        (_("Gradient of each layer, from the first to the last: %(norms)s."), {"norms": norms})
    ]
    dead = float(np.asarray(found["dead"])[:-1].max())
    if dead:
        said.append(
            (
                _("In one hidden layer %(dead)s %% of the neurons are dead: they answer 0 to every point."),
                {"dead": round(100 * dead)},
            )
        )
    return said


@partial(jax.jit, static_argnames=("net", "loss"))
def _statistics(net: Any, params: Any, x: jax.Array, t: jax.Array, loss: str) -> dict[str, jax.Array]:
    return backprop.layer_statistics(net, params, x, t, loss)


def program(state: State) -> str:
    """Write the program that trains the same network."""
    train, held = data(state)
    sizes = [] if state["hidden"] == "0" else [int(size) for size in state["hidden"].split("-")]
    output = _output(state)
    if state["dropout"] == "0":
        net = f"jaxnet.mlp({[2, *sizes, 1]}, activation={state['activation']!r}, output={output!r})"
        start = "net.init(key)"
    else:
        layer = "jaxnet.dense({}), jaxnet.activation({!r}), jaxnet.dropout({})"
        layers = [layer.format(size, state["activation"], state["dropout"]) for size in sizes]
        net = f"jaxnet.serial({', '.join([*layers, 'jaxnet.dense(1)', f'jaxnet.activation({output!r})'])})"
        start = "net.init(key, (2,))"
    batch = len(train[0]) if state["batch"] == "all" else min(int(state["batch"]), len(train[0]))

    def array(values: np.ndarray) -> str:
        return f"np.array({values.astype(float).round(6).tolist()}, np.float32)"

    validation = f"\nheld = ({array(held[0])},\n        {array(held[1])})" if held is not None else ""
    return f"""import jax
import numpy as np

import jaxnet

train = ({array(train[0])},
         {array(train[1])}){validation}
key = jax.random.key({state["seed"]})
net = {net}
run = jaxnet.fit(
    net, train, loss={state["loss"]!r}, optimizer={state["optimizer"]!r}, learning_rate={state["rate"]!r},
    epochs={state["epochs"]}, batch_size={batch}, l2={state["l2"]!r}, key=key, params={start},
    validation={"held" if held is not None else None}, progress=False,
)
print("loss:", run.history["loss"][-1])
"""


def _small(state: State, film: Film) -> bool:
    facts = film.facts
    return state["data"] == "xor" and facts["accuracy"] == 1 and facts["weights"] <= 9


def _spirals(state: State, film: Film) -> bool:
    return state["data"] == "spirals" and film.facts["accuracy"] >= 0.95


def _failing(state: State, film: Film) -> bool:
    long = state["hidden"] != "0" and state["epochs"] >= 100
    return state["data"] == "circles" and long and film.facts["accuracy"] <= 0.6


LAB = Lab(
    name="hidden",
    question=4,
    title=_("The hidden layer"),
    intro=_("A network with hidden layers learns to tell two classes apart. See the region of each class "
"change, what each hidden neuron answers, and how the loss falls on points that were learned from and on "
"points held out."),
    settings=(
        Setting("data", _("points"), "xor", DATA),
        Setting("points", _("your own points"), "0 0 0; 1 1 0; 0 1 1; 1 0 1", read=points.read),
        Setting("hidden", _("neurons in the hidden layers"), "3", HIDDEN),
        Setting("activation", _("activation"), "tanh", ACTIVATIONS),
        Setting("loss", _("loss"), "binary_cross_entropy", LOSSES),
        Setting("optimizer", _("optimizer"), "adam", OPTIMIZERS),
        Setting("rate", _("learning rate η"), "0.1", low=0.0001, high=10),
        Setting("batch", _("points in a batch"), "all", BATCHES),
        Setting("l2", _("L2 penalty"), "0", low=0, high=1),
        Setting("dropout", _("dropout"), "0", DROPOUT),
        Setting("seed", _("seed of the weights"), "1", low=0, high=999999, whole=True),
        Setting("epochs", _("epochs"), "100", low=1, high=500, whole=True),
    ),
    film=film,
    program=program,
    tasks=(
        Task(_("Solve XOR with the fewest weights and biases: 9, two hidden neurons."), _small),
        Task(_("Put at least 95 % of the spirals on the right side."), _spirals),
        Task(
            _(
                "Make it fail: a network with a hidden layer that is right on at most 60 % of the two "
                "circles after 100 epochs or more."
            ),
            _failing,
        ),
    ),
    exercises=("q4.xor-hidden", "q4.space", "q4.linear", "q4.budget", "q5.step", "q5.dead"),
    clicks=True,
)  # fmt: skip
