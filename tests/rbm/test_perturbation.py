"""Models with units held or taken out, against enumeration of the whole joint law."""

import numpy as np
import pytest
from scipy.special import logsumexp

from popcode.errors import InputError
from popcode.rbm import CompositionalRBM
from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.parameters import Parameters
from popcode.rbm.perturbation import Perturbation, chain_means, conditioned, free_neurons, perturb
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU

N, M = 7, 3
GRID = np.arange(-14, 14, 0.01) + 0.005  # midpoints for a real hidden unit; its law is far inside


def model(kind, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 0.8, (N, M)).astype(np.float32)
    fields = rng.normal(-0.5, 0.5, N).astype(np.float32)
    theta, gamma = rng.normal(0, 0.5, M), rng.uniform(0.8, 1.5, M)
    hidden = {
        "bernoulli": Bernoulli(theta),
        "gaussian": Gaussian(gamma, theta),
        "relu": ReLU(gamma, theta),
        "drelu": DReLU(gamma, theta, rng.normal(-0.5, 0.3, M), rng.uniform(-0.4, 0.4, M)),
    }[kind]
    return Parameters(weights, fields, hidden)


def ints(*values):
    return np.array(values, np.int64)


def conditional_means(parameters, held, states, unit=None, value=0.0):
    """P(v_i = 1) among states that agree with what is held, from the definition of the energy.

    A hidden unit that is held enters by its own coupling to v; the others are summed out.
    """
    v = all_states(N).astype(float)
    others = [m for m in range(M) if m != unit]
    inputs = v @ parameters.weights.astype(float)
    logs = v @ parameters.fields.astype(float)
    for m in others:
        potential = type(parameters.hidden)(*(each[m : m + 1] for each in parameters.hidden))
        h = np.array([0.0, 1.0]) if isinstance(potential, Bernoulli) else GRID
        logs = logs + logsumexp(inputs[:, m : m + 1] * h - potential.energy(h), axis=1)
    if unit is not None:
        logs = logs + inputs[:, unit] * value
    agrees = (v[:, held] == states).all(axis=1)
    weights = np.exp(logs - logs.max()) * agrees
    return weights @ v / weights.sum()


KINDS = ("bernoulli", "gaussian", "relu", "drelu")


