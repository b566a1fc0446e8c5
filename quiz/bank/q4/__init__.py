"""Question 4: what a hidden layer computes, what it makes possible and how many parameters it costs."""

from quiz.bank.q4 import capacity, claims, construct, explain, hidden_layer, hidden_space, piecewise
from quiz.text import mark as _

QUESTION = _("What is the role of the hidden layer in the multi-layer perceptron (MLP) architecture?")

EXERCISES = (
    *capacity.EXERCISES,
    *hidden_layer.EXERCISES,
    *hidden_space.EXERCISES,
    *piecewise.EXERCISES,
    *construct.EXERCISES,
    *explain.EXERCISES,
    *claims.EXERCISES,
)
