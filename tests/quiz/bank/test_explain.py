"""Exercises that ask for reasons: solved from the words alone, and marked on arguments of our own."""

import itertools
import math
import random
from fractions import Fraction

import bank_checks
import pytest
from by_hand import net_input, sigmoid, slope

import quiz
from quiz import bank


def shown(exercise, g, ask=0):
    return list(bank.exercise(exercise).asks[ask].choices(g))


def place(options, beginning):
    """The number of the only option that begins so."""
    (found,) = [number for number, text in enumerate(options, 1) if text.startswith(beginning)]
    return found


# --- terms, causes and consequences: beginnings of both, as the lecture has them

ENDS = {
    "q1.terms": {
        "How much an input": "weight",
        "How readily": "bias",
        "The sum of a neuron": "activation function",
        "The features enter": "input layer",
        "More and more abstract": "hidden layer",
        "How many numbers": "output layer",
    },
    "q3.causes": {
        "The ones and the zeros of AND": "The learning rule makes a finite",
        "The ones of XOR": "No line separates them",
        "The learning rule is run": "The weights return",
        "The product": "The four points can be separated",
        "Two hidden neurons": "The four inputs get images",
        "The hidden neurons of a network": "The network becomes a single",
        "In the 1960s": "Interest and money",
    },
    "q4.causes": {
        "Two hidden neurons begin": "They get the same gradients",
        "There are too few": "The training loss stays high",
        "There are very many": "The training loss becomes small",
        "The hidden neurons have no": "The network can do no more",
        "All output weights": "Its value has no influence",
        "The hidden neurons have ReLU": "The output as a function",
        "A second hidden layer": "Features can be formed",
    },
}


def solve_match(exercise):
    def solve(g):
        options, known = shown(exercise, g), ENDS[exercise]
        ends = [next(known[start] for start in known if g[name].startswith(start)) for name in "abcd"]
        return {"order": [place(options, end) for end in ends]}

    return solve


# --- proofs: blocks in an order of our own, by their beginnings

ORDERS = {
    "q3.proof": (
        "Suppose", "At `(1, 1)` it must answer 0", "At `(0, 0)`", "The two conditions of the zeros",
        "At `(1, 0)`", "At `(0, 1)`", "The two conditions of the ones", "The same sum",
    ),
    "q5.proof": (
        "The sigmoid has", "The step function is", "So its derivative", "Gradient descent",
        "By the chain rule",
        "With the sigmoid", "With the step function", "So gradient descent", "Therefore",
    ),
    "q6.proof": (
        "A hidden neuron", "By the chain rule", "So the `δ`", "Only for", "So its `δ`", "Therefore",
        "With all", "Now all",
    ),
}  # fmt: skip
#: Which block needs which, by their places in our order.
NEEDS = {
    "q3.proof": ((0, 1), (0, 2), (1, 3), (2, 3), (0, 4), (0, 5), (4, 6), (5, 6), (3, 7), (6, 7)),
    "q5.proof": ((1, 2), (3, 4), (0, 5), (4, 5), (2, 6), (4, 6), (6, 7), (5, 8), (7, 8)),
    "q6.proof": ((0, 1), (1, 2), (3, 4), (2, 5), (4, 5), (5, 6), (6, 7)),
}


def solve_proof(exercise):
    def solve(g):
        options = shown(exercise, g)
        return {"order": [place(options, beginning) for beginning in ORDERS[exercise]]}

    return solve


# --- arguments: the false sentences, and the reason that belongs to each

REASONS = {
    "q1.argument": {
        "A perceptron is a network": "Between the inputs",
        "It adds up the inputs": "Each input has a weight",
        "Its answer is the sum": "The step function turns",
        "So a perceptron with two inputs can": "Where a weighted sum",
        "A multi-layer network joins many neurons, each": "From the second layer",
        "Even without": "Weighted sums of weighted sums",
    },
    "q6.argument": {
        "In the forward pass all": "A layer can begin",
        "These values can be forgotten": "The gradient of a weight",
        "The loss compares every": "Only for the output",
        "The backward pass begins with the gradient of the first": "The error signal of a layer",
        "The error signal of every": "By the chain rule",
        "At the end all weights are changed at once, along": "The gradient points",
    },
}


def solve_argument(exercise):
    def solve(g):
        options, reasons = shown(exercise, g), REASONS[exercise]
        for number, text in enumerate(options[:6], 1):
            for beginning in reasons:
                if text.startswith(beginning):
                    return {"order": [number, place(options, reasons[beginning])]}
        raise AssertionError(options)

    return solve


# --- which still hold

FALSE = (
    "It still computes XOR", "Two hidden neurons are still", "It has fewer weights",
    "The biases of the hidden",
    "Its boundary can still", "With more hidden neurons", "Backpropagation is no longer possible",
    "The gradients of the first weights", "A single neuron can give the same answers only",
    "It takes at least",
)  # fmt: skip


def solve_still(g):
    options = shown("q4.still", g)
    return {"truth": [number for number, text in enumerate(options, 1) if not text.startswith(FALSE)]}


# --- predictions and a calculation with one mistake


