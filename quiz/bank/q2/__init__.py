"""Question 2: the learning rule of the perceptron, its decision boundary and its training."""

from quiz.bank.q2 import boundary, code, construct, explain, learning_rule, multiclass, order, training
from quiz.text import mark as _

QUESTION = _(
    "Describe the rule by which a single-layer perceptron updates its weights (Perceptron Learning Rule)."
)

EXERCISES = (
    *learning_rule.EXERCISES,
    *boundary.EXERCISES,
    *training.EXERCISES,
    *construct.EXERCISES,
    *explain.EXERCISES,
    *multiclass.EXERCISES,
    *order.EXERCISES,
    *code.EXERCISES,
)
