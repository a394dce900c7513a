"""The mean of the last iterates."""

import numpy as np
import pytest

from popcode.rbm.averaging import adopt_average, include_iterate
from popcode.rbm.fitting import start_fit
from popcode.rbm.parameters import free_energy
from popcode.rbm.potentials import rebuilt
from popcode.rbm.settings import Settings
from popcode.rbm.state import initial_state
from popcode.rbm.training import Schedule
from popcode.threads import Team

RATES = np.linspace(0.1, 0.4, 7).astype(np.float32)
POTENTIALS = ["drelu", "relu", "gaussian", "bernoulli"]


def iterates(kind, n):
    """A state, and in turn the state with other parameters: (state, arrays) of each."""
    state = initial_state(kind, 3, RATES, 100, 5, 0)
    rng = np.random.default_rng(1)
    for _ in range(n):
        state.weights[:] = rng.normal(size=state.weights.shape)
        state.fields[:] = rng.normal(size=7)
        state.hidden = rebuilt(state.hidden, (rng.uniform(0.3, 0.8, 3) for _ in state.hidden))
        state.mean_input = RATES.astype(np.float64) @ state.weights
        yield state, [np.copy(a) for a in (state.weights, state.fields, *state.hidden)]


@pytest.mark.parametrize("kind", POTENTIALS)
def test_the_mean_is_the_mean(kind):
    seen = []
    for state, arrays in iterates(kind, 9):
        include_iterate(state)
        seen.append(arrays)
    adopt_average(state, RATES)
    found = (state.weights, state.fields, *state.hidden)
    for k, array in enumerate(found):
        # A running mean of nine in single precision: a few units in the last place.
        np.testing.assert_allclose(array, np.mean([each[k] for each in seen], axis=0), atol=1e-6)
    np.testing.assert_allclose(state.mean_input, RATES.astype(np.float64) @ state.weights)


@pytest.mark.parametrize("kind", POTENTIALS)
def test_one_iterate_is_its_own_mean(kind):
    (state, arrays), = iterates(kind, 1)  # fmt: skip
    include_iterate(state)
    adopt_average(state, RATES)
    for mean, array in zip((state.weights, state.fields, *state.hidden), arrays, strict=True):
        np.testing.assert_allclose(mean, array, rtol=1e-6)


def test_without_iterates_nothing_changes():
    (state, arrays), = iterates("drelu", 1)  # fmt: skip
    adopt_average(state, RATES)
    for kept, array in zip((state.weights, state.fields, *state.hidden), arrays, strict=True):
        assert np.array_equal(kept, array)


def test_a_weight_that_ended_at_zero_stays_and_its_threshold_makes_up_for_it():
    for state, _ in iterates("drelu", 4):
        include_iterate(state)
    averaged = state.averaged_weights.copy()
    state.weights[:4, 0] = 0
    adopt_average(state, RATES)
    assert not state.weights[:4, 0].any()
    np.testing.assert_array_equal(state.weights[4:], averaged[4:])
    # Relative to the mean input the thresholds are those of the mean.
    full = state.averaged_hidden.theta - RATES.astype(np.float64) @ averaged
    np.testing.assert_allclose(state.hidden.theta - state.mean_input, full, atol=1e-12)
    assert np.isfinite(free_energy(state.parameters, np.eye(7, dtype=np.uint8))).all()


def test_the_last_quarter_is_averaged():
    schedule = Schedule(1000, 1, 10, 5e-3, 0.0)
    taken = [u for u in range(1, 1001) if schedule.is_averaged(u)]
    assert taken == list(range(760, 1001, 10))


def test_a_continued_fit_forgets_the_mean_of_its_former_end():
    x = (np.random.default_rng(0).random((200, 7)) < RATES).astype(np.uint8)
    settings = Settings(2, "drelu", 0.0, 100, 10, 1, 20, 5e-3, 0, "cpu")
    trainer = start_fit(x, np.arange(200), settings)
    with Team(1) as team:
        trainer.run(team, lambda _: None)
        assert trainer.state.n_averaged == 3  # after 80, 90 and 100
        trainer.schedule = trainer.schedule._replace(n_updates=197)
        trainer.run(team, lambda _: None)
    assert trainer.state.n_averaged == 6  # after 150, 160, ..., 190 and the last, 197


def test_a_fit_averages_as_scheduled():
    x = (np.random.default_rng(0).random((200, 7)) < RATES).astype(np.uint8)
    trainer = start_fit(
        x, np.arange(200), Settings(2, "drelu", 0.0, 200, 10, 1, 20, 5e-3, 0, "cpu")
    )
    seen = []

    def keep(now):
        if now.state.update > 150 and now.state.update % 10 == 0:
            seen.append(now.state.weights.copy())

    with Team(1) as team:
        trainer.run(team, keep)
    assert trainer.state.n_averaged == 5
    np.testing.assert_allclose(trainer.state.averaged_weights, np.mean(seen, axis=0), atol=1e-6)
