"""Question 1: the artificial neuron, the perceptron and the architecture of networks."""

from quiz.bank.q1 import architecture, construct, explain, neuron, perceptron, tasks, threshold
from quiz.text import mark as _

QUESTION = _("What is an artificial neural network, and how does it differ from a perceptron?")

EXERCISES = (
    *neuron.EXERCISES,
    *architecture.EXERCISES,
    *perceptron.EXERCISES,
    *construct.EXERCISES,
    *explain.EXERCISES,
    *tasks.EXERCISES,
    *threshold.EXERCISES,
)
