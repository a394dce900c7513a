"""Tempering against enumeration, and its cost at the size of a Neuropixels session.

    python benchmarks/tempering.py [--draws 4000000] [--threads 2]

Prints, for 6 x 6 units, the total variation of both samplers' draws from the enumerated law,
beside the floor that as many perfect independent draws have, and that of the biased rule (swaps
by beta F_1 with sweeps at beta) which must stand out; then the shares of the three wells of a
planted model of 18 neurons that Gibbs sweeps never leave; then the time of a round.
"""

import argparse
import time
from collections.abc import Iterator
from unittest import mock

import numpy as np

from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.ladder import Ladder
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.tempering import exchange
from popcode.rbm.tempering.independent import independent_log_partition, independent_rung
from popcode.rbm.tempering.path import path_ladder
from popcode.rbm.tempering.temperature import heated, temperature_ladder
from popcode.rbm.tempering.trajectory import tempered_samples
from popcode.threads import Team

N_CHAINS, THIN = 10_000, 3


def pair_of_layers() -> Parameters:
    rng = np.random.default_rng((0, 3))
    weights = (3 * rng.normal(0, 1, (6, 6))).astype(np.float32)
    fields = rng.normal(-1, 1, 6).astype(np.float32)
    return Parameters(weights, fields, Bernoulli(rng.normal(1, 1, 6)))


def trajectory_to(model: Parameters) -> Iterator[Parameters]:
    """Rungs as training leaves them: weights grow, fields and thresholds drift."""
    rng = np.random.default_rng(8)
    for share in (0, 0.25, 0.55, 1):
        fields = model.fields + (1 - share) * rng.normal(0, 1, model.n_neurons)
        theta = Bernoulli(model.hidden.theta * np.sqrt(share))
        yield Parameters(np.float32(share) * model.weights, fields.astype(np.float32), theta)


def three_states(n_neurons: int, depth: float = 8.0) -> Parameters:
    """Three groups of neurons, one active at a time."""
    group = np.arange(n_neurons) % 3
    weights = np.where(group[:, None] == np.arange(3), depth, -depth).astype(np.float32)
    fields = np.float32(-depth / 2) + np.array([0.1, 0, -0.1], np.float32)[group]
    return Parameters(weights, fields, Bernoulli(np.full(3, depth / 2)))


def most_active_group(states: np.ndarray) -> np.ndarray:
    sums = [states[:, k::3].sum(axis=1, dtype=int) for k in range(3)]
    return np.stack(sums, axis=1).argmax(axis=1)


def total_variation(team: Team, model: Parameters, rungs: list[Parameters], n: int) -> float:
    chains = np.zeros((len(rungs), N_CHAINS, model.n_neurons), np.uint8)
    ladder = Ladder(tuple(rungs), chains, (0,) * len(rungs), np.nan)
    states, report = tempered_samples(team, ladder, n, seed=0, burn_in=50, thin=THIN)
    codes = states.astype(np.int64) @ (1 << np.arange(model.n_neurons)[::-1])
    p = state_probabilities(model)
    print(f"    acceptance {np.round(report.acceptance, 2)}, ", end="")
    print(f"{report.trips_per_chain:.0f} round trips a chain")
    return float(np.abs(np.bincount(codes, minlength=p.size) / n - p).sum() / 2)


def compare_with_enumeration(team: Team, n: int) -> None:
    model, right = pair_of_layers(), exchange.free_energies
    p = state_probabilities(model)
    floor = np.sqrt(2 * p * (1 - p) / (np.pi * n)).sum() / 2
    temperatures = [heated(model, beta) for beta in (0.3, 0.6, 1)]
    print(f"6 x 6 units, {n} draws; floor of independent draws {floor:.4f} (wanted <= 0.003)")
    for name, rungs in (("trajectory", list(trajectory_to(model))), ("temperature", temperatures)):
        started = time.perf_counter()
        found = total_variation(team, model, rungs, n)
        print(f"  {name:12s} {found:.4f}   {time.perf_counter() - started:.0f} s")

    def biased(team: Team, rung: Parameters, states: np.ndarray) -> np.ndarray:
        return rung.fields[0] / model.fields[0] * right(team, model, states)

    with mock.patch.object(exchange, "free_energies", biased):
        found = total_variation(team, model, temperatures, n // 4)
    print(f"  biased rule  {found:.4f}   (must stand out: about 0.04), {n // 4} draws")


def recover_wells(team: Team) -> None:
    model = three_states(18)
    p, wells = state_probabilities(model), most_active_group(all_states(18))
    print("three wells of 18 neurons: enumerated", np.round(np.bincount(wells, weights=p), 4))
    well = (np.arange(18) % 3 == 2).astype(np.uint8)
    stuck = np.tile(well, (1000, 1))
    gibbs_sweeps(team, *model, stuck, 1000, 0, 1)
    print("  Gibbs, 1000 sweeps     ", np.bincount(most_active_group(stuck), minlength=3) / 1000)
    base = independent_rung(model)
    ladders = {
        "temperatures": temperature_ladder(team, model, seed=0),
        "independent to model": path_ladder(
            team, base, model, independent_log_partition(base), seed=0
        ),
    }
    for name, ladder in ladders.items():
        ladder.chains[:] = well
        states, report = tempered_samples(team, ladder, 200_000, seed=0, burn_in=800, thin=4)
        found = most_active_group(states).reshape(-1, report.n_chains)[..., None] == np.arange(3)
        shares = found.mean(axis=(0, 1))
        # Columns of the ladder are independent runs.
        error = found.mean(axis=0).std(axis=0) / np.sqrt(report.n_chains)
        print(f"  {name:22s} {np.round(shares, 4)} +- {np.round(error, 4)}, ", end="")
        print(f"{len(ladder.rungs)} rungs, {report.trips_per_chain:.1f} trips a chain")


def time_a_round(team: Team) -> None:
    rng = np.random.default_rng(0)
    shape = n_neurons, n_hidden = 1500, 200
    weights = rng.normal(0, 0.1, shape).astype(np.float32)
    model = Parameters(weights, np.full(n_neurons, -3, np.float32), Bernoulli(np.ones(n_hidden)))
    rungs = [heated(model, beta) for beta in np.linspace(0.9, 1, 10)]
    chains = (rng.random((10, 500, n_neurons)) < 0.05).astype(np.uint8)
    run = exchange.ReplicaExchange(team, rungs, chains, 0)
    run.run(1, 1)
    started = time.perf_counter()
    run.run(3, 1)
    swept = (time.perf_counter() - started) / 3
    started = time.perf_counter()
    for rung, states in zip(rungs, chains, strict=True):
        gibbs_sweeps(team, *rung, states, 3, 100, 0)
    plain = (time.perf_counter() - started) / 3
    print(f"1500 x 200 units, 10 rungs of 500 chains: {swept * 1e3:.0f} ms a round with a sweep,")
    print(f"  of which the sweep alone {plain * 1e3:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4_000_000)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    with Team(options.threads) as team:
        compare_with_enumeration(team, options.draws)
        recover_wells(team)
        time_a_round(team)


if __name__ == "__main__":
    main()
