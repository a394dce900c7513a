"""A Bernoulli RBM beside three baselines on the salamander retina, on bins that none has seen.

    python benchmarks/retina_comparison.py [--updates 5000] [--samples 300000]

Gains are paired over bins, their intervals from a block bootstrap over stretches of time. `perfect`
are the training bins resampled, `train` the training bins themselves: the ceiling. On another
split of the same retina other code reached 4.70 (pairwise), 5.21 (K-pairwise) and 6.47 (an RBM of
100 units, trained for seven minutes) nats a bin over independent neurons.
"""

import argparse
import time
from collections.abc import Mapping

import numpy as np

from popcode.baselines import Independent, KPairwise, Pairwise
from popcode.io import load
from popcode.metrics import activity_counts, neuron_covariance, resampled_bins
from popcode.metrics.equilibrium.covariances import compare_covariances, count_pairs
from popcode.metrics.equilibrium.higher_order import compare_triplets
from popcode.metrics.equilibrium.populations import compare_populations
from popcode.metrics.paired import paired_difference
from popcode.metrics.triplets import N_BLOCKS, connected_moments, count_blocks, reference_of
from popcode.metrics.tuples import choose_triplets
from popcode.preprocess import split
from popcode.rbm import BernoulliRBM
from popcode.rbm.likelihood.bracket import bracketed_log_partition
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.recording import Recording
from popcode.threads import Team

Model = BernoulliRBM | Independent | Pairwise
PERFECT_STREAM, TRIPLET_STREAM = 1, 2
N_TRIPLETS = 1_000_000


def fitted(options: argparse.Namespace, train: Recording) -> dict[str, Model]:
    updates = {} if options.updates is None else {"n_updates": options.updates}
    models: dict[str, Model] = {
        "RBM": BernoulliRBM(seed=options.seed, **updates),
        "independent": Independent(),
        "pairwise": Pairwise(seed=options.seed),
        "K-pairwise": KPairwise(seed=options.seed),
    }
    for name, model in models.items():
        cpu, wall = time.process_time(), time.perf_counter()
        model.fit(train)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(f"fitted {name}: {cpu:.0f} CPU s, {wall:.0f} s", flush=True)
    return models


def say_log_partition(name: str, model: Model) -> float:
    """Print ln Z from both directions of annealing; gives the joined value."""
    if isinstance(model, Independent):
        return float(np.logaddexp(0, model.fields_).sum())
    if isinstance(model, Pairwise):
        joined, forward, reverse = model.log_partition_
    else:
        hidden = Bernoulli(-model.hidden_fields_)
        parameters = Parameters(model.weights_, model.fields_, hidden)
        base, states = model.ladder_.rungs[0].fields, model.ladder_.chains[-1]
        forward, reverse, joined = bracketed_log_partition(parameters, base, states, model.seed)
    each = (f"{e.value:.4f} +- {e.standard_error:.4f}" for e in (forward, reverse, joined))
    print("ln Z of {}: forward {}, reverse {}, joined {}".format(name, *each), flush=True)
    return float(joined.value)


def say_gains(models: Mapping[str, Model], test: Recording, seed: int) -> None:
    log_z = {name: say_log_partition(name, model) for name, model in models.items()}
    scores = {
        name: -log_z[name]
        - (model.free_energy(test) if isinstance(model, BernoulliRBM) else model.energy(test))
        for name, model in models.items()
    }
    for name, score in scores.items():
        print(f"log-likelihood of {name}: {score.mean():.4f} nats a bin")
    names = list(models)
    for k, better in enumerate(names):
        for worse in names[k + 1 :] if k == 0 else ["independent"] * (better != "independent"):
            found = paired_difference(scores[better], scores[worse], test.segment_starts, seed)
            print(
                f"gain of {better} over {worse}: {found.mean:.4f} ({found.low:.4f} to "
                f"{found.high:.4f}) nats a bin, {found.n_blocks} blocks",
                flush=True,
            )


def say_statistics(
    models: Mapping[str, Model], train: np.ndarray, test: np.ndarray, n_samples: int, seed: int
) -> None:
    """Print what samples of every model say of the test bins, and what the bounds do."""
    triplets = choose_triplets(
        train.shape[1], N_TRIPLETS, np.random.default_rng((seed, TRIPLET_STREAM))
    )
    moments, covariances, populations = {}, {}, {}
    with Team() as team:
        for name in (*models, "perfect", "train"):
            if name == "train":
                x = train
            elif name == "perfect":
                rng = np.random.default_rng((seed, PERFECT_STREAM))
                x = resampled_bins(train, n_samples, rng)
            else:
                x = models[name].sample(n_samples, seed=seed)
            moments[name] = connected_moments(count_blocks(team, x, triplets))
            covariances[name] = neuron_covariance(x)
            populations[name] = activity_counts(x)
        reference = reference_of(count_blocks(team, test, triplets, N_BLOCKS))
    third = compare_triplets(reference, moments)
    pairs = compare_covariances(count_pairs(test, None), covariances, n_samples)
    counts = compare_populations(test, populations)
    print(f"ceiling of the correlation of {third['n_triplets']:,} triplets: "
          f"{third['pearson_ceiling']:.4f}")  # fmt: skip
    for name in moments:
        triplet, divergence = third["models"][name], counts["models"][name]
        ratio, error = (pairs["models"][name][key] for key in ("ratio", "rmse"))
        print(
            f"{name}: KL of P(K) {divergence.value:.5f} ({divergence.low:.5f} to "
            f"{divergence.high:.5f}); covariance RMSE {error.value:.3e}, {ratio.value:.3f} "
            f"({ratio.low:.3f} to {ratio.high:.3f}) of the ceiling; triplets "
            f"{triplet['pearson']:.4f} ({triplet['pearson_low']:.4f} to "
            f"{triplet['pearson_high']:.4f}), slope {triplet['slope']:.3f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", default="../shared/data/retina_salamander.npz")
    parser.add_argument("--updates", type=int, help="of the RBM; its default by default")
    parser.add_argument("--samples", type=int, default=300_000)
    parser.add_argument("--method", default="segments")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    recording = load(options.path).binarized()
    train, test = split(recording, test=0.3, method=options.method, seed=0)
    print(f"train {train.shape}, test {test.shape}, {options.method}")
    models = fitted(options, train)
    say_gains(models, test, options.seed)
    activity = (np.ascontiguousarray(part.activity) for part in (train, test))
    say_statistics(models, *activity, options.samples, options.seed)


if __name__ == "__main__":
    main()
