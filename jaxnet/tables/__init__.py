"""Models for tables: a table becomes numbers, a network learns from them, a file keeps both.

:func:`prepare` reads the training table and finds out what to do with each column, :func:`train` makes the
model, :func:`apply` reads further tables the same way, :func:`answer`, :func:`probabilities` and
:func:`report` ask the model and measure it, :func:`save` and :func:`load` keep it. ``sequences``
reads tables with a column of text and tables in the order of time, ``sequence_model`` learns from them.
"""

from jaxnet.tables import sequence_model as sequence_model
from jaxnet.tables import sequences as sequences
from jaxnet.tables.columns import Column
from jaxnet.tables.files import load, save
from jaxnet.tables.model import Model, answer, evaluate, probabilities, read, report, train
from jaxnet.tables.preparation import Preparation, Prepared, apply, cells, prepare
from jaxnet.tables.targets import CLASSIFICATION, MOST_CLASSES, REGRESSION, TASKS

__all__ = [
    "CLASSIFICATION",
    "MOST_CLASSES",
    "REGRESSION",
    "TASKS",
    "Column",
    "Model",
    "Preparation",
    "Prepared",
    "answer",
    "apply",
    "cells",
    "evaluate",
    "load",
    "prepare",
    "probabilities",
    "read",
    "report",
    "save",
    "train",
]
