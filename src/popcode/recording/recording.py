"""The one data object that every method of the package takes."""

# ruff: noqa: RUF009  (descriptors are the defaults of fields that are copied out)

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from popcode.recording import validation
from popcode.recording.binarize import binarized
from popcode.recording.binning import binned
from popcode.recording.held import Held
from popcode.recording.kinds import as_activity
from popcode.recording.provenance import Step, checked_steps, copied_steps
from popcode.recording.selection import Index, select
from popcode.recording.text import one_line


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """Activity of simultaneously recorded neurons over time bins, with what it means.

    Frozen: methods return new recordings, arrays are read-only and tables are copied out.
    Large arrays are not copied in; do not change an array after handing it over.

    Parameters
    ----------
    activity : array-like (n_bins, n_neurons)
        Held as uint8 for "binary" and "counts", float32 otherwise.
    kind : {"binary", "counts", "rate", "dff", "events"}, optional
        What the values are; told from them by default (`popcode.recording.kinds.infer_kind`).
    bin_s : float
        Bin width in seconds; nan where unknown.
    neurons : pandas.DataFrame or mapping of columns, optional
        One row a neuron: `id` (0, 1, ... by default), `region`, `x_um`, `y_um`, `z_um`
        (micrometres) and anything else.
    neuron_arrays : mapping, optional
        What a neuron has that is not one value: name -> array (n_neurons, ...).
    region_labels : array-like of bool (n_neurons, n_regions), optional
        Membership in regions that may overlap.
    region_names : sequence of str, optional
        One name a column of `region_labels`.
    segment_starts : array-like of int (n_segments,), optional
        First bin of every contiguous stretch; one stretch by default.
    segment_start_s : array-like (n_segments,), optional
        Absolute time of those bins, in seconds.
    covariates : mapping, optional
        Name -> array with n_bins rows. A trial's condition is one.
    provenance : sequence of mappings, optional
        Every step since the source, oldest first; each has at least the key "step".

    Raises
    ------
    InputError
        Values that are NaN, infinite or do not fit `kind`, and parts whose shapes disagree.

    Examples
    --------
    >>> import numpy as np
    >>> recording = Recording(np.eye(6, 3, dtype=np.uint8), bin_s=0.02)
    >>> recording
    Recording(6 bins x 3 neurons, binary, bins of 20 ms, 120 ms, 1 segment)
    >>> recording.binned(2).activity.tolist()
    [[1, 1, 0], [0, 0, 1], [0, 0, 0]]
    """

    activity: Held[np.ndarray] = Held()
    kind: Held[str] = Held()
    bin_s: Held[float] = Held()
    neurons: Held[pd.DataFrame] = Held(pd.DataFrame.copy)
    neuron_arrays: Held[dict[str, np.ndarray]] = Held(dict)
    region_labels: Held[np.ndarray | None] = Held()
    region_names: Held[tuple[str, ...]] = Held()
    segment_starts: Held[np.ndarray] = Held()
    segment_start_s: Held[np.ndarray | None] = Held()
    covariates: Held[dict[str, np.ndarray]] = Held(dict)
    provenance: Held[tuple[Step, ...]] = Held(copied_steps)

    def __post_init__(self) -> None:
        given = self.__dict__
        activity, kind = as_activity(given["_activity"], given["_kind"])
        n_bins, n_neurons = activity.shape
        starts = validation.checked_starts(given["_segment_starts"], n_bins)
        labels, names = validation.checked_labels(
            given["_region_labels"], given["_region_names"], n_neurons
        )
        table = validation.checked_table(given["_neurons"], n_neurons)
        given.update(
            _activity=validation.read_only(activity),
            _kind=kind,
            _bin_s=validation.checked_bin_s(given["_bin_s"]),
            _neurons=table,
            _neuron_arrays=validation.checked_rows(
                given["_neuron_arrays"], n_neurons, what="neuron array", rows="neuron"
            ),
            _region_labels=labels,
            _region_names=names,
            _segment_starts=starts,
            _segment_start_s=validation.checked_start_s(given["_segment_start_s"], len(starts)),
            _covariates=validation.checked_rows(
                given["_covariates"], n_bins, what="covariate", rows="bin"
            ),
            _provenance=checked_steps(given["_provenance"]),
        )
        validation.refuse_shared_names(table, given["_neuron_arrays"])

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickled arrays come back writable: make them read-only again."""
        self.__dict__.update(state)
        arrays = [self.activity, self.region_labels, self.segment_starts, self.segment_start_s]
        for array in (*arrays, *self.neuron_arrays.values(), *self.covariates.values()):
            if array is not None:
                array.flags.writeable = False

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.activity, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        return one_line(self)

    @property
    def n_bins(self) -> int:
        """Number of time bins."""
        return int(self.activity.shape[0])

    @property
    def n_neurons(self) -> int:
        """Number of neurons."""
        return int(self.activity.shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """(n_bins, n_neurons)."""
        return self.n_bins, self.n_neurons

    @property
    def n_segments(self) -> int:
        """Number of contiguous stretches."""
        return len(self.segment_starts)

    @property
    def duration_s(self) -> float:
        """Recorded time in seconds, gaps left out; nan where the bin width is unknown."""
        return self.n_bins * self.bin_s

    @property
    def positions_um(self) -> np.ndarray | None:
        """Positions in micrometres, float64 (n_neurons, 3); None where there are none.

        A coordinate that the table lacks is nan.
        """
        table = self.neurons
        axes = ("x_um", "y_um", "z_um")
        if not any(axis in table for axis in axes):
            return None
        return table.reindex(columns=axes).to_numpy(dtype=np.float64)

    def select(
        self, neurons: Index = None, bins: Index = None, segments: Index = None, *, why: str = ""
    ) -> Recording:
        """Keep some neurons, and some bins or whole segments.

        Parameters
        ----------
        neurons, bins, segments : array-like of int or bool, or slice, optional
            By index, in the order given, or by a mask. All of them by default. Bins that were
            not next to each other start new segments. A contiguous stretch is a view.
        why : str
            Kept in the provenance.

        Raises
        ------
        InputError
            An index out of range, a mask of another length, nothing left, bins and segments both.
        """
        return select(self, neurons=neurons, bins=bins, segments=segments, why=why)

    def binned(self, n: int | None = None, *, bin_s: float | None = None) -> Recording:
        """Merge whole bins, never across segments.

        Counts and events are summed, binary activity is joined by OR (and stays binary), rates
        and dF/F are averaged. Of the covariates, real numbers are averaged and anything else
        keeps the value of the first bin merged. What is left over at the end of a segment is
        dropped; the provenance says how much.

        Parameters
        ----------
        n : int
            How many bins to merge.
        bin_s : float
            Or the new width in seconds, a whole multiple of the present one.

        Raises
        ------
        InputError
            A width that is no multiple, counts above 255, no segment long enough.
        """
        return binned(self, n, bin_s=bin_s)

    def binarized(self, threshold: float | np.ndarray | None = None) -> Recording:
        """1 where the activity is above `threshold`.

        Parameters
        ----------
        threshold : float or array-like (n_neurons,), optional
            By default 0 for counts (v >= 1 is active); required for real values.
            `popcode.preprocess.binarize_traces` finds one for each neuron.

        Raises
        ------
        InputError
            Real values without a threshold.
        """
        return binarized(self, threshold)
