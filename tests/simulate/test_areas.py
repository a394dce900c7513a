"""The simulated session follows the law that its truth states."""

from functools import partial

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.simulate import (
    PlantedCouplings,
    areas,
    load_truth,
    save_truth,
    signal_to_noise,
    simulate_areas,
)
from popcode.threads import Team


@pytest.fixture(scope="module")
def session():
    return simulate_areas(300, 3, 40_000, seed=1)


def test_states_follow_the_law_of_the_truth():
    strong = PlantedCouplings(assembly_size=2, strongest=1.0, weakest=0.6, median_rate=0.15)
    recording, truth = simulate_areas(12, 3, 60_000, seed=2, sweeps_per_bin=4, planted=strong)
    states = (np.arange(2**12)[:, None] >> np.arange(12)) & 1
    pairs = truth.couplings.toarray()
    log_weights = states @ truth.fields + ((states @ pairs) * states).sum(axis=1) / 2
    law = np.exp(log_weights - log_weights.max())
    law /= law.sum()
    exact = (states * law[:, None]).T @ states
    found = recording.activity.T.astype(float) @ recording.activity / recording.n_bins
    # Four sweeps leave neighbouring bins nearly independent: 5 standard errors of a share, plus
    # a fifth for what is left.
    allowed = 6 * np.sqrt(exact * (1 - exact) / recording.n_bins)
    assert (np.abs(found - exact) < allowed).all()
    # Without the couplings the law would be far off: the test can fail.
    independent = np.outer(np.diag(exact), np.diag(exact))
    assert (np.abs(independent - exact) > allowed).any()


def test_rates_are_those_aimed_at(session):
    recording, truth = session
    rates = recording.activity.mean(axis=0)
    # The fields leave out correlations, which raise the rates of the strongest assemblies most.
    assert abs(rates.mean() / truth.rates.mean() - 1) < 0.02
    assert np.abs(rates / truth.rates - 1).max() < 0.35
    assert np.corrcoef(rates, truth.rates)[0, 1] > 0.98
    assert rates.max() / rates.min() > 3


def test_areas_have_the_planted_order(session):
    strengths = session[1].strengths
    within = np.diag(strengths)
    assert (np.diff(within) < 0).all()
    between = strengths[~np.eye(3, dtype=bool)]
    assert within.min() > between.max()
    assert strengths[0, 1] > strengths[0, 2] > 0


def test_couplings_are_symmetric_and_sparse(session):
    pairs = session[1].couplings
    assert abs(pairs - pairs.T).max() == 0
    assert pairs.diagonal().max() == 0
    assert 0 < pairs.nnz / 300**2 < 0.1


def test_covariances_are_what_the_signal_to_noise_is_computed_from(session):
    recording, truth = session
    activity = recording.activity.astype(np.float32)
    rates = activity.mean(axis=0)
    covariance = activity.T @ activity / len(activity) - np.outer(rates, rates)
    variance = rates * (1 - rates)
    noise = np.sqrt(np.outer(variance, variance) / len(activity))
    same = truth.areas[:, None] == truth.areas
    coupled = truth.couplings.toarray() > 0
    measured = (covariance / noise)[coupled & same].mean()
    expected, between = signal_to_noise(truth, recording.n_bins)
    # A lower bound: at J = .5 exp(J) - 1 adds 30 %, and indirect paths as much again.
    assert 1 < measured / expected < 2
    assert between < expected / 3
    uncoupled = (covariance / noise)[~coupled & ~np.eye(300, dtype=bool)]
    assert abs(uncoupled.mean()) < 0.05
    assert abs(uncoupled.std() - 1) < 0.03


def test_the_same_seed_gives_the_same_session_whatever_the_threads(monkeypatch):
    make = partial(simulate_areas, 60, 3, 500)
    first = make(seed=4)[0].activity
    monkeypatch.setattr(areas, "Team", partial(Team, n_threads=1))
    np.testing.assert_array_equal(first, make(seed=4)[0].activity)
    assert not np.array_equal(first, make(seed=5)[0].activity)


def test_areas_are_shared_between_probes_unless_asked(session):
    table = session[0].neurons
    assert (table.groupby("region")["probe"].nunique() == 2).all()
    assert (table.groupby("probe")["region"].nunique() == 2).all()
    alone = simulate_areas(60, 3, 200, areas_per_probe=1)[0].neurons
    assert (alone.groupby("region")["probe"].nunique() == 1).all()


def test_neurons_of_an_assembly_lie_close(session):
    recording, truth = session
    depths = recording.neurons["probe_vertical_position"].to_numpy()
    assert depths.min() >= 0
    assert depths.max() <= 3840
    probes = recording.neurons["probe"].to_numpy()
    together = (probes[:, None] == probes) & (truth.areas[:, None] == truth.areas)
    together &= ~np.eye(300, dtype=bool)
    distances = np.abs(depths[:, None] - depths)
    same = truth.assemblies[:, None] == truth.assemblies
    assert distances[together & same].mean() < distances[together & ~same].mean() / 3


def test_frozen_activity_is_refused():
    with pytest.raises(InputError, match="froze"):
        simulate_areas(300, 3, 1000, planted=PlantedCouplings(strongest=2.0))


@pytest.mark.parametrize(
    "settings",
    [
        {"n_neurons": 5, "n_areas": 3},
        {"n_areas": 0},
        {"n_bins": 4},
        {"sweeps_per_bin": 0},
        {"areas_per_probe": 7},
    ],
)
def test_impossible_sessions_are_refused(settings):
    with pytest.raises(InputError):
        simulate_areas(**settings)


def test_the_truth_comes_back_from_its_file(session, tmp_path):
    truth = session[1]
    save_truth(truth, tmp_path / "a.truth.npz")
    back = load_truth(tmp_path / "a.truth.npz")
    assert (back.couplings != truth.couplings).nnz == 0
    for name in ("fields", "rates", "areas", "assemblies", "strengths"):
        np.testing.assert_array_equal(getattr(back, name), getattr(truth, name))


def test_another_file_is_no_truth(tmp_path):
    np.savez(tmp_path / "other.npz", a=1)
    (tmp_path / "text.npz").write_text("no")
    for name in ("other.npz", "text.npz", "none.npz"):
        with pytest.raises(InputError, match="planted network"):
            load_truth(tmp_path / name)
