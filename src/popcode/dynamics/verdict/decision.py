"""What is said of a recording: independent, unlike the theory, or how critical and symmetric."""

from __future__ import annotations

from typing import Any

import numpy as np

from popcode.dynamics.theory.scaling import critical_radius, knee_rank
from popcode.dynamics.verdict.fit import Fit, Interval, fit_networks
from popcode.dynamics.verdict.measured import Measured, measured
from popcode.dynamics.verdict.table import Table, shipped_table
from popcode.errors import InputError

SHARED_BELOW, MISFIT_BELOW = 0.05, 0.01
TIMES_LARGER = 10
INDEPENDENT, UNLIKE, FITTED = "independent", "unlike", "fitted"
ENOUGH_SYMMETRY = 1 / 3  # two directions correlate by 0.89


def judged(x: Any, *, n_neurons: int | None = None, seed: int = 0) -> dict[str, Any]:
    """Judge a recording against critical linear networks.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), or path
    n_neurons : int, optional
        Of the network; by default as many as were recorded, and ten times as many beside.
    seed : int

    Returns
    -------
    dict
        Plain values: `kind`, `sentence`, `shared`, and a fit a size under `fits`.

    Raises
    ------
    InputError
        A network smaller than the recording, too few neurons or bins, and as `popcode.spectrum`.
    """
    return verdict_of(measured(x, seed=seed), shipped_table(), n_neurons)


def verdict_of(found: Measured, table: Table, n_neurons: int | None = None) -> dict[str, Any]:
    """`judged` of what was measured."""
    shared = {
        "mean_squared_covariance": found.shared_compared,
        "of_all": found.shared,
        "shifted": [float(found.shared_shifted.mean()), float(found.shared_shifted.max())],
        "p_value": found.p_value,
    }
    content = {"n_observed": found.n_observed, "n_recorded": found.n_neurons, "shared": shared}
    if found.p_value >= SHARED_BELOW:
        return content | {"kind": INDEPENDENT, "sentence": _independent(found), "fits": []}
    fits = [fit_networks(found, size, table) for size in _sizes(found, n_neurons)]
    told = [each for each in fits if each is not None]
    if not told:
        raise InputError(
            "too little of what neurons share can be measured to fit networks to it",
            remedy="Give a longer recording, or more neurons",
        )
    likely = [each for each in told if each.p_value >= MISFIT_BELOW]
    kind, sentence = (FITTED, _fitted(likely[0], found)) if likely else (UNLIKE, _unlike(told[0]))
    content |= {"kind": kind, "sentence": sentence, "bin_is_known": bool(np.isfinite(found.bin_s))}
    return content | {"fits": [_plain(each, found.n_neurons) for each in told]}


def _sizes(found: Measured, n_neurons: int | None) -> list[int]:
    if n_neurons is None:
        return [found.n_neurons, TIMES_LARGER * found.n_neurons]
    if n_neurons < found.n_neurons:
        raise InputError(
            f"network of {n_neurons:,} neurons is smaller than the recording's {found.n_neurons:,}",
            remedy="Give --network-neurons of at least as many",
        )
    return [n_neurons]


def _plain(fit: Fit, n_recorded: int) -> dict[str, Any]:
    """A fit as plain values, with how critical its size would have to be."""
    content: dict[str, Any] = {
        name: value._asdict() if isinstance(value, Interval) else value
        for name, value in fit._asdict().items()
    }
    content["knee_rank"] = knee_rank(fit.n_neurons, fit.radius.value)
    content["critical_radius"] = critical_radius(fit.n_neurons) if fit.n_neurons > 20 else None
    content["observed_share"] = min(1.0, n_recorded / fit.n_neurons)
    content["fits"] = fit.p_value >= MISFIT_BELOW
    return content


def _independent(found: Measured) -> str:
    return (
        "The neurons are independent as far as this recording tells: halves of them share no more "
        f"variance than halves shifted in time do (p = {found.p_value:.2g})."
    )


def _unlike(fit: Fit) -> str:
    return (
        "No random linear network of the table looks like this recording (chi-square "
        f"{fit.misfit:.0f} of {fit.n_statistics} statistics): no radius or asymmetry is given."
    )


def _fitted(fit: Fit, found: Measured) -> str:
    """Radius, asymmetry and time constant in one sentence."""
    unit = "s" if np.isfinite(found.bin_s) else "bins"
    return (
        f"As a random linear network of {fit.n_neurons:,} neurons: radius "
        f"{_told(fit.radius, 4)} ({_how_critical(fit)}), asymmetry {_told(fit.asymmetry, 2)} "
        f"({_how_symmetric(fit.asymmetry)}), time constant {_told(fit.tau_s, 3)} {unit}."
    )


def _told(found: Interval, digits: int) -> str:
    low = f"{'<= ' if found.low_is_open else ''}{found.low:.{digits}g}"
    high = f"{'>= ' if found.high_is_open else ''}{found.high:.{digits}g}"
    return f"{found.value:.{digits}g} [{low}, {high}]"


def _how_critical(fit: Fit) -> str:
    """Critical where the knee may lie within the first rank: the power law has no plateau."""
    nearest, farthest = (knee_rank(fit.n_neurons, end) for end in (fit.radius.high, fit.radius.low))
    if farthest <= 1:
        return "critical: the spectrum has no plateau"
    if nearest <= 1:
        return "critical within its interval"
    return f"below critical: the spectrum is flat up to rank {nearest:.0f} to {farthest:.0f}"


def _how_symmetric(found: Interval) -> str:
    if found.high < ENOUGH_SYMMETRY:
        return "nearly symmetric"
    if found.low > ENOUGH_SYMMETRY:
        return "not symmetric"
    return "symmetry undecided"
