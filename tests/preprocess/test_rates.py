"""Silent and slow neurons: dropped, counted, named."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.preprocess import drop_below_rate, drop_silent
from popcode.recording import Recording


def spikes():
    """Neurons of 0, 1, 10 and 100 spikes in 10 s."""
    activity = np.zeros((100, 4), dtype=np.uint8)
    activity[3, 1] = 1
    activity[::10, 2] = 1
    activity[:, 3] = 1
    return Recording(activity, bin_s=0.1, kind="counts", neurons={"id": [5, 6, 7, 8]})


@pytest.mark.parametrize(
    ("rate", "kept"), [(0, [5, 6, 7, 8]), (0.1, [6, 7, 8]), (1.0, [7, 8]), (1.01, [8])]
)
def test_those_at_the_rate_are_kept(rate, kept):
    assert drop_below_rate(spikes(), rate).neurons["id"].tolist() == kept


def test_what_is_dropped_is_said():
    step = drop_below_rate(spikes(), 1.0).provenance[-1]
    assert (step["neurons_kept"], step["neurons_dropped"]) == (2, 2)
    assert step["notes"] == ["dropped 2 of 4 neurons: below 1 spikes a second"]


def test_nothing_to_drop_is_the_same_recording():
    recording = drop_silent(spikes())
    assert recording.neurons["id"].tolist() == [6, 7, 8]
    assert recording.provenance[-1]["notes"] == ["dropped 1 of 4 neurons: never active"]
    assert drop_silent(recording) is recording


def test_negative_values_are_not_silence():
    traces = Recording([[0.0, -1.0, 1.0], [0.0, 1.0, -1.0]], kind="dff")
    assert drop_silent(traces).neurons["id"].tolist() == [1, 2]


def test_bad_input():
    with pytest.raises(
        InputError, match="no neuron reaches 20 spikes a second; the highest has 10"
    ):
        drop_below_rate(spikes(), 20)
    for rate in (-1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="Give spikes a second, from 0"):
            drop_below_rate(spikes(), rate)
    with pytest.raises(InputError, match=r"real values \(rate\)"):
        drop_below_rate(Recording([[0.5, 1.5]], kind="rate", bin_s=1), 1)
    with pytest.raises(InputError, match="bin width of the recording is unknown"):
        drop_below_rate(Recording(np.eye(3)), 1)
    with pytest.raises(InputError, match="no neuron is ever active"):
        drop_silent(Recording(np.zeros((3, 3))))
