"""Withheld neurons by Gibbs sampling against the enumerated law; no model looks at them."""

import numpy as np
import pytest

from popcode.baselines import GLM, NMF, PCA, Independent, KMeans, KPairwise, LinearVAE, Pairwise
from popcode.baselines.parameters import population_steps
from popcode.baselines.withheld import complete_by_gibbs
from popcode.errors import InputError

HELD = np.array([1, 4, 6])


def conditional(planted, model, seen, held):
    """P(v_i = 1 | observed) of the enumerated law, (n_bins, n_held)."""
    p, _ = planted.law(*model)
    every = planted.states(len(model[0]))
    others = np.setdiff1d(np.arange(every.shape[1]), held)
    found = []
    for v in seen:
        match = np.all(every[:, others] == v[others], axis=1)
        found.append(p[match] @ every[match][:, held] / p[match].sum())
    return np.array(found)


@pytest.mark.parametrize("k_strength", [0.0, 0.7])
def test_the_chain_gives_the_law_of_pairs(planted, k_strength):
    model = planted.random_model(8, 4, k_strength=k_strength)
    seen = planted.draw(model, 40, 1)
    found = complete_by_gibbs(
        model[1], model[0], seen, HELD, 0, steps=population_steps(model[2]), n_sweeps=4000
    )
    # Averages of 4,000 sweeps of three neurons: an error of about .5 / sqrt(4000) at most.
    np.testing.assert_allclose(
        found.probability, conditional(planted, model, seen, HELD), atol=0.04
    )


@pytest.fixture(scope="module")
def x(planted):
    return planted.draw(planted.random_model(8, 3), 600, 0)


@pytest.mark.parametrize(
    "model",
    [
        Independent(),
        Pairwise(n_updates=20, n_chains=20, n_annealing=10),
        KPairwise(n_updates=20, n_chains=20, n_annealing=10),
        GLM(penalty=20.0),
        PCA(n_components=2),
        NMF(n_components=2),
        KMeans(n_clusters=3),
        LinearVAE(n_hidden=2, n_updates=20),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_is_withheld_is_not_looked_at(x, model):
    model.fit(x)
    first = model.complete(x, HELD, seed=3).probability
    blinded = x.copy()
    blinded[:, HELD] = np.random.default_rng(5).integers(0, 2, (len(x), HELD.size))
    np.testing.assert_array_equal(model.complete(blinded, HELD, seed=3).probability, first)
    assert first.shape == (600, 3) and np.all((first >= 0) & (first <= 1))
    # The observed ones do matter, but to independent neurons.
    observed = x.copy()
    observed[:, 0] ^= 1
    same = np.array_equal(model.complete(observed, HELD, seed=3).probability, first)
    assert same == isinstance(model, Independent)
    assert model.n_parameters > 0 and model.reconstruct(x).shape == x.shape


@pytest.mark.parametrize("held", [[], [0, 0], [8], [-1], list(range(8))])
def test_impossible_choices_are_refused(x, held):
    with pytest.raises(InputError, match="withheld"):
        complete_by_gibbs(np.zeros((8, 8)), np.zeros(8), x, np.array(held, int), 0)
