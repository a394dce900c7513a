"""What an NWB file says of the regions of interest that traces come from."""

import h5py
import numpy as np

from popcode.errors import InputError
from popcode.io.nwb.tables import EXPORT_AGAIN, read_columns, text_at, values_of


def n_rois(series: h5py.Group) -> int | None:
    """How many regions of interest a series refers to; None where it refers to none."""
    rois = series.get("rois")
    return int(rois.shape[0]) if isinstance(rois, h5py.Dataset) and rois.ndim == 1 else None


def roi_columns(file: h5py.File, series: h5py.Group, n_cells: int) -> dict[str, np.ndarray]:
    """Columns of the table of regions, one row a cell of the series; empty where there is none.

    `region` is where the imaging plane lies. Masks are not read. Of `iscell` (suite2p: whether
    it is a cell, and how probably) the second column becomes `iscell_probability`.

    Raises
    ------
    InputError
        A reference to a row beyond the table.
    """
    if n_rois(series) != n_cells or "table" not in series["rois"].attrs:
        return {}
    table = file[series["rois"].attrs["table"]]
    rows = values_of(series["rois"]).astype(np.int64)
    columns = {**read_columns(table).values, **_iscell(table)}
    n_rows = len(columns.get("id", ()))
    if len(rows) and (rows.min() < 0 or rows.max() >= n_rows):
        raise InputError(
            f"{series.name}/rois points to row {rows.max():,} of {n_rows:,} in {table.name}",
            remedy=EXPORT_AGAIN,
        )
    columns = {name: values[rows] for name, values in columns.items()}
    plane = table.get("imaging_plane")
    location = text_at(plane, "location") if isinstance(plane, h5py.Group) else ""
    if location and location.lower() != "unknown" and "region" not in columns:
        columns["region"] = np.full(n_cells, location)
    return columns


def _iscell(table: h5py.Group) -> dict[str, np.ndarray]:
    data = table.get("iscell")
    if not isinstance(data, h5py.Dataset) or data.ndim != 2 or data.shape[1] != 2:
        return {}
    values = values_of(data)
    return {"iscell": values[:, 0], "iscell_probability": values[:, 1]}
