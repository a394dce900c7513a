"""Tables of text: rows are bins, columns neurons."""

from __future__ import annotations

import math
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from popcode.errors import InputError, PopcodeWarning
from popcode.io.clock import NO_CLOCK, Clock, clock_of, names_time
from popcode.io.csv_header import bare, is_whole, names_columns, rows_to_compare
from popcode.io.csv_lines import content_of, first_lines
from popcode.io.formats import Format, the_file
from popcode.io.options import ReadOptions
from popcode.io.reading import refuse_beyond_memory
from popcode.recording import Recording

ROWS_AT_ONCE = 1 << 16  # lines, fewer where they are long
VALUES_AT_ONCE = 1 << 22
MISSING = ("", "nan", "na", "n/a", "null", "none")
SAVED_INDEX = re.compile(r"Unnamed: 0(\.[0-9]+)?")  # as pandas names it when read and written again
REMEDY = "Correct the line, or export the table again with one number a neuron in every line."


class Layout(NamedTuple):
    """How a table of text is written.

    names: of the columns, none where there is no header. header_line: its number, from 0, or -1.
    """

    delimiter: str
    decimal: str
    names: tuple[str, ...]
    header_line: int
    n_columns: int

    def fields(self, line: str) -> list[str]:
        """What stands between the delimiters, without quotes."""
        return [bare(part) for part in self.parts(line)]

    def parts(self, line: str) -> list[str]:
        """What stands between the delimiters."""
        parts = line.split() if self.delimiter == " " else line.split(self.delimiter)
        return [part.strip() for part in parts]

    def number(self, field: str) -> float:
        """The number that a field spells. Raises ValueError."""
        return float(field.replace(",", ".") if self.decimal == "," else field)


def layout_of(path: Path) -> Layout | None:
    """How the table in a file is written; None where it holds no table of numbers.

    The first line, or the one after a header, must hold at least two numbers.
    """
    if path.is_dir():
        return None
    lines = first_lines(path)
    if not lines:
        return None
    for delimiter, decimal in ((";", ","), ("\t", ","), (",", "."), (";", "."), ("\t", "."),
                               (" ", ".")):  # fmt: skip
        for with_header in (False, True):
            layout = _fits(lines, delimiter, decimal, with_header)
            if layout is not None:
                return _with_numbered_header(path, layout, lines[0])
    return None


def _fits(
    lines: list[tuple[int, str]], delimiter: str, decimal: str, with_header: bool
) -> Layout | None:
    layout = Layout(delimiter, decimal, (), -1, 0)
    if len(lines) <= with_header:
        return None
    fields = layout.fields(lines[with_header][1])
    if len(fields) < 2 or not all(_is_number_or_missing(layout, field) for field in fields):
        return None
    if not any(_is_number(layout, field) for field in fields):
        return None
    if decimal == "," and not any("," in field for field in fields):
        return None
    layout = layout._replace(n_columns=len(fields))
    names = layout.fields(lines[0][1]) if with_header else []
    if len(names) == len(fields) and all(_is_number(layout, name) for name in names):
        names = []
    return layout._replace(names=tuple(names), header_line=lines[0][0] if names else -1)


def _with_numbered_header(path: Path, layout: Layout, first: tuple[int, str]) -> Layout:
    """The layout with the numbers of the first line for names, where that is what they are."""
    parts = layout.parts(first[1])
    n_rows = 0 if layout.names else rows_to_compare(parts)
    if not n_rows:
        return layout
    rows = [layout.parts(line) for _, line in first_lines(path, n_rows)]
    if not names_columns(rows, layout.number):
        return layout
    return layout._replace(names=tuple(map(bare, parts)), header_line=first[0])


def _is_number(layout: Layout, field: str) -> bool:
    try:
        layout.number(field)
    except ValueError:
        return False
    return field.lower() not in MISSING


def _is_number_or_missing(layout: Layout, field: str) -> bool:
    return field.lower() in MISSING or _is_number(layout, field)


def read_csv(path: Path, options: ReadOptions) -> Recording:
    """Recording of a table of text: rows are bins, columns neurons.

    A first line of names, or of numbers that are no values, gives the ids. A column named as time
    (time, t, time_ms, ...) gives the bins' width and gaps; it and running numbers (frame, index,
    ...) are no neurons.

    Raises
    ------
    InputError
        A value that is missing or no number, a line with more or fewer values; with its line.
    """
    layout = layout_of(path)
    if layout is None:
        raise InputError("it holds no table of numbers", remedy=REMEDY)
    if layout.names and len(layout.names) != layout.n_columns:
        raise InputError(
            f"{len(layout.names)} names stand above {layout.n_columns} columns",
            where=f"line {layout.header_line + 1}",
            remedy="Give every column one name.",
        )
    refuse_beyond_memory(path.stat().st_size)
    aside = [column for column, name in enumerate(layout.names) if _is_aside(column, name)]
    activity, left_out = _values(path, layout, aside)
    notes = []
    if aside and layout.names[0].lower() == "t" and (np.diff(left_out[:, 0]) <= 0).any():
        notes.append(f"the column {layout.names[0]!r} does not increase: taken as a neuron")
        aside = aside[1:]
        activity, left_out = _values(path, layout, aside)
    clock = _clock(layout, aside, left_out, options)
    return _recording(activity, layout, aside, clock, notes)


