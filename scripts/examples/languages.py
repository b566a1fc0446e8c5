"""Tell Kazakh, Russian and English sentences apart, character by character: GRU, LSTM and a bag of
characters.

    python scripts/examples/languages.py

The sentences are those of the project's own translation catalogs, 5 to 300 characters long. Every sentence of
the test set is one that was not trained on, in none of the three languages. The recurrent networks read
sequences of different lengths (``jaxnet.Padded``); the bag of characters gets the share of each character and
nothing of their order. Only the characters of the training sentences have ids. Each network is trained with
five seeds, which also choose the test sentences.
"""

import ast
import re
from pathlib import Path
from typing import Any

import common
import jax
import numpy as np

import jaxnet
from jaxnet import data, losses, metrics

CATALOGS = Path(__file__).resolve().parents[2] / "quiz" / "text"
LANGUAGES = ("kk", "ru", "en")


def entries(path: Path) -> dict[str, str]:
    """Message -> translation of a catalog, without plural forms and without entries to be filled in."""
    found = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        parts = re.findall(r'^msg(id|str) ((?:".*"\n?)+)', block, re.MULTILINE)
        texts = {kind: "".join(map(ast.literal_eval, lines.splitlines())) for kind, lines in parts}
        if len(parts) == 2 and texts["id"] and not re.search(r"[%{}]", texts["id"]):
            found[texts["id"]] = texts["str"]
    return found


def sentences() -> list[tuple[str, str, str]]:
    """Sentences in the three languages that have 5 to 300 characters in each."""
    catalogs = {}
    for language in LANGUAGES[:2]:
        catalogs[language] = {
            message: text
            for path in sorted((CATALOGS / language / "LC_MESSAGES").glob("*.po"))
            for message, text in entries(path).items()
        }
    both = sorted(catalogs["kk"].keys() & catalogs["ru"].keys())
    found = [(catalogs["kk"][message], catalogs["ru"][message], message) for message in both]
    return [three for three in found if all(5 <= len(text) <= 300 for text in three)]


def bag(ids: jaxnet.Padded, size: int) -> np.ndarray:
    """The share of each character in each sentence."""
    rows = (np.bincount(row[:n], minlength=size) / n for row, n in zip(ids.values, ids.lengths, strict=True))
    return np.stack(list(rows)).astype(np.float32)


def examples(found: list[tuple[str, str, str]], seed: int, quick: bool) -> Any:
    """Texts and languages to train on, and to test on."""
    order = np.random.default_rng(seed).permutation(len(found))
    train, test = (40, 30) if quick else (500, 300)
    parts = order[:train], order[train : train + test]
    return [
        ([found[i][k] for i in part for k in range(3)], np.tile(np.arange(3), len(part))) for part in parts
    ]


def main(arguments: list[str] | None = None) -> dict[str, list[float]]:
    """Train the three networks with each seed; return their accuracies on new sentences."""
    args = common.parser(__doc__).parse_args(arguments)
    found, seeds = sentences(), common.seeds(args)
    results: dict[str, list[float]] = {"GRU": [], "LSTM": [], "bag of characters": []}
    counts = {}
    for seed in seeds:
        (texts, y), (new_texts, new_y) = examples(found, seed, args.quick)
        ids, vocabulary = data.text(texts, lower=True)
        new_ids, _ = data.text(new_texts, vocabulary)
        size = vocabulary.size
        nets = {
            "GRU": (jaxnet.rnn(24, 3, cell="gru", vocabulary=size, features=12), ids, new_ids),
            "LSTM": (jaxnet.rnn(20, 3, cell="lstm", vocabulary=size, features=12), ids, new_ids),
            "bag of characters": (jaxnet.mlp([size, 24, 3]), bag(ids, size), bag(new_ids, size)),
        }
        for name, (net, x, new_x) in nets.items():
            run = jaxnet.fit(
                net,
                (x, y),
                loss=losses.cross_entropy,
                learning_rate=0.01,
                epochs=2 if args.quick else 8 if name != "bag of characters" else 30,
                batch_size=32,
                key=jax.random.key(seed),
                progress=False,
            )
            measured = jaxnet.evaluate(
                net, run.params, (new_x, new_y), metrics={"accuracy": metrics.accuracy}
            )
            results[name].append(measured["accuracy"])
            counts[name] = common.weights(run.params)
    rows = [[name, counts[name], common.spread(values)] for name, values in results.items()]
    common.table(["network", "weights", "accuracy on new sentences"], rows)
    return results


if __name__ == "__main__":
    main()
