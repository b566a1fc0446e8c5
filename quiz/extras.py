"""Optional libraries: imported when they are used; an error in one sentence says how to install them."""

import importlib
from typing import Any

from quiz.text import mark as _
from quiz.text.errors import Refusal


class Missing(Refusal):
    """A library of the extra ``export`` is not installed."""


def import_extra(module: str) -> Any:
    """Import a library of the extra ``export``, or raise `Missing`, which says how to install it.

    Example:
        >>> import_extra("json").dumps(1)
        '1'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        package = module.partition(".")[0]
        raise Missing(
            _("this needs the package %(name)s; install it with `pip install jaxnet-quiz[export]`"),
            name=package,
        ) from None
