"""The journal of trials, and what a killed writer leaves in it."""

import os

import numpy as np
import pytest

from popcode.sweep.plan import Cell
from popcode.sweep.store import TrialStore

CELL = Cell(10, 0.01, 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trials.journal"


def test_trials_are_read_back_as_they_were(fake, path):
    store = TrialStore(path, fake.request())
    first = store.begin(CELL)
    second = store.begin(CELL._replace(l1=0.02), warm_from=first.number)
    third = store.begin(CELL._replace(seed=5))
    store.finish(first, 0.5)
    store.fail(second, "no memory")
    again = TrialStore(path, fake.request()).trials()
    assert again == store.trials()
    assert [trial.state for trial in again] == ["finished", "failed", "running"]
    assert again[1] == second._replace(state="failed", reason="no memory")
    assert (again[1].warm_from, again[2].cell) == (0, third.cell)


def test_a_line_cut_short_and_a_lock_left_behind_are_mended(fake, path):
    TrialStore(path, fake.request()).begin(CELL)
    whole = path.read_bytes()
    for kept in (len(whole), len(whole) - 1, len(whole) - 40):
        path.write_bytes(whole[:kept])
        os.symlink(path, f"{path}.lock")
        store = TrialStore(path, fake.request())
        trial = store.begin(CELL)  # one left waiting is begun; a later one is new
        store.finish(trial, 0.1)
        assert TrialStore(path, fake.request()).trials()[trial.number].state == "finished"


def test_a_finished_trial_cannot_be_stored_twice(fake, path):
    store = TrialStore(path, fake.request())
    trial = store.begin(CELL)
    store.finish(trial, 0.5)
    with pytest.raises(ValueError):
        store.finish(trial, 0.6)


def test_a_search_stays_within_its_bounds_and_finds_the_better_half(fake, path):
    store = TrialStore(path, fake.request(hidden=(10, 100), l1=(0.001, 0.1), n_search=40))
    for _ in range(40):
        trial = store.suggest()
        assert 10 <= trial.cell.n_hidden <= 100
        assert 0.001 <= trial.cell.l1 <= 0.1
        assert trial.cell.seed == 0
        store.finish(trial, -abs(trial.cell.n_hidden - 80) / 90)
    last = [trial.cell.n_hidden for trial in store.trials()[20:]]
    # Drawn at random they would be 29 away from the best, with a standard error of 4.6.
    assert np.mean([abs(n_hidden - 80) for n_hidden in last]) < 29 - 2 * 4.6


def test_a_search_that_is_gone_on_with_draws_nothing_twice(fake, path):
    for _ in range(3):  # as many processes
        store = TrialStore(path, fake.request(n_search=6))
        for _ in range(2):
            store.finish(store.suggest(), 0.5)
    assert len({trial.cell.l1 for trial in store.trials()}) == 6


def test_a_suggestion_cut_short_is_given_up(fake, path):
    TrialStore(path, fake.request(n_search=4)).suggest()
    lines = path.read_bytes().splitlines(keepends=True)
    assert b"l1" in lines[-1]
    path.write_bytes(b"".join(lines[:-1]))
    store = TrialStore(path, fake.request(n_search=4))
    assert store.trials() == []
    store.finish(store.suggest(), 0.5)
    assert [trial.state for trial in store.trials()] == ["finished"]


def test_a_search_gives_up_what_lags_behind_and_nothing_before_its_time(fake, path):
    store = TrialStore(path, fake.request(n_search=10))
    for value in (0.1, 0.2, 0.3, 0.4):
        trial = store.begin(CELL._replace(l1=0.01 + value / 100))
        assert not store.report(trial, 5, value)
        store.finish(trial, value)
    late = store.begin(CELL._replace(l1=0.0199))
    assert not store.report(late, 1, -1.0)
    assert store.report(late, 5, -1.0)
    store.prune(late, "lagging")
    assert store.trials()[-1][2:] == ("pruned", None, "lagging")
    good = store.begin(CELL._replace(l1=0.0198))
    assert not store.report(good, 5, 0.35)
