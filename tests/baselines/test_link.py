"""Links against scikit-learn and where Newton's method alone goes astray."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from popcode.baselines.link import fit_link


def skewed(n_bins=800, n_neurons=12, seed=0):
    """Values with a few that are far out, as least squares without a prior gives them."""
    rng = np.random.default_rng(seed)
    y = np.exp(rng.normal(0, 2.5, (n_bins, n_neurons)))
    odds = 0.4 * np.log(y) - 3
    return y, (rng.random(y.shape) < 1 / (1 + np.exp(-odds))).astype(np.uint8)


def test_skewed_values_reach_the_optimum_of_scikit_learn():
    y, activity = skewed()
    link = fit_link(y, activity)
    scale = y.std(axis=0)
    for i in range(y.shape[1]):
        # The same penalty, 1/2 on the slope of standardised values.
        peer = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000)
        peer.fit(((y[:, i] - y[:, i].mean()) / scale[i])[:, None], activity[:, i])
        assert link.slopes[i] * scale[i] == pytest.approx(peer.coef_[0, 0], abs=1e-3)
    assert (link.slopes > 0).all()


def test_values_that_tell_nothing_give_the_rate():
    y, activity = skewed()
    y[:, 0] *= 1e-9  # a neuron that the factors have not seen
    activity[:, 1] = 0
    link = fit_link(y, activity)
    assert not link.slopes[:2].any()
    elsewhere = link.probability(np.full((1, 12), 3.0))[0]
    assert elsewhere[0] == pytest.approx(activity[:, 0].mean(), rel=1e-5)
    assert 0 < elsewhere[1] < 1 / len(activity)
