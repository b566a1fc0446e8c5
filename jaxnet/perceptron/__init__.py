"""The perceptron: its prediction, its learning rule, and whether two classes can be separated at all."""

from jaxnet.perceptron.rule import Run, correct, fit, init, net_input, predict, update
from jaxnet.perceptron.separability import Proof, inseparability_proof, mistake_bound, separating_plane

__all__ = [
    "Proof",
    "Run",
    "correct",
    "fit",
    "init",
    "inseparability_proof",
    "mistake_bound",
    "net_input",
    "predict",
    "separating_plane",
    "update",
]
