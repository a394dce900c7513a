"""Zeros and ones from counts and from real values."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.recording import Recording


def test_counts_are_active_from_one_spike():
    counts = np.array([[0, 1, 5], [2, 0, 0]], dtype=np.uint8)
    binary = Recording(counts).binarized()
    assert binary.kind == "binary"
    np.testing.assert_array_equal(binary.activity, counts >= 1)
    assert binary.provenance[-1] == {
        "step": "binarized",
        "rule": "v >= 1",
        "threshold": 0.0,
        "counts_above_1": 2,
    }


def test_binary_activity_stays_as_it_is():
    recording = Recording(np.eye(3))
    assert recording.binarized() is recording


def test_real_values_are_active_above_a_threshold_for_each_neuron():
    rates = np.array([[0.5, 0.5], [1.5, 2.5], [1.0, 1.0]])
    binary = Recording(rates).binarized([1.0, 2.0])
    np.testing.assert_array_equal(binary.activity, [[0, 0], [1, 1], [0, 0]])
    assert binary.provenance[-1]["threshold"] == {"lowest": 1.0, "highest": 2.0}


@pytest.mark.parametrize("kind", ["rate", "dff", "events"])
def test_real_values_need_a_threshold(kind):
    with pytest.raises(InputError, match=rf"real values \({kind}\).*--binarize"):
        Recording(np.array([[0.5, 1.0]]), kind=kind).binarized()


@pytest.mark.parametrize("threshold", [[1.0, 2.0, 3.0], np.nan, [[1.0, 2.0]]])
def test_thresholds_are_one_number_or_one_a_neuron(threshold):
    with pytest.raises(InputError, match="one for each of 2 neurons"):
        Recording(np.array([[0.5, 1.5]])).binarized(threshold)
