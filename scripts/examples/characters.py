"""Generate text character by character, after the English messages of this project.

    python scripts/examples/characters.py

A GRU reads pieces of 64 characters and predicts the next one at each step. What it has learned is measured on
messages that it has not seen, in bits per character, against the frequencies of single characters and of
pairs; then it continues a beginning at two temperatures.
"""

from typing import Any

import common
import jax
import languages
import numpy as np

import jaxnet
from jaxnet import data, losses

PIECE = 64


def pieces(texts: list[str], vocabulary: data.Vocabulary | None = None) -> tuple[np.ndarray, data.Vocabulary]:
    """All texts one after another, in rows of one character more than a piece."""
    ids, vocabulary = data.text(["\n".join(texts)], vocabulary)
    row = np.asarray(ids.values[0])
    count = (len(row) - 1) // PIECE
    return np.stack([row[i * PIECE : i * PIECE + PIECE + 1] for i in range(count)]), vocabulary


def bits(learned: np.ndarray, unseen: np.ndarray, size: int, order: int) -> float:
    """Bits per character of the frequencies of single characters (order 0), or of pairs (1)."""
    counts = np.full((size, size), 0.1)
    first = learned[:, :-1] if order else np.zeros_like(learned[:, :-1])
    np.add.at(counts, (first.ravel(), learned[:, 1:].ravel()), 1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    given = unseen[:, :-1] if order else np.zeros_like(unseen[:, :-1])
    return float(-np.log2(shares[given, unseen[:, 1:]]).mean())


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Train with each seed; return bits per character on unseen messages, and what was generated."""
    args = common.parser(__doc__).parse_args(arguments)
    messages = [english for _, _, english in languages.sentences()]
    order = np.random.default_rng(0).permutation(len(messages))
    count = 60 if args.quick else 1400
    learned, vocabulary = pieces([messages[i] for i in order[:count]])
    unseen, _ = pieces([messages[i] for i in order[-200:]], vocabulary)
    net = jaxnet.rnn(
        96, vocabulary.size, cell="gru", vocabulary=vocabulary.size, features=24, return_sequences=True
    )
    results: dict[str, Any] = {
        "single characters": [bits(learned, unseen, vocabulary.size, 0)],
        "pairs": [bits(learned, unseen, vocabulary.size, 1)],
        "GRU": [],
    }
    run = None
    for seed in common.seeds(args):
        run = jaxnet.fit(
            net,
            (learned[:, :-1], learned[:, 1:]),
            loss=losses.cross_entropy,
            learning_rate=0.005,
            epochs=1 if args.quick else 12,
            batch_size=16,
            key=jax.random.key(seed),
            progress=False,
        )
        pair = (unseen[:, :-1], unseen[:, 1:])
        found = jaxnet.evaluate(net, run.params, pair, loss=losses.cross_entropy)
        results["GRU"].append(found["loss"] / np.log(2))
    rows = [[name, common.spread(values, 2)] for name, values in results.items()]
    common.table(["model", "bits per character of unseen messages"], rows)
    assert run is not None
    begin, _ = data.text(["The "], vocabulary)
    for heat in (0.4, 0.8):
        ids = jaxnet.generate(
            net, run.params, begin.values[0], 80, key=jax.random.key(args.seed), temperature=heat
        )
        results[f"temperature {heat}"] = "The " + vocabulary.decode(ids)
        print(f"temperature {heat}: {results[f'temperature {heat}']!r}")
    return results


if __name__ == "__main__":
    main()
