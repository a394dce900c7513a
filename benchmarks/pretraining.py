"""When low-rank pre-training pays: log-likelihood after equal time with and without it.

    python benchmarks/pretraining.py [--seconds 15] [--retina ../shared/data/retina_salamander.npz]

Planted recordings of 3 to 5 states (random patterns whose entries flip with probability .05), and
the retina, which has none. 20 hidden units, so that ln Z is exact; the pre-trained fit also at a
tenth of the default learning rate. The number of updates of each fit is set from the speed of two
short ones, the time of the pre-training taken off. Printed: exact test log-likelihood (nats a bin)
of independent neurons, of the pre-trained start, and of the fits; for planted states the truth's,
and the total variation of the states' weights among 2,000 samples, whose own noise gives .02.

What it showed: on separated states the start alone is within .01 to .7 nats of the truth, and
updates take it away from there: chains do not cross between states, so that nothing holds the
states' weights, nor the mass of states that no chain visits. Keep the start where held-out rows do
not gain. On the retina the start is better than a fit of a few seconds and gains nothing later.
"""

import argparse
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

import popcode
from popcode.errors import PopcodeWarning
from popcode.rbm.bernoulli import BernoulliRBM
from popcode.rbm.parameters import free_energy
from popcode.rbm.pretraining import pretrained
from popcode.threads import Team

FLIP, N_HIDDEN, N_BINS, RATE = 0.05, 20, 10_000, 5e-3
WEIGHTS = {3: (0.5, 0.3, 0.2), 5: (0.35, 0.25, 0.2, 0.12, 0.08)}


class Case(NamedTuple):
    """A recording in two parts; what is planted in it, if anything."""

    name: str
    train: np.ndarray
    test: np.ndarray
    patterns: np.ndarray | None = None
    weights: np.ndarray | None = None


def planted(n_neurons: int, n_states: int, seed: int) -> Case:
    rng = np.random.default_rng(seed)
    patterns = rng.random((n_states, n_neurons)) < 0.5
    weights = np.array(WEIGHTS[n_states])
    labels = rng.choice(n_states, 2 * N_BINS, p=weights)
    rows = (patterns[labels] ^ (rng.random((2 * N_BINS, n_neurons)) < FLIP)).astype(np.uint8)
    name = f"{n_states} states, {n_neurons} neurons"
    return Case(name, rows[:N_BINS], rows[N_BINS:], patterns, weights)


def retina(path: Path) -> Case:
    train, test = popcode.split(popcode.load(path), test=0.3, method="segments", seed=0)
    return Case("retina", np.asarray(train), np.asarray(test))


def true_log_likelihood(case: Case) -> float:
    n_flipped = (case.test[:, None] != case.patterns).sum(axis=2)
    each = n_flipped * np.log(FLIP) + (case.test.shape[1] - n_flipped) * np.log(1 - FLIP)
    return float(logsumexp(each + np.log(case.weights), axis=1).mean())


def independent_log_likelihood(case: Case) -> float:
    rates = (case.train.sum(axis=0) + 0.5) / (len(case.train) + 1)
    return float(np.log(np.where(case.test, rates, 1 - rates)).sum(axis=1).mean())


def occupancy_error(case: Case, states: np.ndarray) -> float:
    nearest = (states[:, None] != case.patterns).sum(axis=2).argmin(axis=1)
    found = np.bincount(nearest, minlength=len(case.weights)) / len(states)
    return float(np.abs(found - case.weights).sum() / 2)


def fit(case: Case, seconds: float, per_update: float, spent: float, rate: float, seed: int) -> str:
    n_updates = max(int((seconds - spent) / per_update), 200)
    model = BernoulliRBM(
        n_hidden=N_HIDDEN,
        n_updates=n_updates,
        learning_rate=rate,
        pretraining=spent > 0,
        seed=seed,
    ).fit(case.train)
    value, _ = model.log_likelihood(case.test, method="exact")
    words = f"{value:9.3f} ({model.training_['seconds']:.1f} s, {n_updates} updates)"
    if case.patterns is not None:
        words += f" states off by {occupancy_error(case, model.sample(2000, n_chains=500)):.3f}"
    return words


def seconds_per_update(case: Case, seed: int) -> float:
    """From two lengths, so that what every fit spends once does not count."""
    lengths, seconds = (200, 200, 1500), []
    for n_updates in lengths:
        model = BernoulliRBM(n_hidden=N_HIDDEN, n_updates=n_updates, seed=seed).fit(case.train)
        seconds.append(model.training_["seconds"])
    return max(seconds[2] - seconds[1], 1e-3) / (lengths[2] - lengths[1])


def run(case: Case, budgets: list[float], seed: int) -> None:
    print(f"\n{case.name}: independent {independent_log_likelihood(case):.3f}", end="")
    print(f", truth {true_log_likelihood(case):.3f}" if case.patterns is not None else "")
    started = time.perf_counter()
    with Team():  # which leaves BLAS one thread, as in a fit
        start = pretrained(case.train[:50_000], N_HIDDEN, seed=seed)
    spent = time.perf_counter() - started
    value = -free_energy(start.parameters, case.test).mean() - start.log_partition
    print(f"  start {value:9.3f} ({spent:.1f} s)  {'; '.join(start.notes)}")
    per_update = seconds_per_update(case, seed)
    for seconds in budgets:
        for name, lost, rate in (
            ("plain", 0.0, RATE),
            ("pre-trained", spent, RATE),
            ("pre-trained, slow", spent, RATE / 10),
        ):
            words = fit(case, seconds, per_update, lost, rate, seed)
            print(f"  {seconds:4.0f} s {name:18}{words}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, nargs="+", default=[15])
    parser.add_argument("--retina", type=Path, default="../shared/data/retina_salamander.npz")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore", PopcodeWarning)
    for n_neurons, n_states in ((40, 3), (100, 5), (200, 5)):
        run(planted(n_neurons, n_states, options.seed), options.seconds, options.seed)
    if options.retina.exists():
        run(retina(options.retina), options.seconds, options.seed)
    else:
        print(f"\nretina: no file {options.retina}, left out")


if __name__ == "__main__":
    main()
