"""Do the standard errors of ln Z cover the truth? A hundred models whose ln Z is enumerated.

    python benchmarks/log_partition.py [--models 100] [--seed 0] [--retina]

The models have 6-14 neurons, 3-16 hidden units and weights of deviation 0.3-2; every third has two
wells that no chain crosses. Each estimator is run once on each: annealing forward with its default
settings, in reverse from exact draws, both combined; the ladder by Bennett's ratio over eight
models between independent neurons and the model, with exact draws of each; the estimate along 400
models on a line, and along 400 steps of exact gradient ascent to data of the model. Two lines are
there to fail: annealing, and the trajectory, from the rates of neurons alone, which lean towards
the deeper of two wells. Nothing within such a run can tell that it misses the other.
Prints for each: models within 3 of its standard errors (at least 95 of 100), the root mean square
of error / standard error (1 is honest), the largest, and the median standard error.

With --retina: time and error of annealing at 160 x 100, weights of deviation 1.
"""

import argparse
import time

import numpy as np

from popcode.rbm.energies import free_energies
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.likelihood.annealing import annealed_log_partition, neutral_fields
from popcode.rbm.likelihood.bennett import ladder_log_partition, ladder_works
from popcode.rbm.likelihood.bracket import bracketed_log_partition
from popcode.rbm.likelihood.exact import exact_log_partition
from popcode.rbm.likelihood.online import TrajectoryPartition
from popcode.rbm.parameters import Parameters, mean_hidden
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team

N_CHAINS, N_RUNGS, N_FOLLOWED = 500, 8, 400
Estimate = tuple[float, float]


def random_model(rng: np.random.Generator, has_wells: bool) -> Parameters:
    n_neurons, n_hidden = rng.integers(6, 15), rng.integers(3, 17)
    deviation = rng.uniform(0.3, 2)
    weights = rng.normal(0, deviation, (n_neurons, n_hidden))
    fields, hidden_fields = rng.normal(-1, 1, n_neurons), rng.normal(0, 1, n_hidden)
    if has_wells:  # two opposite patterns of s = 2v - 1, one a little deeper
        strength = rng.uniform(1, 2) / np.sqrt(n_hidden)
        spins = strength * np.outer(*(rng.choice((-1, 1), n) for n in weights.shape))
        weights = 4 * spins + rng.normal(0, 0.3, weights.shape)
        fields = -weights.sum(axis=1) / 2 + rng.normal(0, 0.3, n_neurons)
        hidden_fields = -weights.sum(axis=0) / 2
    return Parameters(
        weights.astype(np.float32), fields.astype(np.float32), Bernoulli(-hidden_fields)
    )


def in_float64(model: Parameters) -> Parameters:
    return Parameters(model.weights.astype(float), model.fields.astype(float), model.hidden)


def exact_draws(model: Parameters, n: int, rng: np.random.Generator) -> np.ndarray:
    law = state_probabilities(in_float64(model))
    return all_states(model.n_neurons)[rng.choice(law.size, n, p=law / law.sum())]


def base_of(model: Parameters) -> np.ndarray:
    law = state_probabilities(in_float64(model))
    rates = np.clip(law @ all_states(model.n_neurons), 1e-4, 1 - 1e-4)
    return np.log(rates / (1 - rates)).astype(np.float32)


def between(model: Parameters, base: np.ndarray, share: float) -> Parameters:
    fields = (1 - share) * base + share * model.fields
    hidden = Bernoulli(share * model.hidden.theta)
    return Parameters((share * model.weights).astype(np.float32), fields.astype(np.float32), hidden)


def by_ladder(model: Parameters, base: np.ndarray, seed: int) -> Estimate:
    rng = np.random.default_rng(seed)
    rungs = tuple(between(model, base, share) for share in np.linspace(0, 1, N_RUNGS))
    chains = np.stack([exact_draws(rung, N_CHAINS, rng) for rung in rungs])
    with Team() as team:
        works = ladder_works(team, rungs, chains)
    start = np.logaddexp(0, base.astype(float)).sum() + model.n_hidden * np.log(2)
    found = ladder_log_partition(works[None], float(start))
    return found.values[-1], found.standard_errors[-1]


def follow(models: list[Parameters], seed: int) -> Estimate:
    rng = np.random.default_rng(seed)
    chains = exact_draws(models[0], N_CHAINS, rng)
    with Team() as team:
        energies = free_energies(team, models[0], chains)
        followed = TrajectoryPartition(chains, exact_log_partition(models[0]), energies, seed)
        for model in models[1:]:
            followed.follow(team, model)
    return followed.estimate()[:2]


