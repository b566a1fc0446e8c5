"""Data in memory: datasets, readers of files, and what is done to examples before training."""

from jaxnet.data.augmentation import augment
from jaxnet.data.datasets import AND, NAND, OR, XOR, Pair, digits, mnist
from jaxnet.data.memory import aligned
from jaxnet.data.pictures import Images, images
from jaxnet.data.readers import Table, read_csv, read_idx, read_npz
from jaxnet.data.sequences import pad
from jaxnet.data.series import split_in_time, windows
from jaxnet.data.transforms import Scaling, one_hot, split, standardise
from jaxnet.data.vocabulary import Vocabulary, text

__all__ = [
    "AND",
    "NAND",
    "OR",
    "XOR",
    "Images",
    "Pair",
    "Scaling",
    "Table",
    "Vocabulary",
    "aligned",
    "augment",
    "digits",
    "images",
    "mnist",
    "one_hot",
    "pad",
    "read_csv",
    "read_idx",
    "read_npz",
    "split",
    "split_in_time",
    "standardise",
    "text",
    "windows",
]
