r"""What follows when units of a fitted model are held or taken out.

A model with some units held is a model of the others. With v_i held at x_i, every hidden unit
receives w_i x_i from it, which moves its threshold: theta_mu - sum_i w_i,mu x_i. With h_mu held at
y_mu, the neurons' fields become fields + w_mu y_mu and the unit is gone. A neuron taken out is one
held at 0, since it then adds nothing to any input; a hidden unit taken out is gone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import psutil
from numpy.typing import NDArray
from scipy.special import expit

from popcode.errors import InputError
from popcode.estimators.arguments import check_whole
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli, ReLU, rebuilt
from popcode.threads import Team

_START_STREAM, _SWEEP_STREAM = 71, 72
_NORMAL_95 = 1.959964
_BYTES_AN_ENTRY = 50
# Of a hidden unit, whose values are of the order of 1 where it is scaled.
_LARGEST = 1e6
_NO_UNITS = np.empty(0, np.int64)


class Perturbation(NamedTuple):
    """Which units are held and where, and which are taken out.

    Attributes
    ----------
    neurons : ndarray of int, (n_held_neurons,)
    states : ndarray of uint8, (n_held_neurons,)
        0 or 1 each; 0 is also how a neuron is taken out.
    hidden : ndarray of int, (n_held_units,)
    values : ndarray, (n_held_units,)
        Values in the support of the units' potential.
    without : ndarray of int, (n_removed_units,)
        Hidden units that are taken out.
    """

    neurons: NDArray[np.int64] = _NO_UNITS
    states: NDArray = _NO_UNITS
    hidden: NDArray[np.int64] = _NO_UNITS
    values: NDArray = _NO_UNITS
    without: NDArray[np.int64] = _NO_UNITS


class Effects(NamedTuple):
    """Mean activities of a model as it is and perturbed; all arrays are (n_neurons,).

    Attributes
    ----------
    before, after : ndarray
        Probability of each neuron to be active.
    difference : ndarray
        after - before.
    low, high : ndarray
        95 % interval of the difference from the spread over independent chains; it leaves out
        what another fit would change.
    sham, sham_low, sham_high : ndarray
        The same of no perturbation: one half of the unperturbed chains against the other.
    drift, sham_drift : float
        Mean size over neurons of the change of `after` from the first half of the sweeps to the
        second, and of the same change of `before`: alike where both are at equilibrium.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    difference: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    sham: NDArray[np.float64]
    sham_low: NDArray[np.float64]
    sham_high: NDArray[np.float64]
    drift: float
    sham_drift: float


class ChainMeans(NamedTuple):
    """Mean activity of every chain over the two halves of its sweeps, (2, n_chains, n_neurons)."""

    halves: NDArray[np.float32]

    @property
    def chains(self) -> NDArray[np.float64]:
        """Mean activity of every chain, (n_chains, n_neurons)."""
        return self.halves.mean(axis=0, dtype=np.float64)

    @property
    def drift(self) -> float:
        """Mean size over neurons of the change from the first half to the second."""
        first, second = self.halves.mean(axis=1, dtype=np.float64)
        return float(np.abs(second - first).mean()) if first.size else 0.0


def free_neurons(parameters: Parameters, perturbation: Perturbation) -> NDArray[np.int64]:
    """Neurons that are not held."""
    return np.setdiff1d(np.arange(parameters.n_neurons), perturbation.neurons)


def conditioned(parameters: Parameters, perturbation: Perturbation) -> Parameters:
    """The model of the free units, (n_free_neurons, n_free_hidden), given those held.

    Parameters
    ----------
    parameters : Parameters
    perturbation : Perturbation

    Raises
    ------
    InputError
        Units that are not there, held twice, or held where they cannot be.
    """
    _check(parameters, perturbation)
    weights = np.asarray(parameters.weights)
    gone = np.concatenate([perturbation.hidden, perturbation.without])
    units = np.setdiff1d(np.arange(parameters.n_hidden), gone)
    neurons = free_neurons(parameters, perturbation)
    # In double precision: sums over thousands of held neurons.
    driven = weights[:, perturbation.hidden].astype(np.float64) @ perturbation.values
    pushed = perturbation.states.astype(np.float64) @ weights[perturbation.neurons]
    hidden = parameters.hidden._replace(theta=parameters.hidden.theta - pushed)
    return Parameters(
        np.ascontiguousarray(weights[np.ix_(neurons, units)]),
        (parameters.fields + driven)[neurons].astype(parameters.fields.dtype),
        rebuilt(hidden, (each[units] for each in hidden)),
    )


