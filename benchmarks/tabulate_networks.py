"""Draw random networks and fit the table that ``popcode spectrum`` compares recordings with.

    python benchmarks/tabulate_networks.py draw DRAWS.npz --seconds 600 --seed 0
    python benchmarks/tabulate_networks.py fit DRAWS.npz [DRAWS.npz ...]

`draw` computes exact signatures of networks of any radius, asymmetry and size; more draws, also of
other seeds and larger networks (--largest), make a better table. `fit` replaces the table of the
package and prints how far it is from draws that it was not fitted to.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from scipy.sparse.linalg import eigs
from table_fit import fit_table

from popcode.dynamics.connectivity.dense import mixed
from popcode.dynamics.verdict.networks import (
    NARROWEST,
    signatures,
    stationary,
    symmetric_modes,
    symmetric_signature,
)

SMALLEST, LARGEST_SYMMETRIC = 64, 12_000
MOST_OBSERVED, FEWEST_OBSERVED = 1000, 40
N_RADII, N_WIDTHS, N_OBSERVED = 2, 3, 2
N_PLACES = 9  # widths of 1/8 to 32 time constants
SINGLE_FROM = 500  # neurons: from there on in single precision


def drawn_network(rng: np.random.Generator, sizes: tuple[int, int]) -> list[np.ndarray]:
    """Rows (asymmetry, 1 - radius, size, observed, width, signature) of one random network."""
    power = -2.2  # large networks cost most: fewer of them
    u = rng.random()
    least, most = (float(size) ** power for size in sizes)
    n = int((least + u * (most - least)) ** (1 / power))
    s = rng.choice([0.0, rng.random() ** 1.5], p=[0.1, 0.9])
    matrix = mixed(rng.uniform(-1, 1, (n, n)).astype(np.float32), s).astype(np.float64)
    if s == 0:
        matrix = np.tril(matrix) + np.tril(matrix).T
    matrix /= edge(matrix)
    rows = []
    for _ in range(N_RADII):
        distance = 10 ** rng.uniform(-3.5, -0.3)
        kind = np.float32 if n > SINGLE_FROM else np.float64
        network = stationary((matrix * (1 - distance)).astype(kind))
        halves = [observed(rng, n) for _ in range(N_OBSERVED)]
        n_places = min(N_PLACES, len(network.doublings))
        for place in rng.choice(n_places, min(N_WIDTHS, n_places), replace=False):
            for pair, found in zip(halves, signatures(network, place, halves), strict=True):
                seen = len(pair[0]) + len(pair[1])
                given = [s, distance, n, seen, NARROWEST * 2.0**place]
                rows.append(np.concatenate([given, found.flat()]))
    return rows


def drawn_symmetric(rng: np.random.Generator) -> list[np.ndarray]:
    """The same of a symmetric network of any size, through its modes."""
    n = int(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST_SYMMETRIC))))
    seen, rows = n_observed(rng, n), []
    modes = symmetric_modes(n, seen, int(rng.integers(2**31)))
    for _ in range(N_RADII * N_WIDTHS):
        distance = 10 ** rng.uniform(-3.5, -0.3)
        width = NARROWEST * 2.0 ** rng.uniform(0, N_PLACES - 1)
        found = symmetric_signature(modes, 1 - distance, width)
        rows.append(np.concatenate([[0.0, distance, n, seen, width], found.flat()]))
    return rows


def edge(matrix: np.ndarray) -> float:
    """Largest real part of the eigenvalues."""
    if len(matrix) <= 300:
        return float(np.linalg.eigvals(matrix).real.max())
    start = np.random.default_rng(0).standard_normal(len(matrix))
    values = eigs(matrix, k=6, which="LR", ncv=80, v0=start, return_eigenvectors=False, tol=1e-6)
    return float(values.real.max())


def n_observed(rng: np.random.Generator, n: int) -> int:
    """All of them, or any share down to a twelfth."""
    seen = n if rng.random() < 0.3 else int(n * 12 ** -rng.random())
    return min(n, max(FEWEST_OBSERVED, min(seen, MOST_OBSERVED)))


def observed(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of the neurons that are seen."""
    chosen = rng.permutation(n)[: n_observed(rng, n)]
    return chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]


def draw(
    path: Path, seconds: float, seed: int, sizes: tuple[int, int], share_symmetric: float
) -> None:
    """Draw until the time is over, and write all rows now and then."""
    rng = np.random.default_rng((seed, 0x7AB))
    began = said = time.monotonic()
    rows: list[np.ndarray] = []
    while time.monotonic() - began < seconds:
        symmetric = rng.random() < share_symmetric
        rows += drawn_symmetric(rng) if symmetric else drawn_network(rng, sizes)
        if time.monotonic() - said > 20:
            said = time.monotonic()
            np.savez_compressed(path, rows=np.array(rows))
            print(f"{said - began:.0f} s: {len(rows):,} rows", flush=True)
    np.savez_compressed(path, rows=np.array(rows))


def main() -> None:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("draw", "fit"))
    parser.add_argument("draws", type=Path, nargs="+")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smallest", type=int, default=SMALLEST)
    parser.add_argument("--largest", type=int, default=700)
    parser.add_argument("--symmetric", type=float, default=0.25, help="share of networks")
    options = parser.parse_args()
    if options.step == "draw":
        draw(
            options.draws[0],
            options.seconds,
            options.seed,
            (options.smallest, options.largest),
            options.symmetric,
        )
    else:
        fit_table(options.draws)


if __name__ == "__main__":
    main()
