"""Pictures: geometry, drawing as SVG and as characters."""

import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz.exercise.figure import Curve, Grid, Line, Network, Plot, Point, messages, subscript
from quiz.render import figure_svg, figure_text
from quiz.render.geometry import clip, ends, ticks

SVG = "{http://www.w3.org/2000/svg}"
PLANE = Plot(
    (-1, 3),
    (-1, 3),
    "The points `A` and `B` and the line `%(w1)s·x₁ + x₂ = 1.5`.",
    points=(Point(0, 0, "A"), Point(Fraction(1, 2), 1, "B <&>", filled=False), Point(9, 9, "outside")),
    lines=(Line(1, 1, -1.5, "`w₁ = %(w1)s`"),),
    curves=(Curve([(0, 0), (2, 4)], dashed=True, dots=True),),
    title="A plane",
    square=True,
)
NETWORK = Network(
    (2, 2, 1), "A network.", weights=(((0.5, -0.3), ("w₂₁", "")), ((-1.2,), (0.7,))), biases=((0.1, 0), (2,))
)
TABLES = Grid(
    (("Image", ((1, 2), (0, Fraction(-3, 2)))), ("Kernel", ((1,), (0,)))), "An image.", shaded=((0, 1),)
)

coordinate = st.floats(-5, 5)


def elements(text: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(text).iter(SVG + tag))


def texts(text: str) -> list[str]:
    return [part.text or "" for part in elements(text, "text")]


@given(coordinate, coordinate, coordinate, coordinate)
def test_clip_keeps_what_lies_within(x0, y0, x1, y1):
    found = clip((x0, y0), (x1, y1), (-1, 2), (0, 3))
    places = [(x0 + i / 50 * (x1 - x0), y0 + i / 50 * (y1 - y0)) for i in range(51)]
    inside = [(x, y) for x, y in places if -1 < x < 2 and 0 < y < 3]
    if found is None:
        assert not inside
        return
    (left, right), (low, high) = (sorted(pair) for pair in zip(*found, strict=True))
    assert left >= -1 - 1e-9
    assert right <= 2 + 1e-9
    assert low >= -1e-9
    assert high <= 3 + 1e-9
    for x, y in inside:
        assert left - 1e-9 <= x <= right + 1e-9
        assert low - 1e-9 <= y <= high + 1e-9


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Line(0, 1, -2), {(-1, 2), (3, 2)}),
        (Line(1, 0, 0), {(0, -1), (0, 3)}),
        (Line(2, 1, -2), {(1.5, -1), (-0.5, 3)}),
    ],
    ids=["level", "upright", "slanting"],
)
def test_a_line_runs_from_edge_to_edge(line, expected):
    assert set(ends(line, (-1, 3), (-1, 3))) == expected


@pytest.mark.parametrize("line", [Line(0, 1, -9), Line(0, 0, 1)], ids=["passes by", "no line"])
def test_a_line_that_is_not_to_be_seen(line):
    assert ends(line, (-1, 3), (-1, 3)) is None


def test_ticks_are_round():
    assert ticks(0, 10, 6) == [0, 2, 4, 6, 8, 10]
    assert ticks(-0.07, 0.11, 10) == [-0.06, -0.04, -0.02, 0, 0.02, 0.04, 0.06, 0.08, 0.1]


def test_svg_of_a_plot():
    text = figure_svg.draw(PLANE, {"w": (Fraction(1, 2),)}, "ru")
    root = ET.fromstring(text)
    assert root.findtext(SVG + "title") == "A plane"
    assert root.findtext(SVG + "desc") == "The points A and B and the line 0,5·x₁ + x₂ = 1.5."
    assert {"A", "B <&>", "w₁ = 0,5", "x₁", "−0,5"} <= set(texts(text))
    assert "outside" not in texts(text)
    # the origin lies a quarter of the way from the left and from below: 300 units for 4
    marks = [part for part in elements(text, "circle") if part.get("fill") == figure_svg.BLACK]
    assert [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in marks] == [(64 + 75, 60 + 225)]
    # the line x1 + x2 = 1.5 from (-1, 2.5) to (2.5, -1)
    line = next(part for part in elements(text, "line") if part.get("stroke") == figure_svg.INKS[0])
    found = {(float(line.attrib["x" + n]), float(line.attrib["y" + n])) for n in "12"}
    assert found == {(64.0, 60 + 37.5), (64 + 262.5, 360.0)}
    # the curve leaves the picture at (1.5, 3)
    curve = next(part for part in elements(text, "line") if part.get("stroke-dasharray"))
    assert (float(curve.attrib["x2"]), float(curve.attrib["y2"])) == (64 + 187.5, 60.0)
    assert curve.get("stroke") == figure_svg.INKS[0]


