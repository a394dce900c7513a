"""Zeros and ones by a threshold that every neuron has from its own values."""

from dataclasses import replace
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.preprocess.moments import moments_of
from popcode.recording import Recording
from popcode.recording.text import plural

NEURONS_AT_ONCE = 256


def binarize_quantile(recording: Recording, quantile: float) -> Recording:
    """Mark the bins in which a neuron is above a quantile of its own values.

    Every neuron is then active in about the share ``1 - quantile`` of the bins: differences in
    rate between neurons are lost. A neuron that never changes, or whose values are mostly the
    same, is active in fewer bins, or in none.

    Parameters
    ----------
    recording : Recording
        Of any kind but "binary".
    quantile : float
        Between 0 and 1; 0.95 leaves the highest twentieth.

    Returns
    -------
    Recording
        Of kind "binary"; the provenance holds the range of the thresholds and how many neurons
        never change.

    Raises
    ------
    InputError
        A quantile outside 0 to 1, activity that is binary already.
    """
    if not 0 < quantile < 1:
        raise InputError(
            f"quantile is {quantile!r}; expected a number between 0 and 1",
            remedy="The usual is 0.95.",
        )
    _refuse_binary(recording)
    thresholds = np.empty(recording.n_neurons)
    for start in range(0, recording.n_neurons, NEURONS_AT_ONCE):
        columns = slice(start, start + NEURONS_AT_ONCE)
        thresholds[columns] = np.quantile(
            recording.activity[:, columns].astype(np.float64), quantile, axis=0
        )
    constant = recording.activity.min(axis=0) == recording.activity.max(axis=0)
    return _above(recording, thresholds, constant, f"above the {quantile:g} quantile of the neuron")


def binarize_zscore(recording: Recording, z: float) -> Recording:
    """Mark the bins in which a neuron is above its mean by some standard deviations.

    Activity raises mean and standard deviation alike, so that very active neurons come out
    quieter than they are; `binarize_traces` takes the noise instead.

    Parameters
    ----------
    recording : Recording
        Of any kind but "binary".
    z : float
        Height of the threshold above the mean, in standard deviations of the neuron.

    Returns
    -------
    Recording
        Of kind "binary"; a neuron that never changes is never active. The provenance holds the
        range of the thresholds and how many neurons never change.

    Raises
    ------
    InputError
        `z` that is not finite, activity that is binary already.
    """
    if not np.isfinite(z):
        raise InputError(f"z is {z!r}; expected a finite number", remedy="The usual is 2.")
    _refuse_binary(recording)
    mean, sd, constant = moments_of(recording.activity)
    rule = f"above the mean of the neuron by {z:g} of its standard deviations"
    return _above(recording, mean + z * sd, constant, rule)


def binarize_threshold(recording: Recording, threshold: Any) -> Recording:
    """Mark the bins in which a neuron is above one threshold, or above its own.

    Parameters
    ----------
    recording : Recording
        Of any kind but "binary".
    threshold : float or array-like (n_neurons,)
        In the units of the activity.

    Returns
    -------
    Recording
        As `Recording.binarized`, the rule and the silent neurons said in the provenance.

    Raises
    ------
    InputError
        A threshold that is not finite, activity that is binary already.
    """
    _refuse_binary(recording)
    made = recording.binarized(threshold)
    return _said(made, "above the threshold that was given", 0)


def _refuse_binary(recording: Recording) -> None:
    if recording.kind == "binary":
        raise InputError(
            "the activity is binary already, so that no threshold means anything",
            remedy="Leave the threshold out.",
        )


def _above(
    recording: Recording, thresholds: np.ndarray, constant: np.ndarray, rule: str
) -> Recording:
    """Binary activity. The mean of equal values may round to below them: they are set apart."""
    highest = recording.activity.max(axis=0)
    exact = _rounded_down(np.where(constant, highest, thresholds), recording.activity.dtype)
    made = recording.binarized(exact)
    return _said(made, rule, int(constant.sum()))


def _rounded_down(thresholds: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The highest values of `dtype` that are not above the thresholds: the same are above both."""
    if dtype.kind != "f":
        return thresholds
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(dtype)
    below = np.nextafter(nearest, np.array(-np.inf, dtype=dtype))
    return np.where(nearest > thresholds, below, nearest)


def _said(made: Recording, rule: str, n_constant: int) -> Recording:
    """State in the last step of the provenance what was done, and to which neurons nothing."""
    share = 100 * float(np.count_nonzero(made.activity)) / made.activity.size
    notes = [f"made binary: active is {rule}; {share:.3g} % of all entries are active"]
    if n_constant:
        notes.append(f"{plural(n_constant, 'neuron')} never changing: never active")
    n_silent = int(np.count_nonzero(~made.activity.any(axis=0))) - n_constant
    if n_silent:
        notes.append(f"{plural(n_silent, 'neuron')} never above the threshold")
    *earlier, last = made.provenance
    return replace(made, provenance=(*earlier, {**last, "rule": rule, "notes": notes}))
