"""A fit that starts where its neighbour ended."""

import numpy as np

from popcode.rbm.checkpoint import read_checkpoint, write_checkpoint
from popcode.rbm.fitting import start_fit
from popcode.rbm.settings import Settings
from popcode.rbm.trainer import mean_activity
from popcode.sweep.warm import start_warm, warm_state, warm_updates
from popcode.threads import Team

SETTINGS = Settings(
    n_hidden=3, hidden="drelu", l1=0.001, n_updates=60, n_chains=20, n_sweeps=2, batch_size=20,
    learning_rate=5e-3, seed=0, device="cpu",
)  # fmt: skip


def fitted():
    rng = np.random.default_rng(0)
    data = (rng.random((200, 12)) < 0.2).astype(np.uint8)
    data[:, :4] |= (rng.random((200, 1)) < 0.2).astype(np.uint8)
    bins = np.arange(200)
    trainer = start_fit(data, bins, SETTINGS)
    with Team(1) as team:
        trainer.run(team, lambda _: None)
    return trainer, data, bins


def test_it_is_the_same_model_at_update_0_with_nothing_of_the_past_but_the_chains(tmp_path):
    trainer, data, bins = fitted()
    settings = SETTINGS._replace(l1=0.002, seed=7)
    warm = warm_state(trainer.state, settings, mean_activity(data, bins), bins.size)
    for ours, theirs in zip(warm.parameters[:2], trainer.state.parameters[:2], strict=True):
        assert np.array_equal(ours, theirs)
    for ours, theirs in zip(warm.hidden, trainer.state.hidden, strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(warm.chains, trainer.state.chains)
    assert np.array_equal(warm.mean_input, trainer.state.mean_input)
    assert (warm.update, warm.n_averaged, warm.restarts) == (0, 0, 0)
    assert not warm.weight_squares.any()
    warm.weights[:] = 0  # its own
    assert trainer.state.weights.any()
    assert warm_updates(1) == 1


def test_the_checkpoint_is_one_that_a_fit_goes_on_from(tmp_path):
    trainer, data, bins = fitted()
    write_checkpoint(tmp_path / "old", "drelu", trainer.state, trainer.good, trainer.history)
    start_warm(tmp_path / "new", tmp_path / "old", SETTINGS, mean_activity(data, bins), bins.size)
    state, good, history = read_checkpoint(tmp_path / "new")
    assert np.array_equal(state.weights, trainer.state.weights)
    assert np.array_equal(good.weights, state.weights)
    assert (state.update, history) == (0, [])
