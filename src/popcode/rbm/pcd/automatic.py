"""Settings that follow from the size of a model and of its recording."""

from typing import NamedTuple

import numpy as np

_STEP, _LARGEST_RATE, _PENALISED = 0.12, 0.02, 6.5
# A model of so many weights is fitted with 250 chains and 100,000 updates (160 retinal cells and
# 100 units: benchmarks/retina_comparison.py).
_WEIGHTS, _CHAINS, _UPDATES = 16_000, 250, 100_000
_MOST_CHAINS, _LEAST_UPDATES = 1000, 20_000
# Each weight that is fitted costs 1 / (2 n_bins) nats a bin on other bins (Akaike 1974): at so many
# bins a weight all of them cost 0.1.
BINS_PER_WEIGHT = 5


class Effort(NamedTuple):
    """How much work a fit is: updates, and chains and bins behind each."""

    n_updates: int
    n_chains: int
    batch_size: int


def automatic_effort(n_neurons: int, n_hidden: int) -> Effort:
    """Updates, chains and batch for a model of this size.

    Small models are cheap to sweep: their gradient is taken over more chains and bins, with fewer
    updates. Large models take fewer updates, each of which costs more.
    """
    size = n_neurons * n_hidden / _WEIGHTS
    n_chains = int(np.clip(_CHAINS / np.sqrt(size), _CHAINS, _MOST_CHAINS))
    share = size ** (1 / 3) if size < 1 else size**-0.25
    n_updates = round(max(_UPDATES * share, _LEAST_UPDATES), -3)
    return Effort(int(n_updates), n_chains, n_chains)


def automatic_learning_rate(n_active: float, n_hidden: int) -> float:
    """A rate whose steps move free energies alike in models of every size.

    A step of Adam changes every weight by about the rate; the free energy of a bin with `n_active`
    neurons sums n_active x n_hidden of such changes, of either sign. Too high a rate turns the
    chains' noise into couplings: 1,500 neurons and 200 units at .005 ended 1 nat a bin below
    independent neurons.
    """
    return float(np.clip(_STEP / np.sqrt(max(n_active, 1e-6) * n_hidden), 1e-4, _LARGEST_RATE))


def penalised_learning_rate(rate: float) -> float:
    """The rate for a fit whose weights are penalised, from that of one whose are not.

    The penalty holds the noise of larger steps down, and with them units reach the sparse optimum
    in the updates at hand: of .94 nats a bin to be had in 1,500 neurons with planted assemblies a
    fit of 12,000 updates found .45 at .001, .58 at .003, .70 at .008; 734 neurons of a mouse gave
    4.6 nats at .0023, 4.9 at .008 and .015.
    """
    return min(_PENALISED * rate, _LARGEST_RATE)


def needs_penalty(n_bins: int, n_neurons: int, n_hidden: int) -> bool:
    """Whether a recording is so short for its neurons that weights are to be penalised."""
    return n_bins < BINS_PER_WEIGHT * n_neurons * n_hidden
