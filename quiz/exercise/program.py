"""Runs the steps of an exercise: right, with slips, with a student's values, with rounding; all in one call.

One compiled program for each exercise takes many *rows*. A row says for each step which rule makes it,
whether a given value is put in its place, and how far it is off by rounding. The key, the slips,
follow-through and the proof of the tolerance are nothing but rows.
"""

import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from quiz.exercise.model import Exercise, Givens

Values = Mapping[str, Any]
#: The givens that are texts, by name; a program is compiled for each.
Static = tuple[tuple[str, str], ...]
#: The other givens, or the fields of packed rows, by name.
Arrays = dict[str, Any]

#: Every step is rounded to one part in this many, so that 0.1 + 0.2 - 0.3 is 0 and not 5.6e-17.
CLEAN = 1e11

#: Programs are compiled for so many rows or 4, 16 … times as many: rows cost next to nothing, compiling does.
FEWEST = 16
#: So many variants are run at once by `run_many`.
TOGETHER = 32


class Row(NamedTuple):
    """What differs between two runs of the same program.

    Attributes:
        slips: names of the slips that are made.
        forced: step name to the value that is put in its place.
        off: step name to what is added to its value (the effect of rounding).
    """

    slips: tuple[str, ...] = ()
    forced: Mapping[str, Any] = {}
    off: Mapping[str, Any] = {}


def run(exercise: Exercise, givens: Givens, rows: Sequence[Row] = (Row(),)) -> dict[str, np.ndarray]:
    """Run the program once for each row.

    Args:
        exercise: whose steps are run.
        givens: names to numbers, vectors, matrices or texts.
        rows: what to run; the plain row gives the key.

    Returns:
        Step name to the values of all rows, an array of shape ``(rows, *shape of the value)`` in float64.
    """
    static, arrays = split(givens)
    packed = pack(exercise, shapes_of(exercise, static, arrays), rows)
    return {name: value[: len(rows)] for name, value in evaluate(exercise, static, arrays, packed).items()}


def run_many(
    exercise: Exercise, cases: Sequence[tuple[Givens, Sequence[Row]]]
) -> list[dict[str, np.ndarray]]:
    """Run the program for many variants at once, which costs far less than one after another.

    Args:
        exercise: whose steps are run.
        cases: givens of a variant, and its rows.

    Returns:
        For each case what `run` would return.
    """
    groups: dict[Any, list[tuple[int, Arrays, int]]] = {}
    results: list[dict[str, np.ndarray]] = [{}] * len(cases)
    most = max((len(rows) for _givens, rows in cases), default=1)
    for number, (givens, rows) in enumerate(cases):
        static, arrays = split(givens)
        shapes = shapes_of(exercise, static, arrays)
        packed = pack(exercise, shapes, rows, most)
        alike = (static, tuple((name, value.shape) for name, value in arrays.items()))
        groups.setdefault(alike, []).append((number, {"arrays": arrays, "packed": packed}, len(rows)))
    for (static, _shapes), group in groups.items():
        for begin in range(0, len(group), TOGETHER):
            part = group[begin : begin + TOGETHER]
            full = part + [part[0]] * (TOGETHER - len(part))  # always as many, so that one program serves all
            values = _evaluate_many(exercise, static, [case for _number, case, _rows in full])
            for place, (number, _case, rows) in enumerate(part):
                results[number] = {name: value[place, :rows] for name, value in values.items()}
    return results


def _evaluate_many(exercise: Exercise, static: Static, cases: Sequence[Arrays]) -> dict[str, np.ndarray]:
    import jax

    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *cases)
    with jax.enable_x64(True), jax.default_device(_cpu()):
        values = _compiled_many(exercise, static)(stacked["arrays"], CLEAN, stacked["packed"])
        return {name: np.asarray(value) for name, value in values.items()}


def evaluate(exercise: Exercise, static: Static, arrays: Arrays, packed: Arrays) -> dict[str, np.ndarray]:
    """Run the program on rows laid out by `pack`."""
    import jax

    with jax.enable_x64(True), jax.default_device(_cpu()):
        values = _compiled(exercise, static)(arrays, CLEAN, packed)
        return {name: np.asarray(value) for name, value in values.items()}


