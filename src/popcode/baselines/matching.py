"""Fit of a maximum-entropy model: persistent chains are pulled until their moments are the data's.

The gradient of the log-likelihood in a parameter is the difference between the data's and the
model's mean of what the parameter multiplies; persistent chains stand for the model (Tieleman,
ICML 2008). Couplings move in the centred form (fields follow so that the drive at the data's mean
activity stays), and every step is scaled by the curvature that the data's own variances give.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.baselines.chains import gibbs_sweeps, independent_states
from popcode.baselines.curvature import covariance, pair_variance
from popcode.baselines.kernels.matching import list_active, step_couplings
from popcode.baselines.moments import Moments, fields_of
from popcode.baselines.parameters import Parameters, independent
from popcode.threads import Team, pieces

_ROWS_PER_CALL = 32
_CHAIN_STREAM, _KEY_STREAM = 3, 4
# Steps are constant up to here, then fall exponentially to FINAL; the last quarter is averaged.
_DECAY_FROM, _AVERAGE_FROM, _FINAL = 0.4, 0.75, 0.02
# One chain's worth of change may move a parameter by rate / this much.
_SOFTENING = 0.1


class MatchingSettings(NamedTuple):
    """How a model is matched.

    n_updates, n_chains, n_sweeps : int
        Steps; persistent chains; sweeps of every neuron a step.
    learning_rate : float
        Share of the Newton step of each parameter alone.
    prior_sd : float
        Standard deviation of the Gaussian prior on each coupling, in nats.
    seed : int
    """

    n_updates: int
    n_chains: int
    n_sweeps: int
    learning_rate: float
    prior_sd: float
    seed: int


class Matched(NamedTuple):
    """A matched model, its chains (n_chains, n_neurons) and the mismatch along the way.

    mismatch : ndarray of float64, (n_updates,)
        Root mean square difference between the mean activities of chains and data.
    """

    parameters: Parameters
    chains: NDArray[np.uint8]
    mismatch: NDArray[np.float64]


class _Gains(NamedTuple):
    """Inverse curvature of every parameter, zero for what stays as it is."""

    fields: NDArray[np.float32]
    couplings: NDArray[np.float32]
    population: NDArray[np.float64]


class _Census(NamedTuple):
    """The chains' active neurons and what follows from them; scratch that is used again."""

    positions: NDArray[np.int32]
    offsets: NDArray[np.int64]
    activity: NDArray[np.float32]
    histogram: NDArray[np.float64]

    @classmethod
    def of(cls, n_chains: int, n_neurons: int) -> "_Census":
        return cls(
            np.empty(n_chains * n_neurons + 1, np.int32),
            np.empty(n_chains + 1, np.int64),
            np.empty(n_neurons, np.float32),
            np.empty(n_neurons + 1),
        )


def step_size(settings: MatchingSettings, update: int) -> float:
    """Learning rate at one update."""
    progress = update / settings.n_updates
    late = max(0.0, progress - _DECAY_FROM) / (1 - _DECAY_FROM)
    return settings.learning_rate * _FINAL**late


def average_share(settings: MatchingSettings, update: int) -> float:
    """Weight of an update's iterate in the running average; 1 until the average starts."""
    first = int(_AVERAGE_FROM * settings.n_updates)
    return 1 / max(1, update - first + 1)


def _gains(moments: Moments, settings: MatchingSettings, with_population: bool) -> _Gains:
    softening = _SOFTENING / settings.n_chains
    prior = 1 / (moments.n_bins * settings.prior_sd**2)
    couplings = 1 / (pair_variance(moments) + prior + softening)
    couplings[moments.constant] = 0
    couplings[:, moments.constant] = 0
    np.fill_diagonal(couplings, 0)
    fields = 1 / (moments.rates * (1 - moments.rates) + softening)
    fields[moments.constant] = 0
    population = 1 / (moments.counts * (1 - moments.counts) + prior + softening)
    return _Gains(
        fields.astype(np.float32), couplings.astype(np.float32), population * with_population
    )


