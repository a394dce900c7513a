"""Clusters of the spikes: which there are, and their numbers as units."""

import numpy as np

from popcode.errors import InputError
from popcode.recording.spike_times import SPIKES_AT_ONCE

LARGEST_ID = 1 << 24  # ids are counted from 0; a larger one is damage


class NumberedClusters:
    """Cluster ids of spikes, handed out as the numbers of units, one block after the other.

    Parameters
    ----------
    clusters : ndarray or memory map of int (n_spikes,)
        Negative ones belong to no unit.
    ids : ndarray of int (n_units,)
        The ids of the units, in order.
    """

    def __init__(self, clusters: np.ndarray, ids: np.ndarray) -> None:
        self.clusters = clusters
        self.units = np.full(int(ids[-1]) + 1, -1, dtype=np.int64)
        self.units[ids] = np.arange(len(ids))

    def __getitem__(self, block: slice) -> np.ndarray:
        clusters = self.clusters[block].astype(np.int64)
        return np.where(clusters < 0, -1, self.units[np.maximum(clusters, 0)])


def ids_of(clusters: np.ndarray) -> tuple[np.ndarray, int]:
    """Ids of the clusters that have spikes, in order, and the spikes of negative clusters.

    Raises
    ------
    InputError
        No spikes, ids that are fractions or beyond any sorting.
    """
    n_spikes = np.zeros(0, dtype=np.int64)
    n_unassigned = 0
    for block in blocks(len(clusters)):
        ids = clusters[block]
        if ids.max() >= LARGEST_ID or (ids.dtype.kind == "f" and (ids != np.rint(ids)).any()):
            raise InputError(
                f"a cluster has the id {ids.max():,}",
                remedy="The clusters of the spikes are damaged: copy the folder again.",
            )
        ids = ids.astype(np.int64)
        counted = np.bincount(ids[ids >= 0], minlength=len(n_spikes))
        counted[: len(n_spikes)] += n_spikes
        n_spikes, n_unassigned = counted, n_unassigned + int((ids < 0).sum())
    if not n_spikes.any():
        raise InputError("no spike belongs to a cluster", remedy="Sort the recording again.")
    return np.flatnonzero(n_spikes), n_unassigned


def blocks(n_spikes: int) -> list[slice]:
    """Slices that cut a pass over the spikes into bounded temporaries."""
    starts = range(0, n_spikes, SPIKES_AT_ONCE)
    return [slice(start, start + SPIKES_AT_ONCE) for start in starts]
