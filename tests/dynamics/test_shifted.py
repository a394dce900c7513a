"""The control of shifted halves: single neurons kept, pairs lost."""

import numpy as np

from popcode.dynamics.shifted import shifted_recording


def test_neurons_are_kept_and_pairs_are_out_of_step():
    rng = np.random.default_rng(0)
    common = np.convolve(rng.normal(size=5000), np.ones(5), mode="same")[:, None]
    x = (common + rng.normal(size=(5000, 12))).astype(np.float32)
    made = shifted_recording(x, n_shifts=100, seed=1)
    assert np.array_equal(np.sort(made.activity, axis=0), np.sort(x, axis=0))
    before, after = np.corrcoef(x.T), np.corrcoef(made.activity.T)
    apart = ~np.eye(12, dtype=bool)
    assert before[apart].min() > 0.7
    # Correlations of 5,000 bins of five-bin smoothness: an error of about 0.03.
    assert np.abs(after[apart]).max() < 0.15
