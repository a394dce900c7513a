"""Variance that repeats: over presentations of the same stimuli, or in another part of time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from popcode.dynamics.spectra.decompositions import Search, n_wanted, of_covariance
from popcode.dynamics.spectra.products import Values, projected
from popcode.dynamics.spectra.result import Spectrum
from popcode.dynamics.standardised import Standardised
from popcode.errors import InputError
from popcode.threads import Team

Labels = NDArray[np.int64]


class Presentations(NamedTuple):
    """Which stimulus every bin belongs to, and which half of its presentations.

    Attributes
    ----------
    stimulus, half : ndarray of int64, (n_bins,)
    n_stimuli : int
        Those with two presentations or more; bins of others have -1.
    """

    stimulus: Labels
    half: Labels
    n_stimuli: int


def presentations_of(stimulus: NDArray, segment_starts: NDArray[np.int64]) -> Presentations:
    """Divide the presentations of every stimulus into two halves, by turns.

    A presentation is a run of bins of one segment with one value of `stimulus` (n_bins,).

    Raises
    ------
    InputError
        Fewer than two stimuli that came twice.
    """
    changes = np.concatenate([[True], stimulus[1:] != stimulus[:-1]])
    changes[segment_starts] = True
    run = np.cumsum(changes) - 1
    names, of_run = np.unique(stimulus[changes], return_inverse=True)
    order = np.argsort(of_run, kind="stable")
    first_of_name = np.searchsorted(of_run[order], np.arange(len(names)))
    turn = np.empty(len(of_run), dtype=np.int64)
    turn[order] = np.arange(len(of_run)) - first_of_name[of_run[order]]
    counts = np.bincount(of_run)
    code = np.where(counts >= 2, np.cumsum(counts >= 2) - 1, -1)
    n_stimuli = int(np.count_nonzero(counts >= 2))
    if n_stimuli < 2:
        raise InputError(
            f"{n_stimuli} of {len(names):,} stimuli came twice or more",
            remedy="Name a covariate whose values repeat, or leave it out to divide time",
        )
    return Presentations(code[of_run][run], turn[run] % 2, n_stimuli)


def cvpca_of_repeats(
    activity: Standardised, shown: Presentations, search: Search, name: str
) -> Spectrum:
    """Variance along stimuli that repeats over presentations.

    With R1, R2 (n_stimuli, n_neurons) the mean responses to each half of the presentations, less
    their mean over stimuli, and u_k the principal components of R1, value k is
    (R1 u_k) . (R2 u_k) / n_stimuli: an estimate of the variance of the responses without noise.
    It is averaged with that of R1 and R2 exchanged.

    References
    ----------
    Stringer et al., "High-dimensional geometry of population responses in visual cortex", Nature
    571, 361-365 (2019).
    """
    with Team() as team:
        one, other = _responses(activity, shown, team)
        n_values = n_wanted(search, min(shown.n_stimuli - 1, activity.n_neurons), exact=True)
        found = [_repeated(*pair, n_values) for pair in ((one, other), (other, one))]
    values, totals = np.mean(found, axis=0)
    return Spectrum(
        values=values,
        method="cvpca",
        n_bins=activity.n_bins,
        neurons=activity.neurons,
        halves=None,
        division=f"two halves of the presentations of {shown.n_stimuli:,} values of {name}",
        errors=np.zeros(n_values),
        totals=totals,
    )


def cvpca_of_time(first: Standardised, second: Standardised, search: Search) -> Spectrum:
    """Variance on one part of time along the principal components of another.

    Without repeats nothing tells signal from the noise of a bin: the values are free of the
    components' overfitting but hold the noise of single neurons, as the direct spectrum does.
    """
    with Team() as team:
        found = of_covariance(first, search, team)
        vectors = np.ascontiguousarray(found.right, dtype=np.float32)
        squares = np.zeros(vectors.shape[1])
        for _, z in second.blocks(team):
            squares += np.square(projected(team, z, vectors), dtype=np.float64).sum(axis=0)
    return Spectrum(
        values=squares / second.n_bins,
        method="cvpca",
        n_bins=first.n_bins + second.n_bins,
        neurons=first.neurons,
        halves=None,
        division="alternating stretches of time",
        errors=found.errors,
        totals=None,
    )


def _responses(activity: Standardised, shown: Presentations, team: Team) -> tuple[Values, Values]:
    """Mean response to each stimulus in each half, less the mean over stimuli."""
    row = np.where(shown.stimulus >= 0, shown.half * shown.n_stimuli + shown.stimulus, -1)
    sums = np.zeros((2 * shown.n_stimuli, activity.n_neurons))
    for rows, z in activity.blocks(team):
        kept = np.flatnonzero(row[rows] >= 0)
        entries = (np.ones(len(kept)), (row[rows][kept], kept))
        sums += scipy.sparse.csr_array(entries, shape=(len(sums), len(z))) @ z
    counts = np.bincount(row[row >= 0], minlength=len(sums))
    means = (sums / counts[:, None]).reshape(2, shown.n_stimuli, -1)
    means -= means.mean(axis=1, keepdims=True)
    return means[0], means[1]


def _repeated(one: Values, other: Values, n_values: int) -> tuple[Values, Values]:
    """Variance along the components of `one` that is in `other` too, and all that `other` has."""
    components = np.linalg.svd(one, full_matrices=False)[2][:n_values].T
    along = other @ components
    return ((one @ components) * along).mean(axis=0), np.square(along).mean(axis=0)
