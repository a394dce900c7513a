"""The linear network beside its published numbers, and theory beside brute force.

    python benchmarks/linear_network.py [--only SECTION ...] [--draws 10] [--n-neurons 10000]

Exponents are of ranks 11 to 500, weighted by 1 / rank. Published: Pachitariu et al., bioRxiv
2025.01.10.632397, means of 10 simulated networks of 10,000 neurons (standard error 0.007 for
symmetric ones). Sections:

symmetric   covariance spectra of 46 ms bins from the ensemble, and seconds a draw
bins        exponent against bin width, and with the rise that finitely many bins bring
size        what a fixed radius and a scaled one give networks of other sizes
laws        one actual matrix of each law at 4,000 neurons against draws of the ensemble
sparse, clustered, local
            one network a row, leading eigenvalues by Lanczos iteration
asymmetric  theory against Euler steps at 1,000 neurons
agreement   theory, exact sampler and Euler steps at 300 neurons, symmetric and not

Distances from theory are in standard errors by a jackknife over runs: their root mean square is 1
where theory is right (up to 1.5 with a dozen numbers and few runs).
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from popcode.dynamics.connectivity.drawing import draw_connectivity
from popcode.dynamics.connectivity.leading import leading_eigenvalues
from popcode.dynamics.connectivity.structures import Clustered, Local, Sparse, Structure
from popcode.dynamics.network import LinearNetwork
from popcode.dynamics.power_law import fit_power_law
from popcode.dynamics.presets import PREPRINT
from popcode.dynamics.sampler import sample_network
from popcode.dynamics.schedule import scheduled
from popcode.dynamics.theory.finite_sample import finite_sample_spectrum
from popcode.dynamics.theory.scaling import critical_radius
from popcode.recording import Recording

SYMMETRIC = 0.698
N_STEPS = PREPRINT.n_bins * 23
BINS = (1, 2, 3, 4, 6, 9, 13, 18, 26, 38, 55, 78, 113, 162, 234, 336, 483, 695, 1000)
BINS_PUBLISHED = (
    0.698, 0.710, 0.722, 0.733, 0.755, 0.787, 0.825, 0.866, 0.923, 0.989,
    1.056, 1.116, 1.170, 1.211, 1.236, 1.249, 1.251, 1.249, 1.246,
)  # fmt: skip
LAWS = {
    "uniform": 0.698, "binary": 0.688, "gaussian": 0.687, "truncated_gaussian": 0.686,
    "exponential": 0.691,
}  # fmt: skip
ASYMMETRIC = {1 / 3: 0.822, 2 / 3: 1.184, 1.0: 1.254}
SPARSE = (0.46, 0.50, 0.63, 0.66, 0.69, 0.69, 0.69, 0.69, 0.69, 0.68, 0.69)
CLUSTERED = (0.61, 0.63, 0.64, 0.65, 0.66, 0.69, 0.70, 0.68, 0.69, 0.69, 0.69, 0.69)
LOCAL = (0.54, 0.60, 0.61, 0.67, 0.67, 0.68, 0.69, 0.69, 0.69, 0.68, 0.68, 0.69)


def exponent(values: np.ndarray) -> float:
    return float(fit_power_law(values).exponent)


def ensemble_spectrum(network: LinearNetwork, multiple: int = 1) -> np.ndarray:
    n_bins = N_STEPS // (23 * multiple)
    return network.spectrum(PREPRINT.bin_s * multiple, "ensemble", n_bins=n_bins)


def symmetric(n_neurons: int, n_draws: int) -> None:
    found, wall, processor = [], [], []
    for seed in range(n_draws):
        started, used = time.perf_counter(), time.process_time()
        found.append(exponent(ensemble_spectrum(LinearNetwork(n_neurons=n_neurons, seed=seed))))
        wall.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    mean, error = np.mean(found), np.std(found, ddof=1) / np.sqrt(n_draws)
    print(f"exponent {mean:.3f} +- {error:.3f} (sd {np.std(found, ddof=1):.3f}), "
          f"published {SYMMETRIC}")  # fmt: skip
    print(f"seconds a draw: {np.max(processor):.2f} of processor at most, {np.max(wall):.2f} by "
          "the clock")  # fmt: skip


def bins(n_neurons: int, n_draws: int) -> None:
    networks = [LinearNetwork(n_neurons=n_neurons, seed=seed) for seed in range(n_draws)]
    print("    bin s  closed  +-      with rise  published  closed - published")
    for multiple, published in zip(BINS, BINS_PUBLISHED, strict=True):
        spectra = [ensemble_spectrum(network, multiple) for network in networks]
        n_bins = PREPRINT.n_runs * (N_STEPS // (23 * multiple))
        raised = np.mean([exponent(finite_sample_spectrum(s, n_bins)) for s in spectra])
        closed = [exponent(s) for s in spectra]
        error = np.std(closed, ddof=1) / np.sqrt(n_draws)
        print(f"{multiple * PREPRINT.bin_s:9.3f}  {np.mean(closed):.3f}   {error:.3f}   "
              f"{raised:.3f}      {published:.3f}      {np.mean(closed) - published:+.3f}",
              flush=True)  # fmt: skip


def size(_: int, n_draws: int) -> None:
    print(" neurons   radius 0.999   radius scaled from 10,000")
    for n in (2_000, 10_000, 50_000, 100_000):
        row = []
        for radius in (0.999, critical_radius(n)):
            networks = [
                LinearNetwork(n_neurons=n, radius=radius, seed=seed) for seed in range(n_draws)
            ]
            row.append(np.mean([exponent(x.spectrum(method="ensemble")) for x in networks]))
        print(f"{n:8d}   {row[0]:.3f}          {row[1]:.3f}  ({critical_radius(n):.6f})")


def laws(_: int, n_draws: int, n_neurons: int = 4_000) -> None:
    def spectrum(seed: int) -> np.ndarray:
        return LinearNetwork(n_neurons=n_neurons, seed=seed).spectrum(method="ensemble")

    drawn = np.log([spectrum(seed)[:500] for seed in range(2 * n_draws)])
    exponents = [exponent(np.exp(row)) for row in drawn]
    mean, deviation = np.mean(exponents), np.std(exponents, ddof=1)
    print(f"ensemble: {mean:.3f}, sd {deviation:.3f} over {len(drawn)} draws")
    print("law                  exponent  from ensemble, sd   ranks 1-500, rms sd   published")
    for law, published in LAWS.items():
        values = LinearNetwork(n_neurons=n_neurons, law=law, seed=0).spectrum()[:500]
        apart = (np.log(values) - drawn.mean(axis=0)) / drawn.std(axis=0, ddof=1)
        print(f"{law:20s} {exponent(values):.3f}     {(exponent(values) - mean) / deviation:+.1f}"
              f"                {np.sqrt((apart**2).mean()):.2f}                  {published}"
              " (10,000 neurons)", flush=True)  # fmt: skip


def structured(n_neurons: int, rows: Sequence[tuple[Structure, float]]) -> None:
    print("settings                                          exponent  published  distance  s")
    for structure, published in rows:
        started = time.perf_counter()
        connectivity = draw_connectivity(n_neurons, "uniform", structure, 0.0, seed=0)
        values = leading_eigenvalues(connectivity, 510)
        found = exponent(0.5 / (1 - 0.999 * values / values[0]))
        print(f"{structure!s:50.50s} {found:.3f}    {published:.2f}       "
              f"{found - published:+.3f}  {time.perf_counter() - started:5.1f}",
              flush=True)  # fmt: skip


def sparse(n_neurons: int, _: int) -> None:
    chances = [2.0**k for k in range(-12, -1)]
    structured(n_neurons, [(Sparse(p), a) for p, a in zip(chances, SPARSE, strict=True)])


def clustered(n_neurons: int, _: int) -> None:
    chances = [2.0**k for k in range(-12, 0)]
    rows = [(Clustered(between=p), a) for p, a in zip(chances, CLUSTERED, strict=True)]
    structured(n_neurons, rows)


def local(n_neurons: int, _: int) -> None:
    chances = [2.0**k for k in range(-12, 0)]
    for torus in (False, True):
        print("on a torus" if torus else "as published, without the torus that was meant")
        rows = [(Local(far=p, torus=torus), a) for p, a in zip(chances, LOCAL, strict=True)]
        structured(n_neurons, rows)


def run_covariances(recording: Recording, lag: int) -> np.ndarray:
    """Covariance at a lag of every run, (n_runs, n_neurons, n_neurons)."""
    runs = recording.activity.reshape(recording.n_segments, -1, recording.n_neurons)
    runs = runs.astype(np.float64)
    n_pairs = runs.shape[1] - lag
    return np.stack([run[lag:].T @ run[:n_pairs] / n_pairs for run in runs])


def jackknifed(
    of_runs: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Statistic of the mean over runs without its bias of first order, and its error."""
    n, total = len(of_runs), of_runs.sum(axis=0)
    whole = statistic(total / n)
    without = np.stack([statistic((total - one) / (n - 1)) for one in of_runs])
    mean = without.mean(axis=0)
    return n * whole - (n - 1) * mean, np.sqrt((n - 1) * without.var(axis=0))


