"""A fitted run of a simulated session against the couplings that were planted in it.

    popcode simulate areas --out session.npz
    popcode fit rbm session.npz --hidden 200 --out run
    python benchmarks/session_areas.py run session.npz session.truth.npz

Printed: gains over independent neurons of the fit and of the planted network itself (the most that
any model can reach), covariances, planted couplings against fitted ones, and whether the planted
order of the areas is in the fitted table of areas (all 720 orders); the same of the plain
covariances over their variances, which need no model.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import popcode
from popcode.analysis.areas import area_tables, labelled, order_test
from popcode.baselines.annealing import log_partition
from popcode.baselines.parameters import Parameters, energy
from popcode.preprocess.split import split_indices
from popcode.simulate import load_truth
from popcode.threads import Team


def planted_gain(truth, train, test):
    """Gain of the planted network over independent neurons on the test bins, and its error."""
    n = truth.fields.size
    couplings = np.ascontiguousarray(truth.couplings.toarray(), np.float32)
    model = Parameters(truth.fields.astype(np.float32), couplings, np.zeros(n + 1, np.float32))
    independent = popcode.Independent().fit(train)
    base = independent.fields_.astype(np.float32)
    settings = {"n_chains": 500, "n_steps": 800, "burn_in": 100, "seed": 0}
    with Team() as team:
        log_z = log_partition(team, model, base, train[:500].copy(), **settings).joined
    of_truth = np.concatenate([-energy(model, part) for part in np.array_split(test, 30)])
    gains = of_truth - log_z.value - independent.score_samples(test)
    return gains.mean(), log_z.standard_error


def say_order(name, pairs, areas, strengths):
    """Print whether a table of areas has the planted order; areas carry their planted number."""
    found = order_test(area_tables(pairs, areas).mean, strengths)
    print(
        f"order of the areas from {name}: Spearman {found.spearman:.3f}, p = {found.p:.4f} "
        f"({found.n_orders} orders)",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("run", "session", "truth"):
        parser.add_argument(name, type=Path)
    paths = parser.parse_args()
    model, truth = popcode.load_model(paths.run), load_truth(paths.truth)
    metrics = json.loads((paths.run / "metrics.json").read_text())
    recording = popcode.load(paths.session)
    asked = json.loads((paths.run / "run.json").read_text())["parameters"]
    bins = split_indices(recording, asked["holdout"], method=asked["split"], seed=asked["seed"])
    train, test = (recording.activity[part] for part in bins)
    likelihood = metrics["log_likelihood"]
    planted, error = planted_gain(truth, train, test)
    print(
        f"gain over independent neurons on {len(test):,} withheld bins: fit "
        f"{likelihood['test'] - likelihood['independent']:.3f} (ln Z +- "
        f"{likelihood['standard_error']:.3f}), planted network {planted:.3f} (+- {error:.3f})"
    )
    beside = metrics["equilibrium"]
    for name, found in beside["comparison"].items():
        print(f"fit minus {name}: {found['mean']:.3f} ({found['low']:.3f} to {found['high']:.3f})")
    covariances = beside["covariance_rivals"]
    sets = covariances["models"] | {"fit without the noise of samples": covariances["expected"]}
    print(f"covariances of {covariances['n_pairs']:,} pairs, {covariances['n_samples']:,} samples")
    for name, found in sets.items():
        print(
            f"  {name}: error / ceiling {found['ratio']['value']:.3f}, r "
            f"{found['pearson']['value']:.3f}, score {found['score']:.2f}"
        )
    upper = np.triu_indices(recording.n_neurons, 1)
    found, wanted = model.couplings(), truth.couplings.toarray()
    same, planted_pairs = truth.areas[upper[0]] == truth.areas[upper[1]], wanted[upper] != 0
    print(
        f"couplings against the planted: r {np.corrcoef(found[upper], wanted[upper])[0, 1]:.3f}; "
        f"means of planted pairs within {found[upper][planted_pairs & same].mean():.3f} "
        f"(planted {wanted[upper][planted_pairs & same].mean():.3f}), between "
        f"{found[upper][planted_pairs & ~same].mean():.4f} "
        f"({wanted[upper][planted_pairs & ~same].mean():.4f}), of others "
        f"{found[upper][~planted_pairs].mean():.5f} (0)"
    )
    areas = labelled(np.array([f"area {k}" for k in truth.areas]))
    say_order("fitted couplings", found, areas, truth.strengths)
    activity = train.astype(np.float32)
    means = activity.mean(axis=0, dtype=np.float64)
    covariance = (activity.T @ activity).astype(np.float64) / len(train) - np.outer(means, means)
    variance = means * (1 - means)
    say_order(
        "covariances alone", covariance / np.outer(variance, variance), areas, truth.strengths
    )


if __name__ == "__main__":
    main()
