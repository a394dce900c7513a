"""Streams: the same numbers from memory, a memory map and a file, and standardised in one pass."""

import numpy as np
import pytest

import popcode
from popcode.dynamics import standardised as module
from popcode.dynamics.standardised import moments_of, standardised
from popcode.dynamics.streams import as_stream, merged
from popcode.errors import InputError, PopcodeWarning
from popcode.recording import Recording
from popcode.threads import Team


def values_of(x, **kind):
    with Team(2) as team:
        return standardised(as_stream(x)).all(team)


def counts(n_bins=700, n_neurons=23):
    rng = np.random.default_rng(0)
    return rng.poisson(rng.uniform(0.2, 3, n_neurons), (n_bins, n_neurons)).astype(np.uint8)


def test_it_is_the_z_score():
    x = counts().astype(float) * 1e3 + 1e6  # a large offset, which float32 alone would lose
    expected = (x - x.mean(0)) / x.std(0)
    given = x.copy()
    # float32 values of about 3 at most.
    assert np.abs(values_of(given) - expected).max() < 1e-6
    assert np.array_equal(given, x)


@pytest.mark.parametrize("binary", [False, True])
def test_the_same_from_memory_and_disk(tmp_path, binary):
    x = np.minimum(counts(), 1) if binary else counts()
    places = np.arange(69.0).reshape(23, 3)
    recording = Recording(
        x,
        segment_starts=[0, 300],
        bin_s=0.1,
        neurons=dict(zip(("x_um", "y_um", "z_um"), places.T, strict=True)),
    )
    np.save(tmp_path / "x.npy", x)
    popcode.save(recording, tmp_path / "x.h5")
    expected = values_of(x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    for source in (recording, mapped, tmp_path / "x.npy", str(tmp_path / "x.h5")):
        assert np.array_equal(values_of(source), expected)
    stream = as_stream(tmp_path / "x.h5")
    assert stream.segment_starts.tolist() == [0, 300]
    assert stream.bin_s == 0.1
    assert np.array_equal(stream.positions_um, places)


def test_blocks_cover_every_bin_once_whatever_their_size(monkeypatch):
    x = counts()
    expected = values_of(x)
    monkeypatch.setattr(module, "BLOCK_BYTES", 4 * 23 * 37)
    assert np.array_equal(values_of(x), expected)
    with Team(1) as team:
        activity = standardised(as_stream(x)).over([(5, 30), (600, 700), (5, 30)])
        again = np.concatenate([expected[5:30], expected[600:], expected[5:30]])
        assert np.array_equal(activity.all(team), again)


def test_moments_of_a_pass_in_blocks(monkeypatch):
    x = np.random.default_rng(0).normal(1e4, 1.0, (5000, 3))
    monkeypatch.setattr("popcode.recording.kinds.ROWS_AT_ONCE_BYTES", 8 * 3 * 77)
    found = moments_of(as_stream(x))
    assert np.allclose(found.mean, x.mean(0), rtol=1e-12)
    # The deviation is 1e-4 of the mean: float64 leaves some 1e-11 of it.
    assert np.allclose(found.deviation, x.std(0), rtol=1e-9)


def test_neurons_that_never_change_are_left_out_and_told():
    x = counts().astype(float)
    x[:, [2, 7]] = 0.1
    with pytest.warns(PopcodeWarning, match="2 of 23 neurons never change"):
        activity = standardised(as_stream(x))
    assert activity.neurons.tolist() == [k for k in range(23) if k not in (2, 7)]


def test_merging_averages_whole_bins_within_segments():
    x = counts(100, 4)
    stream = as_stream(Recording(x, segment_starts=[0, 11, 13, 50], bin_s=0.1))
    wide = merged(stream, 3)
    expected = [
        x[s : s + 3].mean(0) for a, b in ((0, 11), (13, 50), (50, 100)) for s in range(a, b - 2, 3)
    ]
    assert np.allclose(wide.read(0, wide.n_bins), expected, rtol=1e-6)  # float32
    assert np.array_equal(wide.read(2, 9), wide.read(0, wide.n_bins)[2:9])
    assert wide.segment_starts.tolist() == [0, 3, 15]
    assert wide.bin_s == pytest.approx(0.3)
    with pytest.raises(InputError, match="no segment holds"):
        merged(stream, 51)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.ones((10, 3)), "0 of 3 neurons change"),
        (np.eye(1, 4), "1 bins"),
        (np.array([[1.0, 2], [np.nan, 3], [2, 1]]), "neuron 0, bin 1"),
        (np.zeros(5), "shape"),
        ([["a", "b"]], "type"),
        ([[1, 2], [3]], "matrix"),
    ],
)
def test_bad_input(x, said):
    with pytest.raises(InputError, match=said):
        standardised(as_stream(x))


def test_files_of_another_form(tmp_path):
    (tmp_path / "x.h5").write_bytes(b"not one")
    with pytest.raises(InputError, match="cannot be read in stretches"):
        as_stream(tmp_path / "x.h5")
    with pytest.raises(InputError, match="cannot be read in stretches"):
        as_stream(tmp_path / "missing.npy")
