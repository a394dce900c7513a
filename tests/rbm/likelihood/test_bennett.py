"""Bennett's ratio against normal works, whose answer is closed, and against enumeration."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.ladder import Ladder
from popcode.rbm.likelihood.bennett import (
    bennett_ratio,
    ladder_log_partition,
    ladder_works,
    log_partition_of_ladder,
)
from popcode.rbm.likelihood.exact import exact_log_partition
from popcode.rbm.parameters import free_energy


def normal_works(rng, n_forward, n_backward, spread=1.5, truth=2.0):
    """Works N(D - s^2/2, s^2) below and N(D + s^2/2, s^2) above obey Crooks' relation."""
    forward = rng.normal(truth - spread**2 / 2, spread, n_forward)
    return forward, rng.normal(truth + spread**2 / 2, spread, n_backward)


@pytest.mark.parametrize("sizes", [(400, 400), (100, 1000), (1000, 60)])
def test_it_is_right_and_its_error_honest_for_any_numbers_of_states(sizes):
    rng = np.random.default_rng(0)
    found = [bennett_ratio(*normal_works(rng, *sizes)) for _ in range(400)]
    z = np.array([(x.value - 2) / x.standard_error for x in found])
    assert abs(z.mean()) < 4 / np.sqrt(400)
    assert abs(z.std() - 1) < 0.15  # 4 errors of a deviation of 400, and the error's own
    assert np.mean(abs(z) <= 3) >= 0.985


def test_it_solves_bennetts_equation_for_equal_numbers():
    forward, backward = normal_works(np.random.default_rng(1), 50, 50)
    value = bennett_ratio(forward, backward).value

    def logistic(x):
        return 1 / (1 + np.exp(-x))

    left, right = logistic(forward - value).mean(), logistic(value - backward).mean()
    np.testing.assert_allclose(left, right, rtol=1e-8)
    reversed_value = bennett_ratio(-backward, -forward).value
    np.testing.assert_allclose(reversed_value, -value, atol=1e-8)


def test_equal_models_overlap_whole_and_shifts_pass_through():
    same = bennett_ratio(np.full(9, 3.25), np.full(4, 3.25))
    found = same.value, same.overlap, same.standard_error
    np.testing.assert_allclose(found, (3.25, 1, 0), atol=1e-9)
    far = bennett_ratio(np.full(5, -900.0), np.full(5, 900.0))
    np.testing.assert_allclose(far.value, 0, atol=1e-6)
    assert far.overlap < 1e-10


def test_models_that_share_no_state_are_known_between_bounds_only():
    """Works a hundred nats apart: any value between them is possible, and the error says so."""
    rng = np.random.default_rng(5)
    forward, backward = normal_works(rng, 200, 200, spread=10.0, truth=3.0)
    found = bennett_ratio(forward, backward)
    assert found.overlap < 1e-3 and found.standard_error == pytest.approx(50, rel=0.05)
    works = np.stack([np.stack([forward, backward])] * 2)[None]
    added = ladder_log_partition(works, 0.0).standard_errors
    np.testing.assert_allclose(added[1:], found.standard_error * np.sqrt([1, 2]), rtol=0.02)


def test_rounds_of_one_chain_count_as_one():
    """The same states told eight times are no more knowledge; eight new ones are."""
    rng = np.random.default_rng(2)
    forward, backward = normal_works(rng, 300, 300)
    once = bennett_ratio(forward, backward)
    told_again = bennett_ratio(np.tile(forward, (8, 1)), np.tile(backward, (8, 1)))
    np.testing.assert_allclose(told_again.standard_error, once.standard_error, rtol=1e-6)
    drawn = [x.reshape(8, 300) for x in normal_works(rng, 2400, 2400)]
    assert bennett_ratio(*drawn).standard_error < 0.5 * once.standard_error


def test_a_ladder_adds_up_to_enumeration(small, team):
    """Twenty models; exact draws of each rung, with one column's rungs all alike in the draws."""
    z = []
    for k in range(20):
        model = small.random_model(k, deviation=1.2)
        base = small.base_of(model)
        rungs = tuple(small.between(model, base, share) for share in np.linspace(0, 1, 5))
        chains = np.stack([small.draws_of(rung, 300, k) for rung in rungs])
        works = ladder_works(team, rungs, chains)
        found = ladder_log_partition(works[None], small.independent_log_partition(model, base))
        truth = [exact_log_partition(rung) for rung in rungs]
        assert found.standard_errors[0] == 0
        z.append((found.values - truth)[1:] / found.standard_errors[1:])
    assert np.abs(z).max() < 4
    # Columns share their random numbers, so rungs are correlated; the error must know.
    assert np.mean(np.square(z)) < 2


def test_works_are_differences_of_free_energies(small, team):
    rungs = tuple(small.random_model(k) for k in (4, 5, 6))
    chains = np.stack([small.draws_of(rung, 20, 7) for rung in rungs])
    works = ladder_works(team, rungs, chains)
    for k in (0, 1):
        for which in (0, 1):
            states = chains[k + which]
            expected = free_energy(rungs[k], states) - free_energy(rungs[k + 1], states)
            np.testing.assert_allclose(works[k, which], expected, atol=2e-5)  # float32 sums
    found = log_partition_of_ladder(Ladder(rungs, chains, (0, 1, 2), 4.5))
    np.testing.assert_allclose(found.values, ladder_log_partition(works[None], 4.5).values)
    carried = ladder_log_partition(works[None], 4.5, 3.0).standard_errors
    np.testing.assert_allclose(carried, np.hypot(found.standard_errors, 3))


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match="1 chains"):
        bennett_ratio(np.zeros(1), np.zeros(5))
    with pytest.raises(InputError, match="4 have finite"):
        bennett_ratio(np.zeros(5), np.array([0, 0, np.nan, 0, 0]))
