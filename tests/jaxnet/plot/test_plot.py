"""What is in the pictures: boundaries, levels, labels, circles, bars; and that no global state is touched."""

import sys

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import jaxnet
from jaxnet import data, perceptron, plot
from jaxnet.plot import style

PERCEPTRON = {"w": jnp.array([2.0, 1.0]), "b": jnp.array(-2.5)}
NET = jaxnet.mlp("2-2-1", activation="tanh", output="sigmoid")
PARAMS = [
    {"w": jnp.array([[2.0, -1.0], [0.5, 4.0]]), "b": jnp.array([0.5, -0.25])},
    {"w": jnp.array([[1.0], [-3.0]]), "b": jnp.array([0.125])},
]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def contours(ax):
    return [c for c in ax.collections if type(c).__name__ == "QuadContourSet"]


def test_the_boundary_of_a_perceptron_is_its_line():
    ax = plot.decision_boundary(perceptron, PERCEPTRON, data.AND)
    (line,) = contours(ax)
    assert line.levels.tolist() == [0.0]
    vertices = line.get_paths()[0].vertices
    assert len(vertices) > 50
    np.testing.assert_allclose(vertices @ np.asarray(PERCEPTRON["w"]) - 2.5, 0, atol=1e-5)


def test_areas_and_points_of_a_perceptron():
    ax = plot.decision_boundary(
        perceptron, PERCEPTRON, data.AND, resolution=5, names=["no", "yes"], lang="ru"
    )
    mesh = ax.collections[0]
    ticks = np.linspace(-0.25, 1.25, 5)
    expected = (2 * ticks[None, :] + ticks[:, None] - 2.5 > 0).astype(int)
    np.testing.assert_array_equal(mesh.get_array().reshape(5, 5), expected)
    zeros, ones = ax.collections[-2:]
    np.testing.assert_array_equal(zeros.get_offsets(), [[0, 0], [0, 1], [1, 0]])
    np.testing.assert_array_equal(ones.get_offsets(), [[1, 1]])
    assert legend(ax) == ["класс no", "класс yes"]
    grey = [mean_grey(collection.get_facecolor()[0]) for collection in (zeros, ones)]
    assert abs(grey[0] - grey[1]) > 0.8


def mean_grey(colour):
    return float(np.dot(colour[:3], [0.299, 0.587, 0.114]))


@pytest.mark.parametrize("output", ["sigmoid", "tanh", "linear"])
def test_the_level_follows_the_output_layer(output):
    net = jaxnet.mlp("2-1", output=output)
    params = [{"w": jnp.array([[1.0], [0.0]]), "b": jnp.array([-0.5])}]
    ax = plot.decision_boundary(net, params, data.OR)
    np.testing.assert_allclose(contours(ax)[0].get_paths()[0].vertices[:, 0], 0.5, atol=1e-3)


def test_a_threshold_moves_the_boundary():
    ax = plot.decision_boundary(lambda p, x: x[:, 0], None, data.OR, threshold=0.75)
    np.testing.assert_allclose(contours(ax)[0].get_paths()[0].vertices[:, 0], 0.75, atol=1e-6)


def test_serial_ends_in_a_sigmoid():
    net = jaxnet.serial(jaxnet.dense(1), jaxnet.sigmoid)
    params = [{"w": jnp.array([[1.0], [0.0]]), "b": jnp.array([-0.25])}, {}]
    ax = plot.decision_boundary(net, params, data.OR)
    np.testing.assert_allclose(contours(ax)[0].get_paths()[0].vertices[:, 0], 0.25, atol=1e-3)


