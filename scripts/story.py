"""Present the lecture in the terminal; scripts/demo runs this.

A perceptron learns AND and OR; it fails on XOR, with a proof; a hidden layer solves XOR; a larger network
reads handwritten digits; the first question of the quiz follows. All numbers are computed when they are
shown.
"""

import argparse
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.text import Text

import quiz
from jaxnet.cli.compilation_cache import keep_compiled_programs
from quiz.cli.language import language
from quiz.render.terminal import Screen
from quiz.text import LANGUAGES, translate
from quiz.text import mark as _
from quiz.text.fill import fill
from quiz.text.numbers import write

POINTS = [[0, 0], [0, 1], [1, 0], [1, 1]]
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}
STARTS = 4  # random starts of the small networks


class Presenter(Screen):
    """A screen for headings, paragraphs and tables."""

    def chapter(self, message: str) -> None:
        """Print a heading before the computation starts."""
        title = self._rich(translate(message, self.lang), "bold")
        self.console.rule(title, characters="─" if self.unicode else "-")
        self.say()

    def paragraph(self, message: str, **known: Any) -> None:
        """Print a paragraph with its values filled in, and an empty line."""
        self.say(fill(message, known, self.lang))
        self.say()

    def rows(self, header: list[str], rows: list[list[str]]) -> None:
        """Print a table, and an empty line."""
        self.table([translate(title, self.lang) for title in header], rows)
        self.say()

    def number(self, value: Any, places: int = 2) -> str:
        """Format a number for the language."""
        return write(float(value), self.lang, places)


def perceptron_learns(screen: Presenter) -> None:
    """Train a perceptron on AND, OR and XOR."""
    screen.chapter(_("1. The perceptron"))
    screen.paragraph(
        _(
            "One neuron: `z = w₁x₁ + w₂x₂ + b`, and `y = 1` if `z > 0`, else 0. After each wrong answer it "
            "learns: `wᵢ ← wᵢ + η(t − y)xᵢ`, `b ← b + η(t − y)`. Here `η = 1`, and it starts from zeros."
        )
    )
    from jaxnet import perceptron

    rows = []
    for name, targets in GATES.items():
        run = perceptron.fit(perceptron.init(2), POINTS, targets, max_epochs=10)
        mistakes = " ".join(str(int(count)) for count in run.mistakes)
        numbers = [screen.number(value) for value in (*run.params["w"].tolist(), run.params["b"])]
        if run.converged:
            bound = screen.number(perceptron.mistake_bound(POINTS, targets), 0)
            rows.append([name, mistakes, str(int(run.updates)), bound, *numbers, _("learned")])
        else:
            rows.append([name, f"{mistakes} …", str(int(run.updates)), "∞", *numbers, _("never learned")])
    header = ["", _("mistakes in each epoch"), _("updates"), _("at most"), "w₁", "w₂", "b", ""]
    screen.rows(header, [[translate(cell, screen.lang) for cell in row] for row in rows])


def why_not_xor(screen: Presenter) -> None:
    """Prove that no line separates XOR."""
    from jaxnet import perceptron

    screen.chapter(_("2. Why XOR cannot be learned by one neuron"))
    proof = perceptron.inseparability_proof(POINTS, GATES["XOR"])
    assert perceptron.separating_plane(POINTS, GATES["XOR"]) is None
    assert proof is not None
    screen.paragraph(
        _(
            "The mistakes on XOR never reach zero, however long it learns. No line separates its ones from "
            "its zeros: the point `(%(x1)s; %(x2)s)` lies halfway between (0; 1) and (1; 0), whose target is "
            "1, and also halfway between (0; 0) and (1; 1), whose target is 0. It would have to lie on both "
            "sides."
        ),
        x1=float(proof.point[0]),
        x2=float(proof.point[1]),
    )


