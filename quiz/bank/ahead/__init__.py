"""Topics ahead of the lecture: convolutional and recurrent networks, optimizers, regularisation."""

from quiz.bank.ahead import (
    adam,
    convolution,
    counts,
    image_sizes,
    optimizers,
    paths,
    recurrent,
    regularisation,
    scores,
    steps,
    windows,
)
from quiz.text import mark as _

QUESTION = _("Topics ahead: convolutional and recurrent networks, optimizers, regularisation.")

EXERCISES = (
    *convolution.EXERCISES,
    *image_sizes.EXERCISES,
    *optimizers.EXERCISES,
    *adam.EXERCISES,
    *recurrent.EXERCISES,
    *regularisation.EXERCISES,
    *scores.EXERCISES,
    *counts.EXERCISES,
    *steps.EXERCISES,
    *paths.EXERCISES,
    *windows.EXERCISES,
)