def test_several_classes():
    x, y = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 2])

    def score(params, x):
        return np.stack([0.5 - x[:, 0] - x[:, 1], x[:, 0], x[:, 1]], 1)

    ax = plot.decision_boundary(score, None, (x, y), resolution=31)
    shades = [mean_grey(ax.collections[0].cmap(k / 2)) for k in range(3)]
    assert shades[0] - shades[1] > 0.05 < shades[1] - shades[2]
    found = ax.collections[0].get_array().reshape(31, 31)
    ticks = np.linspace(-0.25, 1.25, 31)
    grid = np.stack(np.meshgrid(ticks, ticks), -1).reshape(-1, 2)
    np.testing.assert_array_equal(found.ravel(), score(None, grid.astype(np.float32)).argmax(1))
    assert len(contours(ax)) == 3
    assert legend(ax) == ["class 0", "class 1", "class 2"]


def test_no_boundary_in_sight_is_no_line():
    ax = plot.decision_boundary(perceptron, perceptron.init(2), data.XOR)
    assert not contours(ax)


def test_history_of_training():
    figure = plot.history(
        {"loss": [3.0, 2.0, 1.0], "val_loss": [4.0, 3.0, 2.5], "accuracy": [0.1, 0.5, 0.9]}, lang="kk"
    )
    left, right = figure.axes
    assert (left.get_xlabel(), left.get_ylabel(), right.get_ylabel()) == ("эпоха", "шығын", "жалпы дәлдік")
    assert legend(left) == ["оқыту", "валидация"]
    np.testing.assert_array_equal(left.lines[1].get_xydata(), [[1, 4], [2, 3], [3, 2.5]])
    assert [line.get_linestyle() for line in left.lines] == ["-", "--"]
    assert right.get_legend() is None


def test_history_of_runs():
    run = perceptron.fit(perceptron.init(2), *data.AND)
    ax = plot.history(run, lang="en").axes[0]
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), run.mistakes)
    assert ax.get_ylabel() == "mistakes"
    net = jaxnet.mlp("2-1")
    fitted = jaxnet.fit(net, (data.OR[0], data.OR[1][:, None]), loss="mse", epochs=3, key=jax.random.key(0))
    np.testing.assert_array_equal(plot.history(fitted).axes[0].lines[0].get_ydata(), fitted.history["loss"])


def test_network_of_sizes():
    ax = plot.network([3, 4, 2], lang="ru")
    assert (len(ax.patches), len(ax.lines)) == (9, 3 * 4 + 4 * 2)
    assert texts(ax) == ["входной слой\n3", "скрытый слой\n4", "выходной слой\n2"]


def test_network_with_weights_and_values():
    ax = plot.network(NET, PARAMS, x=[1.0, 0.0], lang="kk")
    shown = texts(ax)
    for weight in ("2", "−1", "0.5", "4", "1", "−3"):
        assert weight in shown
    assert [text for text in shown if text.startswith("b")] == ["b = 0.5", "b = −0.25", "b = 0.125"]
    assert [text.split("\n")[0] for text in shown if "\n" in text] == [
        "кіріс қабаты",
        "жасырын қабат",
        "шығыс қабаты",
    ]
    h = np.tanh([2.5, -1.25])
    y = 1 / (1 + np.exp(-(h[0] - 3 * h[1] + 0.125)))
    assert shown.count(f"{y:.2g}") == 1
    assert f"{h[1]:.2g}".replace("-", "−") in shown
    styles = {(*line.get_xdata(), *line.get_ydata()): line for line in ax.lines}
    dashed = [line for line in styles.values() if line.get_linestyle() == "--"]
    assert len(dashed) == 2  # -1 and -3
    widths = sorted(line.get_linewidth() for line in ax.lines)
    assert widths[-1] == pytest.approx(0.4 + 3.0)  # the largest, 4


def test_a_large_layer_is_shortened():
    ax = plot.network([100, 3])
    assert len(ax.patches) == 7 + 3
    assert "⋮" in texts(ax)
    assert "input layer\n100" in texts(ax)


def test_images_with_answers():
    x = np.arange(3 * 16.0).reshape(3, 16)
    scores = np.eye(3)[[0, 2, 2]]
    figure = plot.images(x, [0, 1, 2], scores, columns=2, names=["a", "b", "c"], lang="en")
    assert [ax.get_title() for ax in figure.axes] == ["a", "c ≠ b", "c"]
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), x[1].reshape(4, 4))
    frames = [ax.spines["top"].get_linewidth() for ax in figure.axes]
    assert frames[1] > frames[0] == frames[2]
    assert figure.get_suptitle() == "prediction ≠ target"


