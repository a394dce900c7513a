"""Replica exchange: Gibbs sweeps on every rung of a ladder, and swaps between neighbours."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.cpu import gibbs_pieces
from popcode.rbm.energies import free_energies
from popcode.rbm.parameters import Parameters
from popcode.rbm.tempering.report import TemperingReport, TripCounter
from popcode.threads import Team

_SWAP_STREAM, _SWEEP_STREAM, _BASE_STREAM = 21, 22, 23

# Draws n independent states (n, n_neurons) of the lowest rung.
DrawBase = Callable[[int, np.random.Generator], NDArray[np.uint8]]


class ReplicaExchange:
    r"""Chains on every rung of a ladder of models, whose joint law its rounds leave unchanged.

    A swap of the states of neighbours k and k + 1 is accepted with the probability

        min{1, exp[F_k(v^k) - F_k(v^{k+1}) + F_{k+1}(v^{k+1}) - F_{k+1}(v^k)]}

    with F_k the free energy under rung k (Swendsen and Wang, Phys. Rev. Lett. 57, 2607, 1986;
    along a training trajectory: Béreux et al., ICLR 2025, arXiv:2405.15376).

    Parameters
    ----------
    team : Team
        Entered by the caller.
    rungs : sequence of Parameters
        With binary hidden units, the lowest first.
    chains : ndarray of uint8, (n_rungs, n_chains, n_neurons)
        Where to start; changed in place.
    seed : int
        Determines every draw, whatever the number of threads.
    draw_base : callable, optional
        (n, generator) -> independent states (n, n_neurons) of the lowest rung. Without it that
        rung is swept as the others, which is an independent draw where its weights are zero.
    """

    def __init__(
        self,
        team: Team,
        rungs: Sequence[Parameters],
        chains: NDArray[np.uint8],
        seed: int,
        draw_base: DrawBase | None = None,
    ) -> None:
        self.chains, self.n_rounds = chains, 0
        self._team, self._rungs, self._draw_base = team, list(rungs), draw_base
        n_rungs, n_chains = chains.shape[:2]
        self._replicas = np.tile(np.arange(n_rungs, dtype=np.int32)[:, None], n_chains)
        self._trips = TripCounter(n_rungs, n_chains)
        self._accepted = np.zeros(n_rungs - 1)
        self._swap_rng = np.random.default_rng((seed, _SWAP_STREAM))
        self._base_rng = np.random.default_rng((seed, _BASE_STREAM))
        # Rungs draw from the same sweeps and tiles, so that each needs a key of its own.
        rng = np.random.default_rng((seed, _SWEEP_STREAM))
        self._keys = [int(rng.integers(2**62)) for _ in self._rungs]
        self._n_sweeps = 0
        self._energies = np.stack(
            [free_energies(team, *each) for each in zip(self._rungs, chains, strict=True)]
        )

    def run(self, n_rounds: int, increment: int) -> None:
        """Make rounds of one swap sweep and `increment` Gibbs sweeps on every rung."""
        for _ in range(n_rounds):
            for pair in range(len(self._rungs) - 1):
                self._swap(pair)
            self._trips.observe(self._replicas)
            self._sweep(increment)
            self.n_rounds += 1

    def report(self) -> TemperingReport:
        """What has happened since the start."""
        n_rungs, n_chains = self._replicas.shape
        trips = self._trips.round_trips
        return TemperingReport(
            acceptance=self._accepted / max(self.n_rounds, 1),
            round_trips=trips,
            mean_round_trip=n_rungs * n_chains * self.n_rounds / trips if trips else np.inf,
            n_rounds=self.n_rounds,
            n_chains=n_chains,
        )

    def _swap(self, pair: int) -> None:
        """Swap the states of two neighbours, chain by chain."""
        chains, energies = self.chains, self._energies
        low, high = pair, pair + 1
        low_moved = free_energies(self._team, self._rungs[high], chains[low])
        high_moved = free_energies(self._team, self._rungs[low], chains[high])
        gain = energies[low] - high_moved + energies[high] - low_moved
        probability = np.exp(np.minimum(gain, 0))
        self._accepted[pair] += probability.mean()
        swapped = np.flatnonzero(self._swap_rng.random(gain.size) < probability)
        energies[low, swapped] = high_moved[swapped]
        energies[high, swapped] = low_moved[swapped]
        for held in (chains, self._replicas):
            held[low, swapped], held[high, swapped] = held[high, swapped], held[low, swapped]

    def _sweep(self, n_sweeps: int) -> None:
        """Gibbs sweeps on every rung, all rungs' tiles of chains shared among the threads."""
        start = 0 if self._draw_base is None else 1
        self._team.run(
            call for k in range(start, len(self._rungs)) for _, call in self._pieces(k, n_sweeps)
        )
        self._n_sweeps += n_sweeps
        if self._draw_base is not None:
            self.chains[0] = self._draw_base(self.chains.shape[1], self._base_rng)
        for k, rung in enumerate(self._rungs):
            self._energies[k] = free_energies(self._team, rung, self.chains[k])

    def _pieces(self, k: int, n_sweeps: int) -> Iterator[tuple[tuple[int, int], partial]]:
        rung, chains = self._rungs[k], self.chains[k]
        inputs = np.empty((len(chains), rung.n_hidden), np.float32)
        return gibbs_pieces(*rung, chains, inputs, n_sweeps, self._n_sweeps, self._keys[k])
