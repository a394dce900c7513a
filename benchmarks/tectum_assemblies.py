"""Published assemblies of a zebrafish tectum in compositional RBMs, NMF and PCA.

    python benchmarks/tectum_assemblies.py RECORDING.npz CACHE
        [--components 4 10 20 40] [--seeds 0 1 2] [--l1 auto]

RECORDING holds 75 cells of a larval tectum with the four assemblies its authors published
(`neuron_published_assembly`; Triplett et al., PLoS Computational Biology 2018), which were found in
the same recording by another method: agreement, not truth. Its dF/F is made binary by
`binarize_traces`, and every method sees the same zeros and ones. Each assembly is ranked by the
|weights| of the component that ranks it best: AUC over neurons; "signed" ranks by the weights
themselves in either sign, since a unit also silences neurons, which NMF cannot. The best of many
components ranks well by chance, so all methods have the same number, and "chance" is the mean of
the best component on shuffled neurons, with what one shuffle in 20 exceeds; perfect is 1. Also
shown: NMF and PCA of the dF/F itself. Fits of the RBM are kept in CACHE.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import rankdata
from sklearn.decomposition import NMF, PCA

import popcode
from popcode.analysis.membership import find_consensus
from popcode.preprocess import binarize_traces

N_SHUFFLES = 200


def signed(weights: np.ndarray) -> np.ndarray:
    """Components in both signs: what a component silences does not rank with what it excites."""
    return np.hstack([weights, -weights])


def area_under_curve(scores: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Chance that a member has a higher score than another neuron, (n_components, n_sets)."""
    ranks = rankdata(scores, axis=0)
    n_in = member.sum(axis=0)
    smallest = n_in * (n_in + 1) / 2
    return (ranks.T @ member - smallest) / (n_in * (len(member) - n_in))


def best_areas(scores: np.ndarray, member: np.ndarray) -> np.ndarray:
    return area_under_curve(scores, member).max(axis=0)


def chance_areas(scores: np.ndarray, member: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.array([best_areas(rng.permutation(scores), member) for _ in range(N_SHUFFLES)])


def fitted(
    recording: popcode.Recording, cache: Path, n_hidden: int, l1: float | str, seed: int
) -> np.ndarray:
    path = cache / f"tectum_hidden{n_hidden}_l1_{l1}_seed{seed}.safetensors"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        popcode.CompositionalRBM(n_hidden=n_hidden, l1=l1, seed=seed).fit(recording).save(path)
    return popcode.load_model(path).weights_


def nmf(values: np.ndarray, n_components: int, seed: int) -> np.ndarray:
    model = NMF(n_components, init="nndsvda", random_state=seed, max_iter=2000)
    return model.fit(values).components_.T


def pca(values: np.ndarray, n_components: int) -> np.ndarray:
    return PCA(n_components, svd_solver="full").fit(values).components_.T


def print_areas(name: str, fits: list[np.ndarray], member: np.ndarray) -> None:
    print_scores(name, [np.abs(weights) for weights in fits], member)
    if min(weights.min() for weights in fits) < 0:
        print_scores(f"{name}, signed", [signed(weights) for weights in fits], member)


def print_scores(name: str, scores: list[np.ndarray], member: np.ndarray) -> None:
    areas = np.mean([best_areas(each, member) for each in scores], axis=0)
    chance = chance_areas(scores[0], member)
    cells = ", ".join(
        f"{area:.3f} (chance {none.mean():.3f}, {np.quantile(none, 0.95):.3f})"
        for area, none in zip(areas, chance.T, strict=True)
    )
    print(f"{name}: mean {areas.mean():.3f}; {cells}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording")
    parser.add_argument("cache", type=Path)
    parser.add_argument("--components", type=int, nargs="+", default=[4, 10, 20, 40])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--l1", type=lambda text: text if text == "auto" else float(text), default="auto"
    )
    options = parser.parse_args()
    traces = popcode.load(options.recording)
    member = np.asarray(traces.neuron_arrays["published_assembly"]).astype(float)
    recording = binarize_traces(traces)
    binary, raw = np.asarray(recording).astype(float), np.asarray(traces).astype(float)
    active = np.clip(raw, 0, None)
    print(f"sizes {member.sum(axis=0).astype(int).tolist()} of {len(member)} neurons; perfect 1")
    print(f"{binary.mean():.3f} of the bins active")
    for n in options.components:
        fits = [fitted(recording, options.cache, n, options.l1, seed) for seed in options.seeds]
        print_areas(f"{n} crbm", fits, member)
        consensus = find_consensus(fits) if len(fits) > 1 else None
        if consensus is not None and consensus.n_assemblies:
            name = f"{n} crbm, consensus of {consensus.n_assemblies}"
            print_areas(name, [consensus.weights], member)
        print_areas(f"{n} nmf", [nmf(binary, n, seed) for seed in options.seeds], member)
        print_areas(f"{n} pca", [pca(binary, n)], member)
        print_areas(f"{n} nmf of dF/F above 0", [nmf(active, n, options.seeds[0])], member)
        print_areas(f"{n} pca of dF/F", [pca(raw, n)], member)


if __name__ == "__main__":
    main()
