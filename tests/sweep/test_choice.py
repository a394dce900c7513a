"""The recommendation: best within error, simplest first, no dead units."""

import numpy as np
import pytest

from popcode.sweep.choice import choose, points_of, pooled_error, standard_error
from popcode.sweep.plan import Cell
from popcode.sweep.results import STATISTICS, Result


def result(worst, alive, n_hidden_undefined=False):
    scores = dict.fromkeys(STATISTICS, worst)
    if n_hidden_undefined:
        scores["neuron_hidden"] = None
    return Result(
        worst, STATISTICS[0], 0.97, 0.3, scores, 0.2, 1.0, 10, alive, True, "hash"
    )  # fmt: skip


def results(means, scatter=0.01, n_seeds=4, alive=None):
    """Scores about given means with a standard deviation over seeds that is exact."""
    found = {}
    around = np.resize([-1.0, 1.0], n_seeds)
    for (n_hidden, l1), mean in means.items():
        for seed in range(n_seeds):
            n_alive = (alive or {}).get((n_hidden, l1), n_hidden)
            value = mean + scatter * around[seed]
            found[Cell(n_hidden, l1, seed)] = result(value, n_alive)
    return found


def taken(found):
    choice = choose(points_of(found))
    return choice.taken.n_hidden, choice.taken.l1


def test_a_clear_winner_is_taken():
    assert taken(results({(50, 0.01): 0.5, (100, 0.01): 0.9, (200, 0.01): 0.6})) == (100, 0.01)


def test_within_a_standard_error_fewer_units_then_more_penalty_are_taken():
    error = 0.01 * np.sqrt(4 / 3) / 2  # s.d. with n - 1, over the root of four seeds
    near, far = 0.9 - 0.9 * error, 0.9 - 1.1 * error
    assert taken(results({(50, 0.01): near, (50, 0.02): near, (100, 0.01): 0.9})) == (50, 0.02)
    assert taken(results({(50, 0.01): far, (100, 0.01): 0.9})) == (100, 0.01)
    choice = choose(points_of(results({(50, 0.01): near, (100, 0.01): 0.9})))
    assert choice.error == pytest.approx(error)
    assert "within one standard error" in choice.reason


def test_points_that_lost_units_are_left_out_unless_all_did():
    means = {(50, 0.01): 0.6, (50, 0.02): 0.9}
    assert taken(results(means, alive={(50, 0.02): 39})) == (50, 0.01)
    assert taken(results(means, alive={(50, 0.02): 40})) == (50, 0.02)
    choice = choose(points_of(results(means, alive={(50, 0.01): 0, (50, 0.02): 0})))
    assert "sweep smaller l1" in choice.reason


def test_one_lucky_fit_does_not_beat_models_with_all_seeds():
    found = results({(50, 0.01): 0.6, (60, 0.01): 0.5})
    found[Cell(70, 0.01, 0)] = result(0.99, 70)
    assert taken(found) == (50, 0.01)


def test_one_seed_says_so_and_nothing_gives_nothing():
    choice = choose(points_of(results({(50, 0.01): 0.6, (60, 0.01): 0.7}, 0.0, 1)))
    assert choice.taken.n_hidden == 60
    assert "with one seed" in choice.reason
    assert np.isnan(choice.taken.error)
    assert choose([]) is None


def test_the_error_shrinks_with_the_root_of_the_seeds():
    rng = np.random.default_rng(0)
    errors = [standard_error(rng.normal(size=n)) for n in (400, 6400)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)  # s.d. of 400 has 3.5 % of error


def test_the_pooled_error_is_that_of_the_better_half_and_steadier_than_one_points():
    rng = np.random.default_rng(1)
    means = {(n_hidden, 0.01): 0.9 - n_hidden / 1000 for n_hidden in range(1, 11)}
    errors, alone = [], []
    for _ in range(200):
        found = results(means, 0.0, 2)
        for cell in found:
            spread = 0.0001 if cell.n_hidden <= 5 else 1.0 * (cell.seed - 0.5)
            score = found[cell].worst + (cell.n_hidden > 5) * -5 + spread * rng.normal()
            found[cell] = found[cell]._replace(worst=score)
        points = points_of(found)
        errors.append(pooled_error(points))
        alone.append(points[0].error)
    truth = 0.0001 / np.sqrt(2)
    # With 5 degrees of freedom it varies by a third, with 1 by 60 %.
    assert np.mean(errors) == pytest.approx(truth, rel=0.1)
    assert np.std(errors) < 0.7 * np.std(alone)


def test_a_search_counts_dead_units_as_nothing():
    assert result(0.7, 10).criterion == 0.7
    assert result(0.7, 0, n_hidden_undefined=True).criterion == 0
