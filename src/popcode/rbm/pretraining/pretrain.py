"""Fit a small model of a recording at once, as the start of a larger one's training."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.parameters import Parameters, free_energy
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.pretraining.directions import Directions, principal_directions
from popcode.rbm.pretraining.landscape import as_rbm, fitted_landscape
from popcode.rbm.pretraining.mesh import mesh_over
from popcode.rbm.pretraining.persistence import Persistence, persistence
from popcode.rbm.pretraining.planes import candidate_planes
from popcode.rbm.pretraining.small import Mixture, as_mixture, drawn, refined

MAX_RANK = 4
_DEFAULT_RANK = 3
# Hidden units of the small model: its 2^10 hidden states are summed over at every step.
_MAX_UNITS = 10
_PAD_STD = 1e-4
# Numbers of the recording looked at (as float32: 40 MB).
_MAX_NUMBERS = 10_000_000
# Of them to choose the rank by, and a least number of rows.
_TRIAL_NUMBERS, _LEAST_TRIAL_ROWS = 2_000_000, 4000
_HELD_OUT = 0.2
_LEAST_BINS = 20
_TRIAL_STEPS, _FINAL_STEPS = 40, 150
_ROWS_STREAM, _PAD_STREAM, _CHAINS_STREAM = 41, 42, 43


class Pretrained(NamedTuple):
    """A model to start training from.

    Attributes
    ----------
    parameters : Parameters
        With n_hidden binary hidden units, all but the first few with weights N(0, 1e-4^2).
    small : Mixture
        The model of the first few hidden units alone, summed over their states.
    rank : int
        Directions that the first few hidden units started from; 0 where none stands out.
    log_partition : float
        Of `parameters`, exact to 1e-5 nats.
    log_likelihood : ndarray of float64, (n_steps,)
        Nats a bin over the rows looked at, at each step of the last ascent.
    held_out : ndarray of float64, (n_ranks,)
        Nats a bin of held-out rows, by rank from 0 (independent neurons).
    states : Persistence
        The states of the small model, and whether sampling leaves them.
    notes : tuple of str
        What was chosen, and why.
    """

    parameters: Parameters
    small: Mixture
    rank: int
    log_partition: float
    log_likelihood: NDArray[np.float64]
    held_out: NDArray[np.float64]
    states: Persistence
    notes: tuple[str, ...]

    def static_chains(self, n: int, seed: int) -> NDArray[np.uint8]:
        """Draw n independent states of the model, (n, n_neurons), at equilibrium without sweeps."""
        return drawn(self.small, n, np.random.default_rng((seed, _CHAINS_STREAM)))


class _Trial(NamedTuple):
    parameters: Parameters
    held_out: NDArray[np.float64]


def pretrained(
    activity: NDArray, n_hidden: int, *, rank: int | None = None, seed: int = 0
) -> Pretrained:
    """Fit the low-rank model of a recording, and climb from it as an RBM of few hidden units.

    Parameters
    ----------
    activity : ndarray, (n_bins, n_neurons)
        Any non-zero entry counts as active.
    n_hidden : int
        Hidden units of the model to be trained.
    rank : int, optional
        Directions of the low-rank model, up to 4. By default as many of up to 3 as stand out of
        the noise of the correlations and gain on held-out rows.
    seed : int

    Raises
    ------
    InputError
        A rank above 4 or below 0, no hidden unit, or fewer than 20 bins.
    """
    _check(activity, n_hidden, rank)
    rng = np.random.default_rng((seed, _ROWS_STREAM))
    rows = _looked_at(activity, rng)
    order = rng.permutation(len(rows))
    n_held = max(int(_HELD_OUT * len(rows)), 2)
    n_looked = max(_TRIAL_NUMBERS // rows.shape[1], _LEAST_TRIAL_ROWS)
    test, train = rows[order[:n_held][:n_looked]], rows[order[n_held:][:n_looked]]
    n_units = min(_MAX_UNITS, n_hidden)
    directions = principal_directions(train, _DEFAULT_RANK if rank is None else rank)
    if rank is None:
        directions = directions.keep(_n_standing_out(directions, len(train)))
    ranks = range(len(directions.variances) + 1)
    trials = [_trial(directions.keep(r), train, test, n_units) for r in ranks]
    chosen = ranks[-1] if rank is not None else _least_sufficient([t.held_out for t in trials])
    ascent = refined(trials[chosen].parameters, rows, _FINAL_STEPS)
    states = persistence(ascent.parameters, seed)
    notes = _notes(len(activity), len(rows), chosen, states)
    held_out = np.array([each.held_out.mean() for each in trials])
    small, whole = as_mixture(ascent.parameters), _padded(ascent.parameters, n_hidden, seed)
    log_partition = small.log_partition + (n_hidden - ascent.parameters.n_hidden) * np.log(2)
    return Pretrained(
        whole, small, chosen, log_partition, ascent.log_likelihood, held_out, states, notes
    )


def _looked_at(activity: NDArray, rng: np.random.Generator) -> NDArray[np.float32]:
    """Rows drawn at random where there are more numbers than are looked at."""
    n_bins, n_neurons = activity.shape
    n_rows = max(_MAX_NUMBERS // n_neurons, 1000)
    if n_bins <= n_rows:
        return (activity != 0).astype(np.float32)
    return (activity[np.sort(rng.choice(n_bins, n_rows, replace=False))] != 0).astype(np.float32)


def _n_standing_out(directions: Directions, n_bins: int) -> int:
    """Directions whose variance independent neurons would not reach.

    V. A. Marchenko and L. A. Pastur, Math. USSR-Sb. 1, 457 (1967): the edge of the spectrum of
    the correlations of independent samples.
    """
    edge = (1 + np.sqrt(len(directions.rates) / n_bins)) ** 2
    return int((directions.variances > edge).sum())


def _trial(directions: Directions, train: NDArray, test: NDArray, n_units: int) -> _Trial:
    """The small model of the first directions, and the log-likelihood of held-out rows."""
    start = _start(directions, train, n_units)
    found = refined(start, train, _TRIAL_STEPS).parameters if start.n_hidden else start
    held_out = -free_energy(found, test) - as_mixture(found).log_partition
    return _Trial(found, held_out)


def _start(directions: Directions, train: NDArray, n_units: int) -> Parameters:
    rank = len(directions.variances)
    if rank == 0:
        weights = np.zeros((len(directions.rates), 0), np.float32)
        return Parameters(weights, directions.fields.astype(np.float32), Bernoulli(np.zeros(0)))
    projections = directions.project(train)
    planes = candidate_planes(projections)
    mesh = mesh_over(directions, projections)
    return as_rbm(directions, fitted_landscape(mesh, projections, planes, n_units))


def _least_sufficient(held_out: list[NDArray]) -> int:
    """Least rank not worse on the held-out rows than the best by a paired standard error."""
    best = int(np.argmax([each.mean() for each in held_out]))
    for rank, each in enumerate(held_out[:best]):
        loss = held_out[best] - each
        if loss.mean() <= loss.std(ddof=1) / np.sqrt(len(loss)):
            return rank
    return best


def _padded(small: Parameters, n_hidden: int, seed: int) -> Parameters:
    """Add hidden units with weights near 0, and fields that undo the little they do on average."""
    rng = np.random.default_rng((seed, _PAD_STREAM))
    shape = (small.n_neurons, n_hidden - small.n_hidden)
    added = rng.normal(0, _PAD_STD, shape).astype(np.float32)
    # softplus(x) = log 2 + x / 2 + O(x^2)
    fields = (small.fields - added.sum(axis=1) / 2).astype(np.float32)
    theta = np.concatenate([small.hidden.theta, np.zeros(shape[1])])
    return Parameters(np.hstack([small.weights, added]), fields, Bernoulli(theta))


def _notes(n_bins: int, n_rows: int, rank: int, states: Persistence) -> tuple[str, ...]:
    looked = f"{n_rows:,} of {n_bins:,} bins looked at, rank {rank}"
    if rank == 0:
        return (looked, "No direction stands out: the start is independent neurons")
    share = f"{states.kept:.0%} of chains keep it over {states.n_sweeps} sweeps"
    if states.clustered:
        return (looked, f"Clustered: {len(states.weights)} states, {share}")
    return (
        looked,
        f"No clustered structure (of {len(states.weights)} states {share}, "
        f"{states.by_chance:.0%} by chance): a plain start mixes as well",
    )


def _check(activity: NDArray, n_hidden: int, rank: int | None) -> None:
    if activity.ndim != 2 or len(activity) < _LEAST_BINS:
        raise InputError(
            f"activity has shape {activity.shape}",
            remedy=f"Give (n_bins, n_neurons) with at least {_LEAST_BINS} bins",
        )
    if n_hidden < 1:
        raise InputError(f"n_hidden is {n_hidden}", remedy="Give at least 1")
    if rank is not None and not 0 <= rank <= MAX_RANK:
        raise InputError(f"rank is {rank}", remedy=f"Give 0 to {MAX_RANK}, or leave it out")
