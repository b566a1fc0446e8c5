"""Data in memory: datasets, readers of files, and what is done to examples before training."""

from jaxnet.data.datasets import AND, NAND, OR, XOR, Pair, digits, mnist
from jaxnet.data.memory import aligned
from jaxnet.data.readers import Table, read_csv, read_idx, read_npz
from jaxnet.data.sequences import pad
from jaxnet.data.transforms import Scaling, one_hot, split, standardise

__all__ = [
    "AND",
    "NAND",
    "OR",
    "XOR",
    "Pair",
    "Scaling",
    "Table",
    "aligned",
    "digits",
    "mnist",
    "one_hot",
    "pad",
    "read_csv",
    "read_idx",
    "read_npz",
    "split",
    "standardise",
]
