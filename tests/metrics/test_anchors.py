"""The controls on real and published recordings, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from popcode.metrics import (
    activity_counts,
    divergence,
    independent_samples,
    mean_activity,
    neuron_covariance,
    resampled_bins,
    score_statistic,
)

DATA = Path(__file__).parents[3] / "shared" / "data"


def activity(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    with np.load(path) as file:
        return file["activity"], file["segment_starts"]


def covariance_score(samples, train, test):
    return score_statistic(*map(neuron_covariance, (samples, test, train)))


def test_synthetic_assemblies():
    x, _ = activity("synthetic_assemblies.npz")
    train, test = x[:4000], x[4000:]
    rng = np.random.default_rng(0)
    independent = covariance_score(independent_samples(train, 15_000, rng), train, test)
    perfect = covariance_score(resampled_bins(train, 15_000, rng), train, test)
    # Measured with other code, given to three figures.
    means = score_statistic(*map(mean_activity, (train, test, train)))
    assert means.rmse_optimal == pytest.approx(0.01446, abs=5e-6)
    assert independent.rmse_optimal == pytest.approx(0.00202, abs=5e-6)
    assert independent.score == pytest.approx(0.44, abs=0.02)
    assert perfect.score == pytest.approx(0.987, abs=0.01)


def test_retina():
    x, starts = activity("retina_salamander.npz")
    repeat = np.searchsorted(starts, np.arange(len(x)), side="right")
    train, test = x[repeat % 2 == 0], x[repeat % 2 == 1]
    rng = np.random.default_rng(0)
    independent = independent_samples(train, 15_000, rng)
    # The published .24 and .944 are of another split of the same movie's repeats.
    assert covariance_score(independent, train, test).score == pytest.approx(0.24, abs=0.03)
    perfect = covariance_score(resampled_bins(train, 15_000, rng), train, test)
    assert perfect.score == pytest.approx(0.944, abs=0.015)
    counts = [activity_counts(x) for x in (train, test, independent)]
    assert divergence(counts[1], counts[0]) < 0.001
    assert divergence(counts[1], counts[2]) == pytest.approx(1.87, rel=0.1)
