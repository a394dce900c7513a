"""Effective couplings: recovery of known pairwise models, and the time of all pairs.

Run: python benchmarks/couplings.py [--draws 5]
"""

import argparse
import time

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import logsumexp

from popcode import BernoulliRBM
from popcode.rbm.effective import effective_couplings

N_NEURONS, N_HIDDEN, N_BINS = 12, 24, 50_000


STATES = (np.arange(2**N_NEURONS)[:, None] >> np.arange(N_NEURONS)) & 1
UPPER = np.triu_indices(N_NEURONS, 1)


def law_of(fields, couplings):
    """Probability of every state of a pairwise model, by enumeration."""
    log_p = STATES @ fields + ((STATES @ couplings) * STATES).sum(axis=1) / 2
    p = np.exp(log_p - log_p.max())
    return p / p.sum()


def pairwise_law(rng, rate):
    """Couplings J ~ N(0, 1.2^2) on 35 % of pairs: their law and they.

    Fields are centred, or -2.5 +- .4 shifted by one number so that the mean rate is the one asked
    for. Nothing is shared with the estimator.
    """
    j = np.triu(rng.normal(0, 1.2, (N_NEURONS, N_NEURONS)), 1)
    j *= np.triu(rng.random(j.shape) < 0.35, 1)
    j = j + j.T
    if rate is None:
        return law_of(-j.sum(axis=1) / 2, j), j
    h = rng.normal(-2.5, 0.4, N_NEURONS)
    shift = brentq(lambda s: (law_of(h + s, j) @ STATES).mean() - rate, -5, 5)
    return law_of(h + shift, j), j


def maximum_likelihood(frequencies):
    """Couplings of the pairwise model that the data make likeliest: what knowing the form gives."""
    features = np.concatenate([STATES, STATES[:, UPPER[0]] * STATES[:, UPPER[1]]], axis=1)
    wanted = frequencies @ features

    def loss(theta):
        log_p = features @ theta
        log_z = logsumexp(log_p)
        return log_z - wanted @ theta, np.exp(log_p - log_z) @ features - wanted

    options = {"maxiter": 2000, "gtol": 1e-8, "ftol": 1e-14}
    start = np.zeros(features.shape[1])
    return minimize(loss, start, method="L-BFGS-B", jac=True, options=options).x[N_NEURONS:]


def recovery(n_draws, first):
    """RMSE over pairs of what a default fit recovers, at a low rate and centred."""
    for rate in (0.14, None):
        backgrounds = ("silent", "uniform", "rates", "data")
        errors, rates = {name: [] for name in (*backgrounds, "empty", "pairwise ML")}, []
        for draw in range(first, first + n_draws):
            rng = np.random.default_rng((draw, rate is None))
            law, truth = pairwise_law(rng, rate)
            drawn = rng.choice(len(law), size=N_BINS, p=law)
            data = STATES[drawn].astype(np.uint8)
            rates.append(data.mean())
            rbm = BernoulliRBM(n_hidden=N_HIDDEN, seed=draw).fit(data)
            found = {name: rbm.couplings(name, rows=data)[UPPER] for name in backgrounds}
            found["empty"] = np.zeros(UPPER[0].size)
            found["pairwise ML"] = maximum_likelihood(
                np.bincount(drawn, minlength=len(law)) / N_BINS
            )
            for name, values in found.items():
                errors[name].append(np.sqrt(((values - truth[UPPER]) ** 2).mean()))
        shown = "  ".join(
            f"{n} {np.median(e):.3f} ({min(e):.3f}-{max(e):.3f})" for n, e in errors.items()
        )
        print(f"mean rate {np.mean(rates):.2f}: median RMSE of {n_draws} draws (range): {shown}")


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
    parser.add_argument("--first", type=int, default=0, help="seed of the first draw")
    parser.add_argument("--hidden", type=int, nargs="+", default=[100, 500], help="of all pairs")
    options = parser.parse_args()
    effective_couplings(np.ones((50, 2)), np.zeros(2), "silent")  # compiles
    all_pairs(options.hidden)
    recovery(options.draws, options.first)