@pytest.mark.parametrize("shape", [(2, 3, 5), (2, 3, 5, 1), (2, 3, 5, 3)], ids=str)
def test_image_layouts(shape):
    figure = plot.images(np.random.default_rng(0).uniform(size=shape))
    assert figure.axes[0].images[0].get_array().shape[:2] == (3, 5)
    assert figure.axes[0].get_title() == ""


def test_activations_with_derivatives():
    figure = plot.activations(["sigmoid", "step"], lang="kk")
    first, second = figure.axes
    z, a = first.lines[0].get_data()
    np.testing.assert_allclose(a, 1 / (1 + np.exp(-z)), rtol=1e-5)
    np.testing.assert_allclose(first.lines[1].get_ydata(), a * (1 - a), rtol=1e-4, atol=1e-6)
    assert legend(first) == ["sigmoid", "туынды"]
    jump = second.lines[0].get_ydata()
    assert np.isnan(jump).sum() == 1  # no upright line at 0
    assert set(jump[~np.isnan(jump)]) == {0.0, 1.0}


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "gelu", "leaky_relu", "softplus", "mish"])
def test_continuous_curves_have_no_gap(name):
    line = plot.activations([name]).axes[0].lines[0]
    assert not np.isnan(line.get_ydata()).any()


def test_confusion_matrix():
    ax = plot.confusion([[8, 0], [3, 1]], names=["no", "yes"], lang="ru")
    np.testing.assert_allclose(ax.images[0].get_array(), [[1, 0], [0.75, 0.25]])
    assert texts(ax) == ["8", "0", "3", "1"]
    assert [text.get_color() for text in ax.texts] == ["white", "black", "white", "black"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("прогноз", "цель")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["no", "yes"]


def test_gradient_flow_of_a_run():
    run = jaxnet.fit(
        NET, (data.XOR[0], data.XOR[1][:, None]), loss="mse", epochs=4, key=jax.random.key(0), statistics=True
    )
    figure = plot.gradient_flow(run)
    assert [ax.get_yscale() for ax in figure.axes] == ["log", "log", "linear"]
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata(), run.statistics["gradient_norm"][:, 1])
    assert legend(figure.axes[0]) == ["dense 1", "dense 2"]


def test_gradient_flow_at_one_moment():
    figure = plot.gradient_flow({"gradient_norm": np.array([1e-6, 0.1])}, layers=["first", "second"])
    bars = figure.axes[0].patches
    np.testing.assert_allclose([bar.get_height() for bar in bars], [1e-6, 0.1])
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["first", "second"]


def test_animation_has_a_frame_for_each_step(tmp_path):
    frames = [{"w": jnp.array([1.0, s]), "b": jnp.array(-0.5)} for s in (-1.0, 0.0, 1.0)]
    assert plot.animate(tmp_path / "a.gif", perceptron, frames, data.OR, fps=2, resolution=20) == 3
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.n_frames == 3
        assert picture.info["duration"] == 500
        pictures = []
        for i in range(3):
            picture.seek(i)
            pictures.append(np.asarray(picture.convert("L"), float))
    assert np.abs(pictures[0] - pictures[2]).max() > 50


DRAWN = {
    "decision_boundary": lambda **o: plot.decision_boundary(
        perceptron, PERCEPTRON, data.AND, resolution=10, **o
    ),
    "history": lambda **o: plot.history({"loss": [1.0, 2.0]}, **o),
    "network": lambda **o: plot.network(NET, PARAMS, **o),
    "images": lambda **o: plot.images(np.ones((2, 4)), [0, 1], [1, 1], **o),
    "activations": lambda **o: plot.activations(["relu"], **o),
    "confusion": lambda **o: plot.confusion([[1]], **o),
    "gradient_flow": lambda **o: plot.gradient_flow({"gradient_norm": [1.0], "dead": [0.5]}, **o),
}


