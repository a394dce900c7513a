"""Lagged ridge DMD against pydmd, against planted systems, and what must not change it."""

import numpy as np
import pydmd
import pytest

from popcode.dynamics.dmd import dmd
from popcode.errors import InputError
from popcode.preprocess import shuffle_rows
from popcode.recording import Recording


def linear(matrix, n_bins, seed=0):
    """x(t + 1) = M x(t) + noise."""
    rng = np.random.default_rng(seed)
    x = np.zeros((n_bins, len(matrix)))
    for t in range(1, n_bins):
        x[t] = matrix @ x[t - 1] + rng.normal(size=len(matrix))
    return x


def with_eigenvalues(real, pairs, seed=0):
    """A matrix with these eigenvalues in random axes that are not orthogonal."""
    n = len(real) + 2 * len(pairs)
    block = np.zeros((n, n))
    block[: len(real), : len(real)] = np.diag(real)
    for k, value in enumerate(pairs):
        at = len(real) + 2 * k
        block[at : at + 2, at : at + 2] = [[value.real, value.imag], [-value.imag, value.real]]
    axes = np.eye(n) + 0.2 * np.random.default_rng(seed).normal(size=(n, n))
    return axes @ block @ np.linalg.inv(axes)


def random_system(n=30, n_bins=2000, seed=0):
    matrix = np.random.default_rng(seed).normal(size=(n, n)) / np.sqrt(n)
    return linear(0.9 * matrix, n_bins, seed)


def apart(one, other):
    """Largest distance of an eigenvalue from its match."""
    gaps = np.abs(np.subtract.outer(one, other))
    return max(gaps.min(axis=0).max(), gaps.min(axis=1).max())


def raw(x, n_components, lag=1):
    return dmd(x, lag, n_components, ridge=0.0, standardise=False)


@pytest.mark.parametrize("rank", [30, 12])
def test_equals_exact_dmd_of_pydmd(rank):
    x = random_system()
    theirs = pydmd.DMD(svd_rank=-1 if rank == 30 else rank, exact=True).fit(x.T)
    ours = raw(x, rank)
    assert ours.eigenvalues.size == theirs.eigs.size == rank
    assert apart(ours.eigenvalues, theirs.eigs) < 1e-8
    carried = ours.components @ ours.operator @ ours.components.T
    modes, values = theirs.modes, theirs.eigs
    if rank == 30:
        assert np.abs(carried - (modes * values) @ np.linalg.inv(modes)).max() < 1e-8


@pytest.mark.filterwarnings("ignore:Input data condition number")
def test_equals_exact_dmd_of_pydmd_with_fewer_bins_than_neurons():
    x = random_system(n=40, n_bins=25)
    theirs = pydmd.DMD(svd_rank=20, exact=True).fit(x.T)
    assert apart(raw(x, 20).eigenvalues, theirs.eigs) < 1e-8


@pytest.mark.parametrize("lag", [1, 3])
def test_planted_eigenvalues_come_back(lag):
    pairs = np.array([0.8 * np.exp(0.5j), 0.9 * np.exp(0.2j)])
    real = np.array([0.95, 0.6, -0.7])
    x = linear(with_eigenvalues(real, pairs), 60_000)
    truth = np.concatenate([real, pairs, pairs.conj()]) ** lag
    found = dmd(x, lag, ridge=0.0)
    # An eigenvalue's standard error is of order 1 / sqrt(60,000) = 0.004; four of them.
    assert apart(found.eigenvalues, truth) < 0.016
    assert np.sum(np.abs(found.eigenvalues.imag) > 0.01) == 4


def test_ridge_is_relative_to_the_mean_variance():
    x = random_system(10)
    z = 7.0 * (x - x.mean(axis=0))
    now, later = z[:-2], z[2:]
    same, lagged = now.T @ now / len(now), later.T @ now / len(now)
    raised = same + 0.1 * np.trace(same) / 10 * np.eye(10)
    expected = np.linalg.eigvals(lagged @ np.linalg.inv(raised))
    found = dmd(z, 2, ridge=0.1, standardise=False)
    assert apart(found.eigenvalues, expected) < 1e-10
    assert apart(np.linalg.eigvals(found.operator), expected) < 1e-10
    assert found.added_variance == pytest.approx(0.1 * np.trace(same) / 10)


@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_symmetric_network_gives_the_eigenvalues_of_theory(ridge):
    """g^lag v / (v + rho mean v), with v = 1 / (1 - g²), from each eigenvalue g of the network."""
    g = np.array([0.95, 0.8, 0.6, 0.3, -0.5])
    axes = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0]
    x = linear(axes * g @ axes.T, 60_000)
    v = 1 / (1 - g**2)
    found = dmd(x, 2, ridge=ridge, standardise=False).eigenvalues
    # Four standard errors of an eigenvalue, as above.
    assert apart(found, g**2 * v / (v + ridge * v.mean())) < 0.016


def test_both_routes_to_the_components_agree():
    """The Gram matrix of the bins, and, once every bin is there twice, the covariance."""
    x = random_system(30, 400)
    wide = np.concatenate([x, x @ np.random.default_rng(1).normal(size=(30, 500))], axis=1)
    by_bins = raw(wide, 30)
    segments = Recording(np.concatenate([wide, wide]), segment_starts=[0, 400])
    by_neurons = dmd(segments, 1, 30, ridge=0.0, standardise=False)
    assert by_bins.n_pairs == 399 < wide.shape[1] <= by_neurons.n_pairs == 798
    # A recording is held in float32.
    assert apart(by_bins.eigenvalues, by_neurons.eigenvalues) < 1e-4


