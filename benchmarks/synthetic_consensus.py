"""Planted assemblies in several fits: support, the consensus set, hidden states.

    python benchmarks/synthetic_consensus.py RECORDING.npz CACHE [--seeds 0 1 2 3 4]
        [--hidden 50] [--l1 0.004] [--updates 10000]

RECORDING is the synthetic recording of the reference runs (1,000 neurons, 25 overlapping
assemblies, `neuron_true_weights`, `time_true_states`); the first 4,000 bins train, states are
compared on the others. The settings are by default those of the reference (50 hidden units,
l1 = 0.004, 10,000 updates), with which PGM reached a support F1 of .92 and .95, matched
correlations of .90 and .94 and states of .91 and .93. `--hidden auto --l1 auto --updates 20000` are
the estimator's defaults, whose weak penalty suits a faithful model of the statistics rather than
few assemblies. Fits are kept in CACHE and not made again.

F1: members of the unit matched to each planted assembly against its neurons, by three rules: the
report's (a third of the unit's own level), |w| above .3 of the unit's 99.5 percentile (the
reference's) and any weight at all. Empty: the same units on shuffled neurons; states shifted in
time. Perfect: 1, but for states what the planted model itself knows of them from one bin (Gibbs
sampling of the states).
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import popcode
from popcode.analysis.dynamics import (
    chance_gain,
    fit_two_levels,
    hidden_time_constants,
    neuron_time_constants,
    slower_than,
)
from popcode.analysis.membership import (
    Consensus,
    find_consensus,
    fit_stability,
    match_units,
    members_beyond,
    members_by_level,
    shuffled_fits,
    unit_correlations,
)
from popcode.metrics import matched_correlations

N_TRAIN = 4000


def fitted(
    train: popcode.Recording, cache: Path, seed: int, options: argparse.Namespace
) -> popcode.CompositionalRBM:
    path = cache / (
        f"hidden{options.hidden}_l1_{options.l1}_updates{options.updates}_seed{seed}.safetensors"
    )
    if not path.exists():
        model = popcode.CompositionalRBM(
            n_hidden=options.hidden, l1=options.l1, n_updates=options.updates, seed=seed
        ).fit(train)
        cache.mkdir(parents=True, exist_ok=True)
        model.save(path)
    return popcode.load_model(path)


def by_percentile(weights: np.ndarray) -> np.ndarray:
    sizes = np.abs(weights)
    return sizes > 0.3 * np.percentile(sizes, 99.5, axis=0)


def any_weight(weights: np.ndarray) -> np.ndarray:
    return members_beyond(weights, 0)


RULES = {
    "level": members_by_level,
    "percentile": by_percentile,
    "any": lambda weights: members_beyond(weights, 0),
}


def support_f1(member: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return 2 * (member & truth).sum(axis=0) / (member.sum(axis=0) + truth.sum(axis=0))


def matched_f1(weights: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    units = weights[:, match_units(truth, weights).second]
    return {name: float(support_f1(rule(units), truth != 0).mean()) for name, rule in RULES.items()}


def knowable_states(
    activity: np.ndarray, weights: np.ndarray, fields: np.ndarray, rates: np.ndarray
) -> np.ndarray:
    """P(state | activity of the bin) under the planted model, by Gibbs sampling of the states."""
    rng = np.random.default_rng(0)
    states = np.zeros((len(activity), weights.shape[1]))
    odds, total = np.tile(fields.astype(np.float64), (len(activity), 1)), np.zeros(states.shape)
    n_sweeps, burn_in = 30, 10
    for sweep in range(n_sweeps):
        for k, rate in enumerate(rates):
            touched = np.flatnonzero(weights[:, k])
            off = odds[:, touched] - states[:, [k]] * weights[touched, k]
            gain = activity[:, touched] * weights[touched, k]
            gain = gain - np.logaddexp(0, off + weights[touched, k]) + np.logaddexp(0, off)
            p = 1 / (1 + np.exp(-gain.sum(axis=1) - np.log(rate / (1 - rate))))
            states[:, k] = rng.random(len(p)) < p
            odds[:, touched] = off + states[:, [k]] * weights[touched, k]
            total[:, k] += p * (sweep >= burn_in)
    return total / (n_sweeps - burn_in)


def print_fits(models: dict, recording: popcode.Recording) -> None:
    truth, states = recording.neuron_arrays["true_weights"], recording.covariates["true_states"]
    test = np.asarray(recording)[N_TRAIN:]
    shown = states[N_TRAIN:].astype(float)
    rows = []
    for seed, model in models.items():
        hidden = model.transform(test)
        (shuffled,) = shuffled_fits([model.weights_], seed)
        rows.append(
            [
                *matched_f1(model.weights_, truth).values(),
                *matched_f1(shuffled, truth).values(),
                matched_correlations(model.weights_, truth).mean(),
                matched_correlations(shuffled, truth).mean(),
                matched_correlations(hidden, shown).mean(),
                matched_correlations(np.roll(hidden, len(hidden) // 2, axis=0), shown).mean(),
                (np.abs(model.weights_).max(axis=0) >= 0.05).sum(),
            ]
        )
        print_row(f"seed {seed}", rows[-1])
    print_row("mean", np.mean(rows, axis=0))
    rates = states[:N_TRAIN].mean(axis=0)
    known = knowable_states(test, truth, recording.neurons["true_fields"].to_numpy(), rates)
    print(f"states, perfect {matched_correlations(known, shown).mean():.3f}")


def print_row(name: str, row: list) -> None:
    f1, empty = row[:3], row[3:6]
    each = ", ".join(
        f"{rule} {value:.3f} (empty {none:.3f})"
        for rule, value, none in zip(RULES, f1, empty, strict=True)
    )
    print(
        f"{name}: F1 {each}; weights {row[6]:.3f} (empty {row[7]:.3f}); states {row[8]:.3f} "
        f"(empty {row[9]:.3f}); alive {row[10]:.0f}"
    )


def print_consensus(name: str, found: Consensus, truth: np.ndarray) -> None:
    if not found.n_assemblies:
        print(f"{name}: no assembly")
        return
    matched = np.abs(match_units(truth, found.weights).correlations)
    best = np.abs(unit_correlations(found.weights, truth))
    own = np.abs(unit_correlations(found.weights, found.weights))
    np.fill_diagonal(own, 0)
    source = best.argmax(axis=1)[best.max(axis=1) >= 0.5]
    print(
        f"{name}: {found.n_assemblies} assemblies; {(matched >= 0.9).sum()} of {len(matched)} "
        f"planted at r >= .9 (mean {matched.mean():.3f}, least {matched.min():.3f}); "
        f"{len(source) - len(set(source.tolist()))} planted found twice; largest r between two "
        f"{own.max():.2f}; returned in {found.returned.min()} to {found.returned.max()} of "
        f"{found.n_fits}; copies left out {found.copies.sum()}"
    )


def print_dynamics(model: popcode.CompositionalRBM, recording: popcode.Recording) -> None:
    truth, states = recording.neuron_arrays["true_weights"], recording.covariates["true_states"]
    starts, hidden = recording.segment_starts, model.transform(recording)
    hidden = hidden[:, match_units(truth, model.weights_).second]
    levels = fit_two_levels(hidden)
    chance = chance_gain(hidden, starts)
    ours = hidden_time_constants(hidden, levels, starts)
    planted = neuron_time_constants(states, starts)
    test = slower_than(ours.period, neuron_time_constants(np.asarray(recording), starts).period)
    print(
        f"two levels: {levels.two_modes.sum()} of {len(levels.low)} units have a valley; gain "
        f"{np.median(levels.gain):.2f} nats a bin, at most {chance.max():.3f} by chance"
    )
    durations = spearmanr(ours.active, planted.active).statistic
    shuffled = spearmanr(np.roll(ours.active, 1), planted.active).statistic
    print(
        f"active for {np.median(ours.active):.1f} bins (planted {np.median(planted.active):.1f}), "
        f"Spearman over assemblies {durations:.2f} (empty {shuffled:.2f}, perfect 1); period "
        f"{np.median(ours.period):.1f} (planted {np.median(planted.period):.1f})"
    )
    print(
        f"slower than neurons: chance {test.superiority:.2f} ({test.low:.2f} to {test.high:.2f}; "
        f"empty .5), p {test.p:.1e}"
    )


def number_or_auto(text: str) -> float | str:
    return text if text == "auto" else float(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording")
    parser.add_argument("cache", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--hidden", type=lambda text: text if text == "auto" else int(text), default=50
    )
    parser.add_argument("--l1", type=number_or_auto, default=0.004)
    parser.add_argument("--updates", type=int, default=10_000)
    options = parser.parse_args()
    recording = popcode.load(options.recording)
    train = recording.select(bins=np.arange(N_TRAIN))
    models = {seed: fitted(train, options.cache, seed, options) for seed in options.seeds}
    print_fits(models, recording)
    fits = [model.weights_ for model in models.values()]
    truth = recording.neuron_arrays["true_weights"]
    for same in (0.6, 0.7, 0.8):
        print_consensus(f"consensus at {same}", find_consensus(fits, same=same), truth)
    print_consensus("consensus, shuffled neurons", find_consensus(shuffled_fits(fits)), truth)
    print_consensus("consensus, perfect", find_consensus([truth, truth]), truth)
    returns = [each.mean_return for each in fit_stability(fits)]
    print("share of other fits that a unit returns in: " + ", ".join(f"{r:.2f}" for r in returns))
    print_dynamics(models[options.seeds[0]], recording)


if __name__ == "__main__":
    main()
