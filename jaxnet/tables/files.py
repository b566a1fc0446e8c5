"""A model in a file: a safetensors file with the network, its parameters and the preparation of its table."""

import itertools
import json
import os
from pathlib import Path
from typing import Any

from jaxnet import _storage, checkpoint, specs
from jaxnet.data.refusals import InvalidFile
from jaxnet.tables.columns import Column
from jaxnet.tables.model import Model
from jaxnet.tables.preparation import Preparation

#: files of models without a preparation, and with one
_FORMS = ("jaxnet table model 1", "jaxnet table model 2")


def save(path: str | os.PathLike[str], model: Model) -> None:
    """Write a model, its architecture and its preparation to one safetensors file, atomically.

    Args:
        path: the file; an existing one is replaced only when the new one is whole.
        model: from :func:`train`.

    Raises:
        OSError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from jaxnet import tables
        >>> from jaxnet.data.readers import Table
        >>> x = np.array([[0.0], [1.0]] * 8, np.float32)
        >>> model, _ = tables.train(Table(x, x[:, 0], ("x",), "y", None), (), epochs=1)
        >>> path = Path(tempfile.mkdtemp()) / "model.safetensors"
        >>> save(path, model)
        >>> load(path).features
        ('x',)
    """
    tree = {"params": model.params, "scaling": dict(model.scaling), "answers": dict(model.answers)}
    table: dict[str, Any] = {"features": model.features, "target": model.target, "classes": model.classes}
    if (preparation := model.preparation) is not None:
        columns = [column.to_data() for column in preparation.columns]
        table["preparation"] = {"columns": columns, "header": preparation.header, "scale": preparation.scale}
    form = _FORMS[preparation is not None]
    about = {"form": form, "table": json.dumps(table, ensure_ascii=False)}
    checkpoint.save(path, tree, net=model.net, about=about)


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model written by :func:`save`.

    Args:
        path: the file.

    Returns:
        The model, as it was saved.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, foreign, or no model of a table.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "model.safetensors"
        >>> _ = path.write_bytes(b"no model")
        >>> load(path)
        Traceback (most recent call last):
        ...
        jaxnet.data.refusals.InvalidFile: tables.load: ...
    """
    try:
        return _loaded(path)
    except InvalidFile:
        raise
    except _DAMAGE as error:
        detail = str(error).removeprefix("load: ") or type(error).__name__
        raise InvalidFile("tables.load", "damaged model", path=path, detail=f"{detail:.200}") from None


#: what a file that somebody changed may raise on its way to a model
_DAMAGE = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, MemoryError
)  # fmt: skip


def _loaded(path: str | os.PathLike[str]) -> Model:
    tree, words = _storage.read(Path(path))
    about = json.loads(words.get("about", "{}"))
    if about.get("form") not in _FORMS or "network" not in words:
        raise InvalidFile("tables.load", "no model", path=path)
    table = json.loads(about["table"])
    features, target, classes = table["features"], table["target"], table["classes"]
    preparation = None
    if (given := table.get("preparation")) is not None:
        columns = tuple(map(Column.from_data, given["columns"]))
        preparation = Preparation(columns, bool(given["header"]), float(given["scale"]))
    names = [target, *features, *(classes or ())]
    net, scaling = specs.from_spec(json.loads(words["network"])), tree["scaling"]
    sizes = net.spec.options["sizes"]
    if (
        not all(isinstance(name, str) for name in names)
        or sizes[0] != len(features)
        or sizes[-1] != (len(classes) if classes else 1)
        or scaling["mean"].shape != (len(features),)
        or scaling["scale"].shape != (len(features),)
        or [layer["w"].shape for layer in tree["params"]] != list(itertools.pairwise(sizes))
    ):
        raise ValueError("its parts do not fit together")
    return Model(
        net,
        tree["params"],
        scaling,
        tree["answers"],
        tuple(features),
        target,
        None if classes is None else tuple(classes),
        preparation,
    )
