"""Small models, their laws by enumeration, and exact draws of them."""

from types import SimpleNamespace

import numpy as np
import pytest

from popcode.rbm.exact import all_states, state_probabilities
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team


def random_model(seed, n_neurons=9, n_hidden=6, deviation=1.0):
    rng = np.random.default_rng((seed, 90))
    weights = rng.normal(0, deviation, (n_neurons, n_hidden)).astype(np.float32)
    fields = rng.normal(-1, 1, n_neurons).astype(np.float32)
    return Parameters(weights, fields, Bernoulli(rng.normal(0, 1, n_hidden)))


def two_wells(tilt=0.2, strength=0.6, n_neurons=10, n_hidden=6):
    """Opposite patterns of all neurons that no chain crosses; their log odds are n_neurons tilt."""
    spins = np.full((n_neurons, n_hidden), strength)
    fields = -2 * spins.sum(axis=1) + tilt
    hidden_fields = -2 * spins.sum(axis=0)
    return Parameters(
        (4 * spins).astype(np.float32), fields.astype(np.float32), Bernoulli(-hidden_fields)
    )


def law_of(model):
    double = Parameters(model.weights.astype(float), model.fields.astype(float), model.hidden)
    return state_probabilities(double)


def draws_of(model, n, seed):
    law = law_of(model)
    chosen = np.random.default_rng((seed, 91)).choice(law.size, n, p=law / law.sum())
    return all_states(model.n_neurons)[chosen]


def base_of(model):
    """Logit of every neuron's rate."""
    rates = law_of(model) @ all_states(model.n_neurons)
    return np.log(rates / (1 - rates)).astype(np.float32)


def between(model, base, share):
    fields = (1 - share) * base + share * model.fields
    hidden = Bernoulli(share * model.hidden.theta)
    return Parameters((share * model.weights).astype(np.float32), fields.astype(np.float32), hidden)


def independent_log_partition(model, base):
    return np.logaddexp(0, base.astype(float)).sum() + model.n_hidden * np.log(2)


@pytest.fixture(scope="session")
def small():
    """What the tests of this folder share."""
    return SimpleNamespace(
        random_model=random_model,
        two_wells=two_wells,
        law_of=law_of,
        draws_of=draws_of,
        base_of=base_of,
        between=between,
        independent_log_partition=independent_log_partition,
    )


@pytest.fixture
def team():
    with Team() as entered:
        yield entered