def test_lines_with_labels_differ_without_colour_too():
    lines = [Line(0, 1, -y, label) for y, label in ((0, "a"), (1, "b"), (2, "c"), (3, ""))]
    drawn = [
        part
        for part in elements(figure_svg.draw(Plot((0, 4), (-1, 4), "Lines.", lines=lines)), "line")
        if part.get("stroke-width") == "2.5"
    ][:4]
    assert [part.get("stroke") for part in drawn] == [*figure_svg.INKS[:3], figure_svg.INKS[0]]
    assert [part.get("stroke-dasharray") for part in drawn] == [None, None, figure_svg.DASHES[2], None]


def test_svg_of_a_network():
    text = figure_svg.draw(NETWORK, {}, "kk")
    assert len(elements(text, "circle")) == 5
    assert len(elements(text, "line")) == 4 + 2
    assert {"x₁", "h₂", "ŷ", "0,5", "−0,3", "w₂₁", "−1,2", "b = 0,1", "b = 2"} <= set(texts(text))


def test_svg_of_a_large_network_leaves_neurons_out():
    text = figure_svg.draw(Network((784, 128, 3), "A network."))
    assert len(elements(text, "circle")) == 4 + 4 + 3
    assert {"x₇₈₄", "h₁₂₈", "784", "128", "⋮"} <= set(texts(text))


def test_svg_of_tables():
    text = figure_svg.draw(TABLES, {}, "kk")
    shaded = [part for part in elements(text, "rect") if part.get("fill") == "#d4dce6"]
    assert len(shaded) == 1
    assert {"Image", "Kernel", "−1,5"} <= set(texts(text))


def test_sketch_of_a_plot():
    lines = figure_text.draw(PLANE, {"w": (2,)}, "en").splitlines()
    assert lines[0] == "A plane"
    assert "••• w₁ = 2" in lines[-1]
    assert any("● A" in line for line in lines)
    level = next(line for line in lines if "○" in line)
    assert level.strip().startswith("1┤")


def test_sketch_of_a_network_and_of_tables():
    assert figure_text.draw(NETWORK, {}, "ru").splitlines() == [
        "(x₁)        (h₁)",
        "(x₂) ─────→ (h₂) ─────→ (ŷ)",
        "x₁→h₁: 0,5   x₁→h₂: −0,3",
        "x₂→h₁: w₂₁",
        "h₁→ŷ: −1,2",
        "h₂→ŷ: 0,7",
        "b(h₁): 0,1   b(h₂): 0",
        "b(ŷ): 2",
    ]
    assert figure_text.draw(TABLES, {}, "ru").splitlines() == [
        "Image             Kernel",
        "┌──────┬──────┐   ┌───┐",
        "│  1   │  2   │   │ 1 │",
        "├──────┼──────┤   ├───┤",
        "│  0   │ −1,5 │   │ 0 │",
        "└──────┴──────┘   └───┘",
    ]


@pytest.mark.parametrize("figure", [PLANE, NETWORK, TABLES], ids=["plot", "network", "tables"])
@pytest.mark.parametrize("width", [40, 72])
def test_sketches_fit_and_can_do_without_unicode(figure, width):
    text = figure_text.draw(figure, {"w": (1,)}, "en", width=width, unicode=False)
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= width


def test_messages_of_figures():
    assert set(messages(PLANE)) >= {"A plane", "A", "`w₁ = %(w1)s`", "`x₁`"}
    assert list(messages(TABLES)) == ["An image.", "Image", "Kernel"]
    assert subscript(120) == "₁₂₀"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Plot((1, 1), (0, 1), "x"), "low < high"),
        (lambda: Point(0, 0, marker="star"), "star"),
        (lambda: Network((2, 1), "x", weights=(((1,),),)), "expected weights"),
        (lambda: Network((2, 1), "x", biases=((1, 2),)), "expected biases"),
    ],
    ids=["range", "marker", "weights", "biases"],
)
def test_figures_refuse_what_does_not_fit(make, message):
    with pytest.raises(ValueError, match=message):
        make()
