"""Linear separability: a plane that separates two classes, or a proof that none exists; the mistake bound.

A linear programme is solved in floats. Its solution is then checked in exact fractions (every float is one),
and where the check fails the programme is solved again in fractions. So "inseparable" is a theorem about the
given numbers and does not depend on a tolerance. Everything runs on the host, in NumPy and SciPy.
"""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from jaxnet import _validation

#: with more features an exact elimination takes too long, and the result in floats is used
EXACT_FEATURES = 64


class Proof(NamedTuple):
    """Why no plane separates the data: one point that is a weighted mean of the ones and also of the zeros.

    Every weighted mean of ones would lie on the positive side of a separating plane, and every weighted mean
    of zeros on the other side; a point that is both would lie on both sides.

    Attributes:
        weights: one non-negative weight per example; those of the ones sum to 1, and so do those of the
            zeros. Exact fractions; with more than 64 features only as exact as the solver's floats.
        point: the common point, one exact fraction per feature.
    """

    weights: tuple[Fraction, ...]
    point: tuple[Fraction, ...]


def separating_plane(X: Any, t: Any) -> dict[str, np.ndarray] | None:
    """A plane with ``w.x + b > 0`` for every one and ``w.x + b < 0`` for every zero; None if there is none.

    Found by linear programming: of all ``w`` with ``|w_j| <= 1`` (features scaled to [-1, 1]) the one with
    the widest gap. None is proven: no such plane exists, and :func:`inseparability_proof` shows why. Since
    the number of points is finite, a plane with ``w.x + b >= 0`` on one side exists only if a strict one
    does. For a perceptron with threshold theta add theta to ``b``.

    Args:
        X: inputs of shape ``(N, n)``.
        t: targets, 0 or 1, of shape ``(N,)``.

    Returns:
        ``{"w": (n,), "b": ()}`` as float64 NumPy arrays, or None.

    Raises:
        ValueError: if the shapes do not fit, there are no data, a label is neither 0 nor 1, or anything
            is NaN or infinite.
        TypeError: if the data are traced: this runs on the host.
        ArithmeticError: if the data are separable, but no plane in floats separates them.

    Example:
        >>> from jaxnet import perceptron
        >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
        >>> plane = perceptron.separating_plane(X, [0, 0, 0, 1])
        >>> perceptron.predict(plane, X).tolist()
        [0.0, 0.0, 0.0, 1.0]
        >>> print(perceptron.separating_plane(X, [0, 1, 1, 0]))
        None

    Reference:
        O. L. Mangasarian, Linear and nonlinear separation of patterns by linear programming, 1965.
    """
    plane, weights = _decide(*_data("separating_plane", X, t))
    if plane is None and weights is None:
        raise _too_narrow("separating_plane")
    return plane


def inseparability_proof(X: Any, t: Any) -> Proof | None:
    """A point that is a weighted mean of the ones and of the zeros, or None if the data are separable.

    ``sum_i p_i x_i = sum_j q_j x_j`` over the ones i and the zeros j, with ``p, q >= 0`` and
    ``sum p = sum q = 1`` (Farkas' lemma: either this has a solution, or there is a separating plane).

    Args:
        X: inputs of shape ``(N, n)``.
        t: targets, 0 or 1, of shape ``(N,)``.

    Returns:
        A :class:`Proof` with exact ``weights`` and ``point``, or None.

    Raises:
        ValueError, TypeError: as :func:`separating_plane`.

    Example:
        >>> from jaxnet import perceptron
        >>> proof = perceptron.inseparability_proof([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
        >>> [str(weight) for weight in proof.weights], [str(value) for value in proof.point]
        (['1/2', '1/2', '1/2', '1/2'], ['1/2', '1/2'])

    Reference:
        Julius Farkas, Theorie der einfachen Ungleichungen, 1902.
    """
    X, signs = _data("inseparability_proof", X, t)
    _, weights = _decide(X, signs)
    if weights is None:
        return None
    ones = [i for i in range(len(X)) if signs[i] > 0 and weights[i]]
    point = [sum((weights[i] * Fraction(X[i, k]) for i in ones), Fraction(0)) for k in range(X.shape[1])]
    return Proof(tuple(weights), tuple(point))


