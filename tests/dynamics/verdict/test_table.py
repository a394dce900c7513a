"""The table: its transforms, and that it says what exact networks show."""

import numpy as np

from popcode.dynamics.verdict.networks import symmetric_modes, symmetric_signature
from popcode.dynamics.verdict.signature import N_STATISTICS
from popcode.dynamics.verdict.table import (
    DEGREE,
    IRREVERSIBILITY,
    PERSISTENCE,
    Settings,
    Table,
    expected,
    features,
    shipped_table,
    terms,
    transformed,
)

ONE = Settings(*(np.array([each]) for each in (0.3, 0.02, 500.0, 200.0, 1.0)))


def test_the_transform_is_undone():
    rng = np.random.default_rng(0)
    statistics = rng.uniform(0.05, 0.9, (1, N_STATISTICS))
    n_terms, n_spread = len(terms(DEGREE)), len(terms(2))
    mean = np.zeros((n_terms, N_STATISTICS))
    mean[terms(DEGREE).index((0, 0, 0, 0, 0))] = transformed(statistics)[0]
    table = Table(mean, np.zeros((n_spread, N_STATISTICS)), np.stack([np.eye(N_STATISTICS)] * 3))
    np.testing.assert_allclose(expected(table, ONE).mean, statistics, rtol=1e-9)


def test_spread_passes_through_the_transform_as_its_derivative():
    table = shipped_table()
    at = expected(table, ONE)
    step = 1e-5
    place = terms(DEGREE).index((0, 0, 0, 0, 0))
    for k in (PERSISTENCE.start, IRREVERSIBILITY.start + 3):
        moved = np.array(table.mean)
        moved[place, k] += step
        slope = (expected(table._replace(mean=moved), ONE).mean - at.mean)[0, k] / step
        spread = np.exp(features(ONE, 2) @ table.log_spread)[0, k]
        np.testing.assert_allclose(np.sqrt(at.covariance[0, k, k]), abs(slope) * spread, rtol=1e-3)


def test_covariances_can_be_inverted():
    values = np.linalg.eigvalsh(expected(shipped_table(), ONE).covariance[0])
    assert values.min() > 0


def test_exact_symmetric_networks_lie_within_the_spread_of_the_table():
    errors = []
    for seed in range(12):
        modes = symmetric_modes(400, 200, 1000 + seed)
        found = symmetric_signature(modes, 0.98, 1.0).flat()
        at = expected(shipped_table(), Settings(*map(np.array, ([0.0], [0.02], [400.0], [200.0],
                                                                [1.0]))))  # fmt: skip
        errors.append((found - at.mean[0]) / np.sqrt(np.diag(at.covariance[0])))
    kept = [*range(PERSISTENCE.stop), N_STATISTICS - 1]
    # Networks scatter by 1, and the table is off by no more than that.
    assert np.sqrt(np.mean(np.square(errors), axis=0))[kept].max() < 2.5
