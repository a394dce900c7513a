"""Parts are disjoint and exhaustive, and keep what belongs to their bins."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import popcode
from popcode.errors import InputError
from popcode.preprocess import split, split_indices
from popcode.recording import Recording

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
METHODS = ("matched", "blocked", "segments", "random")


def example(n_bins: int = 60, n_segments: int = 6, seed: int = 0) -> Recording:
    lengths = np.full(n_segments, n_bins // n_segments)
    lengths[-1] += n_bins - lengths.sum()
    trial = np.repeat(np.arange(n_segments), lengths)
    return Recording(
        np.random.default_rng(seed).integers(0, 2, (n_bins, 4)),
        bin_s=0.1,
        segment_starts=np.cumsum(lengths) - lengths,
        segment_start_s=100.0 * np.arange(n_segments),
        covariates={"bin": np.arange(n_bins), "trial": trial},
    )


@pytest.mark.parametrize("method", METHODS)
@given(
    n_bins=st.integers(20, 120),
    n_segments=st.integers(2, 10),
    test=st.floats(0.01, 0.99),
    seed=st.integers(0, 5),
)
def test_parts_are_disjoint_and_exhaustive(method, n_bins, n_segments, test, seed):
    recording = example(n_bins, n_segments)
    train, held_out = split_indices(recording, test, method=method, seed=seed)
    assert len(train) and len(held_out)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, held_out])), np.arange(n_bins))
    for bins in (train, held_out):
        assert (np.diff(bins) > 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_fraction_is_met(method):
    _, held_out = split_indices(example(1000, 100), 0.3, method=method)
    assert len(held_out) == 300


@pytest.mark.parametrize("method", METHODS)
def test_parts_keep_what_belongs_to_their_bins(method):
    recording = example()
    for part, bins in zip(
        split(recording, method=method), split_indices(recording, method=method), strict=True
    ):
        np.testing.assert_array_equal(part.covariates["bin"], bins)
        np.testing.assert_array_equal(part.activity, recording.activity[bins])
        # A segment of a part is one stretch of one trial, at its own time.
        first = part.covariates["bin"][part.segment_starts]
        np.testing.assert_allclose(part.segment_start_s, 100.0 * (first // 10) + 0.1 * (first % 10))
        for start, stop in zip(
            part.segment_starts, [*part.segment_starts[1:], part.n_bins], strict=True
        ):
            assert (np.diff(part.covariates["bin"][start:stop]) == 1).all()
            assert len(set(part.covariates["trial"][start:stop])) == 1


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_is_one_split(method):
    recording = example()
    again = [split_indices(recording, method=method, seed=3)[1].tolist() for _ in range(2)]
    assert again[0] == again[1]
    if method != "matched":  # seeds matter there only above 1,000 neurons
        others = [split_indices(recording, method=method, seed=s)[1].tolist() for s in range(9)]
        assert any(other != again[0] for other in others)


def test_segments_are_held_out_whole():
    recording = example()
    train, held_out = split(recording, method="segments")
    assert not set(train.covariates["trial"]) & set(held_out.covariates["trial"])


def test_blocked_holds_out_one_stretch_without_copying_it():
    recording = Recording(np.eye(50))
    _, held_out = split(recording, method="blocked", seed=1)
    assert held_out.n_segments == 1
    assert np.shares_memory(held_out.activity, recording.activity)


def test_arrays_are_split_too():
    train, held_out = split(np.eye(40), 0.25, method="random")
    assert (train.n_bins, held_out.n_bins) == (30, 10)


def test_the_public_name_is_the_function():
    assert popcode.split is split


def test_provenance_says_how_the_parts_were_made():
    _, held_out = split(example(), 0.2, method="blocked", seed=7)
    assert held_out.provenance[-1] == {
        "step": "split",
        "part": "test",
        "method": "blocked",
        "test": 0.2,
        "seed": 7,
    }
    assert held_out.provenance[-2]["why"] == "the test part of the split"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"test": 0}, "expected a fraction between 0 and 1"),
        ({"test": 1.0}, "expected a fraction between 0 and 1"),
        ({"test": "a third"}, "expected a fraction between 0 and 1"),
        ({"method": "kfold"}, "unknown method 'kfold'"),
        ({"method": "segments"}, "the recording is one segment"),
        ({"method": "matched"}, "19 bins are too few for a matched split"),
    ],
)
def test_impossible_splits_are_refused(arguments, message):
    with pytest.raises(InputError) as caught:
        split(np.eye(19, 2), **arguments)
    assert message in str(caught.value)
    assert caught.value.remedy


def test_one_bin_cannot_be_split():
    with pytest.raises(InputError, match="one bin cannot be split"):
        split(np.ones((1, 3)), method="random")


def test_a_real_recording_is_split_by_the_article():
    path = DATA / "retina_salamander.npz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    train, held_out = split(popcode.load(path), 0.3, method="matched")
    assert held_out.n_bins == pytest.approx(0.3 * 141997, abs=2)
    rates = train.activity.mean(axis=0), held_out.activity.mean(axis=0)
    assert np.corrcoef(*rates)[0, 1] > 0.99