def test_every_plot_is_in_the_table():
    of_scores = {"roc", "precision_recall", "reliability", "learning_rate"}  # see test_evaluation.py
    assert {*DRAWN, "animate", "saliency", *of_scores} == set(plot.__all__)


def test_saliency_is_the_size_of_the_derivative():
    net = jaxnet.dense(2)
    w = np.array([[1.0, -4.0], [0.0, 3.0], [-2.0, 0.0], [0.5, 1.0]], np.float32)
    params = {"w": w, "b": np.zeros(2, np.float32)}
    x = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]], np.float32)  # scores (1, -1), (0, 3), (1, -4)
    figure = plot.saliency(net, params, x)
    shown = [np.asarray(axes.images[0].get_array()) for axes in figure.axes]
    for index, best in enumerate((0, 1, 0)):
        np.testing.assert_allclose(shown[2 * index + 1], abs(w[:, best]).reshape(2, 2), rtol=1e-6)
    chosen = plot.saliency(net, params, x, [1, 1, 1])
    np.testing.assert_allclose(chosen.axes[1].images[0].get_array(), abs(w[:, 1]).reshape(2, 2), rtol=1e-6)
    with pytest.raises(ValueError, match="expected one class from 0 to 1 for each of 3 images"):
        plot.saliency(net, params, x, [0, 1, 2])


@pytest.mark.parametrize("lang", style.LANGUAGES)
@pytest.mark.parametrize("name", DRAWN)
def test_every_language_is_drawn_without_global_state(name, lang, tmp_path):
    before = dict(matplotlib.rcParams)
    figures = len(matplotlib._pylab_helpers.Gcf.figs) if "matplotlib._pylab_helpers" in sys.modules else 0
    found = DRAWN[name](lang=lang)
    assert isinstance(found, (Axes, Figure))
    figure = found if isinstance(found, Figure) else found.figure
    figure.savefig(tmp_path / "picture.png")  # a glyph that the font lacks would warn, and fail
    with Image.open(tmp_path / "picture.png") as picture:
        assert np.asarray(picture.convert("L")).std() > 5
    assert dict(matplotlib.rcParams) == before
    assert figures == (
        len(matplotlib._pylab_helpers.Gcf.figs) if "matplotlib._pylab_helpers" in sys.modules else 0
    )


@pytest.mark.parametrize("name", ["decision_boundary", "network", "confusion"])
def test_given_axes_are_used(name):
    ax = Figure().add_subplot()
    assert DRAWN[name](ax=ax) is ax


def test_every_word_has_three_languages():
    assert all(len(entry) == 3 and all(entry) for entry in style.WORDS.values())


