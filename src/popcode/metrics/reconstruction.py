"""How well activity survives being reduced to the hidden units and expanded again."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from popcode.metrics.blocks import row_blocks

CLIP = 1e-7


class ReconstructionSummary(NamedTuple):
    """Normalised log-likelihood over the neurons that fire in the test bins.

    Attributes
    ----------
    nllh_median, nllh_mean, nllh_p10, nllh_p90 : float
        0 is an independent model that knows the test means, 1 a perfect reconstruction.
    n_neurons : int
        How many neurons fire, and not in every bin.
    """

    nllh_median: float
    nllh_mean: float
    nllh_p10: float
    nllh_p90: float
    n_neurons: int


def neuron_nllh(
    reconstruct: Callable[[npt.NDArray], npt.NDArray], x: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float64]:
    """Normalised log-likelihood of each neuron's reconstruction.

    ``(LLH - LLH_ind) / (-LLH_ind)`` with ``LLH = mean_t log(p v + (1 - p)(1 - v))`` and the
    independent model at the mean of x itself (van der Plas et al. 2023, equation 18).

    Parameters
    ----------
    reconstruct : callable
        (n_bins, n_neurons) activity -> P(v=1 | E[h|v]), same shape; clipped to 1e-7 from 0 and 1.
    x : ndarray of uint8, shape (n_bins, n_neurons)
        Test activity, zeros and ones.

    Returns
    -------
    ndarray, shape (n_neurons,)
        nan for a neuron that is silent, or active in every bin.
    """
    total = np.zeros(x.shape[1])
    for rows in row_blocks(*x.shape):
        p = np.clip(np.asarray(reconstruct(x[rows]), dtype=np.float64), CLIP, 1 - CLIP)
        total += np.log(np.where(x[rows], p, 1 - p)).sum(axis=0)
    mean = x.sum(axis=0, dtype=np.int64) / len(x)
    nllh = np.full(x.shape[1], np.nan)
    varies = (mean > 0) & (mean < 1)
    m = mean[varies]
    independent = m * np.log(m) + (1 - m) * np.log1p(-m)
    nllh[varies] = (total[varies] / len(x) - independent) / -independent
    return nllh


def summarise_nllh(nllh: npt.NDArray[np.float64]) -> ReconstructionSummary:
    """Median, mean and the 10th and 90th percentile over neurons.

    Parameters
    ----------
    nllh : ndarray, shape (n_neurons,)
        From :func:`neuron_nllh`; nan is left out.

    Returns
    -------
    ReconstructionSummary
        All nan when no neuron is left.
    """
    known = nllh[np.isfinite(nllh)]
    if not known.size:
        nan = float("nan")
        return ReconstructionSummary(nan, nan, nan, nan, 0)
    low, median, high = np.percentile(known, [10, 50, 90])
    return ReconstructionSummary(
        float(median), float(known.mean()), float(low), float(high), known.size
    )
