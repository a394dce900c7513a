"""Gibbs sweeps leave the enumerated law of small models unchanged, and wrong ones do not.

Chains drawn from the exact law and swept must still follow it (no burn-in, no tuning), so that the
chi-square test of their final states is exact: chains are independent.
"""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import chisquare, combine_pvalues

from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.kernels.sweeps import neurons_per_block
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU
from popcode.threads import Team

SEEDS = (11, 22, 33, 44, 55)
# Not a multiple of the tile of 50 chains: the last tile has 7.
N_CHAINS, N_SWEEPS = 10_007, 30


@pytest.fixture(scope="module")
def team():
    with Team(2) as team:
        yield team


def model(kind, n_neurons=8, n_hidden=4, seed=0):
    """A model whose weights matter: removing or scaling them moves the law by many percent."""
    rng = np.random.default_rng((seed, n_neurons))
    weights = rng.normal(0, 0.9, (n_neurons, n_hidden)).astype(np.float32)
    fields = rng.normal(-0.7, 0.7, n_neurons).astype(np.float32)
    theta = rng.normal(0, 0.5, n_hidden)
    hidden = {
        "bernoulli": Bernoulli(theta),
        "gaussian": Gaussian(rng.uniform(1.5, 3, n_hidden), theta),
        "relu": ReLU(rng.uniform(1, 2, n_hidden), theta),
        "drelu double well": DReLU(
            rng.uniform(1.5, 3, n_hidden), theta, np.full(n_hidden, -1.0), np.full(n_hidden, 0.4)
        ),
        "drelu dead zone": DReLU(
            rng.uniform(0.8, 1.5, n_hidden), theta, np.full(n_hidden, 0.8), np.full(n_hidden, -0.7)
        ),
    }[kind]
    return Parameters(weights, fields, hidden)


KINDS = ["bernoulli", "gaussian", "relu", "drelu double well", "drelu dead zone"]


def codes_of(states):
    return states.astype(np.int64) @ (1 << np.arange(states.shape[1])[::-1])


def p_value(codes, probabilities):
    """Chi-square of the counts of states, those expected fewer than ten times pooled."""
    expected = probabilities * codes.size
    counts = np.bincount(codes, minlength=probabilities.size)
    order = np.argsort(expected)
    n_rare = max(np.searchsorted(expected[order], 10), 1)
    while expected[order[:n_rare]].sum() < 10:
        n_rare += 1
    rare, common = order[:n_rare], order[n_rare:]
    observed = np.append(counts[common], counts[rare].sum())
    predicted = np.append(expected[common], expected[rare].sum())
    return max(chisquare(observed, predicted * observed.sum() / predicted.sum()).pvalue, 1e-300)


def from_the_law(parameters, seed, n_chains=N_CHAINS):
    rng = np.random.default_rng((seed, 99))
    probabilities = state_probabilities(parameters)
    drawn = rng.choice(probabilities.size, n_chains, p=probabilities / probabilities.sum())
    return all_states(parameters.n_neurons)[drawn]


def swept(team, parameters, chains, seed, n_sweeps=N_SWEEPS, first_sweep=0):
    chains = chains.copy()
    gibbs_sweeps(
        team,
        np.ascontiguousarray(parameters.weights, np.float32),
        np.ascontiguousarray(parameters.fields, np.float32),
        parameters.hidden,
        chains,
        n_sweeps,
        first_sweep,
        seed,
    )
    return chains


def combined(team, parameters, sweep, seeds=SEEDS):
    """Fisher's p-value over the seeds of chains that start from the law of `parameters`."""
    probabilities = state_probabilities(parameters)
    p_values = [
        p_value(codes_of(sweep(from_the_law(parameters, seed), seed)), probabilities)
        for seed in seeds
    ]
    return combine_pvalues(p_values).pvalue


@pytest.mark.parametrize("kind", KINDS)
def test_sweeps_leave_the_exact_law_unchanged(team, kind):
    parameters = model(kind)
    p = combined(team, parameters, lambda chains, seed: swept(team, parameters, chains, seed))
    assert p > 1e-3


def mutant_parameters(parameters, mutant):
    if mutant == "sign":
        return parameters._replace(weights=-parameters.weights)
    if mutant == "temperature":
        return parameters._replace(
            weights=parameters.weights * np.float32(1.1), fields=parameters.fields * np.float32(1.1)
        )
    if mutant == "no fields":
        return parameters._replace(fields=parameters.fields * 0)
    assert mutant == "threshold"
    return parameters._replace(hidden=parameters.hidden._replace(theta=-parameters.hidden.theta))


@pytest.mark.parametrize("mutant", ["sign", "temperature", "no fields", "threshold"])
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_sweeps_are_caught(team, kind, mutant):
    parameters = model(kind)
    wrong = mutant_parameters(parameters, mutant)
    assert combined(team, parameters, lambda chains, seed: swept(team, wrong, chains, seed)) < 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_mean_field_hidden_units_are_caught(team, kind):
    parameters = model(kind)

    def mean_field(chains, seed):
        rng, states = np.random.default_rng(seed), chains
        for _ in range(N_SWEEPS):
            h = parameters.hidden.mean(states @ parameters.weights.astype(np.float64))
            rates = expit(h @ parameters.weights.T + parameters.fields)
            states = (rng.random(states.shape) < rates).astype(np.uint8)
        return states

    assert combined(team, parameters, mean_field) < 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_chains_reach_the_law_from_anywhere(team, kind):
    """Stationarity alone would be kept by a sampler that does not move."""
    parameters = model(kind)
    start = np.zeros((N_CHAINS, parameters.n_neurons), np.uint8)
    start[::2] = 1
    # These models forget their start in tens of sweeps: a tenth of these suffices.
    p = combined(
        team, parameters, lambda _, seed: swept(team, parameters, start, seed, n_sweeps=300)
    )
    assert p > 1e-3


