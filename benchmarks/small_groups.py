"""Default fits of 12 neurons in 3 correlated groups against exact maximum likelihood.

Run: python benchmarks/small_groups.py [--seeds 10] [--ascents 10]

The data are drawn from groups of neurons that share a hidden state, T = 20,000 bins; the exact
ascents (L-BFGS on the enumerated likelihood, from small random weights) are float64 numpy that
shares no code with the estimator. Printed for each seed: nats a bin of the training bins below the
best ascent, for the fit (its likelihood enumerated by the same numpy), for the worst and the median
of the ascents, and for independent neurons; and what the law itself scores.
"""

import argparse
import time

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from popcode import BernoulliRBM

N_NEURONS, N_GROUPS, N_HIDDEN, N_BINS = 12, 3, 12, 20_000
STATES = ((np.arange(2**N_NEURONS)[:, None] >> np.arange(N_NEURONS)) & 1).astype(np.float64)


def grouped_law():
    """Law of the states: each group of 4 is up in 15 % of bins (rate .6), else down (rate .05)."""
    log_p = np.zeros(len(STATES))
    for group in np.split(np.arange(N_NEURONS), N_GROUPS):
        active = STATES[:, group].sum(axis=1)
        size = group.size
        up = np.log(0.15) + active * np.log(0.6) + (size - active) * np.log(0.4)
        down = np.log(0.85) + active * np.log(0.05) + (size - active) * np.log(0.95)
        log_p += np.logaddexp(up, down)
    return np.exp(log_p)


def law_and_hidden(weights, fields, hidden_fields):
    """Ln p of every state under an RBM by enumeration, and the hidden means there."""
    inputs = STATES @ weights + hidden_fields
    decay = np.exp(-np.abs(inputs))
    energies = STATES @ fields + (np.maximum(inputs, 0) + np.log1p(decay)).sum(axis=1)
    return energies - logsumexp(energies), np.where(inputs >= 0, 1, decay) / (1 + decay)


def unpack(theta):
    n = N_NEURONS * N_HIDDEN
    weights = theta[:n].reshape(N_NEURONS, N_HIDDEN)
    return weights, theta[n : n + N_NEURONS], theta[n + N_NEURONS :]


def loss(theta, frequencies):
    """Negative mean log-likelihood of the data and its gradient."""
    weights, fields, hidden_fields = unpack(theta)
    log_p, hidden = law_and_hidden(weights, fields, hidden_fields)
    left = frequencies - np.exp(log_p)
    hidden *= left[:, None]
    gradient = np.concatenate([(STATES.T @ hidden).ravel(), STATES.T @ left, hidden.sum(axis=0)])
    return -frequencies @ log_p, -gradient


def exact_ascent(frequencies, seed):
    rng = np.random.default_rng((seed, 7))
    rates = frequencies @ STATES
    start = np.concatenate(
        [rng.normal(0, 0.3, N_NEURONS * N_HIDDEN), np.log(rates / (1 - rates)), np.zeros(N_HIDDEN)]
    )
    options = {"maxiter": 1500, "maxfun": 3000, "gtol": 1e-7, "ftol": 1e-13}
    found = minimize(loss, start, (frequencies,), "L-BFGS-B", jac=True, options=options)
    return -found.fun


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--ascents", type=int, default=10)
    options = parser.parse_args()
    law, within = grouped_law(), 0
    for seed in range(options.seeds):
        drawn = np.random.default_rng((seed, 3)).choice(len(law), size=N_BINS, p=law)
        frequencies = np.bincount(drawn, minlength=len(law)) / N_BINS
        ascents = np.array([exact_ascent(frequencies, k) for k in range(options.ascents)])
        best = ascents.max()
        began, cpu = time.perf_counter(), time.process_time()
        rbm = BernoulliRBM(n_hidden=N_HIDDEN, seed=seed).fit(STATES[drawn].astype(np.uint8))
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        parameters = (rbm.weights_, rbm.fields_, rbm.hidden_fields_)
        log_p, _ = law_and_hidden(*(np.asarray(each, np.float64) for each in parameters))
        fit = frequencies @ log_p
        rates = frequencies @ STATES
        empty = rates @ np.log(rates) + (1 - rates) @ np.log1p(-rates)
        within += best - fit <= 0.01
        print(
            f"seed {seed}: below the best of {options.ascents} ascents ({best:.4f}): fit "
            f"{best - fit:+.4f}, median ascent {best - np.median(ascents):+.4f}, worst "
            f"{best - ascents.min():+.4f}, the law itself {best - frequencies @ np.log(law):+.4f}, "
            f"independent {best - empty:+.4f}; fit {took:.0f} s ({cpu:.0f} s of processor)",
            flush=True,
        )
    print(f"{within} of {options.seeds} fits within 0.01 nats of the best ascent")


if __name__ == "__main__":
    main()
