"""The page of a comparison, with models that failed and numbers that are not defined."""

import re

import pytest

from popcode.report.comparison import render_comparison

NAMES = ("mean_activity", "mean_hidden", "neuron_hidden", "neuron_neuron", "hidden_hidden")


def generation(value):
    fields = {"score": value, "pearson": value, "slope": value}
    return {
        "statistics": {name: dict(fields) for name in NAMES},
        "triplets": {"pearson": value, "slope": value},
        "population_activity": {"kl": value},
    }


def model(title, **changes):
    bits = {"bits_per_spike": 0.5, "low": 0.4, "high": 0.6, "bits_expected": 0.55}
    return {
        "title": title, "seconds": 12.0, "cpu_seconds": 20.0, "n_parameters": 1234,
        "sees_itself": True, "reconstruction": {"nllh_median": 0.25}, "co_smoothing": bits,
        "single": bits, "log_likelihood": {"test": -9.5}, "generation": generation(0.9),
    } | changes  # fmt: skip


@pytest.fixture
def found():
    return {
        "input": "some/where/<session>.npz",
        "popcode": "1.2.3",
        "protocol": {
            "split": "matched", "n_neurons": 10, "n_train_bins": 700, "n_test_bins": 300,
            "n_hidden": 5, "n_updates": None, "seed": 0, "n_samples": 15000,
            "withheld_folds": 4, "withheld_bins": 300,
        },
        "independent_log_likelihood": -10.0,
        "bounds": {
            "bits_certain": 4.2, "independent": generation(None), "perfect": generation(0.98),
        },
        "models": {
            "crbm": model("compositional RBM"),
            "glm": model("GLM", generation=None, log_likelihood=None, sees_itself=False),
            "pca": model("PCA", single=None, generation=None),
            "nmf": {"title": "NMF", "error": "too few <bins>"},
        },
    }  # fmt: skip


def test_every_model_and_bound_is_there(found):
    page = render_comparison(found, "today")
    for text in ("compositional RBM", "GLM", "bound: perfect", "0.500 ± 0.100", "0.250*"):
        assert text in page
    assert "could not be fitted: too few &lt;bins&gt;" in page
    assert "since they do not generate: GLM, PCA" in page
    assert ">nan" not in page
    assert ">None<" not in page


def test_it_is_whole_and_the_same_each_time(found):
    page = render_comparison(found, "today")
    assert page == render_comparison(found, "today")
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    assert "<session>" not in page  # names are escaped


def test_a_comparison_in_which_all_failed_says_so(found):
    found["models"] = {"nmf": found["models"]["nmf"]}
    assert "could not be fitted" in render_comparison(found)
