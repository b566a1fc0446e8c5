"""Tables as people have them: `jaxnet.tables` against scikit-learn's ColumnTransformer, written by hand.

    python scripts/examples/tables.py

Three tables of scikit-learn's and two that are made with texts, dates and blanks. `jaxnet.tables.prepare` is
told the file and the target, nothing else; the pipeline of scikit-learn is told the kind of every column.
Both train the same network (64 and 32 hidden neurons, ReLU, Adam) on the same 75 % of the rows, ten times.
The figure is the accuracy, or R², on the other rows: mean and standard error over the splits, and how many
standard errors the means are apart.
"""

import csv
import tempfile
import warnings
from pathlib import Path
from typing import Any

import common
import numpy as np

from jaxnet import tables

#: name -> the column of its target; what scikit-learn's pipeline has to be told of the other columns
TABLES: dict[str, tuple[str, dict[str, list[str]]]] = {
    "wine": ("kind", {}),
    "breast cancer": ("kind", {}),
    "diabetes": ("progression", {}),
    "customers": ("left", {"texts": ["city", "plan"], "dates": ["since"], "drop": ["number"]}),
    "flats": ("price", {"texts": ["district"], "dates": ["sold"], "drop": ["id"]}),
}


def made(name: str, rows: int = 600) -> tuple[list[str], list[list[str]]]:
    """A table with texts, dates and blanks, at random: customers who leave, or flats and their prices."""
    draw = np.random.default_rng(len(name))
    days = np.datetime64("2020-01-01") + draw.integers(0, 1500, rows)
    size, age = draw.gamma(4, 15, rows), draw.uniform(0, 50, rows)
    group = draw.integers(0, 4, rows)
    plan = draw.integers(0, 3, rows)
    noise = draw.normal(size=rows)
    blank = draw.random((rows, 2)) < 0.1
    shown = [
        ["" if b else f"{v:.1f}" for v, b in zip(c, bs, strict=True)]
        for c, bs in zip((size, age), blank.T, strict=True)
    ]
    since = [f"{day}" for day in days]
    if name == "customers":
        score = (
            0.05 * (age - 25)
            - 0.8 * (group == 2)
            + 1.2 * (plan == 1)
            + (days.astype(int) % 365) / 365
            + noise
        )
        columns = [
            [str(10_000_001 + row) for row in range(rows)],
            [("Almaty", "Astana", "Aktau", "Oral")[k] for k in group],
            [("basic", "plus", "pro")[k] for k in plan], since, *shown,
            ["yes" if value > 0.7 else "no" for value in score],
        ]  # fmt: skip
        names = ["number", "city", "plan", "since", "spent", "age", "left"]
    else:
        price = 2 * size + 15 * group - 0.4 * age + (days - days.min()).astype(int) / 40 + 5 * noise
        columns = [
            [str(row) for row in range(rows)], [("north", "south", "east", "west")[k] for k in group], since,
            *shown, [f"{value:.2f}" for value in price],
        ]  # fmt: skip
        names = ["id", "district", "sold", "area", "age", "price"]
    return names, [list(row) for row in zip(*columns, strict=True)]


def shipped(name: str) -> tuple[list[str], list[list[str]]]:
    """A table of scikit-learn's, as text."""
    from sklearn import datasets

    load = {"wine": datasets.load_wine, "breast cancer": datasets.load_breast_cancer}
    found: Any = load.get(name, datasets.load_diabetes)()
    kinds = found.target_names[found.target] if name in load else found.target
    rows = [[*map(repr, row.tolist()), str(kind)] for row, kind in zip(found.data, kinds, strict=True)]
    return [*found.feature_names, TABLES[name][0]], rows


def by_hand(told: dict[str, list[str]], classes: bool, epochs: int, seed: int) -> Any:
    """The pipeline of scikit-learn."""
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    def parts(dates: Any) -> Any:
        import pandas

        found = pandas.to_datetime(dates.iloc[:, 0])
        days = (found - pandas.Timestamp(1970, 1, 1)).dt.days
        return np.stack([days, found.dt.month, found.dt.day, found.dt.day_of_week], 1)

    texts, dates, drop = (told.get(kind, []) for kind in ("texts", "dates", "drop"))
    numbers: Any = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    prepare = ColumnTransformer(
        [
            ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
            ("dates", make_pipeline(FunctionTransformer(parts), StandardScaler()), dates),
            ("drop", "drop", drop),
        ],
        remainder=numbers,
    )
    options: dict[str, Any] = {
        "hidden_layer_sizes": (64, 32),
        "max_iter": epochs,
        "batch_size": 32,
        "alpha": 0,
    }
    if classes:
        return make_pipeline(prepare, MLPClassifier(random_state=seed, **options))
    network = TransformedTargetRegressor(
        MLPRegressor(random_state=seed, **options), transformer=StandardScaler()
    )
    return make_pipeline(prepare, network)


def figures(name: str, folder: Path, epochs: int, splits: int, seed: int) -> tuple[list[float], list[float]]:
    """The figure on unseen rows for each split, of jaxnet and of scikit-learn."""
    import pandas

    names, rows = shipped(name) if name in ("wine", "breast cancer", "diabetes") else made(name)
    target, told = TABLES[name]
    ours, theirs = [], []
    for split in range(splits):
        order = np.random.default_rng((seed, split)).permutation(len(rows))
        cut = len(rows) // 4
        paths = folder / "train.csv", folder / "test.csv"
        for path, chosen in zip(paths, (np.sort(order[cut:]), np.sort(order[:cut])), strict=True):
            with path.open("w", newline="") as file:
                csv.writer(file).writerows([names, *(rows[row] for row in chosen)])
        model, _ = tables.train(
            tables.prepare(paths[0], target),
            (64, 32),
            epochs=epochs,
            seed=split,
            batch_size=32,
            progress=False,
        )
        report = tables.evaluate(model, tables.apply(model, paths[1], with_target=True).table)
        ours.append(report.get("accuracy", report.get("r2", np.nan)))
        seen, unseen = (pandas.read_csv(path) for path in paths)
        pipeline = by_hand(told, model.classes is not None, epochs, split)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # so many epochs and no more
            pipeline.fit(seen.drop(columns=target), seen[target])
        theirs.append(float(pipeline.score(unseen.drop(columns=target), unseen[target])))
    return ours, theirs


def main(arguments: list[str] | None = None) -> dict[str, tuple[list[float], list[float]]]:
    """Compare on each table; give the figures of each."""
    chosen = common.parser(__doc__).parse_args(arguments)
    epochs, splits = (8, 2) if chosen.quick else (40, 10)
    found, shown = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for name in TABLES:
            ours, theirs = found[name] = figures(name, Path(folder), epochs, splits, chosen.seed)
            errors = [np.std(values, ddof=1) / len(values) ** 0.5 for values in (ours, theirs)]
            apart = abs(np.mean(ours) - np.mean(theirs)) / np.hypot(*errors)
            both = [f"{np.mean(v):.3f} ± {e:.3f}" for v, e in zip((ours, theirs), errors, strict=True)]
            shown.append(
                [
                    name,
                    "accuracy" if name in ("wine", "breast cancer", "customers") else "R²",
                    *both,
                    f"{apart:.1f}",
                ]
            )
    common.table(["table", "figure", "jaxnet.tables", "ColumnTransformer", "standard errors apart"], shown)
    return found


if __name__ == "__main__":
    main()
