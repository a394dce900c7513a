"""Time and memory of judging a model of many neurons.

    python benchmarks/evaluate_large.py [--neurons 50000] [--hidden 200] [--train 4000]

The model is not fitted: 2 % of its weights are drawn, the others are 0. The recording is
independent sparse bits, and in each bin some of as many assemblies as hidden units raise their
members. Prints the seconds of each step of the evaluation and in all, those of the processors
beside them (on a shared machine these are what counts), and the peak of the process above its size
with everything imported; the target at the default size is 600 s and 6 GB on two cores.
"""

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

import popcode
from popcode.metrics import judge
from popcode.rbm.potentials import DReLU

DENSITY, ACTIVITY = 0.02, 0.03
# Variance of a hidden unit's input from independent neurons: far below 1 the chains stay as sparse
# as a recording; beyond it they run into states of half the neurons active, which no fit has.
INPUT_VARIANCE = 0.1


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sparse_weights(n_neurons: int, n_hidden: int, rng: np.random.Generator) -> np.ndarray:
    weights = np.zeros((n_neurons, n_hidden), np.float32)
    deviation = np.sqrt(INPUT_VARIANCE / (ACTIVITY * DENSITY * n_neurons))
    for column in weights.T:
        members = rng.choice(n_neurons, max(int(DENSITY * n_neurons), 1), replace=False)
        column[members] = rng.normal(0, deviation, members.size)
    return weights


def assembly_activity(weights: np.ndarray, n_bins: int, rng: np.random.Generator) -> np.ndarray:
    """Independent bits, more of them among the members of the assemblies that are active."""
    activity = np.empty((n_bins, len(weights)), np.uint8)
    for row in activity:
        active = rng.random(weights.shape[1]) < 0.05
        raised = 0.5 * (weights[:, active] > 0).any(axis=1)
        row[:] = rng.random(len(weights), dtype=np.float32) < ACTIVITY + raised
    return activity


def random_model(weights: np.ndarray, activity: np.ndarray) -> popcode.CompositionalRBM:
    n_hidden = weights.shape[1]
    model = popcode.CompositionalRBM(n_hidden=n_hidden, seed=0)
    one, zero = np.ones(n_hidden), np.zeros(n_hidden)
    model.weights_, model.hidden_ = weights, DReLU(one, zero, -one, zero)
    rate = np.clip(activity.mean(axis=0), 1e-3, 1 - 1e-3)
    model.fields_ = np.log(rate / (1 - rate)).astype(np.float32)
    model.chains_, model.l1_ = activity[:100].copy(), 0.02
    return model


def print_steps() -> Callable[[str], None]:
    """A listener that prints what each step took when the next begins."""
    state = {"at": time.perf_counter(), "busy": time.process_time(), "step": "start"}

    def tell(text: str) -> None:
        now, busy = time.perf_counter(), time.process_time()
        seconds = f"{now - state['at']:7.1f} s ({busy - state['busy']:.1f} busy)"
        print(f"{seconds}  {state['step']} (peak {peak_mb():.0f} MB)", flush=True)
        state.update(at=now, busy=busy, step=text)

    return tell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=50_000)
    parser.add_argument("--hidden", type=int, default=200)
    parser.add_argument("--train", type=int, default=4000)
    parser.add_argument("--test", type=int, default=1700)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    before = peak_mb()
    weights = sparse_weights(options.neurons, options.hidden, rng)
    activity = assembly_activity(weights, options.train + options.test, rng)
    model = random_model(weights, activity)
    print(f"{options.neurons} neurons, {options.hidden} units, activity {activity.mean():.3f}")
    started, busy, tell = time.perf_counter(), time.process_time(), print_steps()
    judge(model, activity[: options.train], activity[options.train :], tell=tell)
    tell("")
    seconds = time.perf_counter() - started
    print(f"in all {seconds:.0f} s, {time.process_time() - busy:.0f} busy (600 s at 50,000 x 200)")
    print(f"peak {peak_mb() - before:.0f} MB above the {before:.0f} imported (6,000 allowed)")


if __name__ == "__main__":
    main()
