"""The Gibbs kernel against enumerated laws, and its bits against themselves."""

import numpy as np
import pytest
from scipy.stats import chisquare

from popcode.baselines.chains import gibbs_sweeps
from popcode.baselines.parameters import Parameters

N_CHAINS = 100_000


def swept(team, model, n_sweeps, seed=0, n_chains=N_CHAINS):
    rng = np.random.default_rng((seed, 1))
    chains = (rng.random((n_chains, len(model[0]))) < 0.5).astype(np.uint8)
    gibbs_sweeps(team, Parameters(*model), chains, n_sweeps, 0, seed)
    return chains


def p_value(observed, p):
    """Of the chi-square test, states expected less than five times taken together."""
    expected = p * observed.sum()
    rare = expected < 5
    merged = [np.append(a[~rare], a[rare].sum()) for a in (observed, expected)]
    if merged[1][-1] == 0:
        merged = [a[:-1] for a in merged]
    return chisquare(*merged).pvalue


@pytest.mark.parametrize("k_strength", [0.0, 1.0])
def test_chains_reach_the_enumerated_law(team, planted, k_strength):
    model = planted.random_model(7, seed=3, k_strength=k_strength)
    p, _ = planted.law(*model)
    # 60 sweeps from a uniform start; the slowest mode of 7 neurons this weak decays in a few.
    counts = planted.frequencies(swept(team, model, 60))
    assert p_value(counts, p) > 1e-3  # one in a thousand models would fail by chance
    # The mean of |observed - p| is sqrt(2 p / (pi n)) for independent draws; a quarter more is
    # beyond chance for 128 states.
    floor = np.sqrt(2 * p / (np.pi * N_CHAINS)).sum() / 2
    assert np.abs(counts / N_CHAINS - p).sum() / 2 < 1.25 * floor


@pytest.mark.parametrize("mistake", ["population", "couplings", "fields"])
def test_a_planted_mistake_is_caught(team, planted, mistake):
    model = planted.random_model(7, seed=3, k_strength=1.0)
    fields, couplings, population = (a.copy() for a in model)
    if mistake == "population":
        population[1:] = model[2][:-1]  # K + 1 for K
    elif mistake == "couplings":
        couplings[0, 1] = couplings[1, 0] = couplings[0, 1] + 0.2
    else:
        fields[2] += 0.1
    p, _ = planted.law(*model)
    counts = planted.frequencies(swept(team, (fields, couplings, population), 60))
    assert p_value(counts, p) < 1e-6


def test_a_rare_neuron_keeps_its_rate(team):
    fields = np.array([-9.0, 9.0, -9.0, 9.0], np.float32)
    model = fields, np.zeros((4, 4), np.float32), np.zeros(5, np.float32)
    chains = [swept(team, model, 1, seed=s, n_chains=500_000) for s in range(4)]
    odd = np.concatenate(chains)
    expected = len(odd) / (1 + np.exp(9.0))
    for i, rare in enumerate((1, 0, 1, 0)):
        # Poisson around 247, five standard deviations.
        assert abs((odd[:, i] == rare).sum() - expected) < 5 * np.sqrt(expected)


def test_sweeps_in_two_parts_give_the_same_bits(team, planted):
    fields, couplings, population = planted.random_model(33, seed=1, strength=0.3)
    # Multiples of 1/256 add up without rounding, in whatever order.
    model = fields, np.round(couplings * 256).astype(np.float32) / 256, population
    whole = swept(team, model, 10, n_chains=120)
    parts = swept(team, model, 4, n_chains=120)
    gibbs_sweeps(team, Parameters(*model), parts, 6, 4, 0)
    np.testing.assert_array_equal(whole, parts)


def test_a_chain_does_not_depend_on_the_others(team, planted):
    model = planted.random_model(33, seed=1, strength=0.3)
    few = np.zeros((10, 33), np.uint8)
    many = np.zeros((130, 33), np.uint8)
    for chains in (few, many):
        gibbs_sweeps(team, Parameters(*model), chains, 5, 0, 3)
    np.testing.assert_array_equal(few, many[:10])
