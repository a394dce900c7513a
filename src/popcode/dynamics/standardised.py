"""Activity with mean 0 and variance 1 in every neuron, a block of bins at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.streams import Stream
from popcode.errors import InputError, PopcodeWarning
from popcode.recording.kinds import row_blocks
from popcode.threads import Team, pieces

BLOCK_BYTES = 1 << 27  # of one block, as float32
ROWS_A_PIECE = 64  # what one thread standardises at a time
Stretch = tuple[int, int]


@dataclass(frozen=True)
class Standardised:
    """Activity whose neurons have mean 0 and variance 1 over all its bins. Made by `standardised`.

    Attributes
    ----------
    stream : Stream
    neurons : ndarray of int64, (n_neurons,)
        Which of the stream, in which order; those that never change are left out.
    mean, deviation : ndarray, (n_neurons,)
        Of these neurons, over all bins of the stream; `deviation` divides by n_bins.
    stretches : tuple of (start, stop)
        The bins that are read, in this order; a bin may come more than once.
    """

    stream: Stream
    neurons: NDArray[np.int64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    stretches: tuple[Stretch, ...]

    @property
    def n_bins(self) -> int:
        """Bins that are read."""
        return sum(stop - start for start, stop in self.stretches)

    @property
    def n_neurons(self) -> int:
        """Neurons that are read."""
        return len(self.neurons)

    def over(self, stretches: Sequence[Stretch]) -> Standardised:
        """The same neurons over other bins; means and deviations stay those of the stream."""
        return replace(self, stretches=tuple(stretches))

    def ordered(self, order: NDArray[np.int64]) -> Standardised:
        """Neurons `order` of these, in that order."""
        return replace(
            self,
            neurons=self.neurons[order],
            mean=self.mean[order],
            deviation=self.deviation[order],
        )

    def blocks(self, team: Team) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Where a block of bins stands among those read, and its values (n, n_neurons).

        The array is used again for the next block: it is not to be kept.
        """
        n_rows = max(1, BLOCK_BYTES // (4 * self.n_neurons))
        buffer = np.empty((min(n_rows, self.n_bins), self.n_neurons), dtype=np.float32)
        done = 0
        for parts in _filled(self.stretches, n_rows):
            n_filled = 0
            for start, stop in parts:
                self._fill(buffer[n_filled : n_filled + stop - start], start, team)
                n_filled += stop - start
            yield slice(done, done + n_filled), buffer[:n_filled]
            done += n_filled

    def all(self, team: Team) -> NDArray[np.float32]:
        """Every bin read, (n_bins, n_neurons), for recordings that are short."""
        values = np.empty((self.n_bins, self.n_neurons), dtype=np.float32)
        for rows, block in self.blocks(team):
            values[rows] = block
        return values

    def _fill(self, out: NDArray[np.float32], start: int, team: Team) -> None:
        raw = self.stream.read(start, start + len(out))
        cuts = pieces(len(out), ROWS_A_PIECE)
        team.run(partial(self._fill_piece, out[lo:hi], raw[lo:hi]) for lo, hi in cuts)

    def _fill_piece(self, out: NDArray[np.float32], raw: NDArray) -> None:
        every = self.n_neurons == raw.shape[1] and np.array_equal(
            self.neurons, np.arange(raw.shape[1])
        )
        values = raw if every else raw[:, self.neurons]
        centred = values - self.mean
        centred *= 1 / self.deviation
        out[:] = centred


class Moments(NamedTuple):
    """Of every neuron over all bins, each (n_neurons,)."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    changes: NDArray[np.bool_]


def standardised(stream: Stream) -> Standardised:
    """Standardise every neuron that changes; the others are left out, with a PopcodeWarning.

    Raises
    ------
    InputError
        NaN or infinite values; fewer than two bins, or two neurons that change.
    """
    moments = moments_of(stream)
    neurons = np.flatnonzero(moments.changes)
    n_constant = stream.n_neurons - len(neurons)
    if stream.n_bins < 2 or len(neurons) < 2:
        raise InputError(
            f"{stream.n_bins:,} bins, and {len(neurons):,} of {stream.n_neurons:,} neurons change",
            remedy="Give at least two bins and two neurons that change",
        )
    if n_constant:
        warnings.warn(
            f"{n_constant:,} of {stream.n_neurons:,} neurons never change and were left out",
            PopcodeWarning,
            stacklevel=3,
        )
    every = (0, stream.n_bins)
    return Standardised(
        stream, neurons, moments.mean[neurons], moments.deviation[neurons], (every,)
    )


def moments_of(stream: Stream) -> Moments:
    """Mean and standard deviation in one pass: blocks are joined by the formula of Chan.

    Raises
    ------
    InputError
        NaN or infinite values, naming the first.

    References
    ----------
    Chan, Golub and LeVeque, The American Statistician 37, 242-247 (1983).
    """
    mean, squares = np.zeros(stream.n_neurons), np.zeros(stream.n_neurons)
    low, high = np.full(stream.n_neurons, np.inf), np.full(stream.n_neurons, -np.inf)
    done = 0
    for rows in row_blocks(stream.n_bins, stream.n_neurons):
        block = np.array(stream.read(rows.start, rows.stop), dtype=np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            own = block.mean(axis=0)
        _refuse_not_finite(own, block, rows.start)
        n, gap = len(block), own - mean
        block -= own
        squares += np.einsum("ij,ij->j", block, block) + gap**2 * (n * done / (n + done))
        mean += gap * (n / (n + done))
        low, high = np.minimum(low, block.min(0) + own), np.maximum(high, block.max(0) + own)
        done += n
    # Rounding leaves a constant neuron some 1e-16 of its value.
    changes = high - low > 1e-12 * np.maximum(np.abs(high), np.abs(low))
    return Moments(mean, np.sqrt(squares / max(done, 1)), changes)


def _refuse_not_finite(mean: NDArray[np.float64], block: NDArray, first_bin: int) -> None:
    if np.isfinite(mean).all():
        return
    neuron = int(np.flatnonzero(~np.isfinite(mean))[0])
    bins = np.flatnonzero(~np.isfinite(block[:, neuron]))
    raise InputError(
        "activity holds NaN or infinite values",
        where=f"neuron {neuron}, bin {first_bin + int(bins[0] if bins.size else 0)}",
        remedy="Drop those neurons or bins, or fill them",
    )


def _filled(stretches: Sequence[Stretch], n_rows: int) -> Iterator[list[Stretch]]:
    """Cut stretches, and join short ones, into lists of `n_rows` bins each (the last: fewer)."""
    parts: list[Stretch] = []
    room = n_rows
    for first, stop in stretches:
        start = first
        while start < stop:
            end = min(stop, start + room)
            parts.append((start, end))
            room -= end - start
            start = end
            if room == 0:
                yield parts
                parts, room = [], n_rows
    if parts:
        yield parts
