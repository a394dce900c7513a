"""Laws over binary activity by enumeration, sharing no code with the package."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from popcode.threads import Team


def states(n_neurons):
    return np.array(list(itertools.product((0, 1), repeat=n_neurons)), dtype=np.uint8)


def law(fields, couplings, population):
    """Probability of every state, term by term, and ln Z."""
    fields, couplings, population = (a.astype(np.float64) for a in (fields, couplings, population))
    exponents = []
    for v in itertools.product((0, 1), repeat=len(fields)):
        total = population[sum(v)]
        for i in range(len(v)):
            total += fields[i] * v[i]
            for j in range(i):
                total += couplings[i][j] * v[i] * v[j]
        exponents.append(total)
    weights = np.exp(np.array(exponents, dtype=np.float64))
    return weights / weights.sum(), np.log(weights.sum())


def random_model(n_neurons, seed, strength=1.0, k_strength=0.0, field=-1.5):
    """Fields, couplings and population term, all exact in float32."""
    rng = np.random.default_rng((seed, 77))
    couplings = np.triu(rng.normal(0, strength, (n_neurons, n_neurons)), 1)
    population = rng.normal(0, k_strength, n_neurons + 1)
    population[0] = 0
    fields = rng.normal(field, 0.5, n_neurons)
    return tuple(a.astype(np.float32) for a in (fields, couplings + couplings.T, population))


def draw(model, n, seed):
    """Activity (n, n_neurons) drawn from the enumerated law."""
    p, _ = law(*model)
    every = states(len(model[0]))
    return every[np.random.default_rng((seed, 78)).choice(len(p), size=n, p=p)]


def frequencies(x):
    """How often each state occurs, in the order of `states`."""
    n_neurons = x.shape[1]
    codes = x.astype(np.int64) @ (1 << np.arange(n_neurons)[::-1])
    return np.bincount(codes, minlength=2**n_neurons)


@pytest.fixture(scope="session")
def planted():
    """The functions above."""
    return SimpleNamespace(
        states=states, law=law, random_model=random_model, draw=draw, frequencies=frequencies
    )


@pytest.fixture(scope="module")
def team():
    """Two threads."""
    with Team(2) as team:
        yield team
