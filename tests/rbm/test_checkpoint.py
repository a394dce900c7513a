"""A fit on disk: all of it, whole or refused."""

import contextlib
from dataclasses import fields

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm.checkpoint import read_checkpoint, write_checkpoint
from popcode.rbm.fitting import schedule_of, start_fit
from popcode.rbm.settings import Settings
from popcode.rbm.trainer import Trainer
from popcode.threads import Team

POTENTIALS = ["drelu", "relu", "gaussian", "bernoulli"]
DATA = (np.random.default_rng(0).random((120, 12)) < 0.2).astype(np.uint8)
BINS = np.arange(120)


def settings_of(hidden):
    return Settings(3, hidden, 0.01, 40, 10, 2, 20, 5e-3, 0, "cpu")


class Stopped(Exception):
    pass


def trained(hidden, stop_at=40, trainer=None, seen=None):
    trainer = trainer or start_fit(DATA, BINS, settings_of(hidden))

    def after_update(now):
        if now.state.update == stop_at:
            raise Stopped

    with Team(1) as team, contextlib.suppress(Stopped):
        trainer.run(team, after_update)
    return trainer


def same(first, second):
    for field in fields(first):
        a, b = getattr(first, field.name), getattr(second, field.name)
        pairs = zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]
        for one, other in pairs:
            assert np.array_equal(one, other), field.name
            assert np.asarray(one).dtype == np.asarray(other).dtype, field.name
        assert type(a) is type(b), field.name


@pytest.mark.parametrize("hidden", POTENTIALS)
def test_everything_comes_back(tmp_path, hidden):
    trainer = trained(hidden, 25)
    path = tmp_path / "state.safetensors"
    write_checkpoint(path, hidden, trainer.state, trainer.good, trainer.history)
    state, good, history = read_checkpoint(path)
    same(state, trainer.state)
    same(good, trainer.good)
    assert history == trainer.history


@pytest.mark.parametrize("hidden", POTENTIALS)
@pytest.mark.parametrize("stop_at", [1, 25, 40])
def test_a_fit_goes_on_to_the_same_bits(tmp_path, hidden, stop_at):
    stopped = trained(hidden, stop_at)
    path = tmp_path / "state.safetensors"
    write_checkpoint(path, hidden, stopped.state, stopped.good, stopped.history)
    state, good, history = read_checkpoint(path)
    resumed = Trainer(DATA, BINS, schedule_of(settings_of(hidden)), state, 0, good, history)
    trained(hidden, trainer=resumed)
    whole = trained(hidden)
    same(resumed.state, whole.state)
    same(resumed.good, whole.good)
    assert resumed.history == whole.history


def test_forgetting_any_part_changes_the_bits(tmp_path):
    """So that the test above has teeth."""
    stopped, whole = trained("drelu", 25), trained("drelu")
    path = tmp_path / "state.safetensors"
    write_checkpoint(path, "drelu", stopped.state, stopped.good, stopped.history)
    # Not the chains: with weights this small they forget where they were in two sweeps.
    for name in ("weight_squares", "field_squares", "mean_input"):
        state, good, history = read_checkpoint(path)
        setattr(state, name, getattr(state, name) * 0)
        resumed = Trainer(DATA, BINS, schedule_of(settings_of("drelu")), state, 0, good, history)
        trained("drelu", trainer=resumed)
        assert not np.array_equal(resumed.state.weights, whole.state.weights), name


def test_an_empty_history(tmp_path):
    trainer = start_fit(DATA, BINS, settings_of("drelu"))
    path = tmp_path / "state.safetensors"
    write_checkpoint(path, "drelu", trainer.state, trainer.good, [])
    assert read_checkpoint(path)[2] == []


@pytest.mark.parametrize("kept", [0, 7, 100, 1000])
def test_a_part_of_a_file_is_refused(tmp_path, kept):
    trainer = start_fit(DATA, BINS, settings_of("drelu"))
    path = tmp_path / "state.safetensors"
    write_checkpoint(path, "drelu", trainer.state, trainer.good, [])
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match="not a whole checkpoint") as refused:
        read_checkpoint(path)
    assert refused.value.where == str(path)
    assert refused.value.remedy == "Delete it to start the run again from its seed"


def test_a_write_that_fails_leaves_the_former_checkpoint(tmp_path, monkeypatch):
    trainer = start_fit(DATA, BINS, settings_of("drelu"))
    path = tmp_path / "state.safetensors"
    write_checkpoint(path, "drelu", trainer.state, trainer.good, [])
    before = path.read_bytes()

    def fails(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("popcode.rbm.checkpoint.save_file", fails)
    with pytest.raises(InputError, match="the disk is full"):
        write_checkpoint(path, "drelu", trainer.state, trainer.good, [])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