def _is_aside(column: int, name: str) -> bool:
    """Whether a column is time, a running number or the index that pandas wrote."""
    if SAVED_INDEX.fullmatch(name) or (column == 0 and name == ""):
        return True
    # A neuron may be called t, but hardly in the first column.
    return names_time(name) and (column == 0 or len(name) > 1)


def _recording(
    activity: np.ndarray, layout: Layout, aside: list[int], clock: Clock, notes: list[str]
) -> Recording:
    names = [name for column, name in enumerate(layout.names) if column not in aside]
    ids = [int(name) for name in names] if all(map(is_whole, names)) else names
    notes = [*notes, *clock.notes]
    if ids and all(name == "" or is_whole(name) for name in layout.names):
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        notes.append(f"the first line ({shown}) is taken as the neurons' ids, not as a bin")
    if not layout.names and len(activity) > 2 and _looks_like_time(activity[:, 0]):
        note = "the first column goes up evenly: if it is time, give the columns names"
        warnings.warn(note, PopcodeWarning, stacklevel=3)
        notes.append(note)
    return Recording(
        activity,
        bin_s=clock.bin_s,
        neurons={"id": ids} if ids else None,
        segment_starts=clock.segment_starts,
        segment_start_s=clock.segment_start_s,
        provenance=(
            {
                "step": "table read",
                "delimiter": layout.delimiter,
                "orientation": "rows are bins, columns neurons",
                "notes": notes,
            },
        ),
    )


def _looks_like_time(column: np.ndarray) -> bool:
    steps = np.diff(column.astype(np.float64))
    return bool((steps > 0).all() and np.allclose(steps, steps.mean(), rtol=1e-3))


def _clock(layout: Layout, aside: list[int], left_out: np.ndarray, options: ReadOptions) -> Clock:
    clock = NO_CLOCK
    notes: list[str] = []
    for place, column in enumerate(aside):
        name = layout.names[column] or "the first column"
        found = clock_of(left_out[:, place], name)
        notes += found.notes
        if math.isnan(clock.bin_s):
            clock = found
    if options.sampling_rate_hz is not None:
        clock = NO_CLOCK._replace(bin_s=options.sample_s)
    return clock._replace(notes=tuple(notes))


def _values(path: Path, layout: Layout, aside: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Activity (n_bins, n_neurons) float32, and the columns left aside, float64."""
    kept = [column for column in range(layout.n_columns) if column not in aside]
    if not kept:
        raise InputError("it holds no column but time", remedy="Give one column a neuron.")
    blocks, others = [], []
    try:
        with _tables(path, layout, aside) as tables:
            for table in tables:
                blocks.append(table[kept].to_numpy(dtype=np.float32))
                others.append(table[aside].to_numpy(dtype=np.float64))
                if not np.isfinite(blocks[-1]).all():
                    raise ValueError("not finite")
    except (ValueError, OverflowError) as error:  # of pandas, which names no line
        _refuse_first_bad_line(path, layout)
        raise InputError(f"the table cannot be read ({error})", remedy=REMEDY) from None
    return np.concatenate(blocks), np.concatenate(others)


def _tables(path: Path, layout: Layout, aside: list[int]) -> pd.io.parsers.TextFileReader:
    types = {c: np.float64 if c in aside else np.float32 for c in range(layout.n_columns)}
    return pd.read_csv(
        path,
        sep=r"\s+" if layout.delimiter == " " else layout.delimiter,
        decimal=layout.decimal,
        header=None,
        skiprows=layout.header_line + 1,
        comment="#",
        dtype=types,
        chunksize=max(1, min(ROWS_AT_ONCE, VALUES_AT_ONCE // layout.n_columns)),
        encoding_errors="replace",
        on_bad_lines="error",
    )


def _refuse_first_bad_line(path: Path, layout: Layout) -> None:
    """Raise InputError that names the first line, and column, that is no row of numbers."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file):
            if number > layout.header_line and content_of(line):
                _check_line(layout, layout.fields(line.split("#", 1)[0].strip("\r\n")), number + 1)


def _check_line(layout: Layout, fields: list[str], number: int) -> None:
    if len(fields) != layout.n_columns:
        raise InputError(
            f"the line holds {len(fields)} values; expected {layout.n_columns}",
            where=f"line {number}",
            remedy=REMEDY,
        )
    for column, field in enumerate(fields):
        where = f"line {number}, column {column + 1}"
        if layout.names:
            where += f" ({layout.names[column]})"
        if field.lower() in MISSING:
            raise InputError("a value is missing", where=where, remedy=REMEDY)
        if not _is_number(layout, field) or not math.isfinite(layout.number(field)):
            raise InputError(f"{field[:40]!r} is no finite number", where=where, remedy=REMEDY)


CSV = Format("csv", lambda path: layout_of(path) is not None, read_csv, the_file)
