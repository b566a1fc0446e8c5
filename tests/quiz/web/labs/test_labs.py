"""The labs: their numbers are those of `jaxnet`, their tasks can be solved, their programs give the same."""

import io
import math
from contextlib import redirect_stdout

import jax
import numpy as np
import pytest

from quiz.text import LANGUAGES
from quiz.text.errors import Refusal
from quiz.variants.variant import find
from quiz.web.labs import descent, points
from quiz.web.labs.lab import said
from quiz.web.labs.table import LABS


def run(name: str, **typed: str):
    state = LABS[name].state(typed, "en")
    return state, LABS[name].film(state)


def printed(name: str, **typed: str) -> str:
    """What the program of a lab prints."""
    text = io.StringIO()
    with redirect_stdout(text), jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        exec(LABS[name].program(LABS[name].state(typed, "en")), {"__name__": "program"})
    return text.getvalue()


def test_perceptron_shows_the_arithmetic_of_each_presentation():
    _state, film = run("perceptron")
    assert film.facts["mistakes"] == [1, 3, 3, 2, 1, 0]
    assert said(film.frame(4).sentences, "kk") == [
        "1-эпоха, нүкте 4 / 4: `x = (1; 1)`, 1-класс.",
        "`z = 0 · 1 + 0 · 1 + 0 = 0`. 1 болуы үшін `z > θ` керек, сондықтан `y = 0`, "
        "ал қате `e = t − y = 1`.",
        "`w₁ = 0 + 0,5 · 1 · 1 = 0,5`; `w₂ = 0 + 0,5 · 1 · 1 = 0,5`; `b = 0 + 0,5 · 1 = 0,5`.",
    ]
    assert said(film.outcome, "en") == [
        "An epoch without a mistake: epoch 6, after 10 corrections.",
        "There are at most `(R/γ)² = 51` corrections, whatever the learning rate.",
    ]


def test_perceptron_draws_the_proof_where_no_line_exists():
    _state, film = run("perceptron", data="xor")
    assert "the point (0.5, 0.5)" in said(film.outcome, "en")[0]
    (plane, _known), *_ = film.frame(3).figures
    assert [curve.places[0] for curve in plane.curves] == [(0.5, 0.5), (0.5, 0.5)]  # type: ignore[union-attr]


def test_perceptron_program_gives_the_same_numbers():
    text = printed("perceptron", data="iris", rate="0.3", epochs="7")
    _state, film = run("perceptron", data="iris", rate="0.3", epochs="7")
    assert str(film.facts["mistakes"]) in text
    w1, w2, b = film.rows[-1][5:]
    assert f"{np.array([w1, w2], np.float32)} bias: {np.float32(b)!s}" in text


def test_descent_agrees_with_steps_by_hand():
    """SGD multiplies each weight by 1 − ηλ."""
    _state, film = run("descent", surface="ravine", w1="2", w2="1", rate="0.1", steps="5")
    path, value = film.facts["runs"]["sgd"]
    np.testing.assert_allclose(path[5], [2 * (1 - 0.02) ** 5, (1 - 0.4) ** 5], rtol=1e-5)
    assert value[0] == pytest.approx((0.2 * 4 + 4) / 2)


@pytest.mark.parametrize("name", ["sgd", "momentum"])
@pytest.mark.parametrize("surface", descent.BOWLS)
def test_descent_diverges_above_its_limit_alone(surface, name):
    limit = descent.limits(surface)[name]
    for share, grows in ((0.97, False), (1.03, True)):
        _state, film = run("descent", surface=surface, rate=f"{share * limit:.6f}", steps="100")
        assert (film.facts["last"][name] > film.facts["first"]) == grows


def test_descent_says_what_has_left_the_picture():
    _state, film = run("descent", rate="10", steps="100")
    assert "SGD has left the picture: its loss is above 1000." in said(film.frame(100).sentences, "en")


def test_descent_program_gives_the_same_numbers():
    text = printed("descent", surface="valley", rate="0.03", steps="6")
    _state, film = run("descent", surface="valley", rate="0.03", steps="6")
    for line, loss in zip(text.splitlines(), film.facts["last"].values(), strict=True):
        assert float(line.split()[-1]) == pytest.approx(loss, rel=1e-5)


