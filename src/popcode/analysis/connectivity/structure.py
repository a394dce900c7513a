r"""Structural connectivity of regions from single neurons that were traced.

    c_kl = Sym [ sum_n 1[r(n) = k] l_n(l) / (V_l sum_n 1[r(n) = k]) ]        (equation 20)

r(n) is the region of the soma of neuron n, l_n(l) the length of its neurites in region l, V_l the
volume of l. With neurites that make contacts at a constant density and neurons at another, this is
in proportion to the mean strength between a neuron of k and one of l.

Source: van der Plas et al., eLife 12:e83139 (2023), Methods, "Extensions of the structural
connectivity matrix"; the tracings are those of Kunst et al., Neuron 103, 21 (2019).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Float = NDArray[np.float64]


class TracedNeurons(NamedTuple):
    """Neurons by region.

    Attributes
    ----------
    soma_regions : ndarray of int, (n_traced,)
        Region of each soma; -1 for none, which does not count.
    lengths : ndarray, (n_traced, n_regions)
        Length of the neurites of each neuron in every region, in any one unit.
    """

    soma_regions: NDArray[np.int64]
    lengths: Float


def structural_matrix(traced: TracedNeurons, volumes: Float) -> Float:
    """Strengths between regions by equation 20, (n_regions, n_regions), symmetric.

    The mean of both directions; that of the one with traced somata where the other has none; nan
    where neither has.

    Parameters
    ----------
    traced : TracedNeurons
    volumes : ndarray, (n_regions,)
        Above 0, in any one unit.

    Raises
    ------
    InputError
        Shapes that do not belong together, lengths below 0, volumes of 0.
    """
    lengths, volumes = np.asarray(traced.lengths, np.float64), np.asarray(volumes, np.float64)
    _check(traced.soma_regions, lengths, volumes)
    somata = np.asarray(traced.soma_regions)[:, None] == np.arange(volumes.size)
    counts = somata.sum(axis=0)
    directed = np.full((volumes.size, volumes.size), np.nan)
    known = counts > 0
    summed = somata.T.astype(np.float64) @ lengths
    directed[known] = summed[known] / counts[known, None] / volumes
    both = np.stack([directed, directed.T])
    there = np.isfinite(both).sum(axis=0)
    return np.where(there > 0, np.nansum(both, axis=0) / np.maximum(there, 1), np.nan)


def mirrored(traced: TracedNeurons, mirror: NDArray[np.int64]) -> TracedNeurons:
    """Add to every neuron its mirror image on the other side of the brain.

    Parameters
    ----------
    traced : TracedNeurons
    mirror : ndarray of int, (n_regions,)
        The region opposite each region; itself on the midline.

    Raises
    ------
    InputError
        A mirror that does not lead back.
    """
    mirror = np.asarray(mirror, np.int64)
    n_regions = traced.lengths.shape[1]
    valid = mirror.shape == (n_regions,) and ((mirror >= 0) & (mirror < n_regions)).all()
    if not valid or (mirror[mirror] != np.arange(n_regions)).any():
        raise InputError(
            "regions whose mirror image does not lead back to them",
            remedy="Give for each region the index of the one opposite; its own on the midline",
        )
    there = traced.soma_regions >= 0
    opposite = np.where(there, mirror[np.where(there, traced.soma_regions, 0)], -1)
    return TracedNeurons(
        np.concatenate([traced.soma_regions, opposite]),
        # Column l of the image is what the neuron has in the region opposite l.
        np.concatenate([traced.lengths, traced.lengths[:, mirror]]),
    )


def _check(soma_regions: NDArray, lengths: Float, volumes: Float) -> None:
    if lengths.ndim != 2 or lengths.shape != (len(soma_regions), volumes.size):
        raise InputError(
            f"lengths of shape {lengths.shape} for {len(soma_regions)} somata and "
            f"{volumes.size} volumes",
            remedy="Give a row for every traced neuron and a column for every region",
        )
    if not np.isfinite(lengths).all() or (lengths < 0).any():
        raise InputError("lengths of neurites below 0 or not finite", remedy="Give 0 or more")
    if not np.isfinite(volumes).all() or (volumes <= 0).any():
        raise InputError("a region without volume", remedy="Leave it out, with its column")
    if len(soma_regions) and np.max(soma_regions) >= volumes.size:
        raise InputError(
            f"a soma in region {np.max(soma_regions)} of {volumes.size}", remedy="Count from 0"
        )
