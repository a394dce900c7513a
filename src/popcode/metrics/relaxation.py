"""Relaxation of the population activity: the recording in bins against Gibbs chains in sweeps.

A model of single bins knows nothing of time. The Gibbs chain that samples it nevertheless relaxes,
and its autocorrelation is laid over the recording's with one free factor, the sweeps a bin.
Agreement up to that factor is a weak test: any chain with one slow mode relaxes about
exponentially. What it excludes is a model whose chain has no slow mode, or many where the recording
has one; areas that need the same factor say more than one curve.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar

from popcode.metrics.decay import Decay, fit_exponential, fit_stretched
from popcode.metrics.measured_curve import N_RESAMPLES, Curve, measured_curve

_SMALLEST_FACTOR, _N_FACTORS = 1e-2, 400

Values = npt.NDArray[np.float64]


class TimeConstant(NamedTuple):
    """How fast one curve decays, in its own steps (bins or sweeps).

    Attributes
    ----------
    exponential, stretched : Decay or None
        None where the curve does not say.
    low, high : float or None
        95 % interval of the exponential's tau over resampled blocks.
    """

    exponential: Decay | None
    low: float | None
    high: float | None
    stretched: Decay | None


class TimeFactor(NamedTuple):
    """Sweeps a bin with a nominal 95 % interval over resampled blocks of bins and of chains.

    The interval is a little narrow: of 40 known factors it held 35 to 37
    (``benchmarks/relaxation.py --seeds 40``).
    """

    value: float
    low: float | None
    high: float | None


class Misfit(NamedTuple):
    """What is left between two curves, over the lags that were fitted.

    Attributes
    ----------
    rmse : float
        Of the model's curve, its time scaled, from the recording's.
    ceiling : float
        Half of what the two halves of the recording differ by: the noise of the whole curve.
    independent : float
        Of an independent model, whose chain forgets in one sweep: the recording's curve itself.
    """

    rmse: float
    ceiling: float
    independent: float


class Relaxation(NamedTuple):
    """How the model's chain relaxes beside the recording.

    How to read it: `factor` sweeps of the chain do what one bin of the recording does; below 1 it
    rests on interpolation within a sweep. The model agrees where `misfit.rmse` is near the ceiling,
    and says something where both are far below `misfit.independent`. It is None, with the reason in
    `note`, where the recording (bins shuffled, say) or the chain (of an independent model, say)
    has no relaxation.

    Attributes
    ----------
    factor : TimeFactor or None
    misfit : Misfit or None
    recording_time, model_time : TimeConstant
        In bins and in sweeps.
    drift : float or None
        Mean activity of the second half of the chains less that of the first, in its standard
        errors over chains: beyond 3, they were not at equilibrium. None below 3 chains.
    note : str
        Why there is no factor; empty where there is one.
    recording, model : Curve
    """

    factor: TimeFactor | None
    misfit: Misfit | None
    recording_time: TimeConstant
    model_time: TimeConstant
    drift: float | None
    note: str
    recording: Curve
    model: Curve


def relaxation(
    activity: npt.NDArray,
    segment_starts: npt.NDArray,
    paths: npt.NDArray,
    max_lag_bins: int,
    max_lag_sweeps: int,
    seed: int = 0,
) -> Relaxation:
    """Compare the relaxation of a recording with that of a model's chains.

    Parameters
    ----------
    activity : ndarray, shape (n_bins,)
        Active neurons in each bin, of the population or of one area.
    segment_starts : ndarray of int, shape (n_segments,)
    paths : ndarray, shape (n_chains, n_sweeps)
        The same of single long chains at equilibrium, after every sweep.
    max_lag_bins, max_lag_sweeps : int
        A factor above their ratio can be found only where the window is shorter.
    seed : int
        Of shuffles and resamples.

    Returns
    -------
    Relaxation

    Raises
    ------
    InputError
        Lags that no stretch or chain is long enough for.
    """
    rng = np.random.default_rng(seed)
    starts = np.arange(len(paths)) * paths.shape[1]
    recording = measured_curve(activity, segment_starts, max_lag_bins, rng)
    model = measured_curve(paths.reshape(-1), starts, max_lag_sweeps, rng)
    factor, note = _fitted(recording, model)
    return Relaxation(
        factor=factor,
        misfit=None if factor is None else _misfit(recording, model, factor.value),
        recording_time=_time_constant(recording),
        model_time=_time_constant(model),
        drift=_drift(paths),
        note=note,
        recording=recording,
        model=model,
    )


def scaled_curve(curve: Values, factors: npt.NDArray, lags: npt.NDArray) -> Values:
    """A model's curve at `lags` bins of `factors` sweeps each, between sweeps interpolated.

    Parameters
    ----------
    curve : ndarray, shape (max_lag + 1,)
        At 0, 1, ... sweeps.
    factors : ndarray, shape (n_factors,)
    lags : ndarray, shape (n_lags,)

    Returns
    -------
    ndarray, shape (n_factors, n_lags)
    """
    sweeps = np.multiply.outer(factors, lags)
    return PchipInterpolator(np.arange(curve.size), curve)(sweeps)


def fit_factor(recording: Values, model: Values, window: int) -> float | None:
    """Sweeps a bin by least squares over lags 1 to `window`.

    Parameters
    ----------
    recording, model : ndarray
        Curves from lag 0 on.
    window : int

    Returns
    -------
    float or None
        None where the best factor lies beyond what the model's curve reaches.
    """
    lags, target = np.arange(1, window + 1), recording[1 : window + 1]
    grid = np.geomspace(_SMALLEST_FACTOR, (model.size - 1) / window, _N_FACTORS)

    def misfit(factors: npt.NDArray) -> Values:
        return np.sum((scaled_curve(model, factors, lags) - target) ** 2, axis=1)

    best = int(np.argmin(misfit(grid)))
    if best in (0, _N_FACTORS - 1):
        return None
    found = minimize_scalar(
        lambda factor: float(misfit(np.array([factor]))[0]),
        bounds=(grid[best - 1], grid[best + 1]),
        method="bounded",
    )
    return float(found.x)


def _fitted(recording: Curve, model: Curve) -> tuple[TimeFactor | None, str]:
    if not recording.relaxes or recording.window == 0:
        return None, "the recording's activity is not correlated from bin to bin"
    if not model.relaxes:
        return None, "the model's chains forget within one sweep"
    factor = fit_factor(recording.value, model.value, recording.window)
    if factor is None:
        return None, "the factor lies outside of what the chains reach; make them longer"
    resampled = [
        fit_factor(*pair, recording.window)
        for pair in zip(recording.resampled, model.resampled, strict=True)
        if np.all(np.isfinite(np.concatenate(pair)))
    ]
    return TimeFactor(factor, *_interval([each for each in resampled if each is not None])), ""


def _misfit(recording: Curve, model: Curve, factor: float) -> Misfit:
    taken = slice(1, recording.window + 1)
    first, second = recording.halves[:, taken]
    lags = np.arange(1, recording.window + 1)
    target = recording.value[taken]
    difference = scaled_curve(model.value, np.array([factor]), lags)[0] - target
    return Misfit(
        rmse=float(np.sqrt(np.mean(difference**2))),
        ceiling=float(np.sqrt(np.mean((first - second) ** 2)) / 2),
        independent=float(np.sqrt(np.mean(target**2))),
    )


def misfit_at(recording: Curve, model: Curve, factor: float) -> Misfit | None:
    """Misfit at a given factor, such as an area's at the factor of the whole population.

    None where there is no window, or where it reaches beyond the model's curve.
    """
    reached = 0 < factor * recording.window <= model.value.size - 1
    return _misfit(recording, model, factor) if reached else None


def _time_constant(curve: Curve) -> TimeConstant:
    if not curve.relaxes:
        return TimeConstant(None, None, None, None)
    taken = slice(1, curve.window + 1)
    exponential = fit_exponential(curve.value[taken])
    low = high = None
    if exponential is not None:
        found = [fit_exponential(each[taken]) for each in curve.resampled]
        low, high = _interval([each.tau for each in found if each is not None])
    return TimeConstant(exponential, low, high, fit_stretched(curve.value[taken]))


def _interval(values: list[float]) -> tuple[float | None, float | None]:
    """95 % of the resamples; None where fewer than half of them have a value."""
    if 2 * len(values) < N_RESAMPLES:
        return None, None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _drift(paths: npt.NDArray) -> float | None:
    half = paths.shape[1] // 2
    if len(paths) < 3 or half == 0:
        return None
    moved = paths[:, half:].mean(axis=1) - paths[:, :half].mean(axis=1)
    error = moved.std(ddof=1) / np.sqrt(len(paths))
    return float(moved.mean() / error) if error > 0 else None