def hidden_layer(screen: Presenter) -> None:
    """Train 2-2-1 multi-layer perceptrons on XOR with plain gradient descent, from several random starts."""
    screen.chapter(_("3. A hidden layer solves XOR"))
    import jax
    import numpy as np

    import jaxnet
    from jaxnet import losses

    x, t = np.array(POINTS, np.float32), np.array(GATES["XOR"], np.float32)[:, None]
    net = jaxnet.mlp("2-2-1", activation="tanh", output="sigmoid")
    runs = [
        jaxnet.fit(
            net,
            (x, t),
            loss=losses.mse,
            optimizer="sgd",
            learning_rate=0.5,
            epochs=2000,
            batch_size=4,
            key=jax.random.key(start),
        )
        for start in range(STARTS)
    ]
    outputs = [np.asarray(jaxnet.predict(net, run.params, x)) for run in runs]
    solved = [bool((abs(y - t) < 0.5).all()) for y in outputs]
    best = int(np.argmin([abs(y - t).max() for y in outputs]))
    run, y = runs[best], outputs[best]
    screen.paragraph(
        _(
            "A multi-layer perceptron 2-2-1: two hidden neurons (tanh), one output (sigmoid). Gradient "
            "descent on the mean squared error, `η = %(rate)s`, %(epochs)s epochs; the loss fell from "
            "%(first)s to %(last)s."
        ),
        rate=0.5,
        epochs=2000,
        first=screen.number(run.history["loss"][0], 3),
        last=screen.number(run.history["loss"][-1], 5),
    )
    hidden = np.tanh(x @ np.asarray(run.params[0]["w"]) + np.asarray(run.params[0]["b"]))
    rows = [
        [*map(str, point), str(target), *(screen.number(value, 3) for value in (*h, output))]
        for point, target, h, output in zip(POINTS, GATES["XOR"], hidden, y[:, 0], strict=True)
    ]
    screen.rows(["x₁", "x₂", "t", "h₁", "h₂", "y"], rows)

    across, upward = np.linspace(-0.25, 1.25, 31), np.linspace(1.25, -0.25, 13)  # both contain 0 and 1
    grid = np.stack(np.meshgrid(across, upward), axis=-1).astype(np.float32)
    ones = np.asarray(jaxnet.predict(net, run.params, grid))[..., 0] > 0.5
    corners = {tuple(point): str(target) for point, target in zip(POINTS, GATES["XOR"], strict=True)}
    picture = Text()
    for line, one_line in zip(grid, ones, strict=True):
        for place, one in zip(line.tolist(), one_line, strict=True):
            style = "green" if one else "dim"
            picture.append(corners.get(tuple(place), "+" if one else "."), style)
        picture.append("\n")
    screen.console.print(picture)
    screen.say()
    screen.paragraph(
        _(
            "A `+` marks where the network answers 1; the corners show the targets. With only two hidden "
            "neurons, not every random start gets there: %(solved)s of %(starts)s did, the others got stuck."
        ),
        solved=sum(solved),
        starts=STARTS,
    )


def digits(screen: Presenter) -> None:
    """Train a 64-32-10 network on real handwritten digits."""
    screen.chapter(_("4. Handwritten digits"))
    import jax
    import numpy as np

    import jaxnet
    from jaxnet import data, losses, metrics

    train, test = data.split(data.digits(), test=0.25, seed=0, stratify=True)
    net = jaxnet.mlp("64-32-10")
    start = time.perf_counter()
    run = jaxnet.fit(
        net,
        train,
        loss=losses.cross_entropy,
        optimizer="adam",
        epochs=40,
        batch_size=32,
        key=jax.random.key(0),
    )
    seconds = time.perf_counter() - start
    accuracy = jaxnet.evaluate(net, run.params, test, metrics={"accuracy": metrics.accuracy})["accuracy"]
    screen.paragraph(
        _(
            "A network 64-32-10 learned from %(train)s real handwritten digits of 8 × 8 pixels, in "
            "%(seconds)s s. Of %(test)s unseen digits, it classifies %(percent)s %% correctly."
        ),
        train=len(train[0]),
        test=len(test[0]),
        seconds=screen.number(seconds, 1),
        percent=screen.number(100 * accuracy, 1),
    )
    shades = " ░▒▓█" if screen.unicode else " .+*#"
    read = np.asarray(jaxnet.predict(net, run.params, test[0][:6])).argmax(axis=-1)
    picture = Text()
    for row in range(8):
        for image in test[0][:6]:
            line = image.reshape(8, 8)[row]
            picture.append("".join(shades[round(float(ink) * 4)] for ink in line) + "    ")
        picture.append("\n")
    for answer, target in zip(read, test[1][:6], strict=True):
        picture.append(f"   {answer}".ljust(12), style="green" if answer == target else "red")
    screen.console.print(picture)
    screen.say()


def first_question(screen: Presenter) -> None:
    """Ask the first question; without a terminal, show it and explain how to answer it."""
    screen.chapter(_("5. Your turn"))
    command = shlex.quote(str(Path(sys.executable).with_name("quiz")))
    if sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
        sys.stdout.flush()
        # the exit status depends on the answer, and is ignored
        subprocess.call([sys.executable, "-m", "quiz.cli", "take", "-n", "1", "--lang", screen.lang])
        screen.say()
    else:
        variant = quiz.generate(quiz.exercises()[0].id, seed=1)
        screen.question(variant)
        answers = " ".join(f"-a {ask.name}=…" for ask in variant.asks)
        screen.say()
        screen.paragraph(_("To answer: %(line)s"), line=f"`{command} grade '{variant.name}' {answers}`")
    screen.paragraph(_("Continue with the quiz: %(line)s"), line=f"`{command}`")
    screen.paragraph(_("In the browser: %(line)s"), line=f"`{command} web`")


def main(arguments: list[str]) -> int:
    """Run the demo; return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--lang", choices=LANGUAGES, help="language (default: QUIZ_LANG, then the system's language)"
    )
    chosen = parser.parse_args(arguments).lang
    try:
        screen = Presenter(language(chosen))
    except ValueError as error:
        print(f"scripts/demo: {error}", file=sys.stderr)
        return 2
    keep_compiled_programs()
    try:
        for part in (perceptron_learns, why_not_xor, hidden_layer, digits, first_question):
            part(screen)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
