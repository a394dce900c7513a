"""Functional against structural connectivity of the zebrafish, region by region.

    python benchmarks/structural_zebrafish.py zebrafish_regions.npz [--structure sc_undirected]

892 frames of the mean activity of 70 regions and their structural connectivity (Legare et al.
2025; Kunst et al. 2019); three regions are constant and left out. The plain correlation gives a
Spearman correlation of 0.42. Beside it: covariance, graphical lasso of the regions, the structure
held against itself (a perfect matrix), and correlations of regions moved in time each by itself
(an empty one).
"""

import argparse

import numpy as np

from popcode.analysis.areas import Areas
from popcode.analysis.connectivity import (
    advantage,
    compare_with_structure,
    evidence_curve,
    graphical_lasso_matrix,
    shifted,
    strength_law,
)
from popcode.errors import InputError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording")
    parser.add_argument("--structure", default="sc_undirected")
    options = parser.parse_args()
    with np.load(options.recording, allow_pickle=False) as file:
        activity, structure = file["activity"], file[options.structure].astype(np.float64)
        names = file["region_acronyms"]
    varies = np.ptp(activity, axis=0) > 0
    print(f"{varies.sum()} of {varies.size} regions vary; left out: {', '.join(names[~varies])}")
    activity, structure = activity[:, varies].astype(np.float64), structure[np.ix_(varies, varies)]
    structure = (structure + structure.T) / 2
    np.fill_diagonal(structure, np.nan)  # a region with itself: activity says nothing
    n = len(structure)
    own = Areas(tuple(names[varies]), np.eye(n, dtype=bool), ())
    matrices = {
        "correlation": np.corrcoef(activity.T),
        "|correlation|": np.abs(np.corrcoef(activity.T)),
        "covariance": np.cov(activity.T),
        "perfect": structure,
        "shifted": np.corrcoef(shifted(activity).T),
    }
    try:
        matrices["graphical lasso"] = graphical_lasso_matrix(activity, own, 0.3).values
    except InputError as error:
        print(error)
    for name, matrix in matrices.items():
        found = compare_with_structure(matrix, structure)
        print(
            f"{name:16s} Spearman {found.spearman:+.3f} [{found.interval[0]:+.3f}, "
            f"{found.interval[1]:+.3f}] on {found.n_entries} connected pairs (shuffled names < "
            f"{found.chance:.3f}, p {found.p:.3f}), {found.spearman_all:+.3f} on all; KS "
            f"{found.distance:.2f} (p {found.distance_p:.3f}) against {found.n_zero} unconnected"
        )
        if name != "correlation":
            gain = advantage(matrices["correlation"], matrix, structure)
            low, high = gain.interval
            print(f"    correlation better by {gain.difference:+.3f} [{low:+.3f}, {high:+.3f}]")
    curve = evidence_curve(np.abs(matrices["correlation"]), structure)
    if curve is not None:
        at = np.interp([-1.5, -1.0, -0.5, -0.2], curve.log10_strength, curve.log10_ratio)
        print(
            "evidence, log10 ratio at |r| = .03, .1, .3, .6: " + ", ".join(f"{e:+.2f}" for e in at)
        )
    law = strength_law(np.abs(matrices["correlation"])[np.tril_indices(n, -1)])
    if law is not None:
        print(
            f"log-normal law of |r|: distance {law.distance:.3f}, normal {law.distance_normal:.3f}"
        )


if __name__ == "__main__":
    main()
