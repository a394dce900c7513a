"""Tables of clusters: labels, contamination, depths and whatever else was saved of each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from popcode.errors import InputError
from popcode.recording.text import plural

ID_COLUMNS = ("cluster_id", "id")
STALE_COLUMNS = ("id", "n_spikes")
# By hand in Phy, then by Kilosort, then by others; what Phy calls unsorted is no label.
LABEL_COLUMNS = ("group", "KSLabel", "quality")
NO_LABEL = ("", "nan", "unsorted")


def labels_of(tables: Sequence[Path], ids: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    """Everything the tables say of the clusters `ids`.

    Parameters
    ----------
    tables : sequence of Path
        Tables with a column of ids; where two have a column of one name the later one counts.
    ids : ndarray of int (n_units,)

    Returns
    -------
    table : DataFrame
        One row a unit: `id`, `quality` where there are labels, and the columns of the tables;
        a depth becomes `y_um`.
    notes : list of str
    """
    columns: dict[str, pd.Series] = {}
    listed: set[int] = set()
    for file in tables:
        table = _read_table(file)
        listed.update(table.index)
        columns.update({name: table[name].reindex(ids) for name in table.columns})
    table = pd.DataFrame(columns, index=ids).reset_index(drop=True)
    table.insert(0, "id", ids)
    notes = []
    n_silent = len(listed.difference(ids.tolist()))
    if n_silent:
        notes.append(f"{plural(n_silent, 'cluster')} without spikes left out")
    if "depth" in table and "y_um" not in table:
        table["y_um"] = pd.to_numeric(table["depth"], errors="coerce")
    return _with_quality(table, notes), notes


def _read_table(file: Path) -> pd.DataFrame:
    """Columns of a tab- or comma-separated table, by cluster id."""
    with file.open(encoding="utf-8", errors="replace") as text:
        separator = "\t" if "\t" in text.readline() else ","
    table = pd.read_csv(file, sep=separator, encoding_errors="replace")
    column = next((name for name in ID_COLUMNS if name in table), None)
    if column is None:
        raise InputError(
            f"{file.name} has no column {' or '.join(ID_COLUMNS)}",
            remedy="Save it again from Phy, or move it out of the folder.",
        )
    ids = pd.to_numeric(table[column], errors="coerce")
    bad = ids.isna() | ids.duplicated()
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise InputError(
            f"{file.name} lists cluster {table[column].iloc[row]} twice or without a number",
            where=f"line {row + 2}",
            remedy="Keep one line a cluster.",
        )
    # The number of spikes is stale where clusters were split or cut.
    table = table.drop(columns=[column, *STALE_COLUMNS], errors="ignore")
    table.columns = [str(name).replace("/", "_") for name in table.columns]
    return table.set_index(ids.astype(np.int64))


def _with_quality(table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """The label given by hand, where there is one, else the sorter's."""
    quality = pd.Series("", index=table.index)
    for name in LABEL_COLUMNS:
        if name in table:
            label = table[name].astype(object).fillna("").astype(str).str.strip()
            given = ~label.str.lower().isin(NO_LABEL)
            quality = quality.where((quality != "") | ~given, label)
    if (quality == "").all():
        notes.append("no cluster is labelled good or mua")
        return table
    counts = quality.replace("", "unlabelled").value_counts()
    notes.append("units: " + ", ".join(f"{n:,} {label}" for label, n in counts.items()))
    return table.assign(quality=quality)
