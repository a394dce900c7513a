"""A ladder laid along the straight line between two models, its rungs chosen by acceptance."""

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.ladder import Ladder
from popcode.rbm.likelihood.estimates import systematic_choice
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering.acceptance import (
    check_enough_chains,
    energy_gaps,
    predicted_acceptance,
    swap_acceptance,
)
from popcode.threads import Team

_RESAMPLE_STREAM, _SWEEP_STREAM = 25, 26
_BISECTIONS = 12
# What was predicted from the lower rung alone may err; a step is halved when it falls this short.
_TOLERATED = 0.7
_SHORTEST_STEP = 1e-4


def between(lower: Parameters, upper: Parameters, share: float) -> Parameters:
    """(1 - share) lower + share upper, every parameter."""
    low = np.asarray(lower.hidden.theta, np.float64)
    high = np.asarray(upper.hidden.theta, np.float64)
    weights = (1 - share) * lower.weights + share * upper.weights
    fields = (1 - share) * lower.fields + share * upper.fields
    theta = (1 - share) * low + share * high
    return Parameters(weights.astype(np.float32), fields.astype(np.float32), Bernoulli(theta))


def path_ladder(
    team: Team,
    lower: Parameters,
    upper: Parameters,
    log_partition: float,
    *,
    seed: int,
    target: float = 0.3,
    n_chains: int = 1000,
    n_sweeps: int = 50,
    max_rungs: int = 100,
) -> Ladder:
    """Climb from one model to another by steps whose swaps are accepted `target` of the time.

    At every step the chains are drawn anew in proportion to exp(F_lower - F_upper) and swept, so
    that each rung's wells keep the share of the chains that the rung below predicts.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    lower, upper : Parameters
        The first one that Gibbs sweeps mix fast, such as independent neurons.
    log_partition : float
        Of `lower`.
    seed : int
    target : float
        Acceptance of neighbours aimed at, in (0, 1).
    n_chains, n_sweeps : int
        Chains, and Gibbs sweeps of each rung's.
    max_rungs : int
        Refuse beyond.

    Returns
    -------
    Ladder
        From `lower` to `upper`, its updates zero: no training made the rungs.

    Raises
    ------
    InputError
        Too few chains; more rungs than allowed; a target outside of (0, 1).

    Notes
    -----
    Population annealing: Hukushima and Iba, AIP Conf. Proc. 690, 200 (2003).
    """
    _check(target, n_chains)
    climb = _Climb(team, lower, upper, seed, n_sweeps)
    shares, rungs, held = [0.0], [lower], [climb.start(n_chains)]
    while shares[-1] < 1:
        if len(rungs) == max_rungs:
            raise InputError(
                f"{max_rungs} rungs of acceptance {target} reach only {shares[-1]:.3f} of the way",
                where="max_rungs",
                remedy="Allow more rungs, a lower target, or keep the ladder of a training run",
            )
        share, rung, chains = climb.step(shares[-1], rungs[-1], held[-1], target)
        shares.append(share)
        rungs.append(rung)
        held.append(chains)
    return Ladder(tuple(rungs), np.stack(held), (0,) * len(rungs), log_partition)


def _check(target: float, n_chains: int) -> None:
    check_enough_chains(n_chains)
    if not 0 < target < 1:
        raise InputError(
            f"a target acceptance of {target}", where="target", remedy="Give one between 0 and 1"
        )


class _Climb:
    """Steps along the line; counts its draws so that none is used twice."""

    def __init__(
        self, team: Team, lower: Parameters, upper: Parameters, seed: int, n_sweeps: int
    ) -> None:
        self._team, self._lower, self._upper = team, lower, upper
        self._n_sweeps, self._swept = n_sweeps, 0
        self._rng = np.random.default_rng((seed, _RESAMPLE_STREAM))
        self._key = int(np.random.default_rng((seed, _SWEEP_STREAM)).integers(2**62))

    def start(self, n_chains: int) -> NDArray[np.uint8]:
        """Chains of the lower model."""
        rates = 1 / (1 + np.exp(-np.asarray(self._lower.fields, np.float64)))
        chains = (self._rng.random((n_chains, rates.size)) < rates).astype(np.uint8)
        return self._thermalised(self._lower, chains)

    def step(
        self, share: float, rung: Parameters, chains: NDArray[np.uint8], target: float
    ) -> tuple[float, Parameters, NDArray[np.uint8]]:
        """The next rung up: its place, its model, its chains."""
        reach = self._farthest(share, rung, chains, target)
        while True:
            model = self._upper if reach == 1 else between(self._lower, self._upper, reach)
            gaps = energy_gaps(self._team, rung, model, chains)
            drawn = self._thermalised(model, chains[self._resampled(gaps)])
            accepted = swap_acceptance(self._team, rung, chains, model, drawn)
            if accepted >= _TOLERATED * target or reach - share < _SHORTEST_STEP:
                return reach, model, drawn
            reach = (share + reach) / 2

    def _farthest(
        self, share: float, rung: Parameters, chains: NDArray[np.uint8], target: float
    ) -> float:
        """The farthest place whose predicted acceptance is the target, by bisection."""

        def accepted(place: float) -> float:
            model = between(self._lower, self._upper, place)
            return predicted_acceptance(energy_gaps(self._team, rung, model, chains))

        if accepted(1.0) >= target:
            return 1.0
        near, far = share, 1.0
        for _ in range(_BISECTIONS):
            middle = (near + far) / 2
            near, far = (middle, far) if accepted(middle) >= target else (near, middle)
        return max(near, share + _SHORTEST_STEP / 2)

    def _resampled(self, gaps: NDArray[np.float64]) -> NDArray[np.intp]:
        """Rows drawn in proportion to exp(gaps), systematically, in random order."""
        rows = systematic_choice(gaps, self._rng.random())
        return self._rng.permutation(rows)

    def _thermalised(self, model: Parameters, chains: NDArray[np.uint8]) -> NDArray[np.uint8]:
        gibbs_sweeps(self._team, *model, chains, self._n_sweeps, self._swept, self._key)
        self._swept += self._n_sweeps
        return chains
