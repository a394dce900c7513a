"""How likely a model finds each bin of a recording, in nats and in bits a spike."""

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.rbm.energies import free_energies
from popcode.rbm.parameters import Parameters
from popcode.threads import Team


def score_samples(
    parameters: Parameters, states: NDArray[np.uint8], log_partition: float
) -> NDArray[np.float64]:
    """Log-likelihood -F(v) - ln Z of every bin, in nats, (n_bins,).

    Parameters
    ----------
    parameters : Parameters
        With binary hidden units.
    states : ndarray of uint8, (n_bins, n_neurons)
        Zeros and ones.
    log_partition : float
        ln Z; an error of it moves every bin alike.

    Raises
    ------
    InputError
        Another number of neurons than the model's.
    """
    if states.shape[1] != parameters.n_neurons:
        raise InputError(
            f"{states.shape[1]} neurons, and the model has {parameters.n_neurons}",
            remedy="Give the same neurons in the same order",
        )
    with Team() as team:
        return -free_energies(team, parameters, states) - log_partition


def independent_scores(
    rates: NDArray[np.float64], states: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Log-likelihood of every bin under independent neurons, in nats, (n_bins,).

    Parameters
    ----------
    rates : ndarray, (n_neurons,)
        Probabilities of firing in a bin, strictly between 0 and 1.
    states : ndarray of uint8, (n_bins, n_neurons)

    Raises
    ------
    InputError
        A rate of 0 or 1, under which one spike more or less would be impossible.
    """
    rates = np.asarray(rates, np.float64)
    if not ((rates > 0) & (rates < 1)).all():
        raise InputError(
            f"rates from {rates.min()} to {rates.max()}",
            remedy="Hold them half a spike away from 0 and 1",
        )
    log_odds = np.log(rates) - np.log1p(-rates)
    silent = np.log1p(-rates).sum()
    # Never as floats whole: a recording may be a gigabyte of bytes.
    blocks = (states[k : k + 4096] @ log_odds for k in range(0, len(states), 4096))
    return np.concatenate([*blocks, np.empty(0)]) + silent


def bits_a_spike(nats_a_bin: float, mean_count: float) -> float:
    """A gain in nats a bin, as bits for each of the `mean_count` spikes of a bin."""
    return nats_a_bin / (np.log(2) * mean_count) if mean_count > 0 else float("nan")
