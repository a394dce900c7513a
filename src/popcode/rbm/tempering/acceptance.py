"""How often two models would swap their states, from states of each or of one alone."""

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.energies import free_energies
from popcode.rbm.parameters import Parameters
from popcode.threads import Team

# A swap probability varies by at most 0.5 about its mean: 30 chains place one of a quarter within
# a third of itself.
LEAST_CHAINS = 30
# Every state meets so many of the other model's: most of what all pairs would tell.
_N_SHIFTS = 16


def swap_acceptance(
    team: Team,
    lower: Parameters,
    lower_states: NDArray[np.uint8],
    upper: Parameters,
    upper_states: NDArray[np.uint8],
) -> float:
    """Mean probability that two models accept to swap states, without swapping any.

    Parameters
    ----------
    team : Team
        Entered by the caller.
    lower, upper : Parameters
        With binary hidden units.
    lower_states, upper_states : ndarray of uint8, (n_states, n_neurons)
        Of each model's law.
    """
    below = energy_gaps(team, lower, upper, lower_states)
    above = energy_gaps(team, lower, upper, upper_states)
    return mean_acceptance(below, above)


def energy_gaps(
    team: Team, lower: Parameters, upper: Parameters, states: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """F_lower(v) - F_upper(v) of every state, (n_states,)."""
    return free_energies(team, lower, states) - free_energies(team, upper, states)


def mean_acceptance(below: NDArray[np.float64], above: NDArray[np.float64]) -> float:
    """<min(1, exp(x - y))> over energy gaps x of the lower model's states and y of the upper's.

    States of the same row, which may have one history, never meet.
    """
    n = min(below.size, above.size)
    gain = [below[:n] - np.roll(above[:n], shift) for shift in _shifts(n)]
    return float(np.exp(np.minimum(gain, 0)).mean())


def predicted_acceptance(gaps: NDArray[np.float64]) -> float:
    """Acceptance between the model of these states and another, from energy gaps to it.

    With the weights w = exp(gap) / <exp(gap)> of independent states x, y of the lower model it is
    <min(w(x), w(y))>: the overlap of the two laws of a pair, written under one of them.
    """
    weights = np.exp(gaps - gaps.max())
    lesser = [np.minimum(weights, np.roll(weights, shift)) for shift in _shifts(gaps.size)]
    return float(np.mean(lesser) / weights.mean())


def check_enough_chains(n_chains: int) -> None:
    """Refuse to choose rungs from a handful of chains.

    Raises
    ------
    InputError
        Fewer than 30 chains.
    """
    if n_chains < LEAST_CHAINS:
        raise InputError(
            f"{n_chains} chains are too few to choose the rungs of a ladder by their acceptance "
            f"(at least {LEAST_CHAINS})",
            where="n_chains",
            remedy=f"Give {LEAST_CHAINS} chains or more; a thousand place the rungs well",
        )


def _shifts(n: int) -> list[int]:
    count = min(_N_SHIFTS, n - 1)
    return [n * (k + 1) // (count + 1) for k in range(count)]