def solve_correction(g):
    (w1, w2), (x1, x2), b, eta = g["w"], g["x"], g["b"], g["eta"]
    e = g["t"] - int(net_input(g["w"], g["x"], b) > g["theta"])
    new = w1 + eta * e * x1
    wanted = f"the target was {'1' if e > 0 else '0'}, the answer {'0' if e > 0 else '1'}"
    change = "larger" if new > w1 else "smaller" if new < w1 else "unchanged"
    if new == w1:
        why = "unchanged: the answer is right" if e == 0 else "unchanged: the input is 0"
    else:
        why = f"{change}: {wanted}, and the input is {'positive' if x1 > 0 else 'negative'}"
    return {
        "why": place(shown("q2.predict", g), why),
        "w1": new,
        "b": b + eta * e,
        "z": new * x1 + (w2 + eta * e * x2) * x2 + b + eta * e,
    }


def solve_first_mistake(g):
    """Line by line, each from the lines above as they stand."""
    z, y, e = g["log"][:3]
    lines = (
        net_input(g["w"], g["x"], g["b"]),
        int(z > g["theta"]),
        g["t"] - y,
        *(w + g["eta"] * e * x for w, x in zip(g["w"], g["x"], strict=True)),
        g["b"] + g["eta"] * e,
    )
    wrong = [number for number, (one, other) in enumerate(zip(g["log"], lines, strict=True)) if one != other]
    assert len(wrong) == 1
    return {"line": wrong[0] + 1, "value": lines[wrong[0]]}


def solve_signal(g):
    """By a finite difference of the function itself."""
    f = {"sigmoid": sigmoid, "tanh": math.tanh, "ReLU": lambda z: max(0.0, z)}[g["f"]]
    first, second = slope(f, g["z1"]), slope(f, g["z2"])
    if g["f"] == "ReLU":
        why = "unchanged: on this side"
    else:
        why = "smaller: the neuron approaches" if second < first else "larger: the neuron moves"
    return {
        "why": place(shown("q5.predict", g), why),
        "d1": float(g["g"]) * first,
        "d2": float(g["g"]) * second,
    }


SOLVERS = {
    "q1.terms": solve_match("q1.terms"),
    "q1.argument": solve_argument("q1.argument"),
    "q2.predict": solve_correction,
    "q2.first-mistake": solve_first_mistake,
    "q3.proof": solve_proof("q3.proof"),
    "q3.causes": solve_match("q3.causes"),
    "q4.still": solve_still,
    "q4.causes": solve_match("q4.causes"),
    "q5.proof": solve_proof("q5.proof"),
    "q5.predict": solve_signal,
    "q6.proof": solve_proof("q6.proof"),
    "q6.argument": solve_argument("q6.argument"),
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


@pytest.mark.parametrize("exercise", [*ENDS, *REASONS])
def test_the_key_is_ours(exercise):
    for seed in range(50):
        variant = quiz.generate(exercise, seed)
        assert quiz.key(variant) == SOLVERS[exercise](variant.givens)


def edits(answer, orders):
    """Blocks to take out and to put in until an answer is one of the orders: by the longest common part."""

    def common(one, other):
        table = [[0] * (len(other) + 1) for _row in range(len(one) + 1)]
        for i, j in itertools.product(range(len(one)), range(len(other))):
            best = table[i][j] + 1 if one[i] == other[j] else max(table[i][j + 1], table[i + 1][j])
            table[i + 1][j + 1] = best
        return table[-1][-1]

    return min(len(answer) + len(order) - 2 * common(answer, order) for order in orders)


@pytest.mark.parametrize("exercise", ORDERS)
def test_marks_of_a_proof_are_the_edits_to_the_nearest_order(exercise):
    numbers = random.Random(exercise)
    size = len(ORDERS[exercise])
    orders = [
        order
        for order in itertools.permutations(range(size))
        if all(order.index(one) < order.index(other) for one, other in NEEDS[exercise])
    ]
    variant = quiz.generate(exercise, 3)
    options = shown(exercise, variant.givens)
    right = [place(options, beginning) for beginning in ORDERS[exercise]]
    others = [number for number in range(1, len(options) + 1) if number not in right]
    for trial in range(12):
        blocks = [right[k] for k in numbers.choice(orders)]
        for _change in range(trial % 5):
            if numbers.random() < 0.5 and others:
                blocks.insert(
                    numbers.randrange(len(blocks)),
                    numbers.choice([o for o in others if o not in blocks] or [0]),
                )
            else:
                blocks.remove(numbers.choice(blocks))
        blocks = [block for block in blocks if block]
        if trial % 3 == 2:
            blocks[0], blocks[-1] = blocks[-1], blocks[0]
        cost = edits([right.index(b) if b in right else -b for b in blocks], orders)
        part = quiz.grade(variant, {"order": blocks}).parts["order"]
        assert part.credit == pytest.approx(max(0, 1 - Fraction(cost, size))), blocks
        assert (part.status == "correct") == (cost == 0)


def test_a_reason_earns_nothing_without_its_sentence():
    variant = quiz.generate("q6.argument", 5)
    line, reason = quiz.key(variant)["order"]
    other = line % 6 + 1
    credits = [
        quiz.grade(variant, {"order": given}).score
        for given in ([line, reason], [line, 7 + (reason - 6) % 6], [line], [other, reason], [reason, line])
    ]
    assert credits == [1, 0.5, 0.5, 0, 0]


def test_ends_of_causes_are_marked_one_by_one():
    variant = quiz.generate("q3.causes", 2)
    a, b, c, d = quiz.key(variant)["order"]
    left = next(number for number in range(1, 10) if number not in (a, b, c, d))
    scores = [
        quiz.grade(variant, {"order": given}).score
        for given in ([a, b, c, d], [a, b, d, c], [a, b, c, left], [a, b, c], [a, b, c, d, left])
    ]
    assert scores == [1, 0.5, 0.75, 0.75, 0.75]
