"""Claims with reasons, output layers of tasks and a program with a mistake: solved from the texts alone."""

from fractions import Fraction

import bank_checks
import pytest

import quiz
from quiz import bank

#: For each claim, by its beginning, whether it is true and how its reason begins.
JUDGED = {
    "With the step function": (False, "Its derivative is 0"),
    "A network with ReLU": (True, "A sum is hardly ever"),
    "Without activation functions": (False, "A chain of linear"),
    "In a deep network of sigmoids": (True, "Each layer multiplies"),
    "With the squared error": (False, "At this sum"),
    "In hidden layers tanh": (True, "Its values lie around 0"),
    "A network without a hidden layer": (False, "One neuron separates"),
    "Two hidden neurons are enough": (True, "Each of them draws a line"),
    "The data tell": (False, "The data have targets"),
    "One hidden layer can come": (True, "With enough hidden neurons"),
    "More hidden neurons": (False, "They also make it easier"),
    "If two hidden neurons change": (True, "The output neuron adds up"),
}

#: For each task, by its beginning, how many neurons it needs, with what, and the loss.
SUITABLE = {
    "Is there a cat": "one neuron with a sigmoid; cross-entropy",
    "Which one of the ten": "ten neurons with softmax; cross-entropy",
    "What will the flat": "one neuron without activation; mean squared error",
    "Which of eight topics": "eight neurons, each with a sigmoid; a cross-entropy for each",
    "Where in the picture": "two neurons without activation; mean squared error",
    "How warm": "seven neurons without activation; mean squared error",
}


def begins(options, words):
    (found,) = [number for number, text in enumerate(options, 1) if text.startswith(words)]
    return found


def find(table, text):
    (found,) = [value for words, value in table.items() if text.startswith(words)]
    return found


def judge(exercise):
    def solve(g):
        options = bank.exercise(exercise).asks[0].choices(g)
        true, reason = find(JUDGED, g["claim"])
        judgement = "the claim is true" if true else "the claim is false"
        return {"order": [begins(options, words) for words in (judgement, reason, "I am sure")]}

    return solve


def solve_tasks(g):
    options = bank.exercise("q1.tasks").asks[0].choices(g)
    return {"order": [begins(options, find(SUITABLE, g[name])) for name in "abcd"]}


def solve_code(g):
    """By running both programs."""
    lines = list(bank.exercise("q2.code").asks[0].choices(g))
    rule = {
        2: "`z = w @ x + b`",
        3: "`y = int(z > theta)`",
        4: "`e = t - y`",
        5: "`w = w + eta*e*x`",
        6: "`b = b + eta*e`",
    }
    (line,) = [number for number, right in rule.items() if lines[number - 1] != right]

    def run(program):
        (*w, b), theta, eta = g["p"], g["theta"], g["eta"]
        for x, t in zip(g["X"], g["T"], strict=True):
            z = sum(wi * xi for wi, xi in zip(w, x, strict=True)) + ("+ b" in program[1]) * b
            y = int(z > (theta if "theta" in program[2] else 0))
            e = y - t if "y - t" in program[3] else t - y
            w = [wi + eta * e * (xi if "*x" in program[4] else 1) for wi, xi in zip(w, x, strict=True)]
            b = b + (eta * e if "eta" in program[5] else e)
        return [*w, b]

    repaired = [rule.get(number, text) for number, text in enumerate(lines, 1)]
    return {
        "line": line,
        "fix": begins(bank.exercise("q2.code").asks[1].choices(g), rule[line]),
        "printed": run(lines),
        "right": run(repaired),
    }


def solve_backward_code(g):
    """By running both programs, each line as it is written."""
    lines = list(bank.exercise("q6.code").asks[0].choices(g))
    rule = {3: "`d = 2*(y - t)`", 4: "`gv = d*h`", 5: "`gw = d*v*x`", 6: "`gb = d*v`"}
    (line,) = [number for number, right in rule.items() if lines[number - 1] != right]

    def run(program):
        known = {name: g[name] for name in ("w", "b", "v", "x", "t", "eta")}
        for text in program[:-1]:
            exec(text.strip("`"), {}, known)
        return [known["w"], known["b"], known["v"]]

    repaired = [rule.get(number, text) for number, text in enumerate(lines, 1)]
    return {
        "line": line,
        "fix": begins(bank.exercise("q6.code").asks[1].choices(g), rule[line]),
        "printed": run(lines),
        "right": run(repaired),
    }


def solve_threshold(g):
    """By looking for the bias and the threshold at which the answer to this input changes."""
    product = sum(wi * xi for wi, xi in zip(g["w"], g["x"], strict=True))
    z = product + g["b"]
    steps = [Fraction(k, 10) for k in range(-60, 61)]
    # the last bias, or the first threshold, with which an input at the limit is still answered 0
    at_limit = g["theta"] - g["b"]
    bias = max(b for b in steps if not at_limit + b > 0)
    limit = min(theta for theta in steps if not at_limit > theta)
    return {"z": z, "y": int(z > g["theta"]), "bias": bias, "other": product + bias, "limit": limit}


SOLVERS = {
    "q1.threshold": solve_threshold,
    "q1.tasks": solve_tasks,
    "q2.code": solve_code,
    "q6.code": solve_backward_code,
    "q4.claims": judge("q4.claims"),
    "q5.claims": judge("q5.claims"),
}


@pytest.mark.parametrize("check", bank_checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
def test_bank(exercise, solve, check):
    check(exercise, solve)


@pytest.mark.parametrize("name", ["q4.claims", "q5.claims"])
@pytest.mark.parametrize("seed", [1, 4, 9])
def test_only_a_right_judgement_with_its_reason_counts(name, seed):
    variant = quiz.generate(name, seed)
    judgement, reason, sure = quiz.key(variant)["order"]
    other = reason - 1 if reason > 3 else reason + 1

    def mark(*given):
        part = quiz.grade(variant, {"order": list(given)}).parts["order"]
        return part.credit, part.slip

    assert [mark(judgement, reason, sure + k)[0] for k in (0, 1, 2)] == [1, 1, 1]
    assert mark(judgement, other, sure) == (0, "only-judgement")
    assert mark(3 - judgement, reason, sure) == (0, "only-reason")
    assert mark(3 - judgement, other, sure) == (0, "sure-and-wrong")
    assert mark(3 - judgement, other, sure + 2) == (0, None)
    assert mark(judgement, reason)[0] == mark(judgement, reason, other)[0] == 0