def pack(
    exercise: Exercise, shapes: Mapping[str, tuple[int, ...]], rows: Sequence[Row], most: int = 0
) -> dict[str, Any]:
    """Lay rows out as arrays; their number, or ``most``, is rounded up so that few programs are compiled."""
    count = FEWEST
    while count < max(len(rows), most):
        count *= 4
    places = {step.name: i for i, step in enumerate(exercise.steps)}
    alternatives = _alternatives(exercise)
    rule = np.zeros((count, len(places)), np.int32)
    forced = np.zeros((count, len(places)), bool)
    value = {name: np.zeros((count, *shapes[name])) for name in places}
    off = {name: np.zeros((count, *shapes[name])) for name in places}
    for r, row in enumerate(rows):
        for name in row.slips:
            for step, number in alternatives[name]:
                rule[r, places[step]] = number
        for name, given in row.forced.items():
            forced[r, places[name]] = True
            value[name][r] = given
        for name, given in row.off.items():
            off[name][r] = given
    return {"rule": rule, "forced": forced, "value": value, "off": off}


def split(givens: Givens) -> tuple[Static, dict[str, np.ndarray]]:
    """Part givens into texts, which the program is compiled for, and numbers as float64 arrays."""
    static = tuple((name, value) for name, value in givens.items() if isinstance(value, str))
    arrays = {name: to_array(value) for name, value in givens.items() if not isinstance(value, str)}
    return static, arrays


def to_array(value: Any) -> np.ndarray:
    """Turn a number, a vector or a matrix of fractions into a float64 array."""
    if isinstance(value, tuple | list):
        return np.array([to_array(part) for part in value], np.float64)
    return np.array(float(value), np.float64)


@lru_cache
def _alternatives(exercise: Exercise) -> dict[str, tuple[tuple[str, int], ...]]:
    """Slip name to the steps it replaces, each with the number of the wrong rule among that step's rules."""
    count = {step.name: 0 for step in exercise.steps}
    found = {}
    for slip in exercise.slips:
        for step in slip.rules:
            count[step] += 1
        found[slip.name] = tuple((step, count[step]) for step in slip.rules)
    return found


@lru_cache
def _signature(rule: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(rule).parameters)


def _one(
    exercise: Exercise,
    static: Static,
    arrays: Mapping[str, Any],
    clean: Any = None,
    row: Mapping[str, Any] | None = None,
) -> Values:
    """The program of one row, to be traced.

    ``clean`` is an argument, not a constant: XLA turns a division by a constant into a product with its
    reciprocal, and 1 would come out as 0.9999999999999999.
    """
    import jax.numpy as jnp
    from jax import lax

    known: dict[str, Any] = dict(static) | dict(arrays)
    made = {}
    for i, step in enumerate(exercise.steps):
        rules = [step.rule]
        if row is not None:
            rules += [slip.rules[step.name] for slip in exercise.slips if step.name in slip.rules]
        results = []
        for rule in rules:
            names = _signature(rule)
            if missing := [name for name in names if name not in known]:
                raise ValueError(
                    f"{exercise.id}: step {step.name!r} needs {missing[0]!r}, which is not known there"
                )
            results.append(jnp.asarray(rule(**{name: known[name] for name in names}), jnp.float64))
        value = results[0]
        if row is not None:
            if len(results) > 1:
                value = lax.select_n(row["rule"][i], *(jnp.broadcast_to(r, value.shape) for r in results))
            value = jnp.rint(value * clean) / clean + row["off"][step.name]
            value = jnp.where(row["forced"][i], row["value"][step.name], value)
        known[step.name] = made[step.name] = value
    return made


@lru_cache
def _compiled_many(exercise: Exercise, static: Static) -> Any:
    import jax

    rows = jax.vmap(partial(_one, exercise, static), in_axes=(None, None, 0))
    return jax.jit(jax.vmap(rows, in_axes=(0, None, 0)))


@lru_cache
def _compiled(exercise: Exercise, static: Static) -> Any:
    import jax

    one = partial(_one, exercise, static)
    return jax.jit(jax.vmap(one, in_axes=(None, None, 0)))


def shapes_of(
    exercise: Exercise, static: Static, arrays: Mapping[str, np.ndarray]
) -> dict[str, tuple[int, ...]]:
    """The shape of each step's value."""
    return _shapes(exercise, static, tuple((name, value.shape) for name, value in arrays.items()))


@lru_cache(maxsize=4096)
def _shapes(exercise: Exercise, static: Static, arrays: tuple) -> dict[str, tuple[int, ...]]:
    """The shape of each step's value for givens of these shapes."""
    import jax

    with jax.enable_x64(True):
        given = {name: jax.ShapeDtypeStruct(shape, np.float64) for name, shape in arrays}
        made = jax.eval_shape(lambda g: _one(exercise, static, g), given)
    return {name: value.shape for name, value in made.items()}


@lru_cache(maxsize=1)
def _cpu() -> Any:
    """The processor; the quiz leaves a GPU to others."""
    import jax

    return jax.local_devices(backend="cpu")[0]