def mistake_bound(X: Any, t: Any) -> float:
    """The maximal number of updates of the perceptron rule, ``(R / gamma)^2``, for separable data.

    The bias counts as the weight of one more input that is always 1: with ``x' = (x, 1)``,
    ``R = max |x'|`` and gamma is the widest margin, the largest ``min_i |w'.x'_i| / |w'|`` over all
    separating ``w' = (w, b)``. The bound holds from zero weights, with threshold 0, for any learning rate
    and any order of the examples.

    Args:
        X: inputs of shape ``(N, n)``.
        t: targets, 0 or 1, of shape ``(N,)``.

    Returns:
        The bound, a float, within rounding.

    Raises:
        ValueError: if the data are not separable; and as :func:`separating_plane`.
        TypeError, ArithmeticError: as :func:`separating_plane`.

    Example:
        >>> from jaxnet import perceptron
        >>> round(perceptron.mistake_bound([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]), 6)
        51.0

    Reference:
        Albert Novikoff, On convergence proofs for perceptrons, 1962. The margin: Charles L. Lawson and
        Richard J. Hanson, Solving least squares problems, 1974, chapter 23.
    """
    from scipy.optimize import nnls

    X, signs = _data("mistake_bound", X, t)
    plane, weights = _decide(X, signs)
    if weights is not None:
        raise ValueError(
            "perceptron.mistake_bound: expected linearly separable data, got data that no plane separates; "
            "perceptron.inseparability_proof shows why"
        )
    if plane is None:
        raise _too_narrow("mistake_bound")
    extended = np.column_stack([X, np.ones(len(X))])
    extended /= np.abs(extended).max()  # R / gamma stays as it is, and no square overflows
    radius = np.linalg.norm(extended, axis=1).max()
    signed = signs[:, None] * extended / radius
    # the shortest v with signed @ v >= 1 is the widest margin's normal; least distance programming gives
    # it as the residual of a non-negative least-squares problem
    system = np.vstack([signed.T, np.ones(len(X))])
    goal = np.zeros(len(system))
    goal[-1] = 1.0
    residual = system @ nnls(system, goal)[0] - goal
    # any separating w gives a valid bound, so the wider of the two margins is safe even after rounding
    normals = [residual[:-1], np.append(plane["w"], plane["b"])]
    normals = [v / np.abs(v).max() for v in normals if np.any(v)]
    margins = [(signed @ v).min() / np.linalg.norm(v) for v in normals]
    return float(1.0 / max(margins) ** 2)


def _data(who: str, X: Any, t: Any) -> tuple[np.ndarray, np.ndarray]:
    """Inputs in float64 and labels as signs -1, 1, checked."""
    who = f"perceptron.{who}"
    if _validation.is_traced(X, t):
        raise TypeError(f"{who}: expected data at hand, got traced arrays; call it outside jit and vmap")
    x, t = np.asarray(_validation.numbers(who, "X", X)), np.asarray(_validation.numbers(who, "t", t))
    if x.ndim != 2 or t.shape != x.shape[:1]:
        raise ValueError(
            f"{who}: expected X of shape (N, n) and t of shape (N,), got {x.shape} and {t.shape}"
        )
    if not x.size:
        raise ValueError(f"{who}: expected at least one example with one feature, got X of shape {x.shape}")
    _validation.check_finite(who, "X", x)
    _validation.check_binary(who, t)
    return x.astype(np.float64), np.where(t == 1, 1.0, -1.0)


def _decide(X: np.ndarray, signs: np.ndarray) -> tuple[dict[str, np.ndarray] | None, list[Fraction] | None]:
    """A plane or the weights of a proof; neither if there are planes, but none was found in floats."""
    if (signs == signs[0]).all():
        return {"w": np.zeros(X.shape[1]), "b": np.array(signs[0])}, None
    w, support = _widest_gap(X, signs)
    plane = _middle(X, signs, w)
    if _separates(X, signs, plane):
        return plane, None
    if X.shape[1] > EXACT_FEATURES and support.any():
        return None, [Fraction(weight) for weight in support]
    weights = _exact_weights(X, signs, support)
    if weights is not None:
        return None, weights
    weights, normal = _exact_programme(X, signs)
    if weights is not None:
        return None, weights
    plane = _middle(X, signs, normal)
    return (plane if _separates(X, signs, plane) else None), None


def _too_narrow(who: str) -> ArithmeticError:
    return ArithmeticError(
        f"perceptron.{who}: the data are separable, but so narrowly that float64 planes miss the gap"
    )


