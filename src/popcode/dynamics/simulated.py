"""Runs of a network as a recording: one segment a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popcode.dynamics.connectivity.clustered import cluster_of_neurons
from popcode.dynamics.connectivity.local import places_um
from popcode.dynamics.connectivity.structures import Clustered, Local, Structure
from popcode.recording import Recording


def recording_of_runs(
    bins: NDArray[np.float32], bin_s: float, neurons: pd.DataFrame, step: Mapping[str, object]
) -> Recording:
    """Recording of runs (n_runs, n_bins, n_neurons), one after the other."""
    n_runs, n_bins, n_neurons = bins.shape
    return Recording(
        bins.reshape(n_runs * n_bins, n_neurons),
        kind="rate",
        bin_s=bin_s,
        neurons=neurons,
        segment_starts=np.arange(n_runs) * n_bins,
        provenance=(step,),
    )


def table_of_neurons(n_neurons: int, structure: Structure, seed: int) -> pd.DataFrame:
    """What the structure says of each neuron: its place, or its cluster."""
    match structure:
        case Local():
            return pd.DataFrame(places_um(n_neurons, structure, seed), columns=["x_um", "y_um"])
        case Clustered():
            return pd.DataFrame({"cluster": cluster_of_neurons(n_neurons, structure)})
        case _:
            return pd.DataFrame(index=pd.RangeIndex(n_neurons))
