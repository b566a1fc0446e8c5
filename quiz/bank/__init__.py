"""The bank: every exercise, one file a question."""

from functools import cache

from quiz.bank import (
    q1_architecture,
    q1_network_and_perceptron,
    q1_neuron,
    q2_boundary,
    q2_learning_rule,
    q2_training,
    q3_beyond,
    q3_separability,
    q3_xor,
    q4_functions,
    q4_hidden_layer,
    q4_hidden_space,
    q4_pieces,
    q5_derivatives,
    q5_slopes,
    q5_vanishing,
    q6_backward,
    q6_descent,
    q6_forward,
    q6_gradients,
    q6_softmax,
    q7_convolution,
    q7_image_sizes,
    q7_optimizers,
    q7_recurrent,
    q7_regularisation,
)
from quiz.exercise import Exercise

#: The files of the bank, in the order of the lecture's questions.
ROOMS = (
    q1_neuron,
    q1_architecture,
    q1_network_and_perceptron,
    q2_learning_rule,
    q2_boundary,
    q2_training,
    q3_xor,
    q3_separability,
    q3_beyond,
    q4_functions,
    q4_hidden_layer,
    q4_hidden_space,
    q4_pieces,
    q5_derivatives,
    q5_slopes,
    q5_vanishing,
    q6_backward,
    q6_descent,
    q6_forward,
    q6_gradients,
    q6_softmax,
    q7_convolution,
    q7_image_sizes,
    q7_optimizers,
    q7_recurrent,
    q7_regularisation,
)


@cache
def exercises() -> tuple[Exercise, ...]:
    """All exercises, by question and level.

    Returns:
        The exercises, in order.

    Example:
        >>> import quiz
        >>> quiz.exercises()[-1].question >= quiz.exercises()[0].question
        True
    """
    return tuple(sorted((e for room in ROOMS for e in room.EXERCISES), key=lambda e: (e.question, e.level)))


@cache
def _by_id() -> dict[str, Exercise]:
    return {exercise.id: exercise for exercise in exercises()}


def ids() -> tuple[str, ...]:
    """The ids of all exercises."""
    return tuple(_by_id())


def exercise(exercise_id: str) -> Exercise:
    """The exercise of an id; a `KeyError` if there is none."""
    return _by_id()[exercise_id]
