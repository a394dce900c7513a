"""Carry out what ``popcode convert`` is asked to change, and say what each step did."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from popcode.cli.changes import Changes
from popcode.cli.preparation import binary
from popcode.cli.reading import Reading, about, recording_at
from popcode.cli.steps import read_steps, say

if TYPE_CHECKING:
    from popcode.recording import Recording


def converted(path: str, reading: Reading, changes: Changes) -> Recording:
    """Read, drop slow neurons, choose regions and epochs, dF/F, deconvolve, bin, smooth, z-score,
    binarise, shuffle: those that are asked for, in this order.

    Raises
    ------
    InputError
        Options that contradict each other, an input that cannot be read, a step that is not
        possible with it.
    """
    changes.check()
    traces = changes.deconvolve or changes.dff
    recording = _unmerged(path, reading) if traces else recording_at(path, reading)
    say(read_steps(recording))
    with about(path):
        for changed in _steps(recording, path, reading, changes):
            say(changed.provenance[len(recording.provenance) :])
            recording = changed
    return recording


def _unmerged(path: str, reading: Reading) -> Recording:
    """Read in bins of its own: merged ones would blur what deconvolution looks for."""
    recording = recording_at(path, replace(reading, bin_s=None))
    if reading.bin_s is None or not math.isnan(recording.bin_s):
        return recording
    step = {"step": "bin width stated by the user", "bin_s": reading.bin_s}
    return replace(recording, bin_s=reading.bin_s, provenance=(*recording.provenance, step))


def _steps(
    recording: Recording, path: str, reading: Reading, changes: Changes
) -> Iterator[Recording]:
    for step in (_chosen, _deconvolved, _scaled, _binary, _shuffled):
        for changed in step(recording, path, reading, changes):
            yield changed
            recording = changed


def _chosen(
    recording: Recording, _path: str, reading: Reading, changes: Changes
) -> Iterator[Recording]:
    """Neurons and bins that are kept."""
    from popcode.preprocess import drop_below_rate, restrict

    if reading.min_rate_hz > 0:
        recording = drop_below_rate(recording, reading.min_rate_hz)
        yield recording
    if changes.regions is not None:
        from popcode.preprocess.regions import region_names, select_regions

        names = changes.chosen_regions(region_names(recording))
        recording = select_regions(recording, names)
        yield recording
    if changes.labelled:
        from popcode.preprocess.regions import drop_unlabelled

        recording = drop_unlabelled(recording)
        yield recording
    if changes.epochs is not None:
        yield restrict(recording, changes.chosen_epochs())


def _deconvolved(
    recording: Recording, _path: str, reading: Reading, changes: Changes
) -> Iterator[Recording]:
    """Relative changes, events (or spikes) of traces, and their bins merged afterwards."""
    if changes.dff:
        from popcode.preprocess import dff

        recording = dff(recording)
        yield recording
    if changes.deconvolve:
        from popcode.preprocess.deconvolution import deconvolved

        recording = deconvolved(
            recording,
            changes.rise_s,
            changes.decay_s,
            # The threshold of each neuron is known here; of smoothed amplitudes it is not.
            binary=changes.binarize and changes.smooth_s is None,
            silent=False,
        )
        yield recording
    bin_s = reading.bin_s
    is_unmerged = changes.dff or changes.deconvolve
    if is_unmerged and bin_s and not math.isclose(bin_s, recording.bin_s, rel_tol=1e-6):
        yield recording.binned(bin_s=bin_s)


def _scaled(
    recording: Recording, _path: str, _reading: Reading, changes: Changes
) -> Iterator[Recording]:
    from popcode.preprocess import smoothed, zscored

    if changes.smooth_s is not None:
        recording = smoothed(recording, changes.smooth_s, changes.causal)
        yield recording
    if changes.zscore:
        yield zscored(recording)


def _binary(
    recording: Recording, path: str, _reading: Reading, changes: Changes
) -> Iterator[Recording]:
    from popcode.preprocess import binarize_quantile, binarize_threshold, binarize_zscore

    if changes.threshold is not None:
        yield binarize_threshold(recording, changes.threshold)
    elif changes.quantile is not None:
        yield binarize_quantile(recording, changes.quantile)
    elif changes.z is not None:
        yield binarize_zscore(recording, changes.z)
    elif changes.binarize:
        yield binary(recording, True, path)


def _shuffled(
    recording: Recording, _path: str, _reading: Reading, changes: Changes
) -> Iterator[Recording]:
    from popcode.preprocess import circular_shifts, shift_halves, shuffle_rows

    shuffles = {"rows": shuffle_rows, "neurons": circular_shifts, "halves": shift_halves}
    if changes.shuffle is not None:
        yield shuffles[changes.shuffle](recording, changes.seed or 0)
