"""Exercises that ask for weights: a construction of our own, and a judge of our own beside the program's.

The judges run an answer in fractions by the words of the text alone; they must agree with the marks on the
key, on our construction, on what each slip gives and on answers that are slightly changed.
"""

import random
from fractions import Fraction
from itertools import product

import bank_checks
import pytest
from by_hand import net_input

import quiz
from quiz import bank
from quiz.exercise.program import Row, run
from quiz.marking.answers import to_answer

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def exact(value):
    """An answer as fractions with few digits, as the program reads it."""
    return [exact(v) for v in value] if isinstance(value, list | tuple) else Fraction(str(value))


# --- a perceptron for a truth table


def solve_gate(g):
    """By trying small weights until one gives the table; the threshold is moved into the bias."""
    for w1, w2, b in product((-2, -1, 0, 1, 2), (-2, -1, 0, 1, 2), (-3, -1, 1, 3)):
        weights = [w1, w2, Fraction(b, 2) + g["theta"]]
        if judge_gate(g, weights):
            return {"W": weights}
    raise AssertionError(g)


def judge_gate(g, W):
    return tuple(int(net_input(W[:2], x, W[2]) > g["theta"]) for x in CORNERS) == g["t"]


# --- a line through two points


def solve_line(g):
    """The determinant |x - P, Q - P| as a function of x, with the sign that R wants, times 3."""
    (p1, p2), (q1, q2) = g["P"], g["Q"]
    w = [q2 - p2, p1 - q1, (p2 - q2) * p1 + (q1 - p1) * p2]
    return {"W": [3 * v * (1 if net_input(w[:2], g["R"], w[2]) > 0 else -1) for v in w]}


def judge_line(g, W):
    on_p, on_q, at = (net_input(W[:2], g[point], W[2]) for point in "PQR")
    return on_p == 0 and on_q == 0 and at > 0


# --- how many corrections


def solve_corrections(g):
    """Weights 0, and a bias in the middle of what needs k corrections."""
    rise = g["eta"] * (sum(x * x for x in g["x"]) + 1)
    return {"W": [0, 0, -rise * (g["k"] - 1) - rise / 3]}


def judge_corrections(g, W):
    """By making the corrections."""
    w, b, made = list(W[:2]), W[2], 0
    while net_input(w, g["x"], b) <= 0 and made < 20:
        w = [wi + g["eta"] * xi for wi, xi in zip(w, g["x"], strict=True)]
        b, made = b + g["eta"], made + 1
    return made == g["k"]


# --- a network for XOR


def solve_xor(g):
    """NOR and AND in the hidden layer; the output is "neither of them", or the opposite."""
    low, high = g["X"][0][0], g["X"][3][0]
    theta, middle = g["theta"], (low + high) / 2
    nor = [-1, -1, theta + low + middle]
    both = [1, 1, theta - high - middle]
    sign = 1 if g["t"][0] else -1
    last = [sign, sign, theta + (-Fraction(1, 2) if g["t"][0] else Fraction(1, 2))]
    return {"W": [nor, both, last]}


def judge_xor(g, W):
    def fires(row, x):
        return int(net_input(row[:2], x, row[2]) > g["theta"])

    return tuple(fires(W[2], (fires(W[0], x), fires(W[1], x))) for x in g["X"]) == g["t"]


# --- output weights for a function of three bits


def solve_count(g):
    """From no ones upwards: each added neuron brings the sum to 2 above or below the threshold."""
    v, total = [0, 0, 0], 4 * g["t"][0] - 2
    c = total + g["theta"]
    for ones in (1, 2, 3):
        wanted = 4 * g["t"][ones] - 2
        v[g["k"].index(ones)] = wanted - total
        total = wanted
    return {"W": [*v, c]}


def judge_count(g, W):
    for x in product((0, 1), repeat=3):
        h = [int(sum(x) > a) for a in g["a"]]
        if int(net_input(W[:3], h, W[3]) > g["theta"]) != g["t"][sum(x)]:
            return False
    return True


# --- a function with a kink


def solve_kink(g):
    """The neurons in the other order, each scaled by 2."""
    (left, right), c = g["s"], g["c"]
    return {"W": [[-2, 2 * c, -left / 2], [2, -2 * c, right / 2]]}


