"""How much work a maximum-entropy fit is: what "auto" means, and what is to come."""

import time
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.baselines.matching import Matcher, MatchingSettings
from popcode.baselines.moments import moments_of
from popcode.threads import Team

Auto = Literal["auto"]
ANNEALED_CHAINS = 500
# Of updates, chains and steps of the annealing.
_MOST, _LEAST = (4000, 2000, 2000), (1000, 500, 500)
# Neurons up to which a fit takes the most of each: some five minutes on two cores.
_MOST_NEURONS = 1500
_TIMED_BINS, _TIMED_UPDATES = 4096, 5
_FLOAT, _DOUBLE = 4, 8


class Effort(NamedTuple):
    """Updates of a fit, its persistent chains, and steps of the annealing in either direction."""

    n_updates: int
    n_chains: int
    n_annealing: int


def answered(n_neurons: int, *wanted: int | Auto) -> Effort:
    """Effort of a fit, what is "auto" by the number of neurons.

    Each falls with the square root of the neurons beyond 1,500, so that the time does not grow,
    down to 1,000, 500 and 500. What the chains' noise costs is in inverse proportion to updates x
    chains: of 1,500 neurons in 150,000 bins .15 nats a bin at half a million, .05 at two million,
    .01 at the eight million of up to 1,500 neurons.

    Parameters
    ----------
    n_neurons : int
    *wanted : int or "auto"
        The fields of `Effort`.
    """
    share = float(min(1.0, np.sqrt(_MOST_NEURONS / n_neurons)))
    automatic = (max(least, round(share * most)) for most, least in zip(_MOST, _LEAST, strict=True))
    pairs = zip(wanted, automatic, strict=True)
    return Effort(*(auto if value == "auto" else int(value) for value, auto in pairs))


def seconds_expected(team: Team, activity: NDArray[np.uint8], effort: Effort) -> float:
    """Seconds that a fit to like activity takes, from a few updates of one that is thrown away.

    A step of the annealing is taken to cost as much a chain as an update.

    Parameters
    ----------
    team : Team
    activity : ndarray of uint8, (n_bins, n_neurons)
    effort : Effort
    """
    few = np.ascontiguousarray(activity[:: -(-len(activity) // _TIMED_BINS)])
    settings = MatchingSettings(_TIMED_UPDATES, effort.n_chains, 1, 0.0, 1.0, 0)
    matcher = Matcher(moments_of(few), settings, False)
    matcher.update(team, 0)  # loads the kernels
    started = time.perf_counter()
    for update in range(_TIMED_UPDATES):
        matcher.update(team, update)
    each = (time.perf_counter() - started) / _TIMED_UPDATES
    annealing = 2 * effort.n_annealing * ANNEALED_CHAINS / effort.n_chains
    return each * (effort.n_updates + annealing)


def memory_expected(n_neurons: int, effort: Effort) -> int:
    """Bytes that a fit takes: moments, gains and couplings of all pairs, and the chains."""
    pairs = n_neurons**2
    # Joint, covariance and its step in double precision while the gains are made of them.
    return (6 * _DOUBLE + 4 * _FLOAT) * pairs + 5 * effort.n_chains * n_neurons
