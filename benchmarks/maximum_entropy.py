"""Independent, pairwise and K-pairwise models of one recording, on bins that they have not seen.

    python benchmarks/maximum_entropy.py [../shared/data/retina_salamander.npz] [--samples 300000]

Gains over the independent model in nats a bin; beside ln Z joined, each direction of annealing
alone. The ceiling of the covariances and of P(K) is what the training bins themselves score.
On another split of the same retina other code reached 4.70 (pairwise) and 5.2 (K-pairwise) nats,
and KL of P(K) .30 and .003.
"""

import argparse
import time

import numpy as np

from popcode.baselines import Independent, KPairwise, Pairwise
from popcode.baselines.matching import MatchingSettings, match_moments
from popcode.baselines.moments import moments_of
from popcode.io import load
from popcode.metrics.population import activity_counts, divergence
from popcode.preprocess import split
from popcode.threads import Team


def pair_covariances(x: np.ndarray) -> np.ndarray:
    """Covariance of every pair of neurons, (n_pairs,)."""
    mean = x.mean(axis=0, dtype=np.float64)
    joint = np.zeros((x.shape[1], x.shape[1]))
    for start in range(0, len(x), 4096):
        block = x[start : start + 4096].astype(np.float32)
        joint += block.T @ block
    return (joint / len(x) - np.outer(mean, mean))[np.triu_indices(x.shape[1], 1)]


def distances(x: np.ndarray, test: np.ndarray) -> str:
    """RMS difference of the covariances and KL of P(K) between test bins and other states."""
    rmse = np.sqrt(np.mean((pair_covariances(x) - pair_covariances(test)) ** 2))
    kl = divergence(activity_counts(test), activity_counts(x))
    return f"covariance RMSE {rmse:.2e}, KL of P(K) {kl:.4f}"


def say_time(model: Pairwise, x: np.ndarray) -> None:
    """Print the seconds that the updates of a fit will take, from 50 of them."""
    moments = moments_of(x)
    settings = MatchingSettings(50, model.n_chains, model.n_sweeps, 0.01, 1.0, 0)
    with Team() as team:
        match_moments(team, moments, settings._replace(n_updates=1), False)  # loads the kernels
        started = time.perf_counter()
        match_moments(team, moments, settings, False)
        expected = (time.perf_counter() - started) / 50 * model.n_updates
    print(f"{type(model).__name__}: about {expected:.0f} s of updates expected", flush=True)


def compare(model: Pairwise, train: np.ndarray, test: np.ndarray, n_samples: int) -> None:
    say_time(model, train)
    cpu, wall = time.process_time(), time.perf_counter()
    model.fit(train)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    gains = model.score_samples(test) - Independent().fit(train).score_samples(test)
    joined, forward, reverse = model.log_partition_
    print(
        f"{type(model).__name__}: gain {gains.mean():.3f} nats a bin (ln Z +- "
        f"{joined.standard_error:.3f}; forward alone {joined.value - forward.value:+.3f}, reverse "
        f"alone {joined.value - reverse.value:+.3f}), {distances(model.sample(n_samples), test)}, "
        f"{cpu:.0f} CPU s ({wall:.0f} s), {model.training_}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", default="../shared/data/retina_salamander.npz")
    parser.add_argument("--samples", type=int, default=300_000)
    parser.add_argument("--updates", type=int, default=4000)
    parser.add_argument("--chains", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--method", default="segments")
    options = parser.parse_args()
    recording = load(options.path).binarized()
    parts = split(recording, test=0.3, method=options.method, seed=0)
    train, test = (np.ascontiguousarray(part.activity) for part in parts)
    mean, _ = Independent().fit(train).log_likelihood(test)
    print(f"train {train.shape}, test {test.shape}; independent {mean:.3f} nats a bin")
    print(f"ceiling: {distances(train, test)}")
    settings = {"n_updates": options.updates, "n_chains": options.chains, "seed": options.seed}
    for model in (Pairwise(**settings), KPairwise(**settings)):
        compare(model, train, test, options.samples)


if __name__ == "__main__":
    main()
