"""What "auto" means, and what a fit is said to take, against what it takes."""

import tracemalloc

import numpy as np
import pytest

from popcode.baselines import Independent, KPairwise, Pairwise
from popcode.baselines.effort import Effort, answered, memory_expected, seconds_expected
from popcode.errors import InputError

AUTO = ("auto", "auto", "auto")


def quiet(n_bins, n_neurons, seed=0):
    return (np.random.default_rng(seed).random((n_bins, n_neurons)) < 0.05).astype(np.uint8)


def test_up_to_1500_neurons_nothing_is_spared_and_beyond_the_time_does_not_grow():
    assert answered(10, *AUTO) == answered(1500, *AUTO) == Effort(4000, 2000, 2000)
    work = [n * np.prod(answered(n, *AUTO)[:2]) for n in (1500, 3000, 6000)]
    np.testing.assert_allclose(work, work[0], rtol=1e-3)  # whole numbers of each
    assert answered(10**6, *AUTO) == Effort(1000, 500, 500)
    assert answered(10**6, 7, "auto", 9) == Effort(7, 500, 9)


def test_a_fit_tells_every_step_it_has(team):
    model, told = Pairwise(n_updates=7, n_chains=60, n_annealing=25), []
    model.fit(quiet(300, 12), tell=told.append)
    # Seven updates, and three pieces of the annealing each way.
    assert told == list(range(1, 14)) and model.n_steps(12) == 13


@pytest.mark.parametrize("stop_at", [3, 9])
def test_what_tell_raises_ends_the_fit(stop_at):
    model = KPairwise(n_updates=7, n_chains=60, n_annealing=25)

    def tell(done):
        if done == stop_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(quiet(300, 12), tell=tell)
    assert model.fit(quiet(300, 12)).sample(3, burn_in=1).shape == (3, 12)


def test_telling_changes_no_bit():
    models = [Pairwise(n_updates=9, n_chains=60, n_annealing=15) for _ in range(2)]
    models[0].fit(quiet(300, 12))
    models[1].fit(quiet(300, 12), tell=lambda _done: None)
    np.testing.assert_array_equal(models[0].couplings_, models[1].couplings_)
    assert models[0].log_partition_ == models[1].log_partition_


def test_impossible_efforts_are_named():
    with pytest.raises(InputError, match="n_annealing"):
        Pairwise(n_annealing="much").effort(10)
    assert not hasattr(Independent(), "effort")


def test_the_memory_of_a_fit_is_bounded_by_what_is_said():
    x, effort = quiet(500, 400), Effort(2, 100, 2)
    Pairwise(**effort._asdict()).fit(x[:, :5])  # what is loaded once does not count
    tracemalloc.start()
    Pairwise(**effort._asdict()).fit(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # It is told before the work: never less than it takes, nor more than twice as much.
    assert 0.5 < peak / memory_expected(400, effort) < 1


def test_the_time_said_grows_with_the_updates(team):
    x = quiet(300, 20)
    assert seconds_expected(team, x, Effort(10**6, 100, 1)) > seconds_expected(
        team, x, Effort(10, 100, 1)
    )
