"""Statistics of a recording: what must not change them, and where they must be 0."""

import numpy as np
import pytest

from popcode.dynamics.verdict.measured import measured
from popcode.dynamics.verdict.signature import LAGS, RANKS
from popcode.errors import InputError

PERSISTENCE = slice(len(RANKS), len(RANKS) + len(LAGS))
IRREVERSIBILITY = slice(PERSISTENCE.stop, PERSISTENCE.stop + len(LAGS))


@pytest.fixture(scope="module")
def found(symmetric_recording):
    return measured(symmetric_recording, seed=2)


def test_units_change_nothing(symmetric_recording, found):
    activity = symmetric_recording.activity.astype(np.float64)
    scaled = measured(3 * activity + np.arange(80), seed=2)
    # Single precision.
    np.testing.assert_allclose(scaled.value, found.value, rtol=1e-3, atol=1e-4)


def test_a_symmetric_network_is_persistent_and_reversible(found):
    error = np.sqrt(np.diag(found.covariance))
    assert (np.diff(found.value[PERSISTENCE]) < 0).all()
    assert found.value[PERSISTENCE][0] > 10 * error[PERSISTENCE][0]
    assert (np.abs(found.value[IRREVERSIBILITY][:3]) < 4 * error[IRREVERSIBILITY][:3]).all()


def test_bins_in_random_order_do_not_persist(symmetric_recording):
    order = np.random.default_rng(0).permutation(symmetric_recording.n_bins)
    found = measured(symmetric_recording.activity[order], seed=2)
    assert np.abs(found.value[PERSISTENCE]).max() < 0.05


def test_shared_variance_stands_out_of_shifts_only_where_it_is_shared(found, independent_recording):
    alone = measured(independent_recording, seed=2)
    assert found.p_value == pytest.approx(1 / 40)
    assert alone.p_value > 0.05


def test_lags_longer_than_segments_are_not_told(symmetric_recording):
    from dataclasses import replace

    trials = replace(symmetric_recording, segment_starts=np.arange(0, 6000, 6))
    found = measured(trials, seed=2)
    assert np.isfinite(found.value[PERSISTENCE]).tolist() == [True] * 3 + [False] * 2


def test_few_neurons_are_refused():
    with pytest.raises(InputError, match="the theory speaks of many"):
        measured(np.random.default_rng(0).standard_normal((500, 8)))
