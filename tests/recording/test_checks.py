"""Planted mistakes are found and named; what is right is left alone."""

from pathlib import Path

import numpy as np
import pytest

from popcode.recording import Recording, run_checks
from popcode.recording.checks import CHECKS

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def clean(n_bins: int = 2000, n_neurons: int = 30, **parts) -> Recording:
    """Binary activity with slow states, so that time is recognisable; no finding at all."""
    rng = np.random.default_rng(0)
    drive = np.repeat(rng.normal(size=(n_bins // 10 + 1, n_neurons)), 10, axis=0)[:n_bins]
    activity = (rng.random((n_bins, n_neurons)) < 0.3 / (1 + np.exp(-2 * drive))).astype(np.uint8)
    return Recording(activity, **{"bin_s": 0.1, **parts})


def found(recording: Recording, name: str) -> str:
    texts = [str(finding) for finding in run_checks(recording) if finding.check == name]
    assert len(texts) <= 1
    return texts[0] if texts else ""


def changed(change, **parts) -> Recording:
    activity = clean().activity.copy()
    change(activity)
    return Recording(activity, **{"bin_s": 0.1, **parts})


def test_a_clean_recording_has_no_finding():
    assert run_checks(clean()) == []


def test_every_finding_bears_the_name_of_its_check():
    recording = Recording(np.zeros((5, 20)) + np.eye(5, 20))
    assert {finding.check for finding in run_checks(recording)} <= set(CHECKS)


def test_errors_come_first():
    findings = run_checks(Recording(np.zeros((5, 2))))
    assert findings[0].severity == "error"
    assert "no neuron is ever active" in str(findings[0])


def test_silent_neurons_are_named():
    def silence(activity):
        activity[:, [3, 17]] = 0

    text = found(changed(silence), "silent_neurons")
    assert text.startswith("2 of 30 neurons never active (neurons 3, 17).")
    named = found(changed(silence, neurons={"id": [f"u{k}" for k in range(30)]}), "silent_neurons")
    assert "neurons 3 (id u3), 17 (id u17)" in named


def test_at_most_ten_neurons_are_named():
    def silence(activity):
        activity[:, :14] = 0

    assert "7, 8, 9 and 4 more" in found(changed(silence), "silent_neurons")


def test_neurons_that_are_always_active_are_named():
    def fill(activity):
        activity[:, 5] = 1

    text = found(changed(fill), "unchanging_neurons")
    assert "1 of 30 neurons active in every bin (neuron 5)" in text


def test_real_values_that_never_change_are_named():
    rates = np.random.default_rng(0).random((2000, 3)) + 0.5
    assert found(Recording(rates), "unchanging_neurons") == ""
    rates[:, 1] = 0.25
    assert "never changing (neuron 1)" in found(Recording(rates), "unchanging_neurons")


def test_duplicates_are_named_with_their_original():
    def copy(activity):
        activity[:, 20] = activity[:, 4]
        activity[:, 25] = activity[:, 4]
        activity[:, [7, 8]] = 0  # silent neurons are equal too, but are another finding

    text = found(changed(copy), "duplicate_neurons")
    assert "2 neurons with exactly the activity of another (neurons 20 = 4, 25 = 4)" in text


def test_nearly_equal_neurons_are_no_duplicates():
    def copy(activity):
        activity[:, 20] = activity[:, 4]
        activity[0, 20] ^= 1

    assert found(changed(copy), "duplicate_neurons") == ""


def test_many_duplicates_are_counted():
    def copy(activity):
        activity[:, 1:15] = activity[:, :1]

    assert "and 4 more" in found(changed(copy), "duplicate_neurons")


def test_duplicates_of_real_values_are_found():
    traces = np.random.default_rng(0).normal(size=(500, 4)).astype(np.float32)
    traces[:, 3] = traces[:, 0]
    assert "3 = 0" in found(Recording(traces), "duplicate_neurons")


def test_a_transposed_matrix_is_recognised():
    assert "likely transposed: 2,000 neurons in 30 bins" in found(
        Recording(clean().activity.T), "transposition"
    )


def test_more_neurons_than_bins_is_no_mistake_where_time_runs_along_the_rows():
    assert found(clean(n_bins=200, n_neurons=400), "transposition") == ""


def test_without_evidence_the_orientation_is_only_noted():
    rng = np.random.default_rng(0)
    recording = Recording((rng.random((200, 400)) < 0.1).astype(np.uint8))
    (finding,) = [f for f in run_checks(recording) if f.check == "transposition"]
    assert finding.severity == "note"


def test_a_table_of_the_right_length_settles_the_orientation():
    transposed = Recording(clean().activity.T, neurons={"region": ["a"] * 2000})
    assert found(transposed, "transposition") == ""


@pytest.mark.parametrize(
    "name", ["hippocampus_mouse", "m1_reach_macaque", "neuropixels_mouse", "tectum_zebrafish"]
)
def test_real_recordings_are_told_from_their_transpose(name):
    path = DATA / f"{name}.npz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    activity = np.load(path)["activity"]
    assert "likely transposed" in found(Recording(activity.T), "transposition")
    cropped = activity[: activity.shape[1] - 1]
    assert found(Recording(cropped), "transposition") == ""


def test_few_bins():
    assert "too few bins: 999" in found(clean(n_bins=999), "few_bins")
    assert found(clean(n_bins=1000), "few_bins") == ""


def test_counts():
    def burst(activity):
        activity[0] = 4

    assert "counts up to 4" in found(changed(burst), "counts")
    assert found(changed(burst), "saturated_counts") == ""


def test_saturated_counts():
    def burst(activity):
        activity[0, 2] = 255

    assert "neuron 2" in found(changed(burst), "saturated_counts")


def test_real_values():
    assert "--binarize" in found(Recording(np.array([[-1.0, 2.5]])), "real_values")


def test_sparse_activity_suggests_a_width():
    def thin(activity):
        activity[:] = 0
        activity[::200] = 1  # 0.005 spikes a neuron and bin

    assert ".binned(4) (--bin-s 0.4)." in found(changed(thin), "sparse_activity")
    assert ".binned(4)." in found(changed(thin, bin_s=np.nan), "sparse_activity")
    assert found(clean(), "sparse_activity") == ""


def test_unknown_bin_width():
    assert "bin_s=..." in found(clean(bin_s=np.nan), "unknown_bin_width")


def test_wide_bins():
    text = found(clean(bin_s=20.0), "wide_bins")
    assert text.startswith(
        "bins of 20 s are unusually wide. The width is in seconds: 20 ms is 0.02"
    )
    assert [f.severity for f in run_checks(clean(bin_s=20.0))] == ["warning"]
    for bin_s in (5.0, np.nan):
        assert found(clean(bin_s=bin_s), "wide_bins") == ""


def test_short_segments():
    recording = clean(segment_starts=[0, 100, 104, 108])
    text = found(recording, "short_segments")
    assert "2 of 4 segments shorter than 10 bins (the shortest, segment 1, has 4 bins)" in text
    assert found(clean(segment_starts=[0, 100]), "short_segments") == ""
