"""Rungs of a ladder chosen while a model is trained, by the acceptance of swaps."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.ladder import Ladder
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering.acceptance import check_enough_chains, swap_acceptance
from popcode.threads import Team


class Rung(NamedTuple):
    """A model of the trajectory, its chains (n_chains, n_neurons) and the updates it had made."""

    parameters: Parameters
    chains: NDArray[np.uint8]
    update: int


@dataclass
class RungSelector:
    """Keeps a model of the trajectory whenever swaps with the last one kept become rare.

    Call `observe` every few updates, first before any training, and `finish` once. A model seen
    is copied; when the acceptance between the last rung and the present model falls below the
    target, the model seen before this one becomes a rung.

    Parameters
    ----------
    target : float
        Acceptance of neighbours aimed at, in (0, 1).
    max_rungs : int
        Beyond it the rung that its neighbours need least is dropped, so that memory is bounded
        by max_rungs + 1 models with their chains.

    Notes
    -----
    The estimate is as good as the chains: where they hold other shares of the wells than their
    model does it is too high, and only the acceptance that tempering reports shows it.

    Béreux, Decelle, Furtlehner, Rosset and Seoane, ICLR 2025 (arXiv:2405.15376).
    """

    target: float = 0.25
    max_rungs: int = 32
    rungs: list[Rung] = field(default_factory=list)
    previous: Rung | None = None

    def observe(
        self, team: Team, parameters: Parameters, chains: NDArray[np.uint8], update: int
    ) -> bool:
        """See the model after `update` updates; whether a rung was added.

        Parameters
        ----------
        team : Team
            Entered by the caller.
        parameters : Parameters
            With binary hidden units; copied.
        chains : ndarray of uint8, (n_chains, n_neurons)
            Its persistent chains; copied.
        update : int

        Raises
        ------
        InputError
            Fewer than 30 chains.
        """
        check_enough_chains(len(chains))
        seen = copied(Rung(parameters, chains, update))
        if not self.rungs:
            self.rungs.append(seen)
            return True
        last, before = self.rungs[-1], self.previous
        self.previous = seen
        if before is None or acceptance_of(team, last, seen) >= self.target:
            return False
        self._add(team, before)
        return True

    def finish(
        self,
        team: Team,
        parameters: Parameters,
        chains: NDArray[np.uint8],
        update: int,
        log_partition: float,
    ) -> Ladder:
        """The ladder with the final model as its top; the selector stays as it was.

        `log_partition` is that of the first model observed.

        Raises
        ------
        InputError
            Nothing was observed, or fewer than 30 chains.
        """
        if not self.rungs:
            raise InputError(
                "a ladder without its start", remedy="Observe the model before training"
            )
        ended = RungSelector(self.target, self.max_rungs, list(self.rungs), self.previous)
        if self.previous is None or self.previous.update < update:
            ended.observe(team, parameters, chains, update)
        ended._add(team, copied(Rung(parameters, chains, update)))
        return as_ladder(ended.rungs, log_partition)

    def _add(self, team: Team, rung: Rung) -> None:
        self.rungs.append(rung)
        if len(self.rungs) > self.max_rungs:
            del self.rungs[least_needed(team, self.rungs)]


def copied(rung: Rung) -> Rung:
    """A rung whose arrays are its own."""
    weights, fields, hidden = rung.parameters
    theta = np.array(hidden.theta, np.float64)
    parameters = Parameters(
        np.array(weights, np.float32), np.array(fields, np.float32), Bernoulli(theta)
    )
    return Rung(parameters, rung.chains.copy(), rung.update)


def acceptance_of(team: Team, lower: Rung, upper: Rung) -> float:
    """Mean probability of a swap between two rungs."""
    return swap_acceptance(team, lower.parameters, lower.chains, upper.parameters, upper.chains)


def least_needed(team: Team, rungs: list[Rung]) -> int:
    """Which inner rung leaves neighbours that accept each other most often when it is dropped."""
    skipping = [acceptance_of(team, a, b) for a, b in zip(rungs, rungs[2:], strict=False)]
    return 1 + int(np.argmax(skipping))


def thinned(team: Team, ladder: Ladder, target: float = 0.25) -> Ladder:
    """The fewest of a ladder's rungs, taken upwards, whose neighbours accept `target` of swaps.

    Where neighbours of the given ladder accept less than that, both are kept. The ends stay.
    """
    rungs = as_rungs(ladder)
    kept = [0]
    for k in range(1, len(rungs) - 1):
        if acceptance_of(team, rungs[kept[-1]], rungs[k + 1]) < target:
            kept.append(k)
    return as_ladder([rungs[k] for k in (*kept, len(rungs) - 1)], ladder.log_partition)


def as_ladder(rungs: list[Rung], log_partition: float) -> Ladder:
    """A ladder of these rungs."""
    return Ladder(
        tuple(rung.parameters for rung in rungs),
        np.stack([rung.chains for rung in rungs]),
        tuple(rung.update for rung in rungs),
        log_partition,
    )


def as_rungs(ladder: Ladder) -> list[Rung]:
    """The rungs of a ladder, one by one."""
    return [Rung(*each) for each in zip(*ladder[:3], strict=True)]
