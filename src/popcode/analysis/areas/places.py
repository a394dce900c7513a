"""Area, probe and depth of the neurons of a recording, as the analyses of couplings take them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popcode.analysis.areas.grouping import LEAST_NEURONS, Areas, labelled, usable_areas
from popcode.analysis.neurons import neuron_facts
from popcode.errors import InputError
from popcode.recording import Recording

_NO_LABEL = {"", "nan", "none", "<na>"}


class Places(NamedTuple):
    """Where neurons lie.

    Attributes
    ----------
    areas : Areas
    probes : ndarray of int, (n_neurons,), or None
        A number for each probe, -1 where unknown; None for a recording that names none.
    positions_um : ndarray, (n_neurons, n_dimensions), or None
        In which neurons of one probe are compared: the position along it where that is known.
    """

    areas: Areas
    probes: NDArray[np.int64] | None
    positions_um: NDArray[np.float64] | None


def places_of(recording: Recording, column: str = "region", least: int = LEAST_NEURONS) -> Places:
    """Places of the neurons of a recording.

    Parameters
    ----------
    recording : Recording
    column : str
        Of its table of neurons, whose values are the areas; "region" may be a matrix of regions
        that overlap.
    least : int
        Neurons of an area that is kept.

    Returns
    -------
    Places

    Raises
    ------
    InputError
        No such column, or no area with enough neurons.
    """
    table = recording.neurons
    if column == "region":
        facts = neuron_facts(recording)
        areas = usable_areas(facts.region_names, facts.in_region, least)
    elif column in table:
        areas = labelled(_texts(table[column]), least)
    else:
        raise InputError(
            f"the neurons have no column {column!r}",
            remedy=f"They have: {', '.join(map(str, table.columns))}",
        )
    probes = None
    if "probe" in table:
        texts = _texts(table["probe"])
        names = sorted(set(texts) - {""})
        numbers = {name: k for k, name in enumerate(names)}
        probes = np.array([numbers.get(text, -1) for text in texts], np.int64)
    return Places(areas, probes, _positions(recording))


def _texts(values: pd.Series) -> NDArray[np.object_]:
    """Labels as text, "" for none."""
    known = values.notna()
    texts = [str(value) if is_known else "" for value, is_known in zip(values, known, strict=True)]
    return np.array([text if text.lower() not in _NO_LABEL else "" for text in texts], object)


def _positions(recording: Recording) -> NDArray[np.float64] | None:
    table = recording.neurons
    if "probe_vertical_position" in table:
        names = ["probe_vertical_position", "probe_horizontal_position"]
        numbers = table[[name for name in names if name in table]].apply(
            pd.to_numeric, errors="coerce"
        )
        return numbers.to_numpy(np.float64)
    if recording.positions_um is None:
        return None
    # A coordinate that no neuron has is none; of one that some have, the others are left out.
    known = np.isfinite(recording.positions_um).any(axis=0)
    return recording.positions_um[:, known] if known.any() else None