def log_spectrum(n_values: int) -> Callable[[np.ndarray], np.ndarray]:
    """Log of eigenvalues, averaged within bands of ranks.

    Neighbours that change places make no smooth statistic, which a jackknife needs.
    """
    edges = np.unique(np.geomspace(1, n_values + 1, 14).astype(int)) - 1

    def statistic(covariance: np.ndarray) -> np.ndarray:
        values = np.linalg.eigvalsh(covariance)[::-1][:n_values]
        return np.log(np.add.reduceat(values, edges[:-1]) / np.diff(edges))

    return statistic


def distances(found: np.ndarray, error: np.ndarray, expected: np.ndarray) -> str:
    apart = (found - expected) / error
    return f"rms {np.sqrt((apart**2).mean()):.2f}, largest {np.abs(apart).max():.1f} se"


def asymmetric(
    _: int, __: int, n_neurons: int = 1_000, n_bins: int = 600, n_runs: int = 16
) -> None:
    print(f"{n_neurons} neurons, {n_runs} runs of {n_bins} bins of 46 ms; sampled and stepped "
          "exponents are those of so many bins")  # fmt: skip
    for share, published in ASYMMETRIC.items():
        network = LinearNetwork(n_neurons=n_neurons, asymmetry=share, seed=1)
        covariance = network.covariance(n_bins=n_bins)
        axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :50]
        of_runs = run_covariances(network.simulate(n_bins, n_runs), 0)
        entries = jackknifed(of_runs, projected(axes))
        drawn = sampled_exponents(network, n_bins, n_runs)
        stepped = exponent(np.linalg.eigvalsh(of_runs.mean(axis=0))[::-1])
        mean, deviation = np.mean(drawn), np.std(drawn, ddof=1)
        exact = exponent(np.linalg.eigvalsh(covariance)[::-1])
        apart = distances(*entries, projected(axes)(covariance))
        print(f"asymmetry {share:.3f}: exponent {exact:.3f} (at 10,000 neurons, published: "
              f"{published}); steps {stepped:.3f}, sampled {mean:.3f} +- {deviation:.3f}, apart "
              f"{(stepped - mean) / deviation:+.1f} sd; covariance between 50 components {apart}",
              flush=True)  # fmt: skip


