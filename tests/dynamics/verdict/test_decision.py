"""The verdict on planted recordings, and on what the theory does not hold for."""

import numpy as np
import pytest

from popcode.dynamics.verdict import judged, measured, verdict_of
from popcode.dynamics.verdict.fit import fit_networks
from popcode.dynamics.verdict.table import Settings, expected, shipped_table
from popcode.errors import InputError


@pytest.fixture(scope="module")
def found(symmetric_recording):
    return measured(symmetric_recording, seed=2)


def test_a_planted_symmetric_network_is_found(found):
    verdict = verdict_of(found, shipped_table(), 80)
    assert verdict["kind"] == "fitted"
    fit = verdict["fits"][0]
    assert fit["radius"]["low"] < 0.97 < fit["radius"]["high"]
    assert fit["asymmetry"]["low"] == 0
    assert fit["asymmetry"]["high"] < 0.5
    assert fit["tau_s"]["low"] < 0.05 < fit["tau_s"]["high"]
    assert "80 neurons" in verdict["sentence"]


def test_statistics_of_the_table_give_back_their_settings(found):
    truth = Settings(*(np.array([each]) for each in (0.5, 0.03, 80.0, 80.0, 1.0)))
    exact = found._replace(
        value=expected(shipped_table(), truth).mean[0], covariance=1e-6 * np.eye(19)
    )
    fit = fit_networks(exact, 80, shipped_table())
    assert fit.radius.low < 0.97 < fit.radius.high
    assert fit.asymmetry.low < 0.5 < fit.asymmetry.high
    assert fit.tau_s.low < 0.05 < fit.tau_s.high
    # The likelihood also weighs the spread, so that the best is not where the misfit is 0.
    assert fit.misfit < fit.n_statistics / 2


def test_a_larger_network_needs_a_radius_nearer_to_1(found):
    small, large = (fit_networks(found, n, shipped_table()) for n in (80, 800))
    assert large.radius.value > small.radius.value


def test_independent_neurons_are_called_so(independent_recording):
    verdict = judged(independent_recording)
    assert verdict["kind"] == "independent"
    assert verdict["fits"] == []


def test_what_no_network_does_gets_no_radius(found):
    # Nothing falls off along ranks, and nothing fades.
    strange = found._replace(value=np.where(np.arange(19) < 8, -3.0, 0.9))
    verdict = verdict_of(strange, shipped_table(), 80)
    assert verdict["kind"] == "unlike"
    assert "no radius" in verdict["sentence"]


def test_a_network_smaller_than_the_recording_is_refused(found):
    with pytest.raises(InputError, match="smaller than the recording"):
        verdict_of(found, shipped_table(), 79)
