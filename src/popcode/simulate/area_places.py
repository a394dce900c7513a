"""Where the neurons of a simulated Neuropixels session lie on its probes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_STREAM = 3
# Of Neuropixels 1.0, micrometres: the length with sites, and the distance of their rows.
_SHANK, _ROW = 3840.0, 20.0
_SPAN_SHARE = 0.8  # of an area's part of the shank, so that areas do not touch
_ASSEMBLY_SPREAD = 80.0
_PROBE_SPACING = 800.0


def neuron_table(
    areas: NDArray[np.int64], assemblies: NDArray[np.int64], areas_per_probe: int, seed: int
) -> pd.DataFrame:
    """Region, probe and position of every neuron.

    Probe k passes through areas k, k + 1, ... (the last is followed by the first), so that an
    area is shared evenly by `areas_per_probe` probes. An assembly keeps its depth within an
    area, on whatever probe: neurons of one assembly are neighbours.

    Parameters
    ----------
    areas, assemblies : ndarray of int, (n_neurons,)
    areas_per_probe : int
        With 1, areas and probes cannot be told apart.
    seed : int

    Returns
    -------
    DataFrame
        Columns id, region, probe, probe_vertical_position (from the tip), x_um, y_um (depth),
        z_um.
    """
    rng = np.random.default_rng((seed, _STREAM))
    n_areas = int(areas.max()) + 1
    place_in_probe = rng.integers(areas_per_probe, size=areas.size)
    probes = (areas - place_in_probe) % n_areas
    depths = _depths(rng, assemblies, place_in_probe, areas_per_probe)
    across = rng.normal(0, 15, (areas.size, 2))
    return pd.DataFrame(
        {
            "id": np.arange(areas.size),
            "region": [f"area{area + 1}" for area in areas],
            "probe": [f"probe{chr(ord('A') + probe)}" for probe in probes],
            "probe_vertical_position": _SHANK - depths,
            "x_um": across[:, 0] + _PROBE_SPACING * probes,
            "y_um": depths,
            "z_um": across[:, 1] + _PROBE_SPACING * (probes % 2),
        }
    )


def _depths(
    rng: np.random.Generator,
    assemblies: NDArray[np.int64],
    place_in_probe: NDArray[np.int64],
    areas_per_probe: int,
) -> NDArray[np.float64]:
    """Depth below the top of the shank, at rows of sites."""
    part = _SHANK / areas_per_probe
    n_assemblies = int(assemblies.max()) + 1
    # In random order: areas next to each other are not to match in depth by number.
    centres = rng.permutation(n_assemblies)[assemblies] + 0.5
    within = _SPAN_SHARE * part * centres / n_assemblies + rng.normal(
        0, _ASSEMBLY_SPREAD, assemblies.size
    )
    kept = np.clip(within, 0, _SPAN_SHARE * part)
    return np.round((place_in_probe * part + kept) / _ROW) * _ROW
