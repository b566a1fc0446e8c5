"""Tables of plain text with aligned columns."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Lay out a table.

    Args:
        head: the header.
        rows: as many texts each.
        left: the number of columns, from the first, that are left-aligned; the others are right-aligned.

    Example:
        >>> print(table(["id", "n"], [["q1.a", "7"], ["q2.long", "1000"]]))
        id          n
        -------  ----
        q1.a        7
        q2.long  1000
    """
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            text.ljust(width) if i < left else text.rjust(width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
