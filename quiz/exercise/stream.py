"""The stream that the numbers of a variant are drawn from, the same on every machine and version."""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

_T = TypeVar("_T")
_MASK = (1 << 64) - 1


@lru_cache(maxsize=1024)
def _units(bound: float | str, places: int) -> int:
    """Return a bound in units of the last of ``places`` decimals."""
    return round(Fraction(str(bound)) * 10**places)


class Stream:
    """An endless stream of random integers, determined by a text.

    SplitMix64, seeded with the BLAKE2b hash of the text. The streams of `random`, NumPy and JAX are not used,
    as they may change between versions.

    Example:
        >>> s = Stream("q2.update@7")
        >>> [s.integer(1, 6) for _ in range(8)]
        [1, 3, 6, 1, 5, 4, 2, 5]

    Reference:
        Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    """

    def __init__(self, text: str):
        """Start the stream that belongs to ``text``."""
        self._state = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    def bits(self) -> int:
        """Return the next 64 bits as a whole number."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def integer(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included, each equally likely."""
        span = high - low + 1
        if span < 1:
            raise ValueError(f"integer: expected low <= high, got {low} and {high}")
        limit = (1 << 64) - (1 << 64) % span
        while (value := self.bits()) >= limit:
            pass
        return low + value % span

    def choice(self, options: Sequence[_T]) -> _T:
        """Return one of ``options``, each equally likely."""
        return options[self.integer(0, len(options) - 1)]

    def shuffle(self, items: Sequence[_T]) -> tuple[_T, ...]:
        """Return ``items`` in a random order (Fisher and Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.integer(0, last)
            result[last], result[other] = result[other], result[last]
        return tuple(result)

    def sample(self, items: Sequence[_T], count: int) -> tuple[_T, ...]:
        """Return ``count`` different items of ``items`` in a random order."""
        return self.shuffle(items)[:count]

    def decimal(self, low: float | str, high: float | str, places: int = 1, *, zero: bool = True) -> Fraction:
        """Return a number with ``places`` decimals from ``low`` to ``high``; ``zero=False`` leaves 0 out."""
        first, last = _units(low, places), _units(high, places)
        while (value := self.integer(first, last)) == 0 and not zero:
            pass
        return Fraction(value, 10**places)

    def vector(
        self, size: int, low: float | str, high: float | str, places: int = 1, *, zero: bool = False
    ) -> tuple[Fraction, ...]:
        """Return ``size`` decimal numbers, none of them 0 unless ``zero``."""
        return tuple(self.decimal(low, high, places, zero=zero) for _ in range(size))

    def matrix(
        self,
        rows: int,
        columns: int,
        low: float | str,
        high: float | str,
        places: int = 1,
        *,
        zero: bool = False,
    ) -> tuple[tuple[Fraction, ...], ...]:
        """Return ``rows`` vectors of ``columns`` decimal numbers."""
        return tuple(self.vector(columns, low, high, places, zero=zero) for _ in range(rows))