def perturb(
    parameters: Parameters,
    perturbation: Perturbation,
    *,
    n_chains: int = 400,
    burn_in: int = 500,
    n_sweeps: int = 500,
    seed: int = 0,
    start: NDArray[np.uint8] | None = None,
) -> Effects:
    """Sample a model as it is and perturbed, and compare the mean activities of its neurons.

    Parameters
    ----------
    parameters : Parameters
        Weights and fields of float32.
    perturbation : Perturbation
    n_chains, burn_in, n_sweeps : int
        Independent chains of either; sweeps before the first state that counts; sweeps that do.
    seed : int
        The same seed gives the same bits, whatever the number of threads.
    start : ndarray of uint8, (n_states, n_neurons), optional
        States that chains start from, drawn with replacement; by default from independent
        neurons with the model's fields.

    Raises
    ------
    InputError
        As `conditioned`; fewer than 4 chains, fewer than 2 sweeps.
    """
    check_whole(least=4, n_chains=n_chains)
    check_whole(least=2, n_sweeps=n_sweeps)
    check_whole(least=0, burn_in=burn_in, seed=seed)
    _check_memory(n_chains, parameters.n_neurons)
    perturbed, free = conditioned(parameters, perturbation), free_neurons(parameters, perturbation)
    chains = _starts(parameters, n_chains, seed, start)
    before = chain_means(parameters, chains, burn_in, n_sweeps, (seed, 0))
    found = chain_means(perturbed, chains[:, free], burn_in, n_sweeps, (seed, 1))
    after = np.empty((n_chains, parameters.n_neurons))
    after[:, free], after[:, perturbation.neurons] = found.chains, perturbation.states
    first, second = np.array_split(before.chains, 2)
    return Effects(
        before.chains.mean(axis=0),
        after.mean(axis=0),
        *_difference(before.chains, after),
        *_difference(first, second),
        found.drift,
        before.drift,
    )


def chain_means(
    parameters: Parameters,
    chains: NDArray[np.uint8],
    burn_in: int,
    n_sweeps: int,
    seed: tuple[int, int],
) -> ChainMeans:
    """Mean activity of chains started from given states (n_chains, n_neurons), kept as they are."""
    chains = np.array(chains, np.uint8, order="C")
    key = int(np.random.default_rng((*seed, _SWEEP_STREAM)).integers(2**62))
    halves = np.zeros((2, *chains.shape), np.float32)
    lengths = (n_sweeps // 2, n_sweeps - n_sweeps // 2)
    if parameters.n_neurons == 0:
        return ChainMeans(halves)
    if parameters.n_hidden == 0:
        halves += expit(np.asarray(parameters.fields, np.float64)).astype(np.float32)
        return ChainMeans(halves)
    with Team() as team:
        if burn_in:
            gibbs_sweeps(team, *parameters, chains, burn_in, 0, key)
        sweep = burn_in
        for k, length in enumerate(lengths):
            for _ in range(length):
                gibbs_sweeps(team, *parameters, chains, 1, sweep, key)
                halves[k] += chains
                sweep += 1
            halves[k] /= length
    return ChainMeans(halves)


def _starts(
    parameters: Parameters, n_chains: int, seed: int, start: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    rng = np.random.default_rng((seed, _START_STREAM))
    if start is not None:
        return start[rng.integers(len(start), size=n_chains)]
    rates = expit(np.asarray(parameters.fields, np.float64))
    return (rng.random((n_chains, rates.size)) < rates).astype(np.uint8)


def _difference(
    before: NDArray[np.float64], after: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Difference of the means of two sets of chains, and the ends of its 95 % interval."""
    difference = after.mean(axis=0) - before.mean(axis=0)
    variance = sum(each.var(axis=0, ddof=1) / len(each) for each in (before, after))
    margin = _NORMAL_95 * np.sqrt(variance)
    return difference, difference - margin, difference + margin


def _check_memory(n_chains: int, n_neurons: int) -> None:
    """Refuse chains that do not fit: states, their means and what is compared of them."""
    needed, available = _BYTES_AN_ENTRY * n_chains * n_neurons, psutil.virtual_memory().available
    if needed > available:
        raise InputError(
            f"{n_chains:,} chains of {n_neurons:,} neurons take {needed / 1e9:.3g} GB, and "
            f"{available / 1e9:.3g} GB are available",
            remedy="Give fewer chains",
        )


def _check(parameters: Parameters, perturbation: Perturbation) -> None:
    _check_units("neuron", perturbation.neurons, parameters.n_neurons)
    units = np.concatenate([perturbation.hidden, perturbation.without])
    _check_units("hidden unit", units, parameters.n_hidden)
    for what, held, values in (
        ("neurons", perturbation.neurons, perturbation.states),
        ("hidden units", perturbation.hidden, perturbation.values),
    ):
        if len(held) != len(values):
            raise InputError(
                f"{len(values)} values for {len(held)} {what} that are held",
                remedy="Give one a unit",
            )
    if not np.isin(perturbation.states, (0, 1)).all():
        raise InputError("a neuron is held at a value that is none", remedy="Give 0 or 1")
    _check_support(parameters, np.asarray(perturbation.values, np.float64))


def _check_units(what: str, units: NDArray, n_units: int) -> None:
    if units.size and not (units.min() >= 0 and units.max() < n_units):
        raise InputError(
            f"{what} {units.min() if units.min() < 0 else units.max()} is not there",
            remedy=f"They count from 0 to {n_units - 1}",
        )
    if len(np.unique(units)) < len(units):
        raise InputError(f"a {what} is named twice", remedy="Name each once")


def _check_support(parameters: Parameters, values: NDArray[np.float64]) -> None:
    wrong = ~(np.abs(values) <= _LARGEST)
    remedy = f"Give a number from {-_LARGEST:g} to {_LARGEST:g}"
    if isinstance(parameters.hidden, Bernoulli):
        wrong, remedy = ~np.isin(values, (0, 1)), "These units take 0 or 1"
    elif isinstance(parameters.hidden, ReLU):
        wrong, remedy = wrong | (values < 0), "These units take 0 and more"
    if wrong.any():
        raise InputError(f"a hidden unit is held at {values[wrong][0]:g}", remedy=remedy)
