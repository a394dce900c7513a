"""``history.csv``: what training recorded, replaced whole so that a kill never cuts a row."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.files.atomic import write_text


def _cell(value: float) -> str:
    number = float(value)
    if not math.isfinite(number):
        return ""
    # repr gives back the same bits, so a resumed history equals an uninterrupted one.
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def write_history(
    path: str | os.PathLike[str], columns: Mapping[str, Sequence[float] | npt.NDArray]
) -> None:
    """Replace a history file atomically.

    Parameters
    ----------
    path : path-like
        The file.
    columns : mapping
        Name to values, all of one length; a value that is not finite becomes an empty cell.

    Raises
    ------
    ValueError
        Columns of different lengths.
    InputError
        The file cannot be written; the old one stays.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(_cell, row) for row in zip(*columns.values(), strict=True))
    write_text(path, text.getvalue())


def read_history(path: str | os.PathLike[str]) -> dict[str, npt.NDArray[np.float64]]:
    """Read a history file.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    dict
        Name to values; an empty cell is nan.

    Raises
    ------
    InputError
        Missing, or not a table of numbers.
    """
    try:
        rows = list(csv.reader(io.StringIO(Path(path).read_text(encoding="utf-8"))))
        names, body = rows[0], rows[1:]
        if any(len(row) != len(names) for row in body):
            raise ValueError("rows of different lengths")
        values = np.array([[float(cell or "nan") for cell in row] for row in body])
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=os.fspath(path)) from error
    except (ValueError, IndexError, csv.Error) as error:
        raise InputError(f"not a history table ({error})", where=os.fspath(path)) from error
    return dict(zip(names, values.reshape(len(body), len(names)).T, strict=True))
