"""All labs by name."""

from quiz.web.labs import backprop, descent, hidden, perceptron
from quiz.web.labs.lab import Lab

LABS: dict[str, Lab] = {lab.name: lab for lab in (perceptron.LAB, hidden.LAB, backprop.LAB, descent.LAB)}
