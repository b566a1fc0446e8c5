"""Curves of scores against scikit-learn, and pictures as the last line of a notebook's cell."""

import jax
import numpy as np
import pytest

import jaxnet
from jaxnet import data, plot

NET = jaxnet.mlp("2-2-1", activation="tanh", output="sigmoid")


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_curves_of_scores_are_those_of_scikit_learn(lang):
    from sklearn import metrics as reference

    rng = np.random.default_rng(0)
    scores = rng.normal(size=80).round(1)
    labels = (scores + rng.normal(size=80) > 0).astype(int)
    ax = plot.roc(scores, labels, lang=lang)
    fpr, tpr, _ = reference.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), fpr)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), tpr)
    ax = plot.precision_recall(scores, labels, lang=lang)
    precision, recall, _ = reference.precision_recall_curve(labels, scores)
    np.testing.assert_allclose(ax.lines[0].get_xdata()[1:], recall[:-1][::-1])
    np.testing.assert_allclose(ax.lines[0].get_ydata()[1:], precision[:-1][::-1])
    text = plot.reliability(scores, labels, lang=lang).get_title()
    assert ("," in text) == (lang != "en")


def test_several_labels_have_a_curve_each_and_names():
    scores, labels = np.array([[1.0, -1.0], [-1.0, 2.0], [0.5, 0.1]]), np.array([[1, 0], [0, 1], [1, 0]])
    texts = plot.roc(scores, labels, names=["cat", "dog"]).get_legend().get_texts()
    assert [text.get_text() for text in texts] == ["cat: AUC = 1", "dog: AUC = 1"]


@pytest.mark.parametrize("what", ["history", "network", "roc", "learning_rate"])
def test_a_notebook_shows_a_picture(what):
    found = jaxnet.find_learning_rate(
        jaxnet.dense(1), data.XOR, loss="mse", optimizer="sgd", key=jax.random.key(0), steps=10
    )
    made = {
        "history": lambda: plot.history({"loss": [1.0, 0.5]}),
        "network": lambda: plot.network(NET),
        "roc": lambda: plot.roc([0.1, 0.4], [0, 1]),
        "learning_rate": lambda: plot.learning_rate(found),
    }[what]()
    assert made._repr_png_().startswith(b"\x89PNG")
    assert len(repr(found)) < 100
    with pytest.raises(TypeError, match=r"plot\.learning_rate: expected what jaxnet\.find_learning_rate"):
        plot.learning_rate([1.0])