def one_sweep(parameters):
    """P(v' | v) of one sweep for one hidden unit, by quadrature over h."""
    states = all_states(parameters.n_neurons).astype(np.float64)
    inputs = states @ parameters.weights[:, 0].astype(np.float64)
    nodes, node_weights = np.polynomial.legendre.leggauss(10)
    edges = np.linspace(-15, 15, 601)
    h = (edges[:-1, None] + 0.025 * (nodes + 1)).ravel()
    measure = np.tile(0.025 * node_weights, 600)
    if isinstance(parameters.hidden, Bernoulli):
        h, measure = np.array([0.0, 1.0]), np.ones(2)
    cumulant = parameters.hidden.cumulant(inputs[:, None])
    density = measure * np.exp(np.outer(inputs, h) - parameters.hidden.energy(h) - cumulant)
    logits = np.outer(h, parameters.weights[:, 0]) + parameters.fields
    log_rates = logits @ states.T - np.logaddexp(0, logits).sum(axis=1)[:, None]
    transition = density @ np.exp(log_rates)
    np.testing.assert_allclose(transition.sum(axis=1), 1, atol=1e-8)
    return transition


@pytest.mark.parametrize("kind", KINDS)
def test_one_sweep_makes_the_exact_transitions(team, kind):
    """The law of pairs of states: no draw may depend on the state but through the inputs."""
    parameters = model(kind, n_neurons=4, n_hidden=1)
    joint = state_probabilities(parameters)[:, None] * one_sweep(parameters)
    # Detailed balance of the truth itself.
    np.testing.assert_allclose(joint, joint.T, atol=1e-8)
    p_values = []
    for seed in SEEDS:
        before = from_the_law(parameters, seed, 50_000)
        # From a sweep far on, where the sweep's number fills both of its words.
        after = swept(team, parameters, before, seed, n_sweeps=1, first_sweep=2**40 + seed)
        p_values.append(p_value(codes_of(before) * 16 + codes_of(after), joint.ravel()))
    assert combine_pvalues(p_values).pvalue > 1e-3, p_values


@pytest.mark.parametrize("n_hidden", [4, 100])  # blocks of 512 and of 192 neurons
@pytest.mark.parametrize("kind", ["drelu double well", "bernoulli"])
def test_neurons_of_every_block_follow_the_law(team, kind, n_hidden):
    """Eight neurons on either side of block borders, among silent ones, of a large model.

    Units without weights change nothing.
    """
    small = model(kind)
    idle = n_hidden - len(small.hidden[0])
    hidden = type(small.hidden)(*(np.append(each, [each[-1]] * idle) for each in small.hidden))
    small = Parameters(np.pad(small.weights, ((0, 0), (0, idle))), small.fields, hidden)
    block = neurons_per_block(n_hidden)
    where = np.array([0, 1, block - 1, block, block + 1, 2 * block - 1, 2 * block, 2 * block + 80])
    n_neurons = where[-1] + 1
    weights = np.random.default_rng(5).normal(0, 1, (n_neurons, n_hidden)).astype(np.float32)
    fields = np.full(n_neurons, -80, np.float32)  # fire with probability e^-70: never
    weights[where], fields[where] = small.weights, small.fields
    large = Parameters(weights, fields, small.hidden)

    def sweep(chains, seed):
        states = np.zeros((len(chains), n_neurons), np.uint8)
        states[:, where] = chains
        states = swept(team, large, states, seed, n_sweeps=8)
        assert states.sum() == states[:, where].sum()
        return states[:, where]

    assert combined(team, small, sweep, SEEDS[:3]) > 1e-3
    gap = small._replace(fields=np.append(small.fields[1:], small.fields[:1]))
    weights[where], fields[where] = small.weights, gap.fields
    assert combined(team, small, sweep, SEEDS[:3]) < 1e-6


def test_seeds_and_chains_and_sweeps_draw_independently(team):
    """Chains of one state, swept once: pairs of neurons, chains, sweeps and seeds uncorrelated."""
    parameters = Parameters(
        np.zeros((40, 3), np.float32), np.zeros(40, np.float32), Bernoulli(np.zeros(3))
    )
    start = np.zeros((500, 40), np.uint8)
    runs = [
        swept(team, parameters, start, seed, n_sweeps=1, first_sweep=sweep)
        for seed, sweep in ((1, 0), (1, 1), (2, 0), (2**63, 0), (1, 2**32))
    ]
    # Signs of fair coins: sums of 20,000 have standard deviation 141.
    coins = [2 * run.astype(np.int64) - 1 for run in runs]
    assert all(abs(coin.sum()) < 5 * 141 for coin in coins)
    overlaps = [abs((a * b).sum()) for k, a in enumerate(coins) for b in coins[:k]]
    assert max(overlaps) < 5 * 141
    for axis, lags in ((0, (1, 5, 49, 50, 51, 100)), (1, (1, 2, 3, 10, 20))):
        for lag in lags:
            assert abs((coins[0] * np.roll(coins[0], lag, axis)).sum()) < 5 * 141, (axis, lag)
