"""A law whose every answer is known: independent neurons given a state that switches in time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import logsumexp

from popcode.metrics.equilibrium import judge_equilibrium
from popcode.recording import Recording

SWEEPS_A_BIN, PERSISTENCE = 3, 0.95
N_BINS, SEGMENT = 12_000, 400


class Known(NamedTuple):
    value: float
    standard_error: float


class Completed(NamedTuple):
    probability: np.ndarray


class Switching:
    """Exact in all it is asked; each sweep keeps its state or draws it anew."""

    def __init__(self, probabilities, shares):
        self.p, self.shares = np.asarray(probabilities), np.asarray(shares)
        self.weights_ = np.zeros((self.p.shape[1], len(self.shares)), np.float32)

    def joint(self, x, taken=slice(None)):
        """ln P(v, state) of the neurons taken, (n_bins, n_states)."""
        x, p = np.asarray(x, float)[:, taken], self.p[:, taken]
        return x @ np.log(p).T + (1 - x) @ np.log(1 - p).T + np.log(self.shares)

    def path(self, n_steps, start, rng):
        """States along a chain, (n_steps, n_chains)."""
        n_chains = len(start)
        states = np.empty((n_steps, n_chains), int)
        anew = rng.random((n_steps, n_chains)) > PERSISTENCE
        drawn = rng.choice(len(self.shares), (n_steps, n_chains), p=self.shares)
        for step in range(n_steps):
            start = np.where(anew[step], drawn[step], start)
            states[step] = start
        return states

    def draw(self, states, rng):
        return (rng.random((*states.shape, self.p.shape[1])) < self.p[states]).astype(np.uint8)

    def sample(self, n, *, seed, **_chains):
        rng = np.random.default_rng((seed, 900))
        return self.draw(rng.choice(len(self.shares), n, p=self.shares), rng)

    def score_samples(self, x):
        return logsumexp(self.joint(x), axis=1)

    def free_energy(self, x):
        return -self.score_samples(x) - 7.0

    def log_partition(self):
        return Known(7.0, 0.01)

    def log_likelihood(self, x):
        return float(self.score_samples(x).mean()), 0.02

    def _posterior(self, log_joint):
        return np.exp(log_joint - logsumexp(log_joint, axis=1, keepdims=True))

    def conditional_log_odds(self, x):
        odds = np.empty(x.shape)
        for i in range(x.shape[1]):
            rest = np.delete(np.arange(x.shape[1]), i)
            chance = self._posterior(self.joint(x, rest)) @ self.p[:, i]
            odds[:, i] = np.log(chance / (1 - chance))
        return odds

    def complete(self, x, held, *, seed):
        rest = np.setdiff1d(np.arange(x.shape[1]), held)
        return Completed(self._posterior(self.joint(x, rest)) @ self.p[:, held])

    def expected_activity(self, x, *, seed):
        rng = np.random.default_rng((seed, 902))
        reached = np.cumsum(self._posterior(self.joint(x)), axis=1)
        states = (rng.random((len(x), 1)) > reached[:, :-1]).sum(axis=1)
        return self.p[states].astype(np.float32)

    def activity_paths(self, start, n_sweeps, *, groups, seed):
        rng = np.random.default_rng((seed, 901))
        first = rng.choice(len(self.shares), len(start), p=self.shares)
        states = self.path(n_sweeps, first, rng)
        counts = [self.draw(each, rng).astype(np.int32) @ groups for each in states]
        return np.array(counts, np.int32).transpose(1, 0, 2)


def truth(n_neurons=44):
    rng = np.random.default_rng(0)
    base = rng.uniform(0.03, 0.1, n_neurons)
    p = np.tile(base, (3, 1))
    p[1, ::2] = 0.4
    p[2, 1::3] = 0.5
    return Switching(p, [0.6, 0.2, 0.2])


def recorded(model, n_bins=N_BINS, segment=SEGMENT, seed=5):
    """Every third sweep of one chain, in segments; two regions of 22 neurons."""
    rng = np.random.default_rng(seed)
    states = model.path(n_bins * SWEEPS_A_BIN, np.zeros(1, int), rng)[::SWEEPS_A_BIN, 0]
    n = model.p.shape[1]
    return Recording(
        model.draw(states, rng),
        kind="binary",
        bin_s=0.02,
        neurons={"id": np.arange(n), "region": np.where(np.arange(n) < n // 2, "A", "B")},
        segment_starts=np.arange(0, n_bins, segment),
    )


def independent_of(model):
    return Switching((model.shares @ model.p)[None], [1.0])


def halves(recording):
    segments = np.arange(recording.n_segments)
    is_test = segments % 3 == 2
    return recording.select(segments=~is_test), recording.select(segments=is_test)


@pytest.fixture(scope="session")
def model():
    return truth()


@pytest.fixture(scope="session")
def recording(model):
    return recorded(model)


@pytest.fixture(scope="session")
def parts(recording):
    return halves(recording)


@pytest.fixture(scope="session")
def rivals(model):
    """Independent neurons, and a rival that exaggerates."""
    exaggerated = np.clip(model.p * [[0.7], [1.5], [1.5]], 0.01, 0.95)
    return {
        "independent": independent_of(model),
        "pairwise": Switching(exaggerated, [0.5, 0.25, 0.25]),
    }


@pytest.fixture(scope="session")
def told():
    return []


@pytest.fixture(scope="session")
def judged(model, parts, rivals, told):
    with pytest.MonkeyPatch.context() as patched:
        # Fewer resamples: the intervals of time constants take most of the time.
        for module in ("measured_curve", "relaxation"):
            patched.setattr(f"popcode.metrics.{module}.N_RESAMPLES", 60)
        return judge_equilibrium(model, *parts, rivals, 3, tell=told.append)
