"""Runs the steps of an exercise in one call: correctly, with slips, a student's values or rounding.

One compiled program per exercise takes many *rows*. A row gives for each step the rule that is used, a value
that replaces the result, and a rounding error that is added. The key, the slips, follow-through marks and the
proof of the tolerances are all rows.
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

#: Every step is rounded to a multiple of 1/RESOLUTION, so that 0.1 + 0.2 - 0.3 is 0 and not 5.6e-17.
RESOLUTION = 1e11

#: Ways of rounding every step to the decimals kept; the first keeps all of them.
EXACT, NEAREST, DOWN, UP, TO_ZERO, FROM_ZERO = ROUNDINGS = range(6)

#: Programs are compiled for this many rows, or 4, 16 … times as many: rows are cheap, compiling is not.
MIN_ROWS = 16
#: The number of variants that `run_many` runs at once.
BATCH = 32


class Row(NamedTuple):
    """What differs between two runs of the same program.

    Attributes:
        slips: the names of the slips that are made.
        forced: step name to the value that replaces its result.
        off: step name to what is added to its value, the effect of rounding.
        rounding: one of `ROUNDINGS`, applied to the result of every step.
        added: how two slips in the same step are combined: their effects are added, or else multiplied.
    """

    slips: tuple[str, ...] = ()
    forced: Mapping[str, Any] = {}
    off: Mapping[str, Any] = {}
    rounding: int = EXACT
    added: bool = False


def run(exercise: Exercise, givens: Givens, rows: Sequence[Row] = (Row(),)) -> dict[str, np.ndarray]:
    """Run the program once for each row.

    Args:
        exercise: whose steps are run.
        givens: names to numbers, vectors, matrices or texts.
        rows: what to run; the default row gives the key.

    Returns:
        Step name to the values of all rows, an array of shape ``(rows, *shape of the value)`` in float64.
    """
    static, arrays = split(givens, exercise)
    packed = pack(exercise, shapes_of(exercise, static, arrays), rows)
    return {name: value[: len(rows)] for name, value in evaluate(exercise, static, arrays, packed).items()}


def run_many(
    exercise: Exercise, cases: Sequence[tuple[Givens, Sequence[Row]]]
) -> list[dict[str, np.ndarray]]:
    """Run the program for many variants at once, which is much faster than one after another.

    Args:
        exercise: whose steps are run.
        cases: the givens and the rows of each variant.

    Returns:
        For each case what `run` would return.
    """
    groups: dict[Any, list[tuple[int, Arrays, int]]] = {}
    results: list[dict[str, np.ndarray]] = [{}] * len(cases)
    most = max((len(rows) for _givens, rows in cases), default=1)
    for number, (givens, rows) in enumerate(cases):
        static, arrays = split(givens, exercise)
        shapes = shapes_of(exercise, static, arrays)
        packed = pack(exercise, shapes, rows, most)
        alike = (static, tuple((name, value.shape) for name, value in arrays.items()))
        groups.setdefault(alike, []).append((number, {"arrays": arrays, "packed": packed}, len(rows)))
    for (static, _shapes), group in groups.items():
        for begin in range(0, len(group), BATCH):
            part = group[begin : begin + BATCH]
            full = part + [part[0]] * (BATCH - len(part))  # padded, so that one program serves all
            values = _evaluate_many(exercise, static, [case for _number, case, _rows in full])
            for place, (number, _case, rows) in enumerate(part):
                results[number] = {name: value[place, :rows] for name, value in values.items()}
    return results


def _evaluate_many(exercise: Exercise, static: Static, cases: Sequence[Arrays]) -> dict[str, np.ndarray]:
    import jax

    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *cases)
    with jax.enable_x64(True), jax.default_device(_cpu()):
        values = _compiled_many(exercise, static)(stacked["arrays"], RESOLUTION, stacked["packed"])
        return {name: np.asarray(value) for name, value in values.items()}


def evaluate(exercise: Exercise, static: Static, arrays: Arrays, packed: Arrays) -> dict[str, np.ndarray]:
    """Run the program on rows packed by `pack`."""
    import jax

    with jax.enable_x64(True), jax.default_device(_cpu()):
        values = _compiled(exercise, static)(arrays, RESOLUTION, packed)
        return {name: np.asarray(value) for name, value in values.items()}


def pack(
    exercise: Exercise, shapes: Mapping[str, tuple[int, ...]], rows: Sequence[Row], most: int = 0
) -> dict[str, Any]:
    """Pack rows into arrays; their number, or ``most``, is rounded up so that few programs are compiled."""
    count = MIN_ROWS
    while count < max(len(rows), most):
        count *= 4
    places = {step.name: i for i, step in enumerate(exercise.steps)}
    alternatives = _alternatives(exercise)
    rule, second = np.zeros((2, count, len(places)), np.int32)
    rounding, added = np.zeros(count, np.int32), np.zeros(count, bool)
    forced = np.zeros((count, len(places)), bool)
    value = {name: np.zeros((count, *shapes[name])) for name in places}
    off = {name: np.zeros((count, *shapes[name])) for name in places}
    for r, row in enumerate(rows):
        for name in row.slips:
            for step, number in alternatives[name]:
                (second if rule[r, places[step]] else rule)[r, places[step]] = number
        rounding[r], added[r] = row.rounding, row.added
        for name, given in row.forced.items():
            forced[r, places[name]] = True
            value[name][r] = given
        for name, given in row.off.items():
            off[name][r] = given
    return {
        "rule": rule, "second": second, "added": added, "rounding": rounding,
        "forced": forced, "value": value, "off": off,
    }  # fmt: skip


def split(givens: Givens, exercise: Exercise) -> tuple[Static, dict[str, np.ndarray]]:
    """Separate givens into texts, which the program is compiled for, and numbers as float64 arrays.

    Texts that no rule reads are left out.
    """
    read = _parameters(exercise)
    static = tuple((name, value) for name, value in givens.items() if isinstance(value, str) and name in read)
    arrays = {name: to_array(value) for name, value in givens.items() if not isinstance(value, str)}
    return static, arrays


def to_array(value: Any) -> np.ndarray:
    """Turn a number, a vector or a matrix of fractions into a float64 array."""
    if isinstance(value, tuple | list):
        return np.array([to_array(part) for part in value], np.float64)
    return np.array(float(value), np.float64)


@lru_cache
def _alternatives(exercise: Exercise) -> dict[str, tuple[tuple[str, int], ...]]:
    """Map each slip to the steps it replaces, each with the index of the wrong rule among its rules."""
    count = {step.name: 0 for step in exercise.steps}
    found = {}
    for slip in exercise.slips:
        for step in slip.rules:
            count[step] += 1
        found[slip.name] = tuple((step, count[step]) for step in slip.rules)
    return found


@lru_cache
def _parameters(exercise: Exercise) -> frozenset[str]:
    """Return the names of all that the rules of an exercise read."""
    rules = [step.rule for step in exercise.steps]
    rules += [rule for slip in exercise.slips for rule in slip.rules.values()]
    return frozenset(name for rule in rules for name in _signature(rule))


@lru_cache
def _signature(rule: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(rule).parameters)


def _one(
    exercise: Exercise,
    static: Static,
    arrays: Mapping[str, Any],
    resolution: Any = None,
    row: Mapping[str, Any] | None = None,
) -> Values:
    """Run the program for one row, while it is traced.

    ``resolution`` is an argument, not a constant: XLA turns a division by a constant into a product with its
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
                results = [jnp.broadcast_to(result, value.shape) for result in results]
                value = lax.select_n(row["rule"][i], *results)
            if len(results) > 2:
                base = (
                    step.base(**{name: known[name] for name in _signature(step.base)}) if step.base else 0.0
                )
                both = _combined(
                    results[0], value, lax.select_n(row["second"][i], *results), base, row["added"]
                )
                value = jnp.where(row["second"][i] > 0, both, value)
            value = jnp.rint(value * resolution) / resolution
            if exercise.places:
                value = _rounded(value, exercise.places, row["rounding"])
            value = value + row["off"][step.name]
            value = jnp.where(row["forced"][i], row["value"][step.name], value)
        known[step.name] = made[step.name] = value
    return made


