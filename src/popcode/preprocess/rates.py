"""Neurons with enough activity."""

import math
from dataclasses import replace

import numpy as np

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.kinds import INTEGER_KINDS, row_blocks
from popcode.recording.text import plural


def drop_silent(recording: Recording) -> Recording:
    """Drop the neurons whose activity is zero in every bin.

    Parameters
    ----------
    recording : Recording
        Of any kind.

    Returns
    -------
    Recording
        The same one where no neuron is silent; the provenance says how many were dropped.

    Raises
    ------
    InputError
        No neuron is ever active.
    """
    active = np.count_nonzero(recording.activity, axis=0) > 0
    if not active.any():
        raise InputError("no neuron is ever active", remedy="Check the source.")
    return _kept(recording, active, "never active")


def drop_below_rate(recording: Recording, min_rate_hz: float) -> Recording:
    """Drop the neurons with fewer spikes a second, over the recorded time.

    In binary activity a bin with several spikes counts as one.

    Parameters
    ----------
    recording : Recording
        Of kind "binary" or "counts".
    min_rate_hz : float
        Neurons at exactly this rate are kept.

    Returns
    -------
    Recording
        The same one where no neuron is below; the provenance says how many were dropped.

    Raises
    ------
    InputError
        A rate that is negative or not finite, activity that is not spikes, an unknown bin width,
        no neuron left.
    """
    if not (math.isfinite(min_rate_hz) and min_rate_hz >= 0):
        raise InputError(f"min_rate_hz is {min_rate_hz!r}", remedy="Give spikes a second, from 0.")
    if recording.kind not in INTEGER_KINDS:
        raise InputError(
            f"the activity holds real values ({recording.kind}), which have no rate of spikes",
            remedy="Leave the minimum rate out, or binarise first.",
        )
    if math.isnan(recording.bin_s):
        raise InputError(
            "the bin width of the recording is unknown, so no rate a second is known",
            remedy="State it: popcode.load(path, bin_s=...).",
        )
    rates = spike_counts(recording) / recording.duration_s
    fast = rates >= min_rate_hz * (1 - 1e-12)  # a rate equal but for its rounding is kept
    if not fast.any():
        raise InputError(
            f"no neuron reaches {min_rate_hz:g} spikes a second; the highest has {rates.max():.3g}",
            remedy="Lower min_rate_hz.",
        )
    return _kept(recording, fast, f"below {min_rate_hz:g} spikes a second")


def spike_counts(recording: Recording) -> np.ndarray:
    """Sum of the activity of every neuron, float64 (n_neurons,)."""
    total = np.zeros(recording.n_neurons)
    for rows in row_blocks(*recording.shape):
        total += recording.activity[rows].sum(axis=0, dtype=np.float64)
    return total


def _kept(recording: Recording, mask: np.ndarray, why: str) -> Recording:
    n_dropped = int(np.count_nonzero(~mask))
    if n_dropped == 0:
        return recording
    chosen = recording.select(neurons=mask, why=f"dropped those {why}")
    note = f"dropped {n_dropped:,} of {plural(recording.n_neurons, 'neuron')}: {why}"
    *earlier, step = chosen.provenance
    return replace(chosen, provenance=(*earlier, {**step, "notes": [note]}))