def test_the_search_for_components_finds_the_same_map(monkeypatch):
    """Where leading components stand out, as a search needs."""
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.normal(size=(80, 6)))[0]
    x = linear(with_eigenvalues([0.9, 0.8, 0.6, 0.3], [0.7 + 0.3j]), 3000) * 10 @ axes.T
    x += rng.normal(size=x.shape)
    exact = dmd(x, 2, 6)
    monkeypatch.setattr("popcode.dynamics.dmd.operator.EXACT_UP_TO", 50)
    found = dmd(x, 2, 6)
    # The search is in float32 and ends at relative errors of 2.5e-4.
    assert apart(found.eigenvalues, exact.eigenvalues) < 1e-3
    assert found.variances == pytest.approx(exact.variances, rel=1e-3)
    assert found.added_variance == pytest.approx(exact.added_variance)
    overlap = found.components.T @ exact.components
    assert np.linalg.svd(overlap, compute_uv=False).min() > 0.99


def test_pairs_never_straddle_segments():
    """A jump of a thousand standard deviations between segments leaves no trace."""
    x = linear(np.diag([0.9, 0.5, 0.2]), 4000)
    parts = [x[:1500], x[1500:2600], x[2600:]]
    jumping = np.concatenate([parts[0] + 1000, parts[1], parts[2] - 1000])
    starts = [0, 1500, 2600]

    def centred(values):
        by_part = np.split(values, starts[1:])
        return np.concatenate([part - part.mean(axis=0) for part in by_part])

    smooth = Recording(centred(jumping), segment_starts=starts)
    order = np.concatenate([np.arange(2600, 4000), np.arange(1500), np.arange(1500, 2600)])
    moved = Recording(centred(jumping)[order], segment_starts=[0, 1400, 2900])
    assert apart(dmd(smooth, 3).eigenvalues, dmd(moved, 3).eigenvalues) < 1e-5
    # One spike in the last bin of a segment is only ever a second bin of its own segment's pairs.
    spiked = np.zeros((40, 1))
    spiked[9], spiked[10] = 1.0, 1.0
    cut = Recording(spiked, kind="rate", segment_starts=[0, 10])
    assert dmd(cut, 1, standardise=False, ridge=1e-9).operator[0, 0] == pytest.approx(0, abs=1e-6)
    whole = Recording(spiked, kind="rate")
    assert dmd(whole, 1, standardise=False, ridge=1e-9).operator[0, 0] == pytest.approx(0.5)


def test_invalid_bins_are_not_looked_at():
    x = random_system(8, 3000)
    valid = np.ones(3000, bool)
    valid[1000:1200] = False
    x[1000:1200] = 50 * np.random.default_rng(3).normal(size=(200, 8))
    found = dmd(x, 4, valid=valid, standardise=False)
    kept = Recording(np.delete(x, np.s_[1000:1200], axis=0), segment_starts=[0, 1000])
    assert found.n_pairs == 2800 - 8
    expected = dmd(kept, 4, standardise=False)
    assert apart(found.eigenvalues, expected.eigenvalues) < 1e-5  # float32 of the recording


def test_order_units_and_rotations_do_not_matter_and_time_does():
    x = random_system(20, 3000)
    found = dmd(x, 2).eigenvalues
    order = np.random.default_rng(0).permutation(20)
    assert apart(found, dmd(x[:, order], 2).eigenvalues) < 1e-10
    scaled = x * np.linspace(0.1, 30, 20) + 5
    assert apart(found, dmd(scaled, 2).eigenvalues) < 1e-10
    shuffled = dmd(shuffle_rows(Recording(x)), 2).eigenvalues
    # Of 20 neurons over 3,000 bins chance alone gives about sqrt(20 / 3,000) = 0.08.
    assert np.abs(shuffled).max() < 0.2
    assert np.abs(found).max() > 0.5


def test_components_are_orthonormal_and_the_time_is_told():
    found = dmd(Recording(random_system(20, 500), bin_s=0.05), 3, 7)
    assert found.components.shape == (20, 7)
    assert np.abs(found.components.T @ found.components - np.eye(7)).max() < 1e-10
    assert (np.diff(found.variances) <= 0).all()
    assert found.lag_s == pytest.approx(0.15)
    assert np.isnan(dmd(random_system(5, 500)).lag_s)


def test_bad_input_is_refused():
    x = random_system(6, 200)
    constant, missing = x.copy(), x.copy()
    constant[:, 4] = 2.0
    missing[7, 3] = np.nan
    with pytest.raises(InputError, match="neuron 4: 1 of 6 neurons never change"):
        dmd(constant)
    with pytest.raises(InputError, match="neuron 3, bin 7"):
        dmd(missing)
    with pytest.raises(InputError, match="longest segment"):
        dmd(Recording(x, segment_starts=np.arange(0, 200, 4)))
    with pytest.raises(InputError, match="longest segment is 4 bins"):
        dmd(x[:4])
    for settings in ({"lag": 0}, {"n_components": 0}, {"ridge": -1.0}, {"ridge": np.nan}):
        with pytest.raises(InputError, match=next(iter(settings))):
            dmd(x, **settings)
