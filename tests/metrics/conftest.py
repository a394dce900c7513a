"""A model with known moments that shares no code with the estimators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


class Mixture:
    """Independent neurons given one of a few states; h is the probability of each state."""

    def __init__(self, probabilities, shares, l1=0.0):
        self.probabilities = np.asarray(probabilities, dtype=float)  # (n_states, n_neurons)
        self.shares = np.asarray(shares, dtype=float)
        self.l1_ = l1
        log_odds = np.log(self.probabilities / (1 - self.probabilities)).T
        weights = log_odds - log_odds.mean(axis=1, keepdims=True)
        self.weights_ = np.where(np.abs(weights) > 0.2, weights, 0.0).astype(np.float32)
        self.training_ = {"updates": 7, "converged": True, "note": "exact"}

    @property
    def mean(self):
        return self.shares @ self.probabilities

    @property
    def covariance(self):
        centred = self.probabilities - self.mean
        return (self.shares[:, None] * centred).T @ centred

    def transform(self, x):
        x = np.asarray(x, dtype=float)
        p = self.probabilities
        log_joint = x @ np.log(p).T + (1 - x) @ np.log(1 - p).T + np.log(self.shares)
        h = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
        return (h / h.sum(axis=1, keepdims=True)).astype(np.float32)

    def reconstruct(self, x):
        return self.transform(x) @ self.probabilities.astype(np.float32)

    def draw(self, n, rng):
        states = rng.choice(len(self.shares), size=n, p=self.shares)
        return (rng.random((n, self.mean.size)) < self.probabilities[states]).astype(np.uint8)

    def sample(self, n, *, n_chains=300, burn_in=2000, thin=20, seed=0):
        return self.draw(n, np.random.default_rng([seed, 99]))


class Given(Mixture):
    """The same transform and weights, with samples that are handed in or made by a function."""

    def __init__(self, like: Mixture, samples: Callable):
        self.__dict__.update(like.__dict__)
        self._samples = samples

    def sample(self, n, **options):
        return self._samples(n, options["seed"])


@pytest.fixture(scope="session")
def mixture() -> Mixture:
    rng = np.random.default_rng(0)
    base = rng.uniform(0.02, 0.1, size=30)
    probabilities = np.tile(base, (4, 1))
    for state in range(1, 4):
        members = rng.choice(30, size=10, replace=False)
        probabilities[state, members] = rng.uniform(0.3, 0.7, size=10)
    return Mixture(probabilities, [0.7, 0.1, 0.1, 0.1])


@pytest.fixture(scope="session")
def recordings(mixture):
    """Train and test bins of the mixture."""
    rng = np.random.default_rng(1)
    return mixture.draw(4000, rng), mixture.draw(1700, rng)


@pytest.fixture(scope="session")
def with_samples(mixture):
    return lambda samples: Given(mixture, samples)
