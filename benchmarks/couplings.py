"""Effective couplings: recovery of known pairwise models, and the time of all pairs.

Run: python benchmarks/couplings.py [--draws 5]
"""

import argparse
import time

import numpy as np

from popcode import BernoulliRBM
from popcode.rbm.effective import effective_couplings

N_NEURONS, N_HIDDEN, N_BINS = 12, 24, 50_000


def pairwise_law(rng, centred):
    """Couplings J ~ N(0, 1.2^2) on 35 % of pairs, fields -2.5 +- .4 or centred: law of the states.

    By enumeration: nothing is shared with the estimator.
    """
    j = np.triu(rng.normal(0, 1.2, (N_NEURONS, N_NEURONS)), 1)
    j *= np.triu(rng.random(j.shape) < 0.35, 1)
    j = j + j.T
    h = -j.sum(axis=1) / 2 if centred else rng.normal(-2.5, 0.4, N_NEURONS)
    states = (np.arange(2**N_NEURONS)[:, None] >> np.arange(N_NEURONS)) & 1
    log_p = states @ h + ((states @ j) * states).sum(axis=1) / 2
    p = np.exp(log_p - log_p.max())
    return states.astype(np.uint8), p / p.sum(), j


def recovery(n_draws):
    upper = np.triu_indices(N_NEURONS, 1)
    for centred in (False, True):
        errors, rates = {name: [] for name in ("silent", "uniform", "rates", "data")}, []
        for draw in range(n_draws):
            rng = np.random.default_rng((draw, centred))
            states, law, truth = pairwise_law(rng, centred)
            data = states[rng.choice(len(law), size=N_BINS, p=law)]
            rates.append(data.mean())
            rbm = BernoulliRBM(n_hidden=N_HIDDEN, seed=draw).fit(data)
            for name, found_errors in errors.items():
                found = effective_couplings(
                    rbm.weights_, rbm.hidden_fields_, name, rates=rbm.mean_activity_, rows=data
                )
                gap = (found.matrix - truth)[upper]
                found_errors.append(np.sqrt((gap**2).mean()))
        shown = "  ".join(f"{n} {np.median(e):.3f}" for n, e in errors.items())
        print(
            f"mean rate {np.mean(rates):.2f}: median RMSE of {n_draws} draws: {shown}", flush=True
        )


def all_pairs(sizes):
    for n_hidden in sizes:
        rng = np.random.default_rng(n_hidden)
        weights = rng.normal(0, 0.3, (1500, n_hidden)).astype(np.float32)
        hidden_fields, rates = rng.normal(0, 1, n_hidden), rng.uniform(0.01, 0.1, 1500)
        rows = (rng.random((3000, 1500)) < rates).astype(np.uint8)
        for background in ("rates", "silent", "uniform", "data"):
            began, cpu = time.perf_counter(), time.process_time()
            found = effective_couplings(weights, hidden_fields, background, rates=rates, rows=rows)
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
            print(
                f"1,500 neurons, {n_hidden} hidden, {background}: {took:.2f} s (its check among "
                f"them; {cpu:.2f} s of processor), largest |K| {np.abs(found.matrix).max():.3f}, "
                f"largest error {found.error:.1e}, standard error {found.standard_error:.1e}",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--hidden", type=int, nargs="+", default=[100, 500])
    options = parser.parse_args()
    effective_couplings(np.ones((50, 2)), np.zeros(2), "silent")  # compiles
    all_pairs(options.hidden)
    recovery(options.draws)
