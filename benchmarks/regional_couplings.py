"""Seconds and memory of regional couplings at whole-brain scale.

    python benchmarks/regional_couplings.py [--neurons 50000] [--hidden 200] [--regions 70]

The L1 norm over all pairs of neurons, streamed, of a model with dense weights (the worst case;
sparse ones take as long) and the L2 norm from Grams. To reach: L1 under 20 s and 1 GB on two
cores. The memory told is the peak of the process beyond what it took before, the weights counted.
The check makes one region pair's block of J in float64.
"""

import argparse
import resource
import time

import numpy as np

from popcode.analysis.connectivity import regional_l1, regional_l2
from popcode.threads import available_threads


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=50_000)
    parser.add_argument("--hidden", type=int, default=200)
    parser.add_argument("--regions", type=int, default=70)
    options = parser.parse_args()
    rng, before = np.random.default_rng(0), peak_mb()
    factors = rng.standard_normal((options.neurons, options.hidden), np.float32)
    regions = rng.choice(options.regions, options.neurons, p=rng.dirichlet([3.0] * options.regions))
    member = regions[:, None] == np.arange(options.regions)
    print(f"{options.neurons:,} neurons, {options.hidden} units, {options.regions} regions")
    for name, norm in (("L1", regional_l1), ("L2", regional_l2)):
        started, processor = time.perf_counter(), time.process_time()
        values = norm(factors, member)
        print(
            f"{name}: {time.perf_counter() - started:.1f} s on {available_threads()} cores "
            f"({time.process_time() - processor:.1f} s of processor), peak of the process "
            f"{peak_mb():.0f} MB, {peak_mb() - before:.0f} MB above its start"
        )
        k, other = np.argsort(member.sum(axis=0))[:2]
        left, right = (factors[member[:, each]].astype(np.float64) for each in (k, other))
        block = left @ right.T
        exact = np.abs(block).mean() if name == "L1" else np.sqrt((block**2).mean())
        print(f"    one block in float64: relative difference {values[k, other] / exact - 1:.1e}")


if __name__ == "__main__":
    main()
