"""What the animal saw and did in every bin: stimuli, trials, epochs, running speed."""

from collections.abc import Callable
from dataclasses import replace

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.nwb.intervals import RowsAt, bounds_of, rows_at
from popcode.io.nwb.running import running_path, speed_at
from popcode.io.nwb.tables import Columns, is_text, read_columns, row_ends, values_of
from popcode.recording import Recording
from popcode.recording.memory import refuse_beyond_memory
from popcode.recording.segments import segment_of_bins

PRESENTATIONS = "_presentations"
FLAGS = ("is_change", "omitted")
BLOCK_COLUMNS = ("active", "stimulus_block")
EPOCH_COLUMNS = ("epoch_name", "label", "name", "stimulus_name", "condition", "tags")
MOST_VALUES = 100  # a column of trials with more distinct values is no condition
EXACT_IN_A_REAL = 2**53
WIDEST_TEXT = 64  # characters of a text that is a condition
Covariates = dict[str, np.ndarray]
Add = Callable[[Covariates, h5py.Group, np.ndarray], None]  # a table or series, at given times


def with_covariates(recording: Recording, file: h5py.File, times_s: np.ndarray | None) -> Recording:
    """The recording with one value a bin, at the middle of the bin, of each thing below.

    `times_s` (n_bins,) are those of the middles; where they are not known, nothing is added.

    * `stimulus`: name of the stimulus, "" between presentations; `image_name`;
    * `is_change`, `omitted`: 1, 0, or -1 where nothing is presented;
    * `active` (1 the task, 0 passive, -1 neither) and `stimulus_block`, which last from the
      first to the last presentation of a block;
    * `trial`: id of the trial, -1 in none; `trial_<column>`: the columns of trials with few
      distinct values;
    * `epoch`;
    * `running_speed`: interpolated, in the unit of the file, nan where there are no samples.

    Other tables of intervals, and those that cannot be read, are left out, and a note says so.
    """
    if times_s is None:
        return recording
    covariates: Covariates = {}
    notes = _unread(file)
    for path, add in _tables(file):
        try:
            add(covariates, file[path], times_s)
        except InputError as error:
            notes.append(f"{path} left out: {error.what}")
    if not covariates and not notes:
        return recording
    step = {"step": "covariates of the file", "names": list(covariates), "notes": notes}
    return replace(recording, covariates=covariates, provenance=(*recording.provenance, step))


def bin_centres(recording: Recording) -> np.ndarray:
    """Absolute time of the middle of every bin, float64 (n_bins,)."""
    bins = np.arange(recording.n_bins)
    segment = segment_of_bins(recording.segment_starts, bins)
    starts_s = np.asarray(recording.segment_start_s)
    return starts_s[segment] + (bins - recording.segment_starts[segment] + 0.5) * recording.bin_s


def _tables(file: h5py.File) -> list[tuple[str, Add]]:
    """Paths of what is there to be read, each with the function that adds it."""
    found: list[tuple[str, Add]] = []
    intervals = file.get("intervals")
    for name in intervals if isinstance(intervals, h5py.Group) else ():
        add = _add_stimulus if name.endswith(PRESENTATIONS) else NAMED_TABLES.get(name)
        if add is not None and _has_rows(intervals.get(name)):
            found.append((f"intervals/{name}", add))
    path = running_path(file)
    return found if path is None else [*found, (path, _add_running)]


def _unread(file: h5py.File) -> list[str]:
    """What is said of tables of intervals that become no covariate."""
    intervals = file.get("intervals")
    names = [
        name
        for name in (intervals if isinstance(intervals, h5py.Group) else ())
        if not name.endswith(PRESENTATIONS) and name not in (*NAMED_TABLES, "invalid_times")
    ]
    return [f"tables of intervals not read: {', '.join(names)}"] if names else []


def _has_rows(table: object) -> bool:
    return isinstance(table, h5py.Group) and table.get("id") is not None and table["id"].size > 0


def _add_stimulus(covariates: Covariates, table: h5py.Group, times_s: np.ndarray) -> None:
    rows, columns = rows_at(times_s, bounds_of(table)), read_columns(table)
    named = table.name.rsplit("/", 1)[-1].removesuffix(PRESENTATIONS)
    names = columns.values.get("stimulus_name", np.full(len(columns.values["id"]), named))
    _fill(covariates, "stimulus", _text(names), rows.inside)
    if "image_name" in columns.values:
        _fill(covariates, "image_name", _text(columns.values["image_name"]), rows.inside)
    for name in FLAGS:
        if name in columns.values:
            _fill(covariates, name, _flags(columns.values[name]), rows.inside)
    if "active" in columns.values:
        flags = _flags(columns.values["active"])
        _fill(covariates, "active", flags, _lasting(rows, flags))
    if "stimulus_block" in columns.values:
        blocks = _whole(columns.values["stimulus_block"])
        _fill(covariates, "stimulus_block", blocks, _lasting(rows, blocks))