class Matcher:
    """One fit, step by step.

    Parameters
    ----------
    moments : Moments
        Of the data.
    settings : MatchingSettings
    with_population : bool
        Whether P(K) is matched too.
    """

    def __init__(self, moments: Moments, settings: MatchingSettings, with_population: bool) -> None:
        n_neurons = moments.rates.size
        rng = np.random.default_rng((settings.seed, _CHAIN_STREAM))
        self.moments, self.settings = moments, settings
        self.parameters = independent(fields_of(moments.rates))
        self.averaged = independent(fields_of(moments.rates))
        self.chains = independent_states(moments.rates, settings.n_chains, rng)
        self._key = int(np.random.default_rng((settings.seed, _KEY_STREAM)).integers(2**62))
        self._gains = _gains(moments, settings, with_population)
        self._census = _Census.of(settings.n_chains, n_neurons)
        self._rates = moments.rates.astype(np.float32)
        self._covariance = covariance(moments).astype(np.float32)
        self._ridge = 1 / (moments.n_bins * settings.prior_sd**2)

    def update(self, team: Team, update: int) -> float:
        """Sweep and step once; returns the RMS mismatch of the mean activities."""
        n_sweeps = self.settings.n_sweeps
        gibbs_sweeps(team, self.parameters, self.chains, n_sweeps, update * n_sweeps, self._key)
        list_active(self.chains, *self._census)
        rate = step_size(self.settings, update)
        share = average_share(self.settings, update)
        shift = self._step_couplings(team, rate, share)
        difference = self._rates - self._census.activity
        self._step_fields(difference, shift, rate, share)
        self._step_population(rate, share)
        return float(np.sqrt(np.mean(difference.astype(np.float64) ** 2)))

    def _step_couplings(self, team: Team, rate: float, share: float) -> NDArray[np.float32]:
        n_neurons = self._rates.size
        shift = np.empty(n_neurons, np.float32)
        census = self._census
        team.run(
            partial(
                step_couplings,
                *block,
                census.positions,
                census.offsets,
                census.activity,
                self._rates,
                self._covariance,
                self._gains.couplings,
                np.float32(self._ridge),
                np.float32(rate),
                np.float32(share),
                self.parameters.couplings,
                self.averaged.couplings,
                shift,
            )
            for block in pieces(n_neurons, _ROWS_PER_CALL)
        )
        return shift

    def _step_fields(
        self,
        difference: NDArray[np.float32],
        shift: NDArray[np.float32],
        rate: float,
        share: float,
    ) -> None:
        fields = self.parameters.fields
        fields += np.float32(rate) * self._gains.fields * difference + shift
        mean = self.averaged.fields
        mean += np.float32(share) * (fields - mean)

    def _step_population(self, rate: float, share: float) -> None:
        population = self.parameters.population
        gradient = self.moments.counts - self._census.histogram - self._ridge * population
        population += (rate * self._gains.population * gradient).astype(np.float32)
        mean = self.averaged.population
        mean += np.float32(share) * (population - mean)


def match_moments(
    team: Team,
    moments: Moments,
    settings: MatchingSettings,
    with_population: bool,
    tell: Callable[[int], None] = lambda _: None,
) -> Matched:
    """Fit the pairwise model, or with `with_population` the K-pairwise model.

    Parameters
    ----------
    team : Team
    moments : Moments
    settings : MatchingSettings
    with_population : bool
    tell : callable, optional
        Called with the number of updates made after each.
    """
    matcher = Matcher(moments, settings, with_population)
    mismatch = np.empty(settings.n_updates)
    for update in range(settings.n_updates):
        mismatch[update] = matcher.update(team, update)
        tell(update + 1)
    parameters = matcher.averaged
    parameters.population[:] -= parameters.population[0]
    return Matched(parameters, matcher.chains, mismatch)
