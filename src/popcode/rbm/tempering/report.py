"""Whether the replicas travelled: acceptance of every pair of rungs, and round trips."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class TemperingReport(NamedTuple):
    """How a tempering run went.

    A state at the top is new once its replica has been at the bottom: with fewer round trips than
    chains the samples may still remember where they started, and the burn-in should be several
    mean round trips.

    Attributes
    ----------
    acceptance : ndarray of float64, (n_rungs - 1,)
        Mean probability of a swap of each pair of neighbours, the lowest first. Below about 0.1
        a pair is a bottleneck: the ladder needs a rung there.
    round_trips : int
        From the bottom to the top and back, of all replicas.
    mean_round_trip : float
        Rounds a round trip takes a replica: rounds of all replicas over their round trips;
        infinite without any, and too large for runs that are not long beside it.
    n_rounds, n_chains : int
        Rounds, and replicas a rung.
    """

    acceptance: NDArray[np.float64]
    round_trips: int
    mean_round_trip: float
    n_rounds: int
    n_chains: int

    @property
    def trips_per_chain(self) -> float:
        """Round trips for every chain at the top: the times that its state was renewed."""
        return self.round_trips / self.n_chains


class TripCounter:
    """Follows which replicas have been at the bottom and, since then, at the top.

    Parameters
    ----------
    n_rungs, n_chains : int
        Column c of the ladder holds replicas 0 to n_rungs - 1 of chain c.
    """

    def __init__(self, n_rungs: int, n_chains: int) -> None:
        self._columns = np.arange(n_chains)
        self._has_left = np.zeros((n_rungs, n_chains), bool)
        self._has_arrived = np.zeros((n_rungs, n_chains), bool)
        self.round_trips = 0

    def observe(self, replicas: NDArray[np.integer]) -> None:
        """Take in which replica stands on each rung, (n_rungs, n_chains), after a swap sweep."""
        top, bottom = (replicas[-1], self._columns), (replicas[0], self._columns)
        self._has_arrived[top] |= self._has_left[top]
        self.round_trips += int(self._has_arrived[bottom].sum())
        self._has_arrived[bottom] = False
        self._has_left[bottom] = True
