"""Functional connectivity of a simulated family, between its animals and against their circuit.

    python benchmarks/connectivity_family.py [--models DIR] [--seeds 0 1] [--drive 1] [--ising]
    python benchmarks/connectivity_family.py --ceiling 6

Four animals of 2,000 to 2,600 neurons, 4,000 bins and 20 regions share one planted circuit
(`popcode.simulate.family`, whose default settings and those of the fits below were fixed before
any result was seen). Each gets one compositional RBM a seed, fitted to all of its bins: 40 hidden
units, l1 = 0.004, 3,000 updates of 5 sweeps. Fitted models are kept in DIR and used again.
With --drive 1 a slow state of the whole brain switches assemblies on together, so that some
correlations are indirect; this variant was added after the results of the first were seen, and its
settings fixed before its own.

To reach: Pearson of log10 entries between animals >= 0.7, Spearman of the weighted average with
the circuit >= 0.6, and more than covariance and correlation, by an interval clear of zero. The
article has 0.69 between eight fish, and 0.39 (cRBM), 0.18 (covariance), 0.26 (correlation) with
traced neurons.

What bounds the last line: "planted" is what the true weights of the very neurons give, a perfect
estimator that no model can pass; "noiseless" what correlations become when the firing
probabilities are known in place of spikes; "shifted" correlations of neurons moved in time each by
itself, an empty one. --ceiling N draws N families and fits nothing: by how much the perfect
estimator passes correlations, family by family. It is 0.02 on average over four families, in two
of them with an interval that holds 0, family 0 among them: with independent assemblies the line is
out of reach of any model there. With --drive 1 it is 0.14, clear of zero.

Other estimators of the same fitted models, tried after the results of the first were seen:
"W W^T" (no variance of the hidden units), "gap" (weights times the distance of each unit's upper
and lower states), "in common" (what all of a unit's weights share taken out, as a drive of all
neurons would be), "one model" (seed by seed, not averaged). Ising couplings by pseudo-likelihood
are of 30 neurons a region; "correlation*" is of the same ones. --exact: couplings averaged over
bins without the approximation, of 150 pairs of neurons for every pair of regions, beside those of
second order of the same pairs.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import popcode
from popcode.analysis.areas import Areas, usable_areas
from popcode.analysis.connectivity import (
    RegionalMatrix,
    advantage,
    animal_connectivity,
    check_second_order,
    compare_with_structure,
    correlation_matrix,
    coupling_factors,
    covariance_matrix,
    exact_couplings,
    ising_matrix,
    mean_variances,
    rank_correlation,
    regional_l1,
    second_order_couplings,
    shifted,
    similarities,
    strength_law,
    thinned,
    weighted_average,
)
from popcode.analysis.neurons import neuron_facts
from popcode.rbm.parameters import Parameters, mean_hidden
from popcode.recording import Recording
from popcode.simulate.family import Circuit, FamilySettings, simulate_family

LEAST_NEURONS, OF_A_REGION = 5, 30
RIVALS = ("covariance", "correlation", "Ising")
PUBLISHED = (
    "published: between animals 0.69; tracings: cRBM 0.39, covariance 0.18, correlation 0.26"
)


def fitted(recording: Recording, animal: int, seed: int, folder: Path | None) -> Parameters:
    path = folder / f"animal{animal}_seed{seed}.safetensors" if folder else None
    if path is not None and path.exists():
        model = popcode.load_model(path)
    else:
        started = time.perf_counter()
        model = popcode.CompositionalRBM(
            n_hidden=40, l1=0.004, n_updates=3000, n_sweeps=5, seed=seed
        ).fit(recording)
        print(f"  animal {animal} seed {seed}: {time.perf_counter() - started:.0f} s")
        if path is not None:
            model.save(path)
    told = model.training_
    print(
        f"  animal {animal} seed {seed}: alive {told['hidden_alive']}/{told['n_hidden']}, "
        f"left-over gradient {told['residual']:.3f}, converged {told['converged']}"
    )
    return Parameters(model.weights_, model.fields_, model.hidden_)


def probabilities(recording: Recording) -> np.ndarray:
    """Firing probability of every neuron and bin from the true states and weights.

    The base log-odds, which the recording does not hold, are those that give the mean activity.
    """
    odds = recording.covariates["true_states"] @ recording.neuron_arrays["true_weights"].T
    rates, fields = recording.activity.mean(axis=0), np.full(recording.n_neurons, -4.0)
    for _ in range(30):
        found = 1 / (1 + np.exp(-(odds + fields)))
        slope = np.maximum((found * (1 - found)).mean(axis=0), 1e-4)
        fields += np.clip((rates - found.mean(axis=0)) / slope, -1, 1)
    return 1 / (1 + np.exp(-(odds + fields)))


def noiseless(recording: Recording, areas: Areas) -> np.ndarray:
    """Mean |correlation| that spikes of the true probabilities have without their noise."""
    found, rates = probabilities(recording), recording.activity.mean(axis=0)
    scale = np.sqrt(recording.n_bins * np.maximum(rates * (1 - rates), 1e-9))
    return regional_l1(((found - found.mean(axis=0)) / scale).T.astype(np.float32), areas.member)


def other_estimators(models: list[Parameters], activity: np.ndarray, areas: Areas) -> dict:
    """Regional L1 of other couplings of the same models, averaged over them."""
    found: dict[str, list[np.ndarray]] = {}
    for seed, each in enumerate(models):
        weights = np.asarray(each.weights, np.float32)
        scale = np.sqrt(mean_variances(each, activity)).astype(np.float32)
        hidden = mean_hidden(each, activity)
        gap = np.subtract(*np.quantile(hidden, (0.98, 0.02), axis=0)).astype(np.float32)
        factors = {
            "W W^T": weights,
            "gap": weights * gap,
            "in common": (weights - weights.mean(axis=0)) * scale,
            f"one model {seed}": weights * scale,
        }
        for name, values in factors.items():
            found.setdefault(name, []).append(regional_l1(values, areas.member))
    return {name: np.mean(values, axis=0) for name, values in found.items()}


def exact_and_second_order(
    model: Parameters, activity: np.ndarray, areas: Areas, n_pairs: int = 150
) -> dict[str, np.ndarray]:
    """Mean |J| of pairs of neurons drawn for every pair of regions, exact and to second order."""
    rng, blocks = np.random.default_rng(0), []
    places = list(zip(*np.tril_indices(areas.n_areas), strict=True))
    groups = [np.flatnonzero(column) for column in areas.member.T]
    for k, other in places:
        drawn = np.column_stack([rng.choice(groups[at], n_pairs) for at in (k, other)])
        blocks.append(drawn[drawn[:, 0] != drawn[:, 1]])
    pairs, ends = np.concatenate(blocks), np.cumsum([len(each) for each in blocks])[:-1]
    couplings = {
        "exact, drawn": exact_couplings(model, activity, pairs).values,
        "second, drawn": second_order_couplings(coupling_factors(model, activity), pairs),
    }
    found = {}
    for name, values in couplings.items():
        matrix = np.zeros((areas.n_areas, areas.n_areas))
        for (k, other), each in zip(places, np.split(np.abs(values), ends), strict=True):
            matrix[k, other] = matrix[other, k] = each.mean()
        found[name] = matrix
    return found


def bounds(recording: Recording, areas: Areas) -> dict[str, np.ndarray]:
    weights = recording.neuron_arrays["true_weights"]
    return {
        "planted": regional_l1(weights, areas.member),
        "correlation": correlation_matrix(recording.activity, areas).values,
    }


def areas_of(recording: Recording) -> Areas:
    facts = neuron_facts(recording)
    return usable_areas(facts.region_names, facts.in_region, LEAST_NEURONS)


def as_matrix(values: np.ndarray, areas: Areas, n_bins: int) -> RegionalMatrix:
    return RegionalMatrix(areas.names, values, areas.member.sum(axis=0), n_bins)


def between_regions(circuit: Circuit) -> np.ndarray:
    """The circuit without regions with themselves, as the article compares it."""
    return np.where(np.eye(len(circuit.names)) > 0, np.nan, circuit.matrix)


def report(name: str, animals: list[RegionalMatrix], circuit: np.ndarray) -> np.ndarray:
    between = similarities(animals)[np.tril_indices(len(animals), -1)]
    average = weighted_average(animals).values
    found = compare_with_structure(average, circuit)
    print(
        f"{name:13s} between animals {between.mean():.3f} ({between.min():.3f} to "
        f"{between.max():.3f}); circuit: Spearman {found.spearman:.3f} [{found.interval[0]:.3f}, "
        f"{found.interval[1]:.3f}] on {found.n_entries} connected pairs, {found.spearman_all:.3f} "
        f"on all, chance < {found.chance:.3f} (p {found.p:.3f}); zero against not: KS "
        f"{found.distance:.2f} (p {found.distance_p:.3f})"
    )
    return average


def told_gain(first: str, second: str, averages: dict, found: dict, truth: np.ndarray) -> None:
    gain = advantage(averages[first], averages[second], truth)
    alone = [
        rank_correlation(a.values, truth) - rank_correlation(b.values, truth)
        for a, b in zip(found[first], found[second], strict=True)
    ]
    print(
        f"{first} - {second}: {gain.difference:+.3f} [{gain.interval[0]:+.3f}, "
        f"{gain.interval[1]:+.3f}]; each animal by itself: "
        + ", ".join(f"{each:+.3f}" for each in alone)
    )


def ceiling(n_families: int, drive: float) -> None:
    """How much better than correlations a perfect estimator is, family by family."""
    apart = []
    for seed in range(n_families):
        recordings, circuit = simulate_family(FamilySettings(drive=drive), seed)
        found: dict[str, list[RegionalMatrix]] = {}
        for recording in recordings:
            areas = areas_of(recording)
            for name, values in bounds(recording, areas).items():
                matrix = as_matrix(values, areas, recording.n_bins)
                found.setdefault(name, []).append(matrix)
        average = {name: weighted_average(each).values for name, each in found.items()}
        perfect, correlation = (
            rank_correlation(average[name], between_regions(circuit))
            for name in ("planted", "correlation")
        )
        gain = advantage(average["planted"], average["correlation"], between_regions(circuit))
        apart.append(gain.difference)
        print(
            f"family {seed}: planted {perfect:.3f}, correlation {correlation:.3f}, difference "
            f"{gain.difference:+.3f} [{gain.interval[0]:+.3f}, {gain.interval[1]:+.3f}]",
            flush=True,
        )
    print(f"mean over families {np.mean(apart):+.3f}, {min(apart):+.3f} to {max(apart):+.3f}")


def measured(
    recording: Recording, models: list[Parameters], ising: bool, exact: bool
) -> dict[str, RegionalMatrix]:
    """Matrices of one animal by every method."""
    areas, activity = areas_of(recording), recording.activity
    own = animal_connectivity(models, activity, areas)
    for failure in own.failures.values():
        print("  set aside: " + failure)
    checked = check_second_order(models[0], activity)
    print(
        f"  agreement of its models {own.agreement:.3f}; second order against exact averaged "
        f"couplings: Pearson {checked.pearson:.3f}, Spearman {checked.spearman:.3f}, slope "
        f"{checked.slope:.2f}"
    )
    found = {"cRBM": own.l1, "cRBM L2": own.l2}
    found["covariance"] = covariance_matrix(activity, areas)
    if ising:
        chosen = thinned(areas, OF_A_REGION * areas.n_areas)
        part = areas._replace(member=areas.member[chosen])
        found["Ising"] = ising_matrix(activity[:, chosen], part)
        found["correlation*"] = correlation_matrix(activity[:, chosen], part)
    plain = {
        **bounds(recording, areas),
        "noiseless": noiseless(recording, areas),
        "shifted": correlation_matrix(shifted(activity), areas).values,
        **other_estimators(models, activity, areas),
    }
    if exact:
        plain |= exact_and_second_order(models[0], activity, areas)
    return found | {k: as_matrix(v, areas, recording.n_bins) for k, v in plain.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--drive", type=float, default=0.0)
    parser.add_argument("--ising", action="store_true")
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--ceiling", type=int, default=0)
    options = parser.parse_args()
    if options.ceiling:
        ceiling(options.ceiling, options.drive)
        return
    recordings, circuit = simulate_family(FamilySettings(drive=options.drive))
    found: dict[str, list[RegionalMatrix]] = {}
    for animal, recording in enumerate(recordings):
        active = recording.activity.mean()
        print(f"animal {animal}: {recording.n_neurons} neurons, {active:.2%} active")
        models = [fitted(recording, animal, seed, options.models) for seed in options.seeds]
        for name, matrix in measured(recording, models, options.ising, options.exact).items():
            found.setdefault(name, []).append(matrix)
    averages = {name: report(name, each, between_regions(circuit)) for name, each in found.items()}
    print(PUBLISHED)
    for rival in (each for each in RIVALS if each in found):
        told_gain("cRBM", rival, averages, found, between_regions(circuit))
    told_gain("planted", "correlation", averages, found, between_regions(circuit))
    for name in ("W W^T", "gap", "in common"):
        told_gain(name, "correlation", averages, found, between_regions(circuit))
    law = strength_law(np.concatenate([each.values.ravel() for each in found["cRBM"]]))
    if law is not None:
        print(
            f"log-normal law: distance {law.distance:.3f} (a log-normal sample stays below "
            f"{law.distance_expected:.3f}), normal {law.distance_normal:.3f}; gain "
            f"{law.gain:.2f} nats [{law.gain_interval[0]:.2f}, {law.gain_interval[1]:.2f}]"
        )


if __name__ == "__main__":
    main()
