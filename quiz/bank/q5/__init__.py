"""Question 5: why activation functions must be differentiable, and what goes wrong where they saturate."""

from quiz.bank.q5 import (
    claims,
    construct,
    dead_units,
    differentiability,
    explain,
    finite_differences,
    losses,
    softmax,
    vanishing,
    variance,
)
from quiz.text import mark as _

QUESTION = _("Why do neural networks need differentiable activation functions such as ReLU or sigmoid?")

EXERCISES = (
    *differentiability.EXERCISES,
    *finite_differences.EXERCISES,
    *dead_units.EXERCISES,
    *softmax.EXERCISES,
    *vanishing.EXERCISES,
    *construct.EXERCISES,
    *explain.EXERCISES,
    *losses.EXERCISES,
    *variance.EXERCISES,
    *claims.EXERCISES,
)
