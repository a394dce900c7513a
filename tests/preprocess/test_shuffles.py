"""Controls: what each must keep to the bit, and what it must destroy."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.preprocess import circular_shifts, shift_halves, shuffle_rows
from popcode.recording import Recording


def driven(n_bins=4000, n_neurons=20, **parts):
    """Counts that follow one slow common input: every pair is correlated."""
    rng = np.random.default_rng(0)
    common = np.convolve(rng.normal(size=n_bins), np.ones(20) / np.sqrt(20), mode="same")
    counts = rng.poisson(np.exp(0.8 * common)[:, None] * np.linspace(0.5, 2, n_neurons))
    return Recording(counts, kind="counts", bin_s=0.02, **parts)


def correlations(activity, rows=slice(None), columns=slice(None)):
    return np.corrcoef(activity.T)[rows, columns]


def products(activity):
    """Second moments in whole numbers: exact."""
    wide = activity.astype(np.int64)
    return wide.T @ wide


def sorted_rows(activity):
    return activity[np.lexsort(activity.T)]


SHUFFLES = [shuffle_rows, circular_shifts, shift_halves]


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_values_of_every_neuron_are_kept_and_the_rest_untouched(shuffle):
    recording = driven(
        segment_starts=[0, 1000, 1001, 2500],
        covariates={"position": np.arange(4000.0)},
        neurons={"region": ["a", "b"] * 10},
    )
    made = shuffle(recording, 3)
    assert np.array_equal(np.sort(made.activity, axis=0), np.sort(recording.activity, axis=0))
    assert not np.array_equal(made.activity, recording.activity)
    assert made.kind == "counts"
    assert made.neurons.equals(recording.neurons)
    assert made.segment_starts.tolist() == recording.segment_starts.tolist()
    assert np.array_equal(made.covariates["position"], recording.covariates["position"])
    assert made.provenance[-1]["notes"][0].startswith("shuffled: ")
    assert made.provenance[-1]["seed"] == 3


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_the_seed_decides(shuffle):
    recording = driven(500)
    assert np.array_equal(shuffle(recording, 1).activity, shuffle(recording, 1).activity)
    assert not np.array_equal(shuffle(recording, 1).activity, shuffle(recording, 2).activity)


def test_rows_keep_all_statistics_and_lose_time():
    recording = driven()
    made = shuffle_rows(recording)
    assert np.array_equal(sorted_rows(made.activity), sorted_rows(recording.activity))
    total = made.activity.sum(axis=1)
    before = recording.activity.sum(axis=1)
    # The standard error of a correlation over 4,000 bins is 0.016.
    assert np.corrcoef(before[1:], before[:-1])[0, 1] > 0.5
    assert abs(np.corrcoef(total[1:], total[:-1])[0, 1]) < 0.08


def test_own_shifts_keep_neurons_and_lose_pairs():
    recording = driven()
    made = circular_shifts(recording)
    doubled = np.concatenate([recording.activity, recording.activity])
    for neuron in range(20):
        starts = [
            k
            for k in np.flatnonzero(doubled[:4000, neuron] == made.activity[0, neuron])
            if np.array_equal(doubled[k : k + 4000, neuron], made.activity[:, neuron])
        ]
        assert starts, "not a circular shift"
        assert starts[0] != 0
    off = ~np.eye(20, dtype=bool)
    assert correlations(recording.activity)[off].mean() > 0.2
    assert abs(correlations(made.activity)[off].mean()) < 0.05


@pytest.mark.parametrize("starts", [[0], [0, 1500, 1501, 3000]])
@pytest.mark.parametrize("shuffle", [circular_shifts, shift_halves])
def test_nothing_crosses_a_segment(shuffle, starts):
    recording = driven(segment_starts=starts)
    made = shuffle(recording)
    for start, stop in zip(starts, [*starts[1:], 4000], strict=True):
        kept, shuffled = recording.activity[start:stop], made.activity[start:stop]
        assert np.array_equal(np.sort(kept, axis=0), np.sort(shuffled, axis=0))


@pytest.mark.parametrize("half", [np.arange(7), np.arange(20) % 3 == 0])
def test_halves_keep_what_is_within_and_lose_what_is_across(half):
    recording = driven()
    made = shift_halves(recording, half=half)
    mask = np.zeros(20, dtype=bool)
    mask[half] = True
    within = mask[:, None] == mask
    before, after = products(recording.activity), products(made.activity)
    assert np.array_equal(before[within], after[within])
    assert np.array_equal(made.activity[:, ~mask], recording.activity[:, ~mask])
    across = correlations(made.activity)[~within]
    assert correlations(recording.activity)[~within].mean() > 0.2
    assert abs(across.mean()) < 0.08  # one offset: all pairs across share its chance overlap


def test_random_halves_are_half():
    recording = driven(300)
    made = shift_halves(recording, seed=5)
    assert (made.activity != recording.activity).any(axis=0).sum() == 10


def test_many_times_over_leaves_single_neurons():
    recording = driven()
    made = shift_halves(recording, n_times=500)
    off = ~np.eye(20, dtype=bool)
    assert abs(correlations(made.activity)[off].mean()) < 0.05
    lagged = [np.corrcoef(x[1:], x[:-1])[0, 1] for x in made.activity.T]
    before = [np.corrcoef(x[1:], x[:-1])[0, 1] for x in recording.activity.T]
    np.testing.assert_allclose(lagged, before, atol=0.01)  # one cut in 4,000 bins


def test_bad_input():
    recording = driven(50)
    for shuffle in SHUFFLES:
        with pytest.raises(InputError, match="seed is -1"):
            shuffle(recording, -1)
    single = driven(50, segment_starts=np.arange(50))
    for shuffle in (circular_shifts, shift_halves):
        with pytest.raises(InputError, match="every segment is one bin"):
            shuffle(single)
    with pytest.raises(InputError, match="20 of 20 neurons would be shifted"):
        shift_halves(recording, half=np.ones(20, dtype=bool))
    with pytest.raises(InputError, match="0 of 1 neurons would be shifted"):
        shift_halves(driven(50, 1))
    with pytest.raises(InputError, match="n_times is 0"):
        shift_halves(recording, n_times=0)
