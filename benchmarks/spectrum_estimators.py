"""Which estimator of a spectrum's exponent to trust: noise, neurons and duration.

    python benchmarks/spectrum_estimators.py [--neurons 250 500 1000] [--bins 5000 20000]
        [--exponent 0.8] [--seeds 2] [--time-constant 5] [--last-rank 250]

Gaussian modes in an orthogonal basis, with variances rank ** -exponent and one time constant (in
bins), are standardised, rectified (ReLU) and drawn as Poisson counts with a gain of 0.7, 0.5 and
0.3 (low, medium and high noise: the settings of Pachitariu et al. 2026). Exponents are fitted to
ranks 11 to min(--last-rank, n_neurons / 2 - 50), the same for every estimator.

The truth is exact: the correlation of two rectified Gaussians is a function of theirs (Cho and
Saul 2009), so that the spectrum of the rates needs no sampling. Every number is an exponent less
that of the truth, averaged over seeds. "perfect" is the direct spectrum of the rates themselves in
the same bins: what is left is the scatter of few bins. "empty" is svca2 of the counts after the
control of shifted halves: what an estimator says where nothing is shared.
"""

import argparse
import time
import warnings

import numpy as np
from scipy.signal import lfilter

from popcode.dynamics.power_law import fit_power_law
from popcode.dynamics.shifted import shifted_spectrum
from popcode.dynamics.spectra import spectrum
from popcode.errors import PopcodeWarning

GAINS = {"none": None, "low": 0.7, "medium": 0.5, "high": 0.3}
METHODS = ("direct", "svca2", "svca", "cvpca")


def basis_of(n_neurons: int, rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.normal(size=(n_neurons, n_neurons)))[0]


def rectified(correlation: np.ndarray) -> np.ndarray:
    """Correlations of max(x, 0), where x is Gaussian with these correlations."""
    rho = np.clip(correlation, -1, 1)
    second = (np.sqrt(1 - rho**2) + rho * (np.pi - np.arccos(rho))) / (2 * np.pi)
    return (second - 1 / (2 * np.pi)) / (0.5 - 1 / (2 * np.pi))


def planted(n_neurons: int, n_bins: int, exponent: float, time_constant: float, seed: int):
    """Standardised Gaussian activity (n_bins, n_neurons), and the correlations of it rectified."""
    rng = np.random.default_rng(seed)
    basis = basis_of(n_neurons, rng)
    variance = np.arange(1, n_neurons + 1) ** -exponent
    covariance = (basis * variance) @ basis.T
    deviation = np.sqrt(np.diag(covariance))
    decay = np.exp(-1 / time_constant)
    noise = rng.normal(size=(n_bins + int(20 * time_constant), n_neurons))
    modes = lfilter([np.sqrt(1 - decay**2)], [1, -decay], noise, axis=0)[-n_bins:]
    x = (modes * np.sqrt(variance)) @ basis.T / deviation
    return x, rectified(covariance / np.outer(deviation, deviation))


def biases(x: np.ndarray, truth: np.ndarray, gain: float | None, ranks: tuple[int, int], seed: int):
    """Exponent of the truth, and of every estimator on one recording less that."""
    rates = np.maximum(x, 0)
    counts = rates if gain is None else np.random.default_rng(seed).poisson(gain * rates)
    counts = counts.astype(np.float32)
    found = {method: spectrum(counts, method, seed=seed) for method in METHODS}
    values = {method: each.values for method, each in found.items()}
    values["perfect"] = spectrum(rates, "direct").values
    halves = found["svca2"].halves
    values["limit"] = np.linalg.svd(truth[halves][:, ~halves], compute_uv=False)
    values["empty"] = shifted_spectrum(counts, "svca2", seed=seed).values
    exact = fit_power_law(np.linalg.eigvalsh(truth)[::-1], ranks).exponent
    return exact, {name: fit_power_law(v, ranks).exponent - exact for name, v in values.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--neurons", type=int, nargs="+", default=[250, 500, 1000])
    parser.add_argument("--bins", type=int, nargs="+", default=[5000, 20000])
    parser.add_argument("--noise", nargs="+", default=list(GAINS), choices=list(GAINS))
    parser.add_argument("--exponent", type=float, default=0.8)
    parser.add_argument("--time-constant", type=float, default=5.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--last-rank", type=int, default=250)
    options = parser.parse_args()
    warnings.simplefilter("ignore", PopcodeWarning)
    columns = (*METHODS, "perfect", "limit", "empty")
    print("neurons   bins  noise   truth " + "".join(f"{name:>9}" for name in columns) + "      s")
    for n_neurons in options.neurons:
        ranks = (11, min(options.last_rank, n_neurons // 2 - 50))
        for n_bins in options.bins:
            for noise in options.noise:
                started = time.perf_counter()
                found = []
                for seed in range(options.seeds):
                    x, truth = planted(
                        n_neurons, n_bins, options.exponent, options.time_constant, seed
                    )
                    found.append(biases(x, truth, GAINS[noise], ranks, seed))
                exact = np.mean([each[0] for each in found])
                means = [np.mean([each[1][name] for each in found]) for name in columns]
                print(
                    f"{n_neurons:7,} {n_bins:6,} {noise:>6} {exact:7.3f} "
                    + "".join(f"{mean:+9.3f}" for mean in means)
                    + f"{time.perf_counter() - started:7.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
