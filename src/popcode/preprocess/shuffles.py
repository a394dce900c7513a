"""Controls: recordings that keep some of the structure of one and have lost the rest of it."""

from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.kinds import row_blocks
from popcode.recording.provenance import with_step
from popcode.recording.segments import segment_lengths
from popcode.recording.selection import as_indices


def shuffle_rows(recording: Recording, seed: int = 0) -> Recording:
    """Permute the bins: whole population vectors change places.

    Everything that does not look at time is kept exactly (means, correlations, the distribution
    of population vectors); order in time is lost, and with it the relation to the covariates and
    to absolute time, which stay where they are. Bins move across segments, whose lengths are kept.

    Parameters
    ----------
    recording : Recording
    seed : int

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        A seed that is none.
    """
    order = _generator(seed).permutation(recording.n_bins)
    note = "shuffled: bins permuted as whole population vectors; no order in time is left"
    return _shuffled(recording, recording.activity[order], "rows", seed, note)


def circular_shifts(recording: Recording, seed: int = 0) -> Recording:
    """Shift every neuron in time by an offset of its own, circularly within each segment.

    Kept exactly: what each neuron does by itself, its values in every segment and their order
    but for one cut, where the end of the segment is followed by its start. Lost: what neurons do
    together, but for what follows from segments that differ in rate.

    Parameters
    ----------
    recording : Recording
    seed : int
        Offsets are drawn evenly from 1 to the length of the segment less 1.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        Segments of one bin only, a seed that is none.
    """
    lengths = _shiftable_lengths(recording)
    generator = _generator(seed)
    offsets = np.stack([_offsets(generator, n, recording.n_neurons) for n in lengths])
    note = "shuffled: every neuron shifted in time by itself, circularly within each segment"
    return _shuffled(recording, _shifted(recording, offsets), "neurons", seed, note)


def shift_halves(
    recording: Recording, seed: int = 0, *, half: Any = None, n_times: int = 1
) -> Recording:
    """Shift one half of the neurons in time against the other, circularly within each segment.

    Kept exactly: all that each half does by itself at one time (means, correlations within it)
    and, but for one cut a segment, in time. Lost: what the halves do together. Done many times
    over, each with another half and offset, it leaves single neurons as they were and nearly
    every pair out of step: the control of Pachitariu et al. (2026) is 500 times.

    Parameters
    ----------
    recording : Recording
    seed : int
        For the half where none is given, and for the offsets, which are drawn evenly from 1 to
        the length of the segment less 1.
    half : array-like of int or bool, optional
        The neurons that are shifted; half of them, at random and anew each time, by default.
    n_times : int
        How often.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        Fewer than two neurons, a half that is none or all of them, segments of one bin only,
        `n_times` below 1, a seed that is none.

    References
    ----------
    Pachitariu et al., "A critical initialization for biological neural networks", Nature 655,
    990-996 (2026); bioRxiv 2025.01.10.632397.
    """
    if not isinstance(n_times, Integral) or n_times < 1:
        raise InputError(f"n_times is {n_times!r}", remedy="Give a whole number of at least 1.")
    lengths = _shiftable_lengths(recording)
    chosen = None if half is None else as_indices(half, recording.n_neurons, "neurons")
    _refuse_no_halves(recording.n_neurons, chosen)
    generator = _generator(seed)
    offsets = np.zeros((len(lengths), recording.n_neurons), dtype=np.int64)
    for _ in range(n_times):
        of_all = generator.permutation(recording.n_neurons)[: recording.n_neurons // 2]
        moved = of_all if chosen is None else np.unique(chosen)
        offsets[:, moved] += np.concatenate([_offsets(generator, n, 1) for n in lengths])[:, None]
    offsets %= lengths[:, None]
    which = "a random half" if chosen is None else "the given half"
    often = "" if n_times == 1 else f", {n_times:,} times over"
    note = f"shuffled: {which} of the neurons shifted circularly within each segment{often}"
    return _shuffled(recording, _shifted(recording, offsets), "halves", seed, note)


def _generator(seed: Any) -> np.random.Generator:
    if not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"seed is {seed!r}", remedy="Give a whole number of at least 0.")
    return np.random.default_rng(int(seed))


def _shiftable_lengths(recording: Recording) -> np.ndarray:
    lengths = segment_lengths(recording.segment_starts, recording.n_bins)
    if lengths.max() < 2:
        raise InputError(
            "every segment is one bin, in which nothing can be shifted",
            remedy="Permute the bins instead (shuffle_rows).",
        )
    return lengths


def _refuse_no_halves(n_neurons: int, chosen: np.ndarray | None) -> None:
    n_moved = n_neurons // 2 if chosen is None else len(np.unique(chosen))
    if not 0 < n_moved < n_neurons:
        raise InputError(
            f"{n_moved:,} of {n_neurons:,} neurons would be shifted, which changes nothing",
            remedy="Some neurons must be shifted, and some must not.",
        )


def _offsets(generator: np.random.Generator, length: int, size: int) -> np.ndarray:
    """Offsets from 1 to length - 1; a segment of one bin cannot be shifted."""
    if length < 2:
        return np.zeros(size, dtype=np.int64)
    return generator.integers(1, length, size=size)


def _shifted(recording: Recording, offsets: np.ndarray) -> np.ndarray:
    """y(t) = x(t - offset) in each segment; offsets (n_segments, n_neurons), from 0 to its end."""
    result = np.empty_like(recording.activity)
    stops = np.append(recording.segment_starts[1:], recording.n_bins)
    pairs = zip(recording.segment_starts, stops, offsets, strict=True)
    for start, stop, by in pairs:
        segment = recording.activity[start:stop]
        for rows in row_blocks(len(segment), recording.n_neurons):
            times = np.arange(rows.start, rows.stop)[:, None]
            earlier = (times - by) % len(segment)
            result[start:stop][rows] = np.take_along_axis(segment, earlier, axis=0)
    return result


def _shuffled(
    recording: Recording, activity: np.ndarray, how: str, seed: int, note: str
) -> Recording:
    step = with_step(recording, "shuffled", how=how, seed=int(seed), notes=[note])
    return replace(recording, activity=activity, provenance=step)
