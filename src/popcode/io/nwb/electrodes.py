"""What the electrode of a unit says about it: its area, position and probe."""

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.nwb.tables import EXPORT_AGAIN, Columns, read_columns, row_ends, values_of

ELECTRODES = "general/extracellular_ephys/electrodes"
POSITIONS = {"x": "x_um", "y": "y_um", "z": "z_um"}
KEPT = ("location", "probe_id", "probe_vertical_position", "probe_horizontal_position")
KEPT_GENERIC = ("rel_x", "rel_y", "rel_z", "valid_data")


def electrode_columns(
    file: h5py.File, units: h5py.Group, columns: Columns
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Columns of the electrode that each unit is seen best on, or seen first, and notes.

    `location` as in the file, `x_um`, `y_um`, `z_um`, `probe`, `valid_data`. The electrode is
    that of `peak_channel_id` (Allen) or else the first of the column `electrodes`. Of a unit
    without one the text is "", the position nan and `valid_data` false.

    Coordinates are taken as they are, in micrometres (NWB; in Allen files x is posterior, y
    ventral and z right in the Common Coordinate Framework); where all three are -1 the
    electrode was not registered and they become nan.
    """
    table = file.get(ELECTRODES)
    if not isinstance(table, h5py.Group):
        return {}, []
    rows = _rows_of_units(table, units, columns)
    if rows is None:
        return {}, []
    found = read_columns(table).values
    notes = _notes(rows)
    joined = {name: _at(found[name], rows) for name in KEPT + KEPT_GENERIC if name in found}
    if "group_name" in found:
        joined["probe"] = _at(found["group_name"], rows)
    return joined | _positions(found, rows), notes


def _rows_of_units(table: h5py.Group, units: h5py.Group, columns: Columns) -> np.ndarray | None:
    """Row of the electrode of each unit, -1 where it has none; None where no column tells."""
    if "peak_channel_id" in columns.values:
        return _rows_with_id(values_of(table["id"]), columns.values["peak_channel_id"])
    if not isinstance(units.get("electrodes"), h5py.Dataset):
        return None
    rows = values_of(units["electrodes"]).astype(np.int64)
    if "electrodes_index" in units:
        ends = row_ends(units, "electrodes")
        starts = np.concatenate(([0], ends[:-1])).astype(np.int64)
        rows = np.where(ends > starts, np.append(rows, -1)[np.minimum(starts, len(rows))], -1)
    n_electrodes = table["id"].shape[0]
    if len(rows) and rows.max() >= n_electrodes:
        raise InputError(
            f"the column 'electrodes' points to row {rows.max():,} of {n_electrodes:,} electrodes",
            where=f"unit {int(rows.argmax())}",
            remedy=EXPORT_AGAIN,
        )
    return rows


def _rows_with_id(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Row of each wanted id among `ids`, -1 where there is none."""
    order = np.argsort(ids, kind="stable")
    if len(order) == 0:
        return np.full(len(wanted), -1)
    at = order[np.minimum(np.searchsorted(ids[order], wanted), len(order) - 1)]
    return np.where(ids[at] == wanted, at, -1)


def _notes(rows: np.ndarray) -> list[str]:
    lost = int((rows < 0).sum())
    return [f"{lost:,} of {len(rows):,} units have no electrode"] if lost else []


def _at(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """`values[rows]`, nothing where the row is -1: "", nan, false."""
    if (rows >= 0).all():
        return values[rows]
    nothing = {"U": "", "b": False}.get(values.dtype.kind, np.nan)
    taken = np.full(len(rows), nothing, dtype=np.result_type(values.dtype, np.array(nothing)))
    taken[rows >= 0] = values[rows[rows >= 0]]
    return taken


def _positions(found: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    axes = [axis for axis in POSITIONS if axis in found and found[axis].dtype.kind in "iuf"]
    if not axes:
        return {}
    positions = np.stack([_at(found[axis].astype(np.float64), rows) for axis in axes])
    if len(axes) == len(POSITIONS):
        positions[:, (positions == -1).all(axis=0)] = np.nan
    return {POSITIONS[axis]: values for axis, values in zip(axes, positions, strict=True)}
