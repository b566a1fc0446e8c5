"""Text as sequences of ids, with the vocabulary that turns them back into text."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from jaxnet import _validation
from jaxnet._padded import Padded
from jaxnet.data.sequences import pad

PADDING, UNKNOWN, BEGIN, END = range(4)
_SPECIAL = 4
_WORDS = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")


class Vocabulary(NamedTuple):
    """What the ids of a text stand for: 0 is padding, 1 unknown, 2 the begin and 3 the end of a text.

    It is made of plain values, so that it can be saved with a model:
    ``jaxnet.save(path, {"params": params, "vocabulary": vocabulary._asdict()}, net=net)``, and
    ``Vocabulary(**saved["vocabulary"])`` makes it again.

    Attributes:
        tokens: the characters or words with the ids from 4 on, the most frequent first.
        unit: "characters" or "words".
        lower: whether text is brought to lower case.
        begin: whether texts start with the id 2.
        end: whether texts end with the id 3.
    """

    tokens: tuple[str, ...]
    unit: str = "characters"
    lower: bool = False
    begin: bool = False
    end: bool = False

    @property
    def size(self) -> int:
        """How many ids there are, for ``jaxnet.embedding(vocabulary.size, ...)``."""
        return _SPECIAL + len(self.tokens)

    def decode(self, ids: Any) -> Any:
        """The text of ids, without padding, begin and end; what is unknown is written as U+FFFD.

        Args:
            ids: (time,), or (n, time), or a ``Padded`` of these.

        Returns:
            One text, or a list of texts.

        Raises:
            ValueError: an id outside the vocabulary.
        """
        if isinstance(ids, Padded):
            values, lengths = np.asarray(ids.values), np.asarray(ids.lengths)
            return [self.decode(row[:length]) for row, length in zip(values, lengths, strict=True)]
        known = np.asarray(_validation.numbers("Vocabulary.decode", "ids", ids))
        if known.ndim > 1:
            return [self.decode(row) for row in known]
        outside = known[(known < 0) | (known >= self.size)]
        if outside.size:
            raise ValueError(
                f"Vocabulary.decode: expected ids from 0 to {self.size - 1}, got {outside.flat[0]}"
            )
        parts = [
            "\N{REPLACEMENT CHARACTER}" if number == UNKNOWN else self.tokens[number - _SPECIAL]
            for number in known.ravel().tolist()
            if number not in (PADDING, BEGIN, END)
        ]
        return ("" if self.unit == "characters" else " ").join(parts)


def text(
    texts: Iterable[str],
    vocabulary: Vocabulary | None = None,
    *,
    unit: str = "characters",
    lower: bool = False,
    begin: bool = False,
    end: bool = False,
    size: int | None = None,
    least: int = 1,
) -> tuple[Padded, Vocabulary]:
    """Turn texts into ids, with the vocabulary of the first texts applied to all later ones.

    The same characters have the same ids whether accents are written as one character or as two (Unicode
    NFC).

    Args:
        texts: the texts.
        vocabulary: that of the training texts, for further texts; None: it is made from ``texts``, and the
            other arguments say how.
        unit: "characters", or "words": runs of letters and digits, each other sign by itself.
        lower: bring text to lower case.
        begin: put the id 2 in front of each text.
        end: put the id 3 behind each text.
        size: keep so many ids at most, the special ones included; rarer ones become unknown.
        least: leave out what occurs less often.

    Returns:
        Ids ``Padded(values (n, longest), lengths (n,))``, int32, and the :class:`Vocabulary`.

    Raises:
        TypeError: something other than texts.
        ValueError: no text, an empty text (unless ``begin`` or ``end`` gives it a step), or an unknown unit.

    Example:
        >>> from jaxnet import data
        >>> ids, vocabulary = data.text(["abba", "cab"])
        >>> ids.values.tolist(), vocabulary.tokens
        ([[4, 5, 5, 4], [6, 4, 5, 0]], ('a', 'b', 'c'))
        >>> later, _ = data.text(["bad"], vocabulary)
        >>> later.values.tolist(), vocabulary.decode(later)
        ([[5, 4, 1]], ['ba\N{REPLACEMENT CHARACTER}'])
    """
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise TypeError(f"data.text: expected a list of texts, got {type(texts).__name__}")
    listed = list(texts)
    for index, one in enumerate(listed):
        if not isinstance(one, str):
            raise TypeError(f"data.text: expected texts, got {type(one).__name__} at index {index}")
    if vocabulary is None:
        _validation.check_name("data.text", "unit", unit, ("characters", "words"))
        room = None
        if size is not None:
            room = _validation.check_count("data.text", "size", size, _SPECIAL + 1) - _SPECIAL
        least = _validation.check_count("data.text", "least", least)
        counts = Counter(token for one in listed for token in _tokens(one, unit, lower))
        ranked = sorted(counts, key=lambda token: (-counts[token], token))
        kept = tuple(token for token in ranked if counts[token] >= least)[:room]
        vocabulary = Vocabulary(kept, unit, lower, begin, end)
    numbers = {token: _SPECIAL + index for index, token in enumerate(vocabulary.tokens)}
    rows = []
    for index, one in enumerate(listed):
        ids = [numbers.get(token, UNKNOWN) for token in _tokens(one, vocabulary.unit, vocabulary.lower)]
        row = [BEGIN] * vocabulary.begin + ids + [END] * vocabulary.end
        if not row:
            raise ValueError(
                f"data.text: expected texts with at least one of the {vocabulary.unit}, got {one!r:.40} at "
                f"index {index}; leave it out, or use begin=True"
            )
        rows.append(np.array(row, np.int32))
    if not rows:
        raise ValueError("data.text: expected at least one text, got none")
    return pad(rows, value=PADDING), vocabulary


def _tokens(one: str, unit: str, lower: bool) -> Iterable[str]:
    one = unicodedata.normalize("NFC", one.lower() if lower else one)
    return one if unit == "characters" else _WORDS.findall(one)
