"""Pictures of networks, training and data (extra ``[plot]``: matplotlib).

Every function draws into the axes given as ``ax``, or into a new figure, and returns what it drew into; it
shows nothing on a screen and does not touch the global state of matplotlib. Save a picture with
``plot.history(run).savefig("run.png")`` or ``plot.network(net).figure.savefig("net.png")``. Labels are in
Kazakh, Russian or English (``lang``), and everything can be distinguished in grey.

Example:
    >>> from jaxnet import data, perceptron, plot
    >>> run = perceptron.fit(perceptron.init(2), *data.XOR, max_epochs=20)
    >>> ax = plot.decision_boundary(perceptron, run.params, data.XOR, lang="kk")
    >>> ax.get_xlabel(), ax.get_legend().get_texts()[1].get_text()
    ('$x_1$', 'класс 1')
"""

from jaxnet.plot.architecture import network
from jaxnet.plot.curves import activations, gradient_flow, history
from jaxnet.plot.data import animate, confusion, decision_boundary, images
from jaxnet.plot.evaluation import learning_rate, precision_recall, reliability, roc
from jaxnet.plot.inputs import saliency

__all__ = [
    "activations",
    "animate",
    "confusion",
    "decision_boundary",
    "gradient_flow",
    "history",
    "images",
    "learning_rate",
    "network",
    "precision_recall",
    "reliability",
    "roc",
    "saliency",
]
