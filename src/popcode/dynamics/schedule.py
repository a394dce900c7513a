"""When a run is looked at: Euler steps, those thrown away, bins of whole steps."""

from __future__ import annotations

import math
from numbers import Real
from typing import NamedTuple

from popcode.errors import InputError

# Modes reach from -radius to radius: beyond this step the fastest would overshoot.
_LONGEST_STEP = 0.45


class Schedule(NamedTuple):
    """The steps of a run, x_{t+1} = (1 - step) x_t + step (A x_t + noise), from x_0 ~ N(0, 1).

    The first `n_discarded` updates are thrown away; every bin is the mean of the states after
    `steps_per_bin` updates.

    Attributes
    ----------
    step : float
        dt / tau.
    steps_per_bin : int
    n_discarded : float
        Whole; infinite: the run starts at equilibrium.
    n_bins : float
        Bins of a run, whole; infinite: what a run lasts for ever shows, the stationary law.
    """

    step: float
    steps_per_bin: int = 1
    n_discarded: float = math.inf
    n_bins: float = math.inf

    @property
    def is_stationary(self) -> bool:
        """Whether the start of the run leaves no trace."""
        return math.isinf(self.n_discarded) or math.isinf(self.n_bins)


def scheduled(
    tau_s: float, dt_s: float, bin_s: float, burn_in_s: float = math.inf, n_bins: float = math.inf
) -> Schedule:
    """Schedule of a run whose times are given in seconds.

    Parameters
    ----------
    tau_s, dt_s : float
        Time constant of a neuron, step of the simulation.
    bin_s : float
        A whole multiple of `dt_s`.
    burn_in_s : float
        Thrown away first, rounded to whole steps; infinite: the run starts at equilibrium.
    n_bins : float
        Bins of a run; infinite: the stationary law.

    Raises
    ------
    InputError
        Times that are not above 0, a step too long for `tau_s`, a bin of no whole steps.
    """
    for name, value in (("tau_s", tau_s), ("dt_s", dt_s), ("bin_s", bin_s)):
        _check_above_zero(name, value)
    if dt_s > _LONGEST_STEP * tau_s:
        raise InputError(
            f"dt_s is {dt_s:g} and tau_s {tau_s:g}: the steps would overshoot",
            remedy=f"Give dt_s of at most {_LONGEST_STEP * tau_s:g}",
        )
    steps_per_bin = round(bin_s / dt_s)
    if steps_per_bin < 1 or not math.isclose(steps_per_bin * dt_s, bin_s, rel_tol=1e-6):
        raise InputError(
            f"bin_s is {bin_s:g}, no whole number of steps of {dt_s:g} s",
            remedy=f"Give {max(1, steps_per_bin) * dt_s:g}, or change dt_s",
        )
    if not isinstance(burn_in_s, Real) or not burn_in_s >= 0:
        raise InputError(f"burn_in_s is {burn_in_s!r}", remedy="Give seconds of at least 0")
    if not isinstance(n_bins, Real) or not n_bins >= 1 or n_bins not in (math.inf, n_bins // 1):
        raise InputError(f"n_bins is {n_bins!r}", remedy="Give a whole number of at least 1")
    n_discarded = burn_in_s if math.isinf(burn_in_s) else round(burn_in_s / dt_s)
    return Schedule(dt_s / tau_s, steps_per_bin, n_discarded, n_bins)


def _check_above_zero(name: str, value: object) -> None:
    if not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise InputError(f"{name} is {value!r}", remedy="Give seconds above 0")
