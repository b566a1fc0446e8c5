"""Topics ahead of the lecture: convolutional and recurrent networks, optimizers, regularisation."""

from quiz.bank.ahead import adam, convolution, image_sizes, optimizers, recurrent, regularisation
from quiz.text import mark as _

QUESTION = _("Topics ahead: convolutional and recurrent networks, optimizers, regularisation.")

EXERCISES = (
    *convolution.EXERCISES,
    *image_sizes.EXERCISES,
    *optimizers.EXERCISES,
    *adam.EXERCISES,
    *recurrent.EXERCISES,
    *regularisation.EXERCISES,
)
