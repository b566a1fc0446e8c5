"""Two functions in a NamedTuple, of which a type checker does not take a slice for a tuple."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import jax

if TYPE_CHECKING:  # a type checker takes a slice of a NamedTuple for a tuple, whatever its class says

    class Pair:
        """``init`` and ``apply``."""

        init: Callable[..., Any]
        apply: Callable[..., jax.Array]

        def __new__(cls, init: Callable[..., Any], apply: Callable[..., jax.Array]) -> Self:
            """Pair them."""
            ...

        def __getitem__(self, index: Any) -> Any: ...
        def __iter__(self) -> Iterator[Callable[..., Any]]: ...

else:

    class Pair(NamedTuple):
        """``init`` and ``apply``."""

        init: Callable[..., Any]
        apply: Callable[..., jax.Array]
