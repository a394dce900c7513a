"""What the fitted network, were it symmetric, would show against the width of the bins."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from popcode.dynamics.power_law import FEWEST_RANKS, fit_power_law
from popcode.dynamics.verdict.networks import symmetric_block, symmetric_modes
from popcode.dynamics.verdict.signature import singular_values
from popcode.errors import PopcodeWarning


def exponents_of_widths(
    fit: Mapping[str, Any],
    n_observed: int,
    bin_s: float,
    widths: Sequence[int],
    ranks: tuple[int, int],
    seed: int = 0,
) -> list[float]:
    """Exponents of the variance that two halves of the observed neurons share, by bin width.

    Of a draw of a symmetric network with the fitted radius and time constant, without noise and
    with bins without end; nan where the network shows too few values.

    Parameters
    ----------
    fit : mapping
        Of `judged`.
    n_observed : int
    bin_s : float
        Of a bin of the recording; nan: the fit is in bins.
    widths : sequence of int
        In bins.
    ranks : (int, int)
    seed : int
    """
    radius, tau = fit["radius"]["value"], fit["tau_s"]["value"]
    modes = symmetric_modes(fit["n_neurons"], n_observed, seed)
    unit = (bin_s if np.isfinite(bin_s) else 1.0) / tau
    last = min(ranks[1], modes.leading.size // 2, n_observed // 4)
    if last - ranks[0] + 1 < FEWEST_RANKS:
        return [float("nan")] * len(widths)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PopcodeWarning)
        for width in widths:
            values = singular_values(symmetric_block(modes, radius, width * unit, 0))
            found.append(fit_power_law(values, (ranks[0], last)).exponent)
    return found