def _widest_gap(X: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Maximise m with ``s_i (w.x_i + b) >= m``; the multipliers are a proof's weights where m stays 0."""
    from scipy.optimize import linprog

    low, high = X.min(0), X.max(0)
    scale = np.where(high > low, (high - low) / 2, 1.0)
    scaled = (X - (low + high) / 2) / scale
    rows = np.column_stack([-signs[:, None] * scaled, -signs, np.ones(len(X))])
    bounds = [(-1, 1)] * X.shape[1] + [(None, None), (0, None)]
    found = linprog(np.append(np.zeros(X.shape[1] + 1), -1.0), rows, np.zeros(len(X)), bounds=bounds)
    if found.status != 0:  # numbers too extreme for floats: leave it to the fractions
        return np.zeros(X.shape[1]), np.zeros(len(X))
    multipliers = np.maximum(-found.ineqlin.marginals, 0.0)
    for side in (signs > 0, signs < 0):
        multipliers[side] /= max(multipliers[side].sum(), np.finfo(float).tiny)
    return found.x[:-2] / scale, multipliers


def _middle(X: np.ndarray, signs: np.ndarray, w: np.ndarray) -> dict[str, np.ndarray]:
    """The plane with normal ``w`` half-way between the classes."""
    z = X @ w
    return {"w": w, "b": np.asarray(-(z[signs > 0].min() + z[signs < 0].max()) / 2)}


def _separates(X: np.ndarray, signs: np.ndarray, plane: dict[str, np.ndarray]) -> bool:
    """Whether every point is strictly on its side; in fractions where floats are not exact enough."""
    w, b = plane["w"], plane["b"]
    z = signs * (X @ w + b)
    rounding = (X.shape[1] + 2) * np.finfo(float).eps * (np.abs(X) @ np.abs(w) + np.abs(b))
    if (z < -rounding).any():
        return False
    exact_w, exact_b = [Fraction(v) for v in w], Fraction(float(b))
    for i in np.flatnonzero(z <= rounding):
        exact = sum((v * Fraction(x) for v, x in zip(exact_w, X[i], strict=True)), exact_b)
        if exact * int(signs[i]) <= 0:
            return False
    return True


def _columns(X: np.ndarray, signs: np.ndarray, chosen: Any) -> list[list[Fraction]]:
    """The system ``sum p_i x_i - sum q_j x_j = 0, sum p = 1, sum q = 1``: a column for each chosen point."""
    return [
        [int(signs[i]) * Fraction(v) for v in X[i]]
        + [Fraction(int(signs[i] > 0)), Fraction(int(signs[i] < 0))]
        for i in chosen
    ]


def _exact_weights(X: np.ndarray, signs: np.ndarray, support: np.ndarray) -> list[Fraction] | None:
    """The weights in fractions, by elimination over the points with weight in floats; None if that fails."""
    chosen = np.flatnonzero(support > 1e-9)
    right = [Fraction(0)] * X.shape[1] + [Fraction(1)] * 2
    rows = [list(row) for row in zip(*_columns(X, signs, chosen), right, strict=True)]
    pivots: list[int] = []
    for column in range(len(chosen)):
        place = next((r for r in range(len(pivots), len(rows)) if rows[r][column]), None)
        if place is not None:
            _pivot(rows, place, column)
            rows[len(pivots)], rows[place] = rows[place], rows[len(pivots)]
            pivots.append(column)
    if any(row[-1] for row in rows[len(pivots) :]) or any(row[-1] < 0 for row in rows[: len(pivots)]):
        return None
    weights = [Fraction(0)] * len(X)
    for row, column in zip(rows, pivots, strict=False):
        weights[chosen[column]] = row[-1]
    return weights


def _exact_programme(X: np.ndarray, signs: np.ndarray) -> tuple[list[Fraction] | None, np.ndarray]:
    """Solve the system by the simplex method in fractions: weights, or the normal of a separating plane."""
    count, size = len(X), X.shape[1] + 2
    columns = _columns(X, signs, range(count))
    # one artificial variable per row, to be driven to zero; the last row holds the reduced costs
    rows = [
        [column[k] for column in columns]
        + [Fraction(int(j == k)) for j in range(size)]
        + [Fraction(int(k >= size - 2))]
        for k in range(size)
    ]
    rows.append([-sum((row[j] for row in rows), Fraction(0)) for j in range(count)])
    rows[-1] += [Fraction(0)] * size + [-sum((row[-1] for row in rows[:-1]), Fraction(0))]
    basis = list(range(count, count + size))
    # Bland's rule, the first improving column and the first binding row, cannot cycle
    while (column := next((j for j in range(count) if rows[-1][j] < 0), None)) is not None:
        binding = [(rows[k][-1] / rows[k][column], basis[k], k) for k in range(size) if rows[k][column] > 0]
        place = min(binding)[2]
        _pivot(rows, place, column)
        basis[place] = column
    if rows[-1][-1] == 0:
        weights = [Fraction(0)] * (count + size)
        for k in range(size):
            weights[basis[k]] = rows[k][-1]
        return weights[:count], np.zeros(0)
    normal = [rows[-1][count + k] - 1 for k in range(size - 2)]
    largest = max(abs(v) for v in normal)
    return None, np.array([float(v / largest) for v in normal])


def _pivot(rows: list[list[Fraction]], place: int, column: int) -> None:
    """Scale row ``place`` to 1 in ``column`` and clear that column in every other row."""
    pivot = rows[place] = [v / rows[place][column] for v in rows[place]]
    for k, row in enumerate(rows):
        if k != place and row[column]:
            factor = row[column]
            rows[k] = [v - factor * p if p else v for v, p in zip(row, pivot, strict=True)]