@pytest.mark.parametrize("kind", KINDS)
def test_held_neurons_leave_the_conditional_law_of_the_others(kind):
    parameters, held, states = model(kind), ints(1, 4), np.array([1, 0], np.uint8)
    reduced = conditioned(parameters, Perturbation(held, states))
    found = state_probabilities(reduced) @ all_states(reduced.n_neurons)
    expected = conditional_means(parameters, held, states)
    # The midpoint rule is good to 1e-5; weights and fields are float32.
    free = free_neurons(parameters, Perturbation(held, states))
    np.testing.assert_allclose(found, expected[free], atol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_held_hidden_unit_drives_the_neurons(kind, value):
    parameters = model(kind, 1)
    reduced = conditioned(parameters, Perturbation(hidden=ints(2), values=np.array([value])))
    found = state_probabilities(reduced) @ all_states(N)
    expected = conditional_means(parameters, ints(), np.empty(0), 2, value)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_unit_without_weights_is_one_that_was_taken_out():
    parameters = model("drelu", 2)
    weights = parameters.weights.copy()
    weights[:, 1] = 0
    found = conditioned(parameters, Perturbation(without=ints(1)))
    np.testing.assert_allclose(
        state_probabilities(found), state_probabilities(parameters._replace(weights=weights)),
        rtol=1e-6,
    )  # fmt: skip


def test_a_neuron_taken_out_is_one_held_at_0():
    parameters = model("relu", 3)
    found = conditioned(parameters, Perturbation(ints(0), np.zeros(1, np.uint8)))
    smaller = parameters._replace(weights=parameters.weights[1:], fields=parameters.fields[1:])
    np.testing.assert_allclose(state_probabilities(found), state_probabilities(smaller), rtol=1e-6)


def two_assemblies():
    """Eight neurons in two assemblies of four; the hidden units switch them."""
    weights = np.kron(np.eye(2), np.full((4, 1), 2.5)).astype(np.float32)
    fields = np.full(8, -2.0, np.float32)
    return Parameters(weights, fields, Bernoulli(np.array([4.0, 4.0])))


def enumerated(parameters):
    return state_probabilities(parameters) @ all_states(parameters.n_neurons)


@pytest.mark.parametrize(
    "perturbation",
    [
        Perturbation(hidden=ints(0), values=np.ones(1)),
        Perturbation(ints(0, 1), np.ones(2, np.uint8)),
        Perturbation(ints(0, 1), np.zeros(2, np.uint8), without=ints(1)),
    ],
    ids=["clamp of an assembly", "clamp of neurons", "ablation of both kinds"],
)
def test_sampled_effects_are_those_of_enumeration(perturbation):
    parameters = two_assemblies()
    found = perturb(parameters, perturbation, n_chains=400, burn_in=20, n_sweeps=50, seed=1)
    expected = np.empty(8)
    expected[free_neurons(parameters, perturbation)] = enumerated(
        conditioned(parameters, perturbation)
    )
    expected[perturbation.neurons] = perturbation.states
    truth = expected - enumerated(parameters)
    margin = (found.high - found.low) / 2
    # 95 % of intervals hold the truth; twice their width is four standard errors.
    assert (np.abs(found.difference - truth) <= 2 * margin + 1e-6).all()
    assert margin.max() < 0.03
    assert (np.abs(found.sham) <= 2 * (found.sham_high - found.sham_low) / 2).all()


def test_the_clamp_of_one_assembly_leaves_the_other_alone():
    parameters = two_assemblies()
    found = perturb(
        parameters,
        Perturbation(hidden=ints(0), values=np.ones(1)),
        n_chains=400,
        burn_in=20,
        n_sweeps=50,
    )
    assert (found.low[:4] > 0.3).all()
    np.testing.assert_allclose(found.difference[4:], 0, atol=0.04)  # some four standard errors
    # A planted mistake: held off instead of on is not mistaken for it.
    wrong = enumerated(
        conditioned(parameters, Perturbation(hidden=ints(0), values=np.zeros(1)))
    ) - enumerated(parameters)
    assert (wrong[:4] < found.low[:4]).all()


def test_intervals_hold_the_truth_as_often_as_they_say():
    parameters = model("drelu", 4)
    perturbation = Perturbation(ints(2), np.ones(1, np.uint8))
    free = free_neurons(parameters, perturbation)
    truth = enumerated(conditioned(parameters, perturbation)) - enumerated(parameters)[free]
    held = []
    for seed in range(40):
        found = perturb(parameters, perturbation, n_chains=40, burn_in=20, n_sweeps=10, seed=seed)
        held.append((found.low[free] <= truth) & (truth <= found.high[free]))
    # Of 240, 95 % are 228; neurons of one draw depend on each other.
    assert 0.88 <= np.mean(held) <= 1


def test_the_seed_decides_and_starts_are_kept():
    parameters = two_assemblies()
    start = np.zeros((5, 8), np.uint8)
    perturbation = Perturbation(ints(3), np.ones(1, np.uint8))
    first, again, other = (
        perturb(parameters, perturbation, n_chains=8, burn_in=2, n_sweeps=4, seed=seed, start=start)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.difference, again.difference)
    assert (first.after != other.after).any()
    assert not start.any()


def test_drift_tells_chains_that_are_not_there_yet():
    """One unit that goes off for good after some ten sweeps, started on in every chain."""
    slow = Parameters(
        np.full((20, 1), 1.8, np.float32),
        np.full(20, -1.8, np.float32),
        Bernoulli(np.array([13.5])),
    )
    active = np.ones((200, 20), np.uint8)
    moving = chain_means(slow, active, 0, 40, (0, 0)).drift
    settled = chain_means(slow, active, 200, 40, (0, 0)).drift
    assert moving > 3 * settled


def test_everything_or_nothing_may_be_held():
    parameters = two_assemblies()
    every = np.arange(8)
    found = perturb(parameters, Perturbation(every, np.ones(8, np.uint8)), n_chains=4, n_sweeps=2)
    np.testing.assert_array_equal(found.after, 1)
    both = Perturbation(without=ints(0, 1))
    found = perturb(parameters, both, n_chains=4, n_sweeps=2)
    np.testing.assert_allclose(found.after, 1 / (1 + np.exp(2)), rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "perturbation", "message"),
    [
        ("relu", Perturbation(ints(7), np.ones(1)), "neuron 7 is not there"),
        ("relu", Perturbation(ints(1, 1), np.ones(2)), "named twice"),
        ("relu", Perturbation(ints(1), np.array([2])), "value that is none"),
        ("relu", Perturbation(ints(1), np.ones(2)), "2 values for 1 neurons"),
        ("relu", Perturbation(hidden=ints(-1), values=np.ones(1)), "hidden unit -1 is not there"),
        ("relu", Perturbation(hidden=ints(0), values=np.array([-1.0])), "held at -1"),
        ("bernoulli", Perturbation(hidden=ints(0), values=np.array([0.5])), "held at 0.5"),
        ("drelu", Perturbation(hidden=ints(0), values=np.array([np.inf])), "held at inf"),
        ("drelu", Perturbation(hidden=ints(0), values=np.array([1e39])), r"held at 1e\+39"),
        (
            "drelu",
            Perturbation(hidden=ints(0), values=np.ones(1), without=ints(0)),
            "hidden unit is named twice",
        ),
    ],
)
def test_impossible_perturbations_are_refused(kind, perturbation, message):
    with pytest.raises(InputError, match=message):
        conditioned(model(kind), perturbation)


def test_a_fitted_model_is_asked_directly():
    rng = np.random.default_rng(0)
    x = (rng.random((300, 6)) < 0.3).astype(np.uint8)
    model = CompositionalRBM(n_hidden=2, l1=0.001, n_updates=20).fit(x)
    held = Perturbation(np.array([0]), np.array([1], np.uint8))
    short = {"n_chains": 8, "burn_in": 5, "n_sweeps": 4}
    found = model.perturb(held, **short)
    same = perturb(model.parameters_, held, **short, seed=0, start=model.chains_)
    for ours, theirs in zip(found, same, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_chains_that_do_not_fit_in_memory_are_refused():
    with pytest.raises(InputError, match="chains of 8 neurons take"):
        perturb(two_assemblies(), Perturbation(without=ints(0)), n_chains=10**13)
