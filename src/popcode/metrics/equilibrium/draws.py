"""One set of samples after the other, and what is taken from each before the next is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from popcode.metrics.binary import as_binary
from popcode.metrics.blocks import map_rows
from popcode.metrics.comparison import N_CHAINS, sample_count, samples_to_judge
from popcode.metrics.controls import resampled_bins
from popcode.metrics.equilibrium.bins import Bins
from popcode.metrics.equilibrium.expected import expected_covariance
from popcode.metrics.equilibrium.models import Binary, EquilibriumModel, Rival, Values
from popcode.metrics.equilibrium.statistics import Scope, SetStatistics, scope_of, statistics_of
from popcode.threads import Team

_STREAM = 60
_N_OF_SCOPE = 4
STEPS = 4  # lines that are told, and one for each rival


class Draws(NamedTuple):
    """What all sets say, and what else is needed of the model's samples.

    Attributes
    ----------
    scope : Scope
    sets : dict of str to SetStatistics
        "model", the rivals, "perfect" (training bins resampled) and "train", in this order.
    test : SetStatistics
    n_samples : int
        Behind every set but "train" and "test".
    free_energies : ndarray, shape (n_samples,)
        Of the model's samples, those of one chain next to each other.
    last : ndarray of uint8, shape (at most 300, n_neurons)
        The last state of each of the model's chains.
    expected : ndarray, shape (n_pairs,), or None
        Covariances of the model without the noise of its samples.
    """

    scope: Scope
    sets: dict[str, SetStatistics]
    test: SetStatistics
    n_samples: int
    free_energies: Values
    last: Binary
    expected: Values | None


def draw_sets(
    team: Team,
    model: EquilibriumModel,
    bins: Bins,
    rivals: Mapping[str, Rival],
    seed: int,
    samples: Binary | None,
    tell: Callable[[str], None],
) -> Draws:
    """Sample the model, each rival and a perfect model, and take the statistics of all sets."""
    n = sample_count(*bins.train.shape)
    rngs = np.random.default_rng((seed, _STREAM)).spawn(_N_OF_SCOPE + 2)
    tell("strongest triplets and principal axes of the training bins")
    smallest = min(n, len(bins.train), len(bins.test))
    scope = scope_of(team, bins.train, smallest, tuple(rngs[:_N_OF_SCOPE]))
    near = rngs[_N_OF_SCOPE]

    def taken(x: Binary) -> SetStatistics:
        return statistics_of(team, x, scope, near)

    tell("statistics of the test bins")
    test = taken(bins.test)
    tell(f"{n} samples of the model")
    if samples is None:
        samples = samples_to_judge(model, n, seed)
    energies = _by_chain(map_rows(model.free_energy, samples))
    last = samples[-min(N_CHAINS, n) :].copy()
    expected = expected_covariance(model, samples, scope.pairs, seed)
    sets = {"model": taken(samples)}
    del samples
    for name, rival in rivals.items():
        tell(f"as many of the rival {name}")
        sets[name] = taken(as_binary(rival.sample(n, seed=seed), f"samples of {name}"))
    tell("statistics of a perfect model and of the training bins")
    sets["perfect"] = taken(resampled_bins(bins.train, n, rngs[-1]))
    sets["train"] = taken(bins.train)
    return Draws(scope, sets, test, n, energies, last, expected)


def _by_chain(values: Values) -> Values:
    """Samples come from all chains in turn; errors over blocks want those of a chain together."""
    n_chains = min(N_CHAINS, values.size)
    return np.concatenate([values[k::n_chains] for k in range(n_chains)])
