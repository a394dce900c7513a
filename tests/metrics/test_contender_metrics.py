"""``metrics.json`` of any model: nothing lost on the way there and back."""

import numpy as np
import pytest

from popcode.baselines import GLM, Independent
from popcode.metrics.contender_metrics import alone, contender_metrics, judged_from
from popcode.metrics.contenders import bounds_of, judge_contender
from popcode.metrics.evaluation import STATISTICS


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(0)
    active = rng.random((600, 3)) < 0.3
    rates = 0.05 + 0.5 * active @ np.kron(np.eye(3), np.ones((1, 4)))
    activity = (rng.random(rates.shape) < rates).astype(np.uint8)
    return activity[:400], activity[400:]


@pytest.mark.parametrize("kind", [Independent, GLM])
def test_there_and_back(parts, kind, monkeypatch):
    monkeypatch.setattr("popcode.metrics.comparison.MIN_SAMPLES", 300)
    model = kind().fit(parts[0])
    judged, bounds = judge_contender(model, *parts), bounds_of(*parts)
    metrics = contender_metrics(judged, bounds, -5.0)
    assert set(metrics["statistics"]) == set(STATISTICS)
    back = judged_from(metrics)
    assert (
        back["generation"] is None
        or {
            name: {key: each[key] for key in judged["generation"]["statistics"][name]}
            for name, each in back["generation"]["statistics"].items()
        }
        == judged["generation"]["statistics"]
    )
    for part in ("reconstruction", "co_smoothing", "single", "n_parameters", "sees_itself"):
        assert back[part] == judged[part]
    assert (back["generation"] is None) == (judged["generation"] is None)
    assert (back["log_likelihood"] is None) == (judged["log_likelihood"] is None)
    perfect = bounds["perfect"]["statistics"]["neuron_neuron"]["score"]
    assert metrics["statistics"]["neuron_neuron"]["score_perfect"] == perfect
    found = alone(metrics, "a model")
    assert found["models"]["model"]["title"] == "a model"
    assert found["models"]["model"]["seconds"] is None
    assert found["independent_log_likelihood"] == -5.0


def test_what_was_not_judged_is_none():
    metrics = contender_metrics({"n_parameters": 3, "sees_itself": True}, None, None)
    assert judged_from(metrics) is None and alone(metrics, "a model") is None
    assert metrics["co_smoothing"] is None and metrics["triplets"] == {
        "pearson": None,
        "slope": None,
    }
