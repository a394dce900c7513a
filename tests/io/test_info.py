"""What `popcode info` prints."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.io.info import described
from popcode.recording import Recording


def test_it_says_what_a_file_holds(recording, tmp_path):
    path = tmp_path / "session.npz"
    popcode.save(recording, path)
    lines = popcode.info(path).splitlines()
    assert lines[0] == str(path)
    rows = {line[2:14].strip(): line[14:] for line in lines[1:] if line.startswith("  ")}
    assert rows["file"].startswith("npz, ")
    assert rows["activity"].startswith("23 bins x 11 neurons, binary, 0.")
    assert rows["activity"].endswith(" Hz")
    assert rows["bins"] == "50 ms wide, 1.15 s in all"
    assert rows["segments"] == "3, of 3 to 13 bins, the first from 0 ms"
    assert rows["neurons"].startswith(
        "id, region, x_um, y_um, z_um, quality, depth, kept; waveform"
    )
    assert rows["regions"].startswith("3: ")
    assert rows["covariates"] == "speed, place (2), cue"
    assert rows["history"] == "made, load"


def test_it_says_what_is_wrong(tmp_path):
    activity = np.random.default_rng(0).integers(0, 2, (2000, 6))
    activity[:, 2] = 0
    text = popcode.info(Recording(activity, bin_s=0.1))
    assert "1 warning" in text
    assert "warning     1 of 6 neurons never active (neuron 2)" in text


def test_it_says_when_nothing_is_wrong():
    activity = np.random.default_rng(0).integers(0, 2, (2000, 6))
    text = popcode.info(Recording(activity, bin_s=0.1, neurons={"region": list("aabbbc")}))
    assert text.endswith("Nothing wrong was found.")
    assert "  regions     3: b 3, a 2, c 1" in text


def test_lines_are_short_and_widths_unknown_are_said():
    text = popcode.info(Recording(np.zeros((5, 200)) - 0.5))
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "width unknown" in text


@pytest.mark.parametrize(
    ("starts_s", "text"),
    [
        ([0.0128, 9.0], "2, of 10 to 20 bins, the first from 12.8 ms"),
        ([-75.0, 9.0], "2, of 10 to 20 bins, the first from -1 min 15 s"),
        ([np.nan, 9.0], "2, of 10 to 20 bins"),
        (None, "2, of 10 to 20 bins"),
    ],
)
def test_the_absolute_start_is_said_where_it_is_known(starts_s, text):
    recording = Recording(
        np.eye(30, 4), bin_s=0.1, segment_starts=[0, 10], segment_start_s=starts_s
    )
    assert f"  segments    {text}\n" in popcode.info(recording)


def test_the_name_of_the_array_is_said_of_the_file_that_holds_it(tmp_path):
    np.savez(tmp_path / "a.npz", spikes=np.eye(40, 5), dff=np.ones((40, 5)), bin_s=0.02)
    text = popcode.info(tmp_path / "a.npz")
    assert "  array       'spikes'\n" in text
    assert "read 'spikes'; also there: 'dff'; array='...' (--array) reads another" in text
    assert "  array       'dff'\n" in popcode.info(tmp_path / "a.npz", array="dff")
    np.save(tmp_path / "b.npy", np.eye(40, 5))
    popcode.save(popcode.load(tmp_path / "a.npz"), tmp_path / "c.npz")
    for name in ("b.npy", "c.npz"):
        assert "\n  array  " not in popcode.info(tmp_path / name)


def test_the_words_of_notes_and_findings_alone_are_exchanged():
    recording = Recording(
        np.eye(40, 4),
        neurons={"bin_s": np.arange(4)},
        provenance=({"step": "made", "notes": ["a note"]},),
    )
    text = described(recording, "bin_s=1.npz", str.upper)
    assert text.startswith("bin_s=1.npz\n")
    assert "id, bin_s" in text
    assert "  notes       A NOTE" in text
    assert "TOO FEW BINS: 40" in text


def test_a_file_that_cannot_be_read_is_one_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        popcode.info(tmp_path / "missing.npz")