def _combined(right: Any, one: Any, other: Any, base: Any, added: Any) -> Any:
    """Return the value of a step in which two slips are made, from its values with each of them alone.

    Where the effects are multiplied, they are factors of what the step adds to ``base``.
    """
    import jax.numpy as jnp

    change = right - base
    product = base + (one - base) * (other - base) / jnp.where(change == 0, 1.0, change)
    return jnp.where(added | (change == 0), one + other - right, product)


def _rounded(value: Any, places: int, rounding: Any) -> Any:
    """Round a value to ``places`` decimals; a number within 1e-7 units of a rounded one is that one."""
    import jax.numpy as jnp
    from jax import lax

    unit = 10.0**places
    scaled = value * unit
    nearest = jnp.rint(scaled)
    down, up = (
        jnp.where(jnp.abs(scaled - nearest) < 1e-7, nearest, away(scaled)) for away in (jnp.floor, jnp.ceil)
    )
    to_zero, from_zero = jnp.where(value < 0, up, down), jnp.where(value < 0, down, up)
    found = [nearest, down, up, to_zero, from_zero]
    return lax.select_n(rounding, value, *(number / unit for number in found))


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
    """Return the shape of each step's value."""
    return _shapes(exercise, static, tuple((name, value.shape) for name, value in arrays.items()))


@lru_cache(maxsize=4096)
def _shapes(exercise: Exercise, static: Static, arrays: tuple) -> dict[str, tuple[int, ...]]:
    """Return the shape of each step's value for givens of these shapes."""
    import jax

    with jax.enable_x64(True):
        given = {name: jax.ShapeDtypeStruct(shape, np.float64) for name, shape in arrays}
        made = jax.eval_shape(lambda g: _one(exercise, static, g), given)
    return {name: value.shape for name, value in made.items()}


@lru_cache(maxsize=1)
def _cpu() -> Any:
    """Return the CPU; the quiz leaves a GPU to other programs."""
    import jax

    return jax.local_devices(backend="cpu")[0]
