"""What is kept along a fit: the ladder's rungs, and the likelihood of trained and withheld bins."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.energies import free_energies
from popcode.rbm.ladder import Ladder
from popcode.rbm.likelihood.annealing import annealed_log_partition
from popcode.rbm.likelihood.bennett import ladder_log_partition, ladder_works
from popcode.rbm.likelihood.online import TrajectoryPartition
from popcode.rbm.parameters import Parameters
from popcode.rbm.pcd.state import PcdState
from popcode.rbm.tempering.selection import RungSelector
from popcode.threads import Team

# Looks at the model are 1 to 64 updates apart, as far as the chains' weights bear: a step in which
# log weights spread by much more than a nat cannot be followed.
_LONGEST_STRIDE = 64
_WIDE_SPREAD, _NARROW_SPREAD = 1.2, 0.5
_RUNG_STRIDE = 10
_LOOKS_PER_ANNEALING = 10
# Estimates contradict each other beyond so many errors, and what chains always lag, in nats.
_ERRORS_APART, _LAG = 4, 0.1
# Of weighted chains, in nats, beyond which an annealing is worth its time.
_WORTH_ANNEALING = 0.1
# Of ln Z, in nats, beyond which a likelihood says nothing.
_LARGEST_ERROR = 5.0
BINS_LOOKED_AT = 2000
_BINS_STREAM = 15


class Likelihoods(NamedTuple):
    """Nats a bin of both parts, their common error, the chains behind it, and rungs so far."""

    train: float
    watched: float
    standard_error: float
    effective_chains: float
    n_rungs: int


class Watch:
    """Follows a fit, as often as it moves.

    Parameters
    ----------
    rungs : RungSelector
        Of which the start of the fit is the first.
    n_rung_chains : int
        Chains kept of every rung.
    log_partition : float
        ln Z of the first rung.
    partition : TrajectoryPartition
    train, watched : ndarray of uint8, (n_bins, n_neurons)
        Bins whose likelihood is told; the second may be empty.

    Attributes
    ----------
    stride : int
        Updates between two steps of the weighted chains, at present.
    n_looks : int
        Likelihoods told so far.
    rungs_agree : bool
        Whether no annealing has contradicted the rungs.
    online_agrees : bool
        Whether no annealing has contradicted the weighted chains.
    """

    def __init__(
        self,
        rungs: RungSelector,
        n_rung_chains: int,
        log_partition: float,
        partition: TrajectoryPartition,
        train: NDArray[np.uint8],
        watched: NDArray[np.uint8],
    ) -> None:
        self.stride, self.n_looks = 1, 0
        self.rungs_agree = self.online_agrees = True
        self.rungs, self.n_rung_chains, self.partition = rungs, n_rung_chains, partition
        self.log_partition, self.train, self.watched = log_partition, train, watched

    def observe(self, team: Team, state: PcdState) -> None:
        """Look at the state of a fit after an update."""
        if state.update % self.stride == 0:
            self.see(team, state)

    def see(self, team: Team, state: PcdState) -> None:
        """Follow the model as it is now, and say when to look again."""
        parameters, previous = state.parameters, self.rungs.previous
        if previous is None or state.update >= previous.update + _RUNG_STRIDE:
            chains = state.chains[: self.n_rung_chains]
            self.rungs.observe(team, parameters, chains, state.update)
        spread = self.partition.follow(team, parameters)
        if spread > _WIDE_SPREAD:
            self.stride = max(self.stride // 2, 1)
        elif spread < _NARROW_SPREAD:
            self.stride = min(2 * self.stride, _LONGEST_STRIDE)

    def ladder(
        self, team: Team, parameters: Parameters, chains: NDArray[np.uint8], update: int
    ) -> Ladder:
        """All rungs so far and a last one, the model wanted."""
        return self.rungs.finish(team, parameters, chains, update, self.log_partition)

    def likelihoods(self, team: Team, state: PcdState) -> Likelihoods:
        """Mean log-likelihood of both parts under the model as it is now.

        ln Z comes from the chains weighted along the fit or from Bennett's ratios along the rungs
        so far, whichever has the lesser error. Every tenth look, where the weighted chains are
        uncertain and where the two contradict each other, it is annealed from independent neurons,
        and the weighted chains go on from there. Chains that lag a fast fit bias both by more than
        their errors say: rungs that contradict an annealing are not asked again, and weighted
        chains that do are replaced by an annealing at every look from then on.
        """
        parameters, chains = state.parameters, state.chains[: self.n_rung_chains]
        self.partition.follow(team, parameters)
        online = self.partition.estimate()
        best = self._best(team, parameters, chains, (online.value, online.standard_error))
        if best is not None:
            self.partition.anchor(team, parameters, chains, *best)
        value, error = best or (online.value, online.standard_error)
        self.n_looks += 1
        train, watched = (
            float(-free_energies(team, parameters, bins).mean() - value)
            if error <= _LARGEST_ERROR and len(bins)
            else float("nan")
            for bins in (self.train, self.watched)
        )
        n_rungs = len(self.rungs.rungs)
        return Likelihoods(train, watched, error, online.effective_chains, n_rungs)

    def _best(
        self,
        team: Team,
        parameters: Parameters,
        chains: NDArray[np.uint8],
        online: tuple[float, float],
    ) -> tuple[float, float] | None:
        """An estimate of ln Z and its error to go on from in place of the online one, if any."""
        along = self._along_rungs(team, parameters, chains) if self.rungs_agree else None
        is_due = self.n_looks % _LOOKS_PER_ANNEALING == 0 or online[1] > _WORTH_ANNEALING
        contradicted = along is not None and not _agree(along, online)
        if is_due or contradicted or not self.online_agrees:
            annealed = self._annealed(parameters)
            self.rungs_agree = along is not None and _agree(along, annealed)
            self.online_agrees = self.online_agrees and _agree(online, annealed)
            return annealed
        return along if along is not None and along[1] < online[1] else None

    def _annealed(self, parameters: Parameters) -> tuple[float, float]:
        """Ln Z and its error by a short annealing from independent neurons."""
        base = self.rungs.rungs[0].parameters.fields
        found = annealed_log_partition(
            parameters, base, self.n_looks, n_chains=200, tolerance=0.05, most_steps=512
        )
        return found.value, found.standard_error

    def _along_rungs(
        self, team: Team, parameters: Parameters, chains: NDArray[np.uint8]
    ) -> tuple[float, float]:
        """Ln Z of the model and its error, by the ratios of neighbouring rungs below it."""
        rungs = self.rungs.rungs
        models = (*(rung.parameters for rung in rungs), parameters)
        works = ladder_works(team, models, np.stack([*(rung.chains for rung in rungs), chains]))
        found = ladder_log_partition(works[None], self.log_partition)
        return float(found.values[-1]), float(found.standard_errors[-1])


def _agree(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether two estimates and their errors can be of the same number."""
    return abs(a[0] - b[0]) <= _ERRORS_APART * float(np.hypot(a[1], b[1])) + _LAG


def looked_at(data: NDArray[np.uint8], bins: NDArray[np.int64], seed: int) -> NDArray[np.uint8]:
    """Copy of the bins, or of a random two thousand of them."""
    rng = np.random.default_rng((seed, _BINS_STREAM))
    return np.ascontiguousarray(data[np.sort(rng.permutation(bins)[:BINS_LOOKED_AT])])
