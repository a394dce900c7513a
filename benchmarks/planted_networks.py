"""Plant networks of known radius and asymmetry, and count how often the verdict's intervals hold.

    python benchmarks/planted_networks.py                 2,000 neurons, seen whole and in part
    python benchmarks/planted_networks.py --neurons 200 --observed 200 100 --bins 20000

Each recording is a loop in short steps written here, of a network drawn here, rectified and seen
through Poisson spikes; nothing is shared with the theory but the equation. Four independent runs
side by side make the bins, a segment each. Also: independent neurons (each with a slow course of
its own) must be called independent.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import scipy.linalg

from popcode import Recording
from popcode.dynamics.verdict import judged

TAU_S, DT_S, BIN_S, BURN_IN_S = 0.05, 0.005, 0.045, 30.0
N_RUNS, GAIN = 4, 0.7


def planted_matrix(n: int, asymmetry: float, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Dense connectivity: entries of one triangle copied to the other, mixed with fresh ones."""
    entries = rng.standard_normal((n, n))
    upper = np.triu(entries, 1)
    matrix = upper + (1 - asymmetry) * upper.T + asymmetry * np.tril(entries, -1)
    if asymmetry == 0:
        edge = np.linalg.eigvalsh(matrix)[-1]
    else:
        edge = np.linalg.eigvals(matrix).real.max()
    return (matrix * (radius / edge)).astype(np.float32)


def euler_bins(matrix: np.ndarray, n_bins: int, rng: np.random.Generator) -> np.ndarray:
    """Bin means of `N_RUNS` runs, one after the other, (n_bins, n_neurons).

    The drift of a step is exact. Euler's own, 1 + h (lambda - 1), lets modes that turn decay more
    slowly by h Im(lambda)^2 / 2, at h = 0.1 more than the distance of a radius from 1: what ran
    would not have the radius that was planted.
    """
    n, steps, h = len(matrix), round(BIN_S / DT_S), np.float32(DT_S / TAU_S)
    drift = scipy.linalg.expm(h * (matrix.astype(np.float64) - np.eye(n))).astype(np.float32)
    state = rng.standard_normal((n, N_RUNS), np.float32)
    each = n_bins // N_RUNS
    bins = np.zeros((N_RUNS, each, n), np.float32)
    burn_in = round(BURN_IN_S / BIN_S)
    for b in range(-burn_in, each):
        mean = np.zeros((n, N_RUNS), np.float32)
        for _ in range(steps):
            noise = rng.standard_normal((n, N_RUNS), np.float32)
            state = drift @ state + h * noise
            mean += state
        if b >= 0:
            bins[:, b] = mean.T / steps
    return bins.reshape(N_RUNS * each, n)


def spikes_of(activity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Poisson counts of the rectified activity in units of its deviation."""
    z = (activity - activity.mean(axis=0)) / activity.std(axis=0)
    return np.minimum(rng.poisson(GAIN * np.maximum(z, 0)), 255).astype(np.uint8)


def recording_of(counts: np.ndarray) -> Recording:
    """Runs as segments."""
    starts = np.arange(N_RUNS) * (len(counts) // N_RUNS)
    return Recording(counts, kind="counts", bin_s=BIN_S, segment_starts=starts)


def independent_recording(n: int, n_bins: int, rng: np.random.Generator) -> Recording:
    """Neurons that share nothing, each slow in its own way."""
    kept = np.exp(-BIN_S / rng.uniform(0.05, 2.0, n))
    state, courses = rng.standard_normal(n), np.empty((n_bins, n), np.float32)
    for b in range(n_bins):
        state = kept * state + np.sqrt(1 - kept**2) * rng.standard_normal(n)
        courses[b] = state
    return recording_of(spikes_of(courses, rng))


def holds(interval: dict, truth: float) -> bool:
    """Whether an interval covers the truth."""
    return bool(
        (interval["low"] <= truth or interval["low_is_open"])
        and (interval["high"] >= truth or interval["high_is_open"])
    )


def told(interval: dict, truth: float, digits: int) -> str:
    """An interval beside the truth."""
    text = f"{interval['value']:.{digits}f} [{interval['low']:.{digits}f}, "
    return f"{text}{interval['high']:.{digits}f}] of {truth:.{digits}f} {holds(interval, truth)}"


def main() -> None:
    """Plant, judge, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=2000)
    parser.add_argument("--observed", type=int, nargs="+", default=[2000, 500])
    parser.add_argument("--bins", type=int, default=50_000)
    parser.add_argument("--networks", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    n, covered, n_judged = options.neurons, {"radius": 0, "asymmetry": 0, "tau": 0}, 0
    for k in range(options.networks):
        rng = np.random.default_rng((options.seed, k))
        asymmetry = (0.0, 0.0, 0.1, 0.2, 1 / 3, 0.5, 2 / 3, 1.0, 0.0, 1 / 3)[k % 10]
        distance = 10 ** rng.uniform(-2.7, -1.3)
        began = time.monotonic()
        matrix = planted_matrix(n, asymmetry, 1 - distance, rng)
        counts = spikes_of(euler_bins(matrix, options.bins, rng), rng)
        for seen in options.observed:
            chosen = rng.permutation(n)[:seen]
            found = judged(recording_of(counts[:, chosen]), n_neurons=n, seed=k)
            print(f"network {k}, {seen:,} of {n:,} seen, {time.monotonic() - began:.0f} s: "
                  f"{found['kind']}", flush=True)  # fmt: skip
            n_judged += 1
            if not found["fits"]:
                continue
            fit = found["fits"][0]
            truths = {"radius": 1 - distance, "asymmetry": asymmetry, "tau": TAU_S}
            for name, interval in zip(truths, (fit["radius"], fit["asymmetry"], fit["tau_s"]),
                                      strict=True):  # fmt: skip
                covered[name] += holds(interval, truths[name])
                print(f"    {name:<10} {told(interval, truths[name], 4)}")
            print(f"    misfit {fit['misfit']:.1f} of {fit['n_statistics']}, p {fit['p_value']:.2g}"
                  f", own noise {fit['own_noise']['value']:.2f}")  # fmt: skip
    print(f"covered of {n_judged}: {covered}")
    alone = [
        judged(independent_recording(n_seen, options.bins, np.random.default_rng((9, n_seen))))
        for n_seen in options.observed
    ]
    print("independent neurons:", [each["kind"] for each in alone])


if __name__ == "__main__":
    main()
