"""Covariances in blocks against one product in memory."""

import numpy as np
import pytest

from popcode.dynamics.dmd.bin_pairs import first_bins
from popcode.dynamics.dmd.covariances import covariance, lagged_covariances
from popcode.dynamics.source import source_of
from popcode.recording import Recording
from popcode.threads import Team


def smooth(n_bins=3000, n_neurons=300, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_bins, n_neurons))
    x[1:] += x[:-1]
    return x @ (np.eye(n_neurons) + rng.normal(size=(n_neurons, n_neurons)) / n_neurons)


def in_memory(z, starts, lag):
    now, later = z[starts], z[starts + lag]
    return now.T @ now / starts.size, later.T @ now / starts.size


@pytest.mark.parametrize("rows", [64, 1000, 100_000])
@pytest.mark.parametrize("gaps", [False, True])
def test_blocks_of_bins_give_what_memory_gives(rows, gaps):
    x = smooth()
    valid = np.random.default_rng(1).random(3000) < 0.7 if gaps else None
    starts = first_bins(np.array([0, 700, 1801]), 3000, 5, valid)
    source = source_of(x)
    found = lagged_covariances(source.read, starts, 5, 300, rows=rows)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    for ours, theirs in zip(found[:2], in_memory(z, starts, 5), strict=True):
        assert np.abs(ours - theirs).max() < 1e-12  # rounding of 3,000 float64 products
    assert found.n_pairs == starts.size


def test_single_precision_is_right_to_1e_6():
    """Blocks are multiplied in float32 and added up in float64."""
    recording = Recording(smooth().astype(np.float32))
    source = source_of(recording)
    starts = first_bins(source.segment_starts, 3000, 5)
    found = lagged_covariances(source.read, starts, 5, 300)
    z = recording.activity.astype(np.float64)
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    for ours, theirs in zip(found[:2], in_memory(z, starts, 5), strict=True):
        assert np.abs(ours - theirs).max() < 1e-6


def test_the_same_bits_whatever_the_threads(monkeypatch):
    recording = Recording(smooth().astype(np.float32))
    source = source_of(recording)
    starts = first_bins(source.segment_starts, 3000, 5)
    results = []
    for n_threads in (1, 3):
        monkeypatch.setattr("popcode.dynamics.dmd.covariances.Team", lambda n=n_threads: Team(n))
        results.append(lagged_covariances(source.read, starts, 5, 300))
    assert np.array_equal(results[0].same, results[1].same)
    assert np.array_equal(results[0].lagged, results[1].lagged)


def test_covariance_of_all_bins():
    x = smooth(500)
    source = source_of(x)
    assert np.abs(covariance(source.read, 500, 300, rows=77) - np.corrcoef(x.T)).max() < 1e-12