def judge_kink(g, W):
    (left, right), c, d = g["s"], g["c"], g["d"]
    for k in range(-24, 25):
        x = c + Fraction(k, 3)
        made = sum(v * max(0, w * x + b) for w, b, v in W) + d
        if abs(made - ((left if k < 0 else right) * (x - c) + d)) > 1e-6:
            return False
    return True


# --- no gradient, and yet a loss


def solve_no_gradient(g):
    """The sum is 0 half-way between the two inputs and negative at x."""
    slope = 4 * (g["u"] - g["x"])
    return {"P": [slope, -slope * (g["x"] + g["u"]) / 2, -3]}


def judge_no_gradient(g, P):
    """By differences of the loss to both sides; at the kink of ReLU the one where nothing flows counts."""
    w, b, v = P

    def loss(w, b, v):
        return (g["t"] - v * max(0, w * g["x"] + b) - g["c"]) ** 2

    h = Fraction(1, 10**9)
    steps = ((h, 0, 0), (0, h, 0), (0, 0, h))
    flat = all(
        min(abs(loss(w + s * a, b + s * e, v + s * f) - loss(w, b, v)) for s in (1, -1)) < h / 10**6
        for a, e, f in steps
    )
    return flat and loss(w, b, v) >= 1 and w * g["u"] + b > 0


SOLVERS = {
    "q1.build-gate": solve_gate,
    "q2.build-line": solve_line,
    "q2.refute": solve_corrections,
    "q3.build-xor": solve_xor,
    "q4.build-counter": solve_count,
    "q5.build-kink": solve_kink,
    "q6.refute": solve_no_gradient,
}
JUDGES = {
    "q1.build-gate": judge_gate,
    "q2.build-line": judge_line,
    "q2.refute": judge_corrections,
    "q3.build-xor": judge_xor,
    "q4.build-counter": judge_count,
    "q5.build-kink": judge_kink,
    "q6.refute": judge_no_gradient,
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


def candidates(variant, solve):
    """The key, our own answer, the answers of the slips, and each with one number changed."""
    exercise = bank.exercise(variant.exercise)
    (ask,) = exercise.asks
    made = run(exercise, variant.givens, [Row(), *(Row((slip.name,)) for slip in exercise.slips)])
    known = [exact(to_answer(ask, value)) for value in made[ask.step]]
    known.append(exact(next(iter(solve(variant.givens).values()))))
    numbers = random.Random(variant.seed)
    for answer in known:
        yield answer
        changed = [list(row) if isinstance(row, list) else row for row in answer]
        row = numbers.randrange(len(changed))
        change = Fraction(numbers.randint(-30, 30), 10)
        if isinstance(changed[row], list):
            changed[row][numbers.randrange(3)] += change
        else:
            changed[row] += change
        yield changed


@pytest.mark.parametrize("exercise", JUDGES)
def test_marks_agree_with_a_judge_of_our_own(exercise):
    verdicts = []
    for seed in range(12):
        variant = quiz.generate(exercise, seed)
        (name,) = quiz.key(variant)
        for answer in candidates(variant, SOLVERS[exercise]):
            typed = [[float(v) for v in row] if isinstance(row, list) else float(row) for row in answer]
            part = quiz.grade(variant, {name: typed}).parts[name]
            right = JUDGES[exercise](variant.givens, exact(typed))
            assert (part.status == "correct") == right, f"{variant.name}: {typed} is {part.status}"
            assert part.credit == right
            verdicts.append(right)
    assert {True, False} <= set(verdicts)


@pytest.mark.parametrize("answer", ["1 1 -9", "0 0 99", "-9 1 0.7"])
def test_the_message_names_the_first_input_that_fails(answer):
    variant = next(
        variant
        for variant in (quiz.generate("q1.build-gate", seed) for seed in range(500))
        if variant.givens["t"] == (0, 1, 1, 1)
    )
    *w, b = map(Fraction, answer.split())
    gives = [int(net_input(w, x, b) > variant.givens["theta"]) for x in CORNERS]
    first = CORNERS[[y == t for y, t in zip(gives, (0, 1, 1, 1), strict=True)].index(False)]
    message = quiz.grade(variant, {"W": answer}).parts["W"].message("en")
    assert f"the input `({first[0]}, {first[1]})`" in message