def test_backprop_shows_every_number_in_order():
    _state, film = run("backprop", weights="1 -1 0; 2 1 -1; 0.5 -0.5 0.25")
    kinds = [quantity.kind for quantity in film.facts["quantities"]]
    assert kinds == ["z", "a"] * 3 + ["loss"] + ["delta"] * 3 + ["gradient"] * 9 + ["update"] * 9
    sigma = lambda z: 1 / (1 + math.exp(-z))  # noqa: E731
    first = [quantity.value for quantity in film.facts["quantities"][:6]]
    h1, h2 = sigma(0.5), sigma(1.5)
    y = sigma(0.5 * h1 - 0.5 * h2 + 0.25)
    np.testing.assert_allclose(first, [0.5, h1, 1.5, h2, 0.5 * h1 - 0.5 * h2 + 0.25, y], rtol=1e-6)
    delta = 2 * (y - 1) * y * (1 - y)
    errors = [q.value for q in film.facts["quantities"][7:10]]
    np.testing.assert_allclose(
        errors, [delta, 0.5 * delta * h1 * (1 - h1), -0.5 * delta * h2 * (1 - h2)], rtol=1e-5
    )
    assert film.facts["quantities"][-1].value == pytest.approx(0.25 - 0.5 * delta, rel=1e-6)


def test_backprop_judges_a_hidden_number():
    _state, film = run("backprop", weights="1 -1 0; 2 1 -1; 0.5 -0.5 0.25")
    judge = LABS["backprop"].judge
    assert judge is not None
    assert judge(film, 2, "0,622", "kk")  # σ(0.5) = 0.62246
    assert judge(film, 2, "1/(1+exp(-0.5))", "en")
    assert not judge(film, 2, "0.60", "en")
    with pytest.raises(Refusal):
        judge(film, 2, "much", "en")


def test_backprop_program_gives_the_same_numbers():
    text = printed("backprop", sizes="2-3-1", activation="tanh", seed="4")
    _state, film = run("backprop", sizes="2-3-1", activation="tanh", seed="4")
    assert f"loss: {np.float32(film.facts['loss'])!s}" in text
    assert f"delta: {film.facts['layers'][0][3]}" in text


def test_hidden_layer_is_trained_by_fit():
    """The losses of the film are those of the program, which calls `jaxnet.fit`."""
    typed = {"data": "own", "points": "0 0 0; 1 1 0; 0 1 1; 1 0 1", "epochs": "3", "hidden": "2"}
    _state, film = run("hidden", **typed)
    assert [row[0] for row in film.rows] == [1, 2, 3]
    assert float(printed("hidden", **typed).split()[-1]) == pytest.approx(film.rows[-1][1], rel=1e-6)
    assert film.facts["weights"] == 9


def test_hidden_layer_holds_out_every_third_point():
    _state, film = run("hidden", data="circles", epochs="2")
    sizes = [len(part) for pair in (film.facts["train"], film.facts["held"]) for part in pair]
    assert sizes == [100, 100, 50, 50]
    assert film.columns == ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
    assert "held out" in " ".join(said(film.frame(1).sentences, "en"))


def test_step_activation_sends_no_gradient_to_the_hidden_layer():
    _state, film = run("hidden", data="circles", activation="step", epochs="2")
    assert any("derivative of the step function is 0" in sentence for sentence in said(film.outcome, "en"))
    gradients = next(s for s in said(film.frame(2).sentences, "en") if s.startswith("Gradient"))
    assert ": (0, " in gradients


def test_a_run_that_diverges_says_so_and_shows_what_came_before():
    _state, film = run("hidden", data="own", points="9 9 0; 8 9 1; -9 3 1", loss="mse", activation="relu",
                       optimizer="sgd", rate="10", epochs="50")  # fmt: skip
    assert film.length >= 1
    film.frame(film.length - 1)


