"""From recordings of fluorescence to recordings of events or spikes."""

import warnings
from dataclasses import replace

import numpy as np

from popcode.errors import InputError, PopcodeWarning
from popcode.preprocess.deconvolution.fault_notes import artefact_notes, doubts
from popcode.preprocess.deconvolution.spikes import Deconvolution, deconvolve
from popcode.recording import Recording
from popcode.recording.kinds import INTEGER_KINDS
from popcode.recording.provenance import with_step


def deconvolved(
    recording: Recording,
    rise_s: float | None = None,
    decay_s: float | None = None,
    *,
    binary: bool = False,
    kernel: str = "shared",
    n_threads: int | None = None,
    silent: bool = True,
) -> Recording:
    """Recording of the spikes in a recording of fluorescence; see `deconvolve`.

    Parameters
    ----------
    recording : Recording
        Of kind "dff" or "rate". Events, as suite2p's, are deconvolved already: they are
        returned as they are, with a PopcodeWarning.
    rise_s, decay_s, kernel, n_threads, silent
        As `deconvolve`.
    binary : bool
        Give what is above the threshold of each neuron, kind "binary", and not the amplitudes,
        kind "events".

    Returns
    -------
    Recording
        The provenance holds kernel, thresholds and what was left out. The neurons gain the
        columns `rise_s`, `decay_s`, `noise` and `threshold`.

    Raises
    ------
    InputError
        As `deconvolve`; spikes ("binary", "counts").
    """
    if recording.kind in INTEGER_KINDS:
        raise InputError(
            f"the recording holds spikes ({recording.kind}), not fluorescence",
            remedy="Leave the deconvolution out.",
        )
    if recording.kind == "events":
        return _as_it_is(recording)
    found = deconvolve(
        recording, None, rise_s, decay_s, kernel=kernel, n_threads=n_threads, silent=silent
    )
    table = recording.neurons.assign(
        rise_s=found.kernel.rise_s,
        decay_s=found.kernel.decay_s,
        noise=found.noise,
        threshold=found.threshold,
    )
    return replace(
        recording,
        activity=found.binary if binary else found.amplitudes,
        kind="binary" if binary else "events",
        neurons=table,
        provenance=with_step(
            recording,
            "deconvolved",
            method="blind sparse deconvolution",
            kernel="given" if rise_s is not None and decay_s is not None else kernel,
            rise_s=_range(np.asarray(found.kernel.rise_s)),
            decay_s=_range(np.asarray(found.kernel.decay_s)),
            threshold=_range(found.threshold),
            explained=_range(found.explained[~found.constant]),
            notes=[
                *_what_was_found(found, rise_s, decay_s),
                *_left_out(recording, found),
                *artefact_notes(found.n_artefacts),
                *doubts(found.cut, found.inverted),
            ],
        ),
    )


def _as_it_is(recording: Recording) -> Recording:
    note = "the recording holds deconvolved events already: they are kept as they are"
    warnings.warn(note, PopcodeWarning, stacklevel=3)
    return replace(recording, provenance=with_step(recording, "not deconvolved", notes=[note]))


def _range(values: np.ndarray) -> float | dict[str, float] | None:
    """One number where all are equal, the range where not; None where there is none."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return low
    return {"lowest": low, "median": float(np.median(finite)), "highest": high}


def _what_was_found(found: Deconvolution, rise_s: float | None, decay_s: float | None) -> list[str]:
    """The kernel, how much it explains and how much is active, in short sentences."""
    used = ~found.constant
    if not used.any():
        return []
    rise = _time("rise", np.asarray(found.kernel.rise_s)[used], rise_s)
    decay = _time("decay", np.asarray(found.kernel.decay_s)[used], decay_s)
    active, spikes = (
        100 * np.count_nonzero(values) / values.size for values in (found.amplitudes, found.binary)
    )
    return [
        f"the response to a spike: {rise}, {decay}",
        f"the spikes explain {100 * float(np.median(found.explained[used])):.3g} % of the variance "
        "of a trace (median over the neurons)",
        f"{active:.3g} % of all entries hold an amplitude, {spikes:.3g} % one above the threshold "
        "of the neuron",
    ]


def _time(name: str, values: np.ndarray, given: float | None) -> str:
    """A time constant of the kernel in words; `values` (n_neurons,) in seconds."""
    low, high = values.min(), values.max()
    seconds = f"{np.median(values):.3g} s"
    if low != high:
        seconds += f" in the median neuron ({low:.3g} to {high:.3g} s)"
    return f"{name} {seconds} ({'found' if given is None else 'given'})"


def _left_out(recording: Recording, found: Deconvolution) -> list[str]:
    """Traces and segments without events."""
    notes = []
    n_constant = int(found.constant.sum())
    if n_constant:
        notes.append(f"{n_constant:,} constant traces have no events")
    n_silent = int((~found.binary.any(axis=0) & ~found.constant).sum())
    if n_silent:
        notes.append(f"{n_silent:,} neurons have no event above the threshold")
    lengths = np.diff(recording.segment_starts, append=recording.n_bins)
    n_short = int((lengths < 3).sum())
    if n_short:
        notes.append(f"{n_short:,} segments of one or two bins have no events")
    return notes
