"""Memory of a fit at 20,000 neurons beside what it must hold.

    python benchmarks/memory.py [--neurons 20000] [--hidden 100] [--bins 4000]

Prints the peak of the process above its size with everything imported and compiled, the sum of
recording (one byte an entry), weights, optimiser state and chains, and the difference.
"""

import argparse
import resource

import numpy as np

import popcode
from popcode.rbm.fitting import finish_fit, start_fit
from popcode.rbm.settings import Settings
from popcode.threads import Team


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fit(activity: np.ndarray, settings: Settings) -> float:
    """Megabytes of weights, optimiser state and chains; the fit is run and thrown away."""
    with Team() as team:
        trainer = start_fit(activity, np.arange(len(activity)), settings)
        trainer.run(team, lambda _: None)
        print(f"peak after training  {peak_mb():7.0f} MB")
        finish_fit(team, trainer, settings)
    state = trainer.state
    optimiser = (state.weight_squares, state.weight_trend, state.averaged_weights)
    arrays = (state.weights, *optimiser, state.chains)
    return sum(array.nbytes for array in arrays) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=20_000)
    parser.add_argument("--hidden", type=int, default=100)
    parser.add_argument("--bins", type=int, default=4000)
    options = parser.parse_args()
    settings = Settings(4, "drelu", 0.0, 20, 100, 15, 100, 5e-3, 0, "cpu")
    rng = np.random.default_rng(0)
    popcode.CompositionalRBM(n_hidden=4, l1=0.0, n_updates=20).fit(
        (rng.random((400, 50)) < 0.1).astype(np.uint8)
    )
    before = peak_mb()
    activity = np.empty((options.bins, options.neurons), np.uint8)
    for row in activity:
        row[:] = rng.random(options.neurons, dtype=np.float32) < 0.05
    # A small learning rate: what is measured is memory, on noise that holds no assemblies.
    held = fit(activity, settings._replace(n_hidden=options.hidden, learning_rate=1e-4))
    peak = peak_mb()
    recording = activity.nbytes / 2**20
    print(f"imported, compiled   {before:7.0f} MB")
    print(f"peak with the final test {peak:3.0f} MB, {peak - before:.0f} above it")
    print(f"recording {recording:.0f} MB, weights, optimiser and chains {held:.0f} MB")
    print(f"beyond these         {peak - before - recording - held:7.0f} MB (200 allowed)")


if __name__ == "__main__":
    main()
