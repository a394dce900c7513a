"""The signature of a recording, with the covariance of its sampling error."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.halves import halves_with_rule
from popcode.dynamics.spectra.measure import checked_seed
from popcode.dynamics.standardised import standardised
from popcode.dynamics.streams import as_stream
from popcode.dynamics.time_blocks import Stretch, time_blocks
from popcode.dynamics.verdict.signature import LAGS, RANKS, log_at_ranks
from popcode.dynamics.verdict.singular import noise_level, without_noise
from popcode.errors import InputError
from popcode.threads import Team

Float = NDArray[np.float64]
STREAM, SHIFTING = 0x5E1, 0x5E2
N_PIECES = 16
MOST_NEURONS, MOST_VALUES = 1000, 500_000_000
MOST_SHIFTED, N_SHIFTS = 400, 39
FEWEST_NEURONS = 20


class Halved(NamedTuple):
    """Two halves of the neurons, standardised, their population mean taken out.

    Attributes
    ----------
    first, second : ndarray of float32, (n_bins, n_first), (n_bins, n_second)
    blocks : list of list of Stretch
        Pieces of time, each the contiguous stretches in it.
    segments : list of Stretch
    bin_s : float
    n_neurons : int
        Of the recording, those that change; `first` and `second` may hold fewer.
    rule : str
        How neurons were divided.
    """

    first: NDArray[np.float32]
    second: NDArray[np.float32]
    blocks: list[list[Stretch]]
    segments: list[Stretch]
    bin_s: float
    n_neurons: int
    rule: str


class Measured(NamedTuple):
    """Statistics of a recording.

    Attributes
    ----------
    value : ndarray, (19,)
        As `Signature.flat`; nan what cannot be had: ranks within the noise, lags longer than any
        segment.
    covariance : ndarray, (19, 19)
        Of its sampling error, by the jackknife over pieces of time.
    shared : float
        |C(0)|^2 a pair of neurons, without bias: mean squared covariance in units of variance.
    shared_shifted : ndarray, (n_shifts,)
        The same with one half shifted in time against the other.
    shared_compared : float
        `shared` of the neurons that were shifted.
    n_observed, n_neurons, n_pieces : int
    bin_s : float
    """

    value: Float
    covariance: Float
    shared: float
    shared_shifted: Float
    shared_compared: float
    n_observed: int
    n_neurons: int
    n_pieces: int
    bin_s: float

    @property
    def p_value(self) -> float:
        """Share of shifts, the recording among them, that share as much variance."""
        reached = np.count_nonzero(self.shared_shifted >= self.shared_compared)
        return float((1 + reached) / (1 + self.shared_shifted.size))


class _Pieces(NamedTuple):
    """Sums of products of every piece, (n_pieces, n_first * n_second), and their numbers."""

    later: NDArray[np.float32]
    earlier: NDArray[np.float32]
    n_pairs: Float


def measured(x: Any, *, seed: int = 0) -> Measured:
    """Measure the signature of a recording.

    The neurons are halved as for SVCA2; of more than 1,000 a random 1,000 are taken. Squares of
    covariances are products of what two pieces of time give, no neighbours, so that noise
    averages to nothing; singular values are freed of the noise that few bins put into them.

    Parameters
    ----------
    x : Recording, array-like (n_bins, n_neurons), or path
    seed : int

    Returns
    -------
    Measured

    Raises
    ------
    InputError
        Fewer than 20 neurons that change, too few bins, and as `popcode.spectrum`.
    """
    halved = halved_recording(x, checked_seed(seed))
    sums = [_lagged_sums(halved, lag) for lag in (0, *LAGS)]
    value = _statistics(sums, halved, np.ones(len(halved.blocks), bool))
    kept = [np.arange(len(halved.blocks)) != k for k in range(len(halved.blocks))]
    again = np.array([_statistics(sums, halved, each) for each in kept])
    shared_compared, shifted = _shifted(halved, seed)
    return Measured(
        value=value,
        covariance=_jackknife(again),
        shared=_square(sums[0], np.ones(len(kept), bool)) / sums[0].later.shape[1],
        shared_shifted=shifted,
        shared_compared=shared_compared,
        n_observed=halved.first.shape[1] + halved.second.shape[1],
        n_neurons=halved.n_neurons,
        n_pieces=len(halved.blocks),
        bin_s=halved.bin_s,
    )


def halved_recording(x: Any, seed: int) -> Halved:
    """Read a recording, its neurons halved.

    Raises
    ------
    InputError
    """
    stream = as_stream(x)
    activity = standardised(stream)
    n_neurons = activity.n_neurons
    if n_neurons < FEWEST_NEURONS:
        raise InputError(
            f"{n_neurons} neurons change, and the theory speaks of many",
            remedy=f"Give at least {FEWEST_NEURONS}",
        )
    blocks = time_blocks(stream.segment_starts, stream.n_bins, N_PIECES)
    most = min(n_neurons, MOST_NEURONS, max(FEWEST_NEURONS, MOST_VALUES // stream.n_bins))
    chosen = np.sort(np.random.default_rng((seed, STREAM)).permutation(n_neurons)[:most])
    activity = activity.ordered(chosen)
    places = stream.positions_um
    own = None if places is None else places[activity.neurons]
    halves = halves_with_rule(own, activity.n_neurons, seed)
    with Team() as team:
        first, second = (
            activity.ordered(np.flatnonzero(half)).all(team)
            for half in (halves.first, ~halves.first)
        )
    first -= first.mean(axis=1, keepdims=True)
    second -= second.mean(axis=1, keepdims=True)
    ends = [*stream.segment_starts[1:].tolist(), stream.n_bins]
    segments = list(map(Stretch, stream.segment_starts.tolist(), ends))
    return Halved(first, second, blocks, segments, stream.bin_s, n_neurons, halves.rule)


def _lagged_sums(halved: Halved, lag: int) -> _Pieces:
    """Sums over pairs of bins `lag` apart, within stretches."""
    first, second, blocks = halved.first, halved.second, halved.blocks
    size = first.shape[1] * second.shape[1]
    later, earlier = np.zeros((2, len(blocks), size), np.float32)
    n_pairs = np.zeros(len(blocks))
    for k, block in enumerate(blocks):
        for start, stop in block:
            if stop - start > lag:
                before, after = slice(start, stop - lag), slice(start + lag, stop)
                later[k] += (first[before].T @ second[after]).ravel()
                earlier[k] += (first[after].T @ second[before]).ravel()
                n_pairs[k] += stop - start - lag
    return _Pieces(later, earlier, n_pairs)


def _statistics(sums: list[_Pieces], halved: Halved, kept: NDArray[np.bool_]) -> Float:
    """The signature from some of the pieces."""
    same = _square(sums[0], kept)
    persistence, irreversibility = [], []
    for each in sums[1:]:
        norm, turned = _square(each, kept), _turned(each, kept)
        persistence.append(norm / same)
        irreversibility.append(turned / norm if norm > 0 else np.nan)
    spectrum = _spectrum(sums[0], halved, kept) - (np.log(same) / 2 if same > 0 else np.nan)
    log_shared = np.log(same / sums[0].later.shape[1]) if same > 0 else np.nan
    return np.concatenate([spectrum, persistence, irreversibility, [log_shared]])


def _apart(pieces: _Pieces, kept: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], float]:
    """Pairs of pieces that are kept and no neighbours, and their pairs of pairs of bins."""
    index = np.arange(len(kept))
    pairs = kept[:, None] & kept & (np.abs(np.subtract.outer(index, index)) > 1)
    return pairs, float(np.sum(np.outer(pieces.n_pairs, pieces.n_pairs)[pairs]))


def _square(pieces: _Pieces, kept: NDArray[np.bool_]) -> float:
    """Mean of |C(l)|^2 and |C(-l)|^2, without bias."""
    pairs, weight = _apart(pieces, kept)
    products = pieces.later @ pieces.later.T + pieces.earlier @ pieces.earlier.T
    return float(products[pairs].sum(dtype=np.float64)) / (2 * weight) if weight else np.nan


def _turned(pieces: _Pieces, kept: NDArray[np.bool_]) -> float:
    """|C(l) - C(-l)|^2 / 4, without bias."""
    pairs, weight = _apart(pieces, kept)
    odd = pieces.later - pieces.earlier
    return float((odd @ odd.T)[pairs].sum(dtype=np.float64)) / (4 * weight) if weight else np.nan


def _spectrum(pieces: _Pieces, halved: Halved, kept: NDArray[np.bool_]) -> Float:
    """Log singular values at `RANKS` without the noise of few bins; nan within it."""
    shape = halved.first.shape[1], halved.second.shape[1]
    total = pieces.n_pairs[kept].sum()
    sums = pieces.later[kept]
    signs = np.where(np.arange(len(sums)) % 2, -1.0, 1.0)
    level = noise_level((signs @ sums).reshape(shape) / total)
    values = np.linalg.svd(sums.sum(axis=0).reshape(shape) / total, compute_uv=False)
    found = np.full(min(shape), np.nan)
    freed = without_noise(values[: max(RANKS)], shape, level)
    found[: freed.size] = freed
    return log_at_ranks(found)


def _jackknife(again: Float) -> Float:
    """Covariance of statistics from their values without each piece; 0 where one was not had."""
    n = len(again)
    deviation = np.nan_to_num(again - again.mean(axis=0))
    return (n - 1) / n * deviation.T @ deviation


def _shifted(halved: Halved, seed: int) -> tuple[float, Float]:
    """Shared variance of some neurons as they are, and with one half shifted in time."""
    most = MOST_SHIFTED // 2
    few = halved._replace(first=halved.first[:, :most], second=halved.second[:, :most])
    rng = np.random.default_rng((seed, SHIFTING))
    drawn = [_shared(_with_shift(few, rng)) for _ in range(N_SHIFTS)]
    return _shared(few), np.array(drawn)


def _shared(halved: Halved) -> float:
    sums = _lagged_sums(halved, 0)
    return _square(sums, np.ones(len(halved.blocks), bool)) / sums.later.shape[1]


def _with_shift(halved: Halved, rng: np.random.Generator) -> Halved:
    """The second half later, circularly within every segment by the same share of it."""
    share, second = rng.uniform(0.02, 0.98), halved.second.copy()
    for start, stop in halved.segments:
        second[start:stop] = np.roll(second[start:stop], round(share * (stop - start)), axis=0)
    return halved._replace(second=second)
