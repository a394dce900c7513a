"""Whether the first line of a table holds numbers that name its columns."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

FEWEST_NUMBERED = 3  # columns: fewer count up by chance
ROWS_COMPARED = 200
FIELDS_COMPARED = 100_000
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")


def bare(part: str) -> str:
    """A field without its quotes."""
    return part.strip("\"'")


def is_whole(name: str) -> bool:
    """Whether it is a whole number without sign or point, as pandas writes the names 0, 1, ..."""
    return _WHOLE.fullmatch(name) is not None


def rows_to_compare(first: Sequence[str]) -> int:
    """How many lines `names_columns` should be given; 0 where `first` holds no such names."""
    names = [bare(part) for part in first]
    whole = all(is_whole(name) for name in names[1:]) and (is_whole(names[0]) or not names[0])
    if not whole and not all(map(_is_quoted, first)):
        return 0
    return max(2, min(ROWS_COMPARED, FIELDS_COMPARED // len(first)))


def names_columns(rows: Sequence[Sequence[str]], number: Callable[[str], float]) -> bool:
    """Whether the first row names the columns of those below.

    It does where it alone is quoted; where its first field is empty, as above an index; where it
    counts 0, 1, 2, ... or 1, 2, 3, ... and the row below does not go up by one as well; and where
    it increases and is larger than all that stands below.

    Parameters
    ----------
    rows : sequence of rows
        The first lines, a field as it is written, with its quotes.
    number : callable
        What a field spells; raises ValueError.
    """
    if len(rows) < 2:
        return False
    first, *below = rows
    if all(map(_is_quoted, first)) and not any(map(_is_quoted, below[0])):
        return True
    names = [bare(part) for part in first]
    if names[0] == "" and len(names) > 1:
        return bool(bare(below[0][0])) and len(set(names)) == len(names)
    if len(names) < FEWEST_NUMBERED or not all(map(is_whole, names)):
        return False
    numbers = [int(name) for name in names]
    if numbers[0] in (0, 1) and _counts_up(numbers):
        return not _counts_up(_numbers(below[0], number))
    values = [value for row in below for value in _numbers(row, number)]
    increases = all(one < next_ for one, next_ in pairwise(numbers))
    return increases and numbers[0] > max(values, default=float("inf"))


def _is_quoted(part: str) -> bool:
    return len(part) > 1 and part[0] == part[-1] and part[0] in "\"'"


def _counts_up(values: Sequence[float]) -> bool:
    return all(next_ - one == 1 for one, next_ in pairwise(values))


def _numbers(row: Sequence[str], number: Callable[[str], float]) -> list[float]:
    """The values of a row; what spells none is left to the reader to refuse."""
    values = []
    for part in row:
        try:
            values.append(number(bare(part)))
        except ValueError:
            continue
    return [value for value in values if not math.isnan(value)]
