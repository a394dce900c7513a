"""What `popcode info` prints."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
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
    assert rows["segments"] == "3, of 3 to 13 bins"
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


def test_a_file_that_cannot_be_read_is_one_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        popcode.info(tmp_path / "missing.npz")