def _add_trials(covariates: Covariates, table: h5py.Group, times_s: np.ndarray) -> None:
    inside, columns = rows_at(times_s, bounds_of(table)).inside, read_columns(table)
    _fill(covariates, "trial", _whole(columns.values["id"]), inside)
    for name, values in _conditions(columns).items():
        _fill(covariates, f"trial_{name}", values, inside)


def _add_epochs(covariates: Covariates, table: h5py.Group, times_s: np.ndarray) -> None:
    inside = rows_at(times_s, bounds_of(table)).inside
    _fill(covariates, "epoch", _epoch_names(table), inside)


def _add_running(covariates: Covariates, series: h5py.Group, times_s: np.ndarray) -> None:
    covariates["running_speed"] = speed_at(series, times_s)


NAMED_TABLES: dict[str, Add] = {"trials": _add_trials, "epochs": _add_epochs}


def _fill(covariates: Covariates, name: str, values: np.ndarray, rows: np.ndarray) -> None:
    """Write `values[rows]` where a row is given (0 and up) and no table before wrote."""
    refuse_beyond_memory(len(rows) * values.dtype.itemsize)
    nothing = nothing_of(values.dtype)
    now = covariates.get(name)
    if now is None:
        now = np.full(len(rows), nothing, dtype=values.dtype)
    here = (rows >= 0) & (np.isnan(now) if now.dtype.kind == "f" else now == nothing)
    filled = now.astype(np.result_type(now.dtype, values.dtype))
    filled[here] = values[rows[here]]
    covariates[name] = filled


def nothing_of(dtype: np.dtype) -> object:
    """What stands for no value: "", nan or -1."""
    return {"U": "", "f": np.nan}.get(dtype.kind, -1)


def _lasting(rows: RowsAt, values: np.ndarray) -> np.ndarray:
    """Row of each bin, and between two rows of one value the first of them; -1 elsewhere."""
    lasting = rows.inside.copy()
    between = np.flatnonzero((rows.inside < 0) & (rows.started >= 0) & (rows.following >= 0))
    before, after = rows.started[between], rows.following[between]
    lasting[between] = np.where(values[before] == values[after], before, -1)
    return lasting


def _text(values: np.ndarray) -> np.ndarray:
    """As text; missing names are ""."""
    text = values.astype(str)
    return np.where(np.isin(np.char.lower(text), ("nan", "none", "n/a")), "", text)


def _flags(values: np.ndarray) -> np.ndarray:
    """1 true, 0 false, -1 missing, int8."""
    if values.dtype.kind == "U":
        lower = np.char.lower(values)
        true, known = np.isin(lower, ("true", "1", "1.0")), np.isin(lower, ("false", "0", "0.0"))
        return np.where(true, 1, np.where(known, 0, -1)).astype(np.int8)
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
    return np.where(missing, -1, values != 0).astype(np.int8)


def _whole(values: np.ndarray) -> np.ndarray:
    """As int64, missing numbers and text -1."""
    if values.dtype.kind in "biu":
        return values.astype(np.int64)
    if values.dtype.kind != "f":
        return np.full(len(values), -1)
    return np.where(np.isfinite(values), values, -1).astype(np.int64)


def _conditions(columns: Columns) -> Covariates:
    """Columns of trials with few distinct values: flags int8, reals float64, text.

    Whole numbers stay exact, as identities of images must: see `_exact`.
    """
    conditions: Covariates = {}
    for name, values in columns.values.items():
        if name == "id" or name.endswith("_time") or len(np.unique(values)) > MOST_VALUES:
            continue
        if values.dtype.kind == "b":
            conditions[name] = _flags(values)
        elif values.dtype.kind != "U":
            conditions[name] = _exact(values)
        elif values.dtype.itemsize <= WIDEST_TEXT * np.dtype("U1").itemsize:
            conditions[name] = _text(values)
    return conditions


def _exact(values: np.ndarray) -> np.ndarray:
    """Reals as float64, whole numbers as int64 unless one is -1, which stands for no trial.

    These become float64, or text where even that would round them.
    """
    if values.dtype.kind == "f":
        return values.astype(np.float64)
    fits = int(values.max(initial=0)) <= np.iinfo(np.int64).max
    if fits and not (values == nothing_of(values.dtype)).any():
        return values.astype(np.int64)
    reals = values.astype(np.float64)
    largest = max(abs(int(values.min(initial=0))), abs(int(values.max(initial=0))))
    return reals if largest <= EXACT_IN_A_REAL else values.astype(str)


def _epoch_names(table: h5py.Group) -> np.ndarray:
    """Name of every epoch: a column of text, its first tag, or else its number."""
    values = read_columns(table).values
    for name in EPOCH_COLUMNS:
        if name in values and values[name].dtype.kind == "U":
            return _text(values[name])
    tags = table.get("tags")
    if isinstance(tags, h5py.Dataset) and is_text(tags) and "tags_index" in table:
        ends = row_ends(table, "tags")
        starts = np.concatenate(([0], ends[:-1])).astype(np.int64)
        padded = np.append(values_of(tags), "")
        return np.where(ends > starts, padded[np.minimum(starts, len(padded) - 1)], "")
    return values["id"].astype(str)