def straight(model: Parameters, base: np.ndarray) -> list[Parameters]:
    return [between(model, base, share) for share in np.linspace(0, 1, N_FOLLOWED + 1)]


def ascent(model: Parameters, base: np.ndarray, seed: int) -> list[Parameters]:
    """Momentum ascent of the exact likelihood of 2000 draws, from near independence."""
    rng = np.random.default_rng(seed)
    states = all_states(model.n_neurons)
    data = exact_draws(model, 2000, rng).astype(float)
    w, b, c = rng.normal(0, 0.01, model.weights.shape), base.astype(float), np.zeros(model.n_hidden)
    momentum = [np.zeros_like(x) for x in (w, b, c)]
    path = []
    for _ in range(N_FOLLOWED + 1):
        path.append(Parameters(w.astype(np.float32), b.astype(np.float32), Bernoulli(-c)))
        now = Parameters(w, b, Bernoulli(-c))
        law = state_probabilities(now)
        h_data, h_model = mean_hidden(now, data), mean_hidden(now, states)
        gradient = (
            data.T @ h_data / len(data) - states.T @ (law[:, None] * h_model),
            data.mean(axis=0) - law @ states,
            h_data.mean(axis=0) - law @ h_model,
        )
        for k, (x, g) in enumerate(zip((w, b, c), gradient, strict=True)):
            momentum[k] = 0.9 * momentum[k] + g
            np.add(x, 0.1 * momentum[k], out=x)
    return path


def estimates(model: Parameters, seed: int) -> dict[str, tuple[Estimate, float]]:
    base = base_of(model)
    truth = exact_log_partition(model)
    states = exact_draws(model, N_CHAINS, np.random.default_rng(seed))
    bracket = bracketed_log_partition(model, base, states, seed)
    trained = ascent(model, base, seed)
    quick = annealed_log_partition(model, base, seed, n_chains=100, most_steps=64)
    return {
        "AIS": (annealed_log_partition(model, base, seed)[:2], truth),
        "(AIS from rates only)": (bracket.forward[:2], truth),
        "AIS in reverse": (bracket.reverse[:2], truth),
        "AIS both ways": (bracket.combined[:2], truth),
        "AIS, 100 x 64": (quick[:2], truth),
        "ladder": (by_ladder(model, base, seed), truth),
        "along a line": (follow(straight(model, neutral_fields(model)), seed), truth),
        "(a line from the rates)": (follow(straight(model, base), seed), truth),
        "along training": (follow(trained, seed), exact_log_partition(trained[-1])),
    }


def coverage(n_models: int, seed: int) -> None:
    found: dict[str, list[tuple[float, float]]] = {}
    for k in range(n_models):
        model = random_model(np.random.default_rng((seed, k)), k % 3 == 2)
        for name, ((value, error), truth) in estimates(model, 1000 * seed + k).items():
            found.setdefault(name, []).append(((value - truth) / error, error))
    print(f"{n_models} models{'':14} within 3  rms z  mean z  worst{'':11}median error")
    for name, pairs in found.items():
        z, errors = np.array(pairs).T
        row = f"{(abs(z) <= 3).sum():8} {np.sqrt((z**2).mean()):6.2f} {z.mean():7.2f}"
        worst = f"{abs(z).max():6.1f} (model {abs(z).argmax():2})"
        print(f"{name:24} {row} {worst}  {np.median(errors):.4f}")


def retina(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (160, 100)
    model = Parameters(
        rng.normal(0, 1, shape).astype(np.float32),
        rng.normal(-1, 1, shape[0]).astype(np.float32),
        Bernoulli(rng.normal(0, 1, shape[1])),
    )
    base = np.full(shape[0], -2, np.float32)
    annealed_log_partition(model, base, 0, n_chains=50, most_steps=2)  # compiles
    for k in range(4):
        started = time.perf_counter()
        found = annealed_log_partition(model, base, k)
        seconds = time.perf_counter() - started
        told = f"{found.value:.4f} +- {found.standard_error:.4f}, {found.n_steps} steps"
        print(f"ln Z {told}, {seconds:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--retina", action="store_true")
    options = parser.parse_args()
    if options.retina:
        retina(options.seed)
        return
    started = time.perf_counter()
    coverage(options.models, options.seed)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
