"""Question 6: the forward and the backward pass of backpropagation, and gradient descent."""

from quiz.bank.q6 import (
    backward,
    chains,
    code,
    construct,
    deeper,
    descent,
    explain,
    forward,
    gradients,
    rates,
    softmax,
    symmetry,
)
from quiz.text import mark as _

QUESTION = _("Describe the two main phases of backpropagation, the forward pass and the backward pass.")

EXERCISES = (
    *backward.EXERCISES,
    *descent.EXERCISES,
    *forward.EXERCISES,
    *gradients.EXERCISES,
    *softmax.EXERCISES,
    *construct.EXERCISES,
    *explain.EXERCISES,
    *chains.EXERCISES,
    *rates.EXERCISES,
    *deeper.EXERCISES,
    *symmetry.EXERCISES,
    *code.EXERCISES,
)