SOLVED = [
    ("hidden", 0, {"hidden": "2", "seed": "1", "rate": "0.2", "epochs": "200"}),
    ("hidden", 1, {"data": "spirals", "hidden": "8-8", "rate": "0.05", "epochs": "300"}),
    ("hidden", 2, {"data": "circles", "hidden": "8", "activation": "step"}),
    ("perceptron", 0, {"data": "xor"}),
    ("perceptron", 1, {"data": "iris", "rate": "0.01", "epochs": "100", "theta": "5"}),
    ("perceptron", 2, {"data": "own", "points": "-1 0 0; 1 0 1", "theta": "0.2"}),
    ("backprop", 0, {"activation": "relu", "weights": "1 1 -9; 1 1 -9; 1 1 0.5"}),
    ("backprop", 1, {"weights": "9 9 0; 9 9 0; 1 -1 0"}),
    ("backprop", 2, {"activation": "tanh", "seed": "4", "rate": "10"}),
    ("descent", 0, {"rate": "0.6", "steps": "100"}),
    ("descent", 1, {"rate": "0.2", "w1": "-1.3", "w2": "1", "steps": "60"}),
    ("descent", 2, {"rate": "0.45", "surface": "round"}),
]


@pytest.mark.parametrize(("name", "number", "typed"), SOLVED)
def test_each_task_can_be_solved_and_is_not_solved_at_the_start(name, number, typed):
    task = LABS[name].tasks[number]
    assert task.done(*run(name, **typed))
    assert not task.done(*run(name))


def test_every_task_has_a_solution_above():
    assert {(name, n) for name, n, _ in SOLVED} == {
        (n, k) for n, lab in LABS.items() for k in range(len(lab.tasks))
    }


@pytest.mark.parametrize("name", LABS)
def test_another_number_compiles_nothing(name):
    """A change of a number finds the programs that an earlier run has compiled."""
    changed = {
        "perceptron": {"rate": "0.7", "data": "own", "points": "0 1 1; 2 2 0; 1 0 1"},
        "backprop": {"x1": "0.3", "seed": "8"},
        "descent": {"rate": "0.2", "w1": "1"},
        "hidden": {"rate": "0.2", "seed": "2"},
    }[name]
    run(name)[1].frame(1)
    run(name, **changed)
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(lambda event, *_a, **_k: compiled.append(event))
    try:
        run(name, **changed | {"rate": "0.123"})[1].frame(2)
    finally:
        jax.monitoring.clear_event_listeners()
    assert not [event for event in compiled if "backend_compile" in event]


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("perceptron", {"rate": "fast"}, 'learning rate η: "fast" is not a number'),
        ("perceptron", {"rate": "0"}, "learning rate η: expected a number from 0.001 to 10"),
        ("perceptron", {"epochs": "2.5"}, "epochs at most: expected a whole number from 1 to 100"),
        ("perceptron", {"data": "nand"}, "points: expected one of and, or, xor, iris, own"),
        ("perceptron", {"points": "0 0 0; 1 1"}, "point 2: expected two coordinates and the class 0 or 1"),
        (
            "perceptron",
            {"points": "0 0 2"},
            "point 1: expected coordinates from −10 to 10 and the class 0 or 1",
        ),
        ("perceptron", {"points": "0 0 1;" * 200}, "there are 200 points; at most 150 are allowed"),
        ("perceptron", {"points": "0" * 2001}, "your own points: this is too long"),
        ("backprop", {"weights": "1 2 3"}, "weights: this network has 9 numbers"),
        ("backprop", {"weights": "a"}, "weights: "),
        ("backprop", {"weights": "1e9 1 1 1 1 1 1 1 1"}, "weights: expected numbers from −100 to 100"),
        ("descent", {"w1": "nan"}, "start w₁: "),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_in_a_sentence(name, typed, sentence):
    with pytest.raises(Refusal) as caught:
        run(name, **typed)
    assert caught.value.message("en").startswith(sentence)


def test_points_are_read_with_both_decimal_signs():
    assert points.read("0.5 1 0;\n-1,5 2 1;") == ((0.5, 1.0, 0), (-1.5, 2.0, 1))
    x, t = points.chosen("iris", ())
    assert (len(x), t.sum()) == (58, 36)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", LABS)
def test_every_frame_can_be_written_in_every_language(name, lang):
    lab = LABS[name]
    film = lab.film(lab.state({}, lang))
    for place in range(film.length):
        assert all(said(film.frame(place).sentences, lang))
    assert len(film.rows[0]) == len(film.columns)
    assert all(0 < stop < film.length for stop in film.stops if stop)
    assert [find(exercise) for exercise in lab.exercises]
