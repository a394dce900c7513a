"""Time factor of a known chain, and the cost of the measures of a population model.

    python benchmarks/relaxation.py [--seeds 10] [--neurons 1500] [--hidden 200]

First: chains of a known model given as recordings of s sweeps a bin; the factor that comes back,
whether its interval holds s, and what shuffled rows give. Then seconds of each measure at scale.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from popcode.metrics.nearest import adversarial_accuracy
from popcode.metrics.relaxation import relaxation
from popcode.metrics.strongest import strongest_triplets
from popcode.metrics.triplets import count_blocks
from popcode.metrics.tuples import choose_triplets
from popcode.rbm.completion import complete_group, conditional_log_odds
from popcode.rbm.parameters import Parameters
from popcode.rbm.paths import activity_paths
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team

STEPS = (1, 1.5, 2, 3, 5)
N_CHAINS, N_SWEEPS, BURN_IN = 30, 5000, 500


def collective_model(seed: int) -> Parameters:
    """Forty neurons with one slow collective state, about the symmetric point."""
    weights = 0.4 * np.random.default_rng(seed).uniform(0.6, 1.4, (40, 4))
    fields = (-weights.sum(axis=1) / 2).astype(np.float32)
    return Parameters(weights.astype(np.float32), fields, Bernoulli(weights.sum(axis=0) / 2))


def recover_factors(n_seeds: int) -> None:
    found: dict[float, list[tuple[float, bool]]] = {step: [] for step in STEPS}
    null = []
    with Team() as team:
        for seed in range(n_seeds):
            parameters = collective_model(seed)
            start = (np.random.default_rng(seed).random((N_CHAINS, 40)) < 0.5).astype(np.uint8)
            recorded, paths = (
                activity_paths(team, parameters, start, N_SWEEPS, BURN_IN, 2 * seed + k)[:, :, 0]
                for k in range(2)
            )
            for step in STEPS:
                taken = np.arange(0, N_SWEEPS - 0.5, step).round().astype(int)
                activity = recorded[:, taken].ravel()
                starts = np.arange(N_CHAINS) * taken.size
                factor = relaxation(activity, starts, paths, 100, 300).factor
                if factor is None:
                    found[step].append((np.nan, False))
                    continue
                covered = factor.low is not None and factor.low <= step <= factor.high
                found[step].append((factor.value / step, bool(covered)))
            shuffled = np.random.default_rng(seed).permutation(activity)
            null.append(relaxation(shuffled, starts, paths, 100, 300).factor is None)
    for step, results in found.items():
        ratios = np.array([ratio for ratio, _ in results])
        print(
            f"{step:4} sweeps a bin: found / true {np.nanmin(ratios):.3f} to "
            f"{np.nanmax(ratios):.3f}, {np.isnan(ratios).sum()} undefined, interval holds the "
            f"truth in {sum(covered for _, covered in results)} of {n_seeds}"
        )
    print(f"shuffled rows: no factor in {sum(null)} of {n_seeds}", flush=True)


def timed(what: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    print(f"{what}: {time.perf_counter() - started:.2f} s", flush=True)


def time_measures(n_neurons: int, n_hidden: int) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 0.3, (n_neurons, n_hidden)).astype(np.float32)
    fields = np.full(n_neurons, -3, np.float32)
    parameters = Parameters(weights, fields, Bernoulli(np.zeros(n_hidden)))
    x = (rng.random((60_000, n_neurons)) < 0.05).astype(np.uint8)
    held = rng.permutation(n_neurons)[: n_neurons // 10]
    triplets = choose_triplets(n_neurons, 1_000_000, rng)
    with Team() as team:
        conditional_log_odds(team, parameters, x[:64])
        timed(
            "adversarial accuracy, 5,000 bins",
            lambda: adversarial_accuracy(x[:5000], x[5000:10_000]),
        )
        timed("a million triplets, 60,000 bins", lambda: count_blocks(team, x, triplets, 10))
        timed("strongest triplets, 60,000 bins", lambda: strongest_triplets(team, x, rng))
        timed("log-odds of 5,000 bins", lambda: conditional_log_odds(team, parameters, x[:5000]))
        timed(
            "a tenth held out, 5,000 bins, 250 sweeps",
            lambda: complete_group(team, parameters, x[:5000], held, 0),
        )
        timed(
            "paths of 20 chains, 2,000 sweeps",
            lambda: activity_paths(team, parameters, x[:20], 2000, 0, 0),
        )
    timed(
        "relaxation, 200,000 bins and 20 chains of 5,000 sweeps",
        lambda: relaxation(
            rng.permutation(200_000).cumsum() % 97, np.array([0]), rng.random((20, 5000)), 300, 1000
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--neurons", type=int, default=1500)
    parser.add_argument("--hidden", type=int, default=200)
    options = parser.parse_args()
    recover_factors(options.seeds)
    time_measures(options.neurons, options.hidden)


if __name__ == "__main__":
    main()
