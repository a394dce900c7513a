"""All that couplings say about areas, with the controls that each statement needs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.analysis.areas.bootstrap import TableInterval, table_interval
from popcode.analysis.areas.distance import DistanceCurve, distance_curve
from popcode.analysis.areas.grouping import Areas
from popcode.analysis.areas.permutation import LabelNull, can_shuffle_within, label_null
from popcode.analysis.areas.places import Places
from popcode.analysis.areas.probes import ProbeContrast, probe_contrasts
from popcode.analysis.areas.sums import off_diagonal
from popcode.analysis.areas.tables import AreaTables, Contrast, area_tables, contrast
from popcode.errors import InputError


class Nulls(NamedTuple):
    """Labels shuffled in one way, for the mean coupling and for the mean absolute one."""

    mean: LabelNull
    mean_absolute: LabelNull


class AreaSurvey(NamedTuple):
    """Couplings by area.

    Attributes
    ----------
    areas : Areas
    tables : AreaTables
    contrast, contrast_absolute : Contrast
        Within against between, of the couplings and of their absolute values.
    interval, interval_absolute : TableInterval
        Of the tables of means, by resampling neurons.
    anywhere : Nulls
        Labels shuffled among all neurons.
    within_probe : Nulls or None
        Labels shuffled within probes; None where that cannot test areas.
    probes : tuple of ProbeContrast
        The same area on one probe and across probes.
    distance : DistanceCurve or None
        Of the pairs of one area on one probe.
    notes : tuple of str
        What was left out and what cannot be told apart.
    """

    areas: Areas
    tables: AreaTables
    contrast: Contrast
    contrast_absolute: Contrast
    interval: TableInterval
    interval_absolute: TableInterval
    anywhere: Nulls
    within_probe: Nulls | None
    probes: tuple[ProbeContrast, ...]
    distance: DistanceCurve | None
    notes: tuple[str, ...]

    @property
    def strictest(self) -> Nulls:
        """The null within probes where there is one."""
        return self.within_probe or self.anywhere


def survey_areas(
    couplings: NDArray, places: Places, *, n_shuffles: int = 1000, seed: int = 0
) -> AreaSurvey:
    """Tables, nulls, probe and distance of a coupling matrix.

    Parameters
    ----------
    couplings : ndarray, (n_neurons, n_neurons)
        Symmetric; the diagonal is not looked at.
    places : Places
    n_shuffles, seed : int

    Returns
    -------
    AreaSurvey

    Raises
    ------
    InputError
        A matrix that is not square, symmetric, finite and of these neurons.
    """
    areas, values = places.areas, off_diagonal(couplings)
    if len(values) != len(areas.member):
        raise InputError(
            f"couplings of {len(values):,} neurons and places of {len(areas.member):,}",
            remedy="Give the recording that the model was fitted to",
        )
    if n_shuffles < 1:
        raise InputError(f"{n_shuffles} shuffles", remedy="Give at least 1; 1000 for p below 0.01")
    absolute = np.abs(values)
    probes, within, notes = _probe_control(values, absolute, places, n_shuffles, seed)
    return AreaSurvey(
        areas=areas,
        tables=area_tables(values, areas),
        contrast=contrast(values, areas),
        contrast_absolute=contrast(absolute, areas),
        interval=table_interval(values, areas, seed=seed),
        interval_absolute=table_interval(absolute, areas, seed=seed),
        anywhere=_nulls(values, absolute, areas, None, n_shuffles, seed),
        within_probe=within,
        probes=probes,
        distance=_distance(values, places, seed),
        notes=(*areas.notes, *notes),
    )


def _nulls(
    values: NDArray,
    absolute: NDArray,
    areas: Areas,
    blocks: NDArray[np.int64] | None,
    n_shuffles: int,
    seed: int,
) -> Nulls:
    nulls = (
        label_null(each, areas, blocks=blocks, n_shuffles=n_shuffles, seed=seed)
        for each in (values, absolute)
    )
    return Nulls(*nulls)


def _probe_control(
    values: NDArray, absolute: NDArray, places: Places, n_shuffles: int, seed: int
) -> tuple[tuple[ProbeContrast, ...], Nulls | None, tuple[str, ...]]:
    """What probes explain, and what cannot be said of them."""
    areas, probes = places.areas, places.probes
    if probes is None or not (probes >= 0).any():
        note = "no probe is known: shared noise of a probe cannot be told from the area"
        return (), None, (note,)
    contrasts = probe_contrasts(values, areas, probes, n_shuffles, seed)
    notes = []
    if not contrasts:
        notes.append(
            "every area is on one probe: what an area's neurons share cannot be told from what "
            "their probe's share"
        )
    if can_shuffle_within(areas, probes):
        within = _nulls(values, absolute, areas, probes, n_shuffles, seed)
        return contrasts, within, tuple(notes)
    notes.append(
        "no probe holds neurons of two areas: labels shuffled within probes test nothing, and "
        "the labels were shuffled among all neurons only"
    )
    return contrasts, None, tuple(notes)


def _distance(values: NDArray, places: Places, seed: int) -> DistanceCurve | None:
    if places.positions_um is None or places.positions_um.shape[1] == 0:
        return None
    member = places.areas.member
    probes = np.zeros(len(member), np.int64) if places.probes is None else places.probes
    _, groups = np.unique(np.c_[member, probes], axis=0, return_inverse=True)
    known = member.any(axis=1) & (probes >= 0)
    return distance_curve(
        values, places.positions_um, np.where(known, groups.ravel(), -1), seed=seed
    )