def sampled_exponents(network: LinearNetwork, n_bins: int, n_runs: int) -> list[float]:
    """Exponents of recordings by the exact sampler, which share the bias of so many bins."""
    schedule = scheduled(network.tau_s, network.dt_s, PREPRINT.bin_s, PREPRINT.burn_in_s, n_bins)
    matrix = network.connectivity.to_array()
    found = []
    for seed in range(6):
        bins_of_runs = sample_network(matrix, schedule, n_runs, seed).astype(np.float64)
        flat = bins_of_runs.reshape(-1, network.n_neurons)
        found.append(exponent(np.linalg.eigvalsh(flat.T @ flat)[::-1]))
    return found


def projected(axes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda covariance: axes.T @ covariance @ axes


def log_decay(axes: np.ndarray, lag: int) -> Callable[[np.ndarray], np.ndarray]:
    """Decay a second of components, of the covariances (now, later)."""

    def statistic(pair: np.ndarray) -> np.ndarray:
        variance, kept = (np.einsum("ik,ij,jk->k", axes, c, axes) for c in pair)
        return np.log(variance / kept) / (lag * PREPRINT.bin_s)

    return statistic


def against_theory(network: LinearNetwork, recording: Recording, n_bins: int, lag: int) -> str:
    run = {"burn_in_s": 4.0, "n_bins": n_bins}
    expected = np.stack((network.covariance(**run), network.lagged_covariance(lag, **run)))
    found = np.stack([run_covariances(recording, k) for k in (0, lag)], axis=1)
    axes = np.linalg.eigh(expected[0])[1][:, ::-1][:, :50]

    def apart(statistic: Callable[[np.ndarray], np.ndarray], k: int | slice) -> str:
        return distances(*jackknifed(found[:, k], statistic), statistic(expected[k]))

    return (
        f"log eigenvalues of ranks 1-50 {apart(log_spectrum(50), 0)}; covariance at lag {lag} "
        f"between 50 components {apart(projected(axes), 1)}; decay rates of the first 10 "
        f"{apart(log_decay(axes[:, :10], lag), slice(None))}"
    )


def agreement(_: int, __: int, n_bins: int = 400, n_runs: int = 64, lag: int = 5) -> None:
    for share in (0.0, 1.0):
        network = LinearNetwork(n_neurons=300, asymmetry=share, radius=0.99, seed=1)
        drawn = network.sample(n_bins, n_runs, burn_in_s=4.0)
        stepped = network.simulate(n_bins, n_runs, burn_in_s=4.0)
        for name, recording in (("sampler", drawn), ("steps", stepped)):
            print(f"asymmetry {share:g}, {name} against theory: "
                  f"{against_theory(network, recording, n_bins, lag)}", flush=True)  # fmt: skip


SECTIONS: dict[str, Callable[[int, int], None]] = {
    f.__name__: f
    for f in (symmetric, bins, size, laws, sparse, clustered, local, asymmetric, agreement)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--n-neurons", type=int, default=10_000)
    arguments = parser.parse_args()
    for name in arguments.only:
        print(f"\n== {name}", flush=True)
        SECTIONS[name](arguments.n_neurons, arguments.draws)


if __name__ == "__main__":
    main()
