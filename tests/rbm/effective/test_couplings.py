"""Couplings against enumeration of every background, and laws that they obey."""

from itertools import combinations

import numpy as np
import pytest
from scipy.special import expit

from popcode.errors import InputError
from popcode.rbm.effective import effective_couplings, effective_fields, effective_tuples
from popcode.rbm.exact import all_states
from popcode.rbm.parameters import Parameters, free_energy
from popcode.rbm.potentials import Bernoulli

N_NEURONS, N_HIDDEN = 7, 4


@pytest.fixture
def model():
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 1.2, (N_NEURONS, N_HIDDEN))
    return weights, rng.normal(-1, 0.5, N_NEURONS), rng.normal(0, 1, N_HIDDEN)


@pytest.fixture
def rates():
    return np.random.default_rng(1).uniform(0.05, 0.6, N_NEURONS)


@pytest.fixture
def rows():
    return (np.random.default_rng(2).random((60, N_NEURONS)) < 0.3).astype(np.uint8)


def differences(model, members, states):
    """Mixed differences of -F at every state; members' own values do not matter."""
    weights, fields, hidden_fields = model
    parameters = Parameters(weights, fields, Bernoulli(-hidden_fields))
    total = np.zeros(len(states))
    for k in range(len(members) + 1):
        for active in combinations(members, k):
            set_to = states.copy()
            set_to[:, list(members)] = 0
            set_to[:, list(active)] = 1
            total -= (-1) ** (len(members) - k) * free_energy(parameters, set_to)
    return total


def enumerated(model, members, states, law):
    """Their mean over states."""
    return float(law @ differences(model, members, states))


def law_of(background, rates, rows):
    if background == "data":
        return rows, np.full(len(rows), 1 / len(rows))
    p = {"rates": rates, "silent": np.zeros(N_NEURONS), "uniform": np.full(N_NEURONS, 0.5)}
    states = all_states(N_NEURONS)
    return states, np.prod(np.where(states, p[background], 1 - p[background]), axis=1)


@pytest.mark.parametrize("background", ["rates", "silent", "uniform", "data"])
def test_fields_pairs_and_triplets_are_the_enumerated_ones(model, rates, rows, background):
    states, law = law_of(background, rates, rows)
    weights, fields, hidden_fields = model
    made = {"background": background, "rates": rates, "rows": rows}
    found = effective_fields(weights, fields, hidden_fields, **made)
    pairs = effective_couplings(weights, hidden_fields, **made)
    triplets = np.array([(0, 1, 2), (2, 4, 6)])
    third = effective_tuples(weights, hidden_fields, triplets, **made)
    for i in range(N_NEURONS):
        assert found[i] == pytest.approx(enumerated(model, (i,), states, law), abs=1e-9)
    for i, j in combinations(range(N_NEURONS), 2):
        expected = enumerated(model, (i, j), states, law)
        assert pairs.matrix[i, j] == pytest.approx(expected, abs=1e-9)
    for members, value in zip(triplets, third, strict=True):
        expected = enumerated(model, tuple(members), states, law)
        assert value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("run", [1, 25])
