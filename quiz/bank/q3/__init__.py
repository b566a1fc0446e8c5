"""Question 3: XOR, linear separability, and what a single-layer perceptron cannot compute."""

from quiz.bank.q3 import construct, explain, hidden_solution, limits, separability, statements, xor
from quiz.text import mark as _

QUESTION = _("What is the XOR problem, and why was it an important limit of the single-layer perceptron?")

EXERCISES = (
    *xor.EXERCISES,
    *separability.EXERCISES,
    *statements.EXERCISES,
    *hidden_solution.EXERCISES,
    *limits.EXERCISES,
    *construct.EXERCISES,
    *explain.EXERCISES,
)