def test_without_matplotlib(monkeypatch):
    for module in ("matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=r'plot.history: .*pip install "jaxnet-quiz\[plot\]"'):
        plot.history({"loss": [1.0]})


BAD = {
    "lang": (lambda: plot.history({"loss": [1.0]}, lang="de"), "language of kk, ru, en, got 'de'"),
    "history": (lambda: plot.history([1.0]), "a run or a history by name, got list"),
    "history empty": (lambda: plot.history({"loss": []}), "at least one epoch"),
    "boundary shape": (
        lambda: plot.decision_boundary(NET, PARAMS, (np.ones((3, 3)), [0, 1, 0])),
        r"x of shape \(N, 2\)",
    ),
    "boundary pair": (lambda: plot.decision_boundary(NET, PARAMS, [1.0]), r"a pair \(x, y\)"),
    "boundary labels": (
        lambda: plot.decision_boundary(NET, PARAMS, (np.ones((2, 2)), [0, 0.5])),
        "class numbers 0, 1",
    ),
    "boundary nan": (
        lambda: plot.decision_boundary(NET, PARAMS, ([[np.nan, 0.0]], [0])),
        "finite numbers in x",
    ),
    "boundary names": (
        lambda: plot.decision_boundary(perceptron, PERCEPTRON, data.AND, names=["a"]),
        "expected 2 names, got 1",
    ),
    "network layers": (lambda: plot.network(jaxnet.serial(jaxnet.dense(2))), "a network from jaxnet.mlp"),
    "network params": (lambda: plot.network([2, 3], PARAMS), "expected weights of shapes"),
    "network x": (lambda: plot.network(NET, PARAMS, x=[1.0]), r"x of shape \(2,\)"),
    "network x alone": (
        lambda: plot.network([2, 1], x=[1.0, 2.0]),
        "give a network from jaxnet.mlp and its params",
    ),
    "network sizes": (lambda: plot.network([2]), "at least two sizes"),
    "images": (lambda: plot.images(np.ones((2, 5))), r"expected images .*got \(2, 5\)"),
    "images targets": (lambda: plot.images(np.ones((2, 4)), [1]), "targets as 2 class numbers"),
    "activation": (lambda: plot.activations(["rellu"]), "did you mean 'relu'"),
    "softmax": (lambda: plot.activations(["softmax"]), "is not elementwise"),
    "range": (lambda: plot.activations(low=1.0, high=1.0), "low < high"),
    "confusion": (lambda: plot.confusion([[1, 2]]), r"counts of shape \(K, K\)"),
    "flow": (lambda: plot.gradient_flow({}), "statistics=True"),
    "gif name": (
        lambda: plot.animate("a.mp4", perceptron, [PERCEPTRON], data.AND),
        "ends in .gif, got 'a.mp4'",
    ),
    "gif frames": (lambda: plot.animate("a.gif", perceptron, [], data.AND), "at least one frame"),
    "gif titles": (
        lambda: plot.animate("a.gif", perceptron, [PERCEPTRON], data.AND, titles=[]),
        "expected 1 titles",
    ),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_sentence(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_many_runs_are_many_lines():
    """One line per run, over its epochs; one entry per kind in the legend."""
    rows = {"loss": np.arange(15.0).reshape(5, 3), "val_loss": np.ones((5, 2))}
    (ax,) = plot.history(rows).axes
    assert [line.get_xdata().tolist() for line in ax.lines] == [[1, 2, 3]] * 5 + [[1, 2]] * 5
    np.testing.assert_array_equal([line.get_ydata() for line in ax.lines[:5]], rows["loss"])
    assert legend(ax) == ["training", "validation"]


COLUMNS = {
    "column of numbers": (np.array([[0], [1], [1]]), ["0", "1", "1 ≠ 2"]),
    "scores": (np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 0.5, 0.25]]), ["0", "1", "1 ≠ 2"]),
    "numbers": (np.array([0, 1, 2]), ["0", "1", "2"]),
}


@pytest.mark.parametrize("what", COLUMNS)
def test_predictions_are_read_along_the_right_axis(what):
    outputs, titles = COLUMNS[what]
    figure = plot.images(np.ones((3, 2, 2)), [0, 1, 2], outputs)
    assert [ax.get_title() for ax in figure.axes] == titles


WRONG_AXES = {
    "history": (lambda: plot.history({"loss": np.ones((2, 2, 3))}), r"\(epochs,\) or \(runs, epochs\), got"),
    "a number": (lambda: plot.history({"loss": 0.5}), r"got an array of shape \(\)"),
    "flow": (lambda: plot.gradient_flow({"dead": np.zeros((5, 3, 2))}), "of many runs choose one"),
    "one score": (lambda: plot.images(np.ones((2, 2, 2)), [0, 1], np.ones((2, 1))), "at least two scores"),
    "scores first": (
        lambda: plot.decision_boundary(lambda p, x: x.T, None, data.AND, resolution=3),
        r"for N = 9 points, got \(2, 9\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG_AXES)
def test_an_axis_is_not_taken_for_another(what):
    call, said = WRONG_AXES[what]
    with pytest.raises(ValueError, match=said):
        call()
