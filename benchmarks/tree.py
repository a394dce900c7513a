"""The tree of states: its time at the size of a Neuropixels session, and what it finds.

    python benchmarks/tree.py [--seeds 0 1 2 3 4]

First the time of 1,000 points under 1,500 neurons x 200 hidden units. Then, by seed and order of
the expansion, the states that a fit of 40 neurons with three planted states is found to have:
their number, adjusted Rand index against the truth, points that did not come to rest.
"""

import argparse
import time
import warnings

import numpy as np
from sklearn.metrics import adjusted_rand_score

from popcode.errors import PopcodeWarning
from popcode.rbm.bernoulli import BernoulliRBM
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tree import tree_of_states


def time_large() -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 0.1, (1500, 200)).astype(np.float32)
    fields = np.full(1500, -3, np.float32)
    model = Parameters(weights, fields, Bernoulli(np.zeros(200)))
    states = (rng.random((1000, 1500)) < 0.05).astype(np.uint8)
    for order in (2, 3):
        started = time.perf_counter()
        tree = tree_of_states([model], states, order=order)
        seconds = time.perf_counter() - started
        print(
            f"1,500 x 200, 1,000 points, order {order}: {seconds:.2f} s, "
            f"{tree.n_unconverged} moving"
        )


def run_planted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patterns = rng.random((3, 40)) < 0.5
    labels = rng.choice(3, 5000, p=(0.5, 0.3, 0.2))
    states = (patterns[labels] ^ (rng.random((5000, 40)) < 0.05)).astype(np.uint8)
    model = BernoulliRBM(n_hidden=20, n_updates=3000, seed=seed).fit(states)
    trajectory = model.ladder_.rungs[::-1]
    for order in (1, 2, 3):
        tree = tree_of_states(trajectory, states, order=order)
        rand = adjusted_rand_score(labels[tree.bins], tree.labels[:, 0])
        numbers = [len(level.states.visible) for level in tree.levels]
        print(
            f"seed {seed}, order {order}: states by level {numbers} of {len(trajectory)} models, "
            f"adjusted Rand {rand:.3f}, {tree.n_unconverged} moving"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options = parser.parse_args()
    warnings.simplefilter("ignore", PopcodeWarning)
    time_large()
    for seed in options.seeds:
        run_planted(seed)


if __name__ == "__main__":
    main()
