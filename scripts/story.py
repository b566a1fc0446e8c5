"""The lecture's story in one run of the terminal; scripts/demo calls it.

A perceptron learns AND and OR, fails on XOR, and why; a multi-layer perceptron solves XOR; a larger one reads
handwritten digits; and then the first question of the quiz. Every figure is computed as it is shown.
"""

import argparse
import sys

from rich.console import Console
from rich.table import Table

POINTS = [[0, 0], [0, 1], [1, 0], [1, 1]]
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def gates(console: Console) -> None:
    """The perceptron on AND, OR and XOR."""
    from jaxnet import perceptron

    table = Table("", "mistakes in each epoch", "updates", "w", "b", "")
    for name, targets in GATES.items():
        run = perceptron.fit(perceptron.init(2), POINTS, targets, max_epochs=12)
        mistakes = " ".join(str(int(count)) for count in run.mistakes)
        verdict = "learned" if run.converged else "never learned"
        w = " ".join(f"{value:g}" for value in run.params["w"].tolist())
        table.add_row(name, mistakes, str(int(run.updates)), w, f"{float(run.params['b']):g}", verdict)
    console.print(table)

    proof = perceptron.inseparability_proof(POINTS, GATES["XOR"])
    if proof is not None:
        point = ", ".join(str(number) for number in proof.point)
        console.print(
            f"No line parts the ones of XOR from its zeros: ({point}) lies half-way between (0, 1) and "
            "(1, 0), which want 1, and also half-way between (0, 0) and (1, 1), which want 0. It cannot lie "
            "on both sides."
        )


def main(arguments: list[str]) -> int:
    """Tell the story; the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lang", choices=("kk", "ru", "en"))
    parser.parse_args(arguments)
    console = Console(highlight=False)
    console.rule("1. The perceptron")  # before anything slow is imported: the first sign of life

    from jaxnet.cache import keep_compiled_programs

    keep_compiled_programs()
    gates(console)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