def test_the_standard_error_is_that_of_the_number_of_rows_that_are_independent(model, run):
    """Rows that come in runs alike tell less than their number."""
    weights, _, hidden_fields = model
    rng = np.random.default_rng(3)
    rows = np.repeat(rng.random((2000 // run, N_NEURONS)) < 0.3, run, axis=0).astype(np.uint8)
    each = [differences(model, pair, rows[::run]) for pair in combinations(range(N_NEURONS), 2)]
    expected = np.sqrt(np.mean(np.var(each, axis=1)) / (2000 // run))
    found = effective_couplings(weights, hidden_fields, "data", rows=rows)
    # Twenty blocks tell a variance within a third; 21 pairs are some ten of them.
    assert found.standard_error == pytest.approx(expected, rel=0.25)


def test_other_backgrounds_have_no_standard_error_and_one_row_cannot_tell_its(model, rates):
    weights, _, hidden_fields = model
    assert effective_couplings(weights, hidden_fields, rates=rates).standard_error == 0
    one = effective_couplings(weights, hidden_fields, "data", rows=np.ones((1, N_NEURONS)))
    assert np.isnan(one.standard_error)
    assert np.isfinite(one.matrix).all()


def test_pairs_of_many_neurons_have_the_standard_error_of_those_checked(rates):
    rng = np.random.default_rng(4)
    weights, hidden_fields = rng.normal(0, 0.5, (50, N_HIDDEN)), rng.normal(0, 1, N_HIDDEN)
    rows = (rng.random((1000, 50)) < 0.1).astype(np.uint8)
    halves = [
        effective_couplings(weights, hidden_fields, "data", rows=part)
        for part in (rows[:500], rows[500:])
    ]
    apart = (halves[0].matrix - halves[1].matrix)[np.triu_indices(50, 1)]
    # The pairs checked are the largest and others: their error is somewhat above that of all.
    told = np.hypot(halves[0].standard_error, halves[1].standard_error)
    assert 0.5 < np.sqrt(np.mean(apart**2)) / told < 1.5


def test_silent_backgrounds_are_the_lattice_gas_of_a_pairwise_model():
    """A unit on two neurons alone is a pairwise coupling: sp(c+u+v) - sp(c+u) - sp(c+v) + sp(c)."""
    weights = np.array([[1.5], [2.0], [0.0]])
    found = effective_couplings(weights, np.array([-1.0]), "silent").matrix[0, 1]
    sp = lambda x: np.log1p(np.exp(x))  # noqa: E731
    assert found == pytest.approx(sp(2.5) - sp(0.5) - sp(1.0) + sp(-1.0), abs=1e-12)


@pytest.mark.parametrize("background", ["rates", "silent", "uniform", "data"])
def test_flipping_a_hidden_unit_changes_no_coupling(model, rates, rows, background):
    """h -> 1 - h: W -> -W, c -> -c, b -> b + W leaves P(v) as it is."""
    weights, fields, hidden_fields = model
    turned = weights.copy()
    turned[:, 1] *= -1
    other_fields, other_hidden = fields + weights[:, 1], hidden_fields.copy()
    other_hidden[1] *= -1
    made = {"background": background, "rates": rates, "rows": rows}
    np.testing.assert_allclose(
        effective_couplings(weights, hidden_fields, **made).matrix,
        effective_couplings(turned, other_hidden, **made).matrix,
        atol=1e-9,
    )
    np.testing.assert_allclose(
        effective_fields(weights, fields, hidden_fields, **made),
        effective_fields(turned, other_fields, other_hidden, **made),
        atol=1e-9,
    )


def large_model(n_neurons=120, n_hidden=20, heavy=False):
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.4, (n_neurons, n_hidden)).astype(np.float32)
    if heavy:
        weights[3, ::2] = 5.0
        weights[7, ::3] = -4.0
    return weights, rng.normal(0, 1, n_hidden), rng.uniform(0.02, 0.2, n_neurons)


@pytest.mark.parametrize("background", ["rates", "silent", "uniform"])
def test_the_matrix_product_errs_as_little_as_it_says(background):
    weights, hidden_fields, rates = large_model()
    found = effective_couplings(weights, hidden_fields, background, rates=rates)
    pairs = np.random.default_rng(4).integers(0, 120, (300, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    exact = effective_tuples(weights, hidden_fields, pairs, background, rates=rates)
    gaps = np.abs(found.matrix[pairs[:, 0], pairs[:, 1]] - exact)
    assert np.array_equal(found.matrix, found.matrix.T)
    assert not found.matrix.diagonal().any()
    # Other periods of the trapezoid rule, cut at exp(-16) = 1e-7 a unit, of which there are 20.
    assert gaps.max() < 2e-6
    assert gaps.max() < 2 * found.error + 1e-9


def test_heavy_tailed_columns_are_summed_exactly():
    """A Gaussian input would miss neurons that carry most of a unit's variance."""
    weights, hidden_fields, rates = large_model(heavy=True)
    pairs = np.array([(0, 1), (10, 50), (80, 81)])
    found = effective_tuples(weights, hidden_fields, pairs, "rates", rates=rates)
    rng = np.random.default_rng(5)
    rows = (rng.random((400_000, 120)) < rates).astype(np.float32)
    drawn = np.zeros(3)
    errors = np.zeros(3)
    for k, (i, j) in enumerate(pairs):
        others = rows.copy()
        others[:, [i, j]] = 0
        x = others @ weights + hidden_fields
        sp = lambda t: np.logaddexp(0, t)  # noqa: E731
        u, v = weights[i], weights[j]
        values = (sp(x + u + v) - sp(x + u) - sp(x + v) + sp(x)).sum(axis=1)
        drawn[k], errors[k] = values.mean(), values.std() / np.sqrt(len(values))
    assert (np.abs(found - drawn) < 4 * errors).all()  # the draws' own


def test_large_weights_do_not_overflow():
    weights = np.array([[400.0], [-300.0], [200.0]], np.float32)
    found = effective_couplings(weights, np.array([50.0]), "uniform")
    assert np.isfinite(found.matrix).all()


def test_a_pairwise_law_gives_back_its_couplings():
    """P(v) of two neurons as an RBM: the coupling is the log odds ratio of the four states."""
    rng = np.random.default_rng(6)
    weights, fields, hidden = rng.normal(0, 1, (2, 3)), rng.normal(0, 1, 2), rng.normal(0, 1, 3)
    parameters = Parameters(weights, fields, Bernoulli(-hidden))
    f = -free_energy(parameters, all_states(2))
    expected = f[3] - f[2] - f[1] + f[0]
    for background in ("silent", "uniform"):
        found = effective_couplings(weights, hidden, background).matrix[0, 1]
        assert found == pytest.approx(expected, abs=1e-12)
    assert 0 < expit(expected) < 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"background": "hot"}, "background is 'hot'"),
        ({"background": "rates"}, "needs the rates"),
        ({"background": "data"}, "needs bins"),
        ({"background": "rates", "rates": np.ones(3)}, "has 3 neurons"),
        ({"background": "rates", "rates": np.full(N_NEURONS, np.nan)}, "not finite"),
        ({"background": "rates", "rates": np.full(N_NEURONS, -0.2)}, "below 0"),
        ({"background": "rates", "rates": np.full(N_NEURONS, 2.0)}, "above 1"),
    ],
)
def test_bad_backgrounds_are_refused(model, change, message):
    with pytest.raises(InputError, match=message):
        effective_couplings(model[0], model[2], **change)


@pytest.mark.parametrize("n_neurons", [5, 60])
def test_weights_that_are_no_numbers_are_refused(n_neurons):
    weights = np.full((n_neurons, 2), np.nan)
    with pytest.raises(InputError, match="not finite"):
        effective_couplings(weights, np.zeros(2), "silent")


@pytest.mark.parametrize("tuples", [[(0, 0)], [(0, 9)], [0, 1]])
def test_bad_tuples_are_refused(model, tuples):
    with pytest.raises(InputError, match="tuple"):
        effective_tuples(model[0], model[2], np.array(tuples), "silent")
