"""Training: ``fit`` and its relatives, evaluation, and all that happens between a call and its result.

From the bottom up: ``compiled`` holds the programs that run on the device, ``feed`` brings the examples
there, ``host`` is what Python does between the programs (epochs, checkpoints, early stopping), and ``job``
turns the arguments of a call into a run that is ready to begin.
"""

from jaxnet.training.compiled.plan import choose
from jaxnet.training.evaluation import Ensemble, evaluate, predict
from jaxnet.training.host.divergence import Diverged
from jaxnet.training.host.journal import Epoch
from jaxnet.training.host.resume import Checkpoint
from jaxnet.training.host.stopping import EarlyStopping
from jaxnet.training.hyperparameters import Search, search
from jaxnet.training.learning_rate import RateSearch, find_learning_rate
from jaxnet.training.many import CrossValidation, cross_validate, fit_many
from jaxnet.training.run import Run, fit

__all__ = [
    "Checkpoint",
    "CrossValidation",
    "Diverged",
    "EarlyStopping",
    "Ensemble",
    "Epoch",
    "RateSearch",
    "Run",
    "Search",
    "choose",
    "cross_validate",
    "evaluate",
    "find_learning_rate",
    "fit",
    "fit_many",
    "predict",
    "search",
]
