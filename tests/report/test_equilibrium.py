"""The sections on other models, higher order, relaxation and surprise, whole or saying why not."""

import html.parser

import numpy as np
import pytest

from popcode.metrics.equilibrium import SECTIONS, EquilibriumEvidence, write_equilibrium
from popcode.metrics.equilibrium.evidence import (
    Histograms,
    RelaxationCurves,
    Squares,
    SurpriseSeries,
)
from popcode.report import render_report
from popcode.report.contents import _equilibrium
from popcode.report.figures.canvas import drawn
from popcode.report.figures.relaxation import draw_regions, draw_relaxation
from popcode.report.figures.sets import look_of, rivals_of
from popcode.report.numbers import with_interval, with_margin
from popcode.report.page import blocks_by_kind, template_environment
from popcode.report.sections.higher_order import _beyond, higher_order_section
from popcode.report.sections.likelihood import likelihood_section
from popcode.report.sections.relaxation import relaxation_section
from popcode.report.sections.rivals import rivals_section
from popcode.report.sections.standing import gains, shortcomings
from popcode.report.sections.surprise import surprise_section
from popcode.report.sections.verdict import warnings

MODELS = ("model", "independent", "pairwise", "k_pairwise", "perfect", "train")
HOSTILE = "<script>alert(\"1\")</script> & $x^2$ 'q'"
MAKERS = (rivals_section, higher_order_section, relaxation_section, surprise_section)
ANCHORS = ("rivals", "higher-order", "relaxation", "surprise")


def estimate(value):
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def triplets(n):
    each = {"pearson": 0.8, "pearson_low": 0.7, "pearson_high": 0.9, "slope": 1.1, "rmse": 1e-4}
    return {
        "n_triplets": n, "pearson_split_half": 0.85, "pearson_ceiling": 0.95,
        "models": dict.fromkeys(MODELS, each),
    }  # fmt: skip


def relaxed(factor=2.0, note=""):
    number = None if factor is None else {"value": factor, "low": None, "high": None}
    misfit = None if factor is None else {"rmse": 0.05, "ceiling": 0.01, "independent": 0.3}
    return {"factor": number, "misfit": misfit, "drift": 4.2, "note": note, "n_neurons": 30}


def completed(bits=1.25):
    return {
        "bits_per_spike": bits, "low": 1.2, "high": 1.3, "bits_expected": 1.4,
        "bits_certain": 5.5, "bits_shuffled": -0.7, "share_above_zero": 1.0, "n_spikes": 99,
    }  # fmt: skip


def fake_metrics():
    gain = {
        "mean": 0.5, "low": 0.4, "high": 0.6, "standard_error": 0.05, "n_blocks": 45,
        "standard_error_log_partition": 0.02, "bits_per_spike": 0.3, "bits_low": 0.2,
        "bits_high": 0.4, "model": -17.5, "rival": -18.0,
    }  # fmt: skip
    near = {"truth": 0.5, "samples": 0.5, "mean": 0.5123, "low": 0.49, "high": 0.53, "n_bins": 99}
    calibration = {
        "mean": 17.5, "mean_samples": 17.2, "excess": estimate(0.3), "rank": estimate(0.51),
        "above_95": estimate(0.06), "above_99": estimate(0.02), "distance": 0.1, "p_value": 0.2,
    }  # fmt: skip
    region = relaxed() | {"misfit_at_population_factor": {"rmse": 0.077}}
    covariance = {name: estimate(1.0) for name in ("rmse", "ratio", "pearson")}
    return {
        "comparison": dict.fromkeys(("independent", "pairwise", "k_pairwise"), gain),
        "higher_order": {"random": triplets(1_000_000), "strongest": triplets(10_000)},
        "population_activity_rivals": {"models": {name: estimate(0.02) for name in MODELS}},
        "covariance_rivals": {
            "n_samples": 15000, "n_pairs": 435, "models": dict.fromkeys(MODELS, covariance),
        },
        "projections": {
            "n_axes": 2, "n_bins": 99,
            "models": {key: {"distance": [0.1, None], "low": [0, 0]} for key in MODELS},
        },
        "adversarial_accuracy": {
            "n_bins": 99, "models": {k: near for k in MODELS if k != "perfect"},
        },
        "relaxation": {
            "population": relaxed(), "regions": {"CA1": region},
            "shuffled": relaxed(None, "the recording's activity is not correlated"),
            "bin_s": 0.02, "n_chains": 100, "n_sweeps": 4000, "lengthened": True,
            "max_lag_bins": 20, "max_lag_sweeps": 400,
        },
        "completion": {
            "single": {"n_bins": 99, "models": dict.fromkeys(("model", "pairwise"), completed())},
            "groups": {
                "n_bins": 99, "kind": "region", "groups": {"CA1": completed() | {"n_neurons": 12}},
            },
        },
        "surprise": {"test": calibration, "train": calibration},
        "missing": {},
        "protocol": {"n_samples": 15000},
    }  # fmt: skip


def fake_curves(names, factors):
    lags, sweeps = np.exp(-np.arange(21) / 5), np.exp(-np.arange(101) / 10)
    n = len(names)
    return RelaxationCurves(
        np.array(names, np.str_),
        np.tile(lags, (n, 1)), np.full((n, 21), 0.02),
        np.full((n, 21), -0.05), np.full((n, 21), 0.05),
        np.tile(sweeps, (n, 1)), np.full((n, 101), 0.01),
        np.array(factors), np.full(n, 12), np.zeros(21),
    )  # fmt: skip


def fake_evidence(n_neurons=30, n_train=280, n_test=120):
    rng = np.random.default_rng(0)
    edges = np.linspace(-0.01, 0.02, 61)
    squares = Squares(edges, {name: rng.integers(0, 9, (60, 60)) for name in MODELS})
    sets = ("test", *MODELS)
    axes = {name: rng.integers(0, 9, (2, 60)) for name in sets}
    train, test = (rng.gamma(9, 2, n).astype(np.float32) for n in (n_train, n_test))
    levels = np.array([0.5, 0.99, 0.999])
    return EquilibriumEvidence(
        squares, squares,
        {name: rng.integers(0, 50, n_neurons + 1) for name in sets},
        Histograms(np.tile(np.linspace(-2, 3, 61), (2, 1)), axes),
        fake_curves(["all neurons", "CA1"], [2.0, np.nan]),
        {"model": rng.normal(1, 0.3, n_neurons), "pairwise": rng.normal(0.9, 0.3, n_neurons)},
        SurpriseSeries(
            train, test, np.linspace(0, 60, 61),
            {name: rng.integers(0, 50, 60) for name in ("test", "train", "model")},
            levels, np.array([17.0, 35.0, 45.0]),
        ),
    )  # fmt: skip


@pytest.fixture
def contents(made):
    found = made()
    record = found.record.__class__(
        **vars(found.record) | {"parameters": {**found.record.parameters, "model": "rbm"}}
    )
    metrics = {**found.metrics, "equilibrium": fake_metrics()}
    return found._replace(record=record, metrics=metrics, equilibrium=fake_evidence())


class Reader(html.parser.HTMLParser):
    """Ids and the text that a reader sees."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.words, self.hidden = [], [], False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.ids += [value for key, value in attrs if key == "id"]
        self.hidden = tag in ("style", "script")

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        self.words += [] if self.hidden else data.split()


def checked(contents):
    """The four sections laid out as a page."""
    sections = [make(contents) for make in MAKERS]
    parts = [(section, blocks_by_kind(section)) for section in sections]
    names = {"title": "run", "kind": "rbm", "date": "today", "version": "0"}
    page = template_environment().get_template("report.html.j2").render(sections=parts, **names)
    found = Reader(page)
    assert len(found.ids) == len(set(found.ids))
    assert set(ANCHORS) <= set(found.ids)
    assert not {"nan", "None", "inf"} & set(found.words)
    return " ".join(found.words), page


def test_the_page_of_a_run_holds_the_sections(contents):
    found = Reader(render_report(contents, "today"))
    assert len(found.ids) == len(set(found.ids))
    assert set(ANCHORS) <= set(found.ids)


def test_an_ordinary_page_holds_all_four_sections(contents):
    text, page = checked(contents)
    for told in (
        "0.500 [0.400, 0.600]",  # the gain
        "1.250 [1.200, 1.300]",  # a neuron from all others
        "0.800 ± 0.100",  # triplets
        "0.512 ± 0.022",  # neighbours, by the larger half
        "0.0200 ± 0.0100",  # KL in nats
        "lengthened once",
        "not at equilibrium: their activity moved by 4.2",
        "No relaxation, as it must be.",
        "0.077",  # a region at the factor of all
    ):
        assert told in text, told
    for name in ("rivals", "triplets-random", "projections", "relaxation-regions",
                 "surprise-calibration", "surprise-series"):  # fmt: skip
        assert f'id="{name}-' in page, name


def test_every_part_that_is_none_says_why(contents):
    reasons = {name: f"no {name}!" for name in SECTIONS}
    metrics = dict.fromkeys(SECTIONS) | {"missing": reasons, "protocol": {}}
    nothing = EquilibriumEvidence(None, None, {}, None, None, {}, None)
    empty = contents._replace(
        metrics={**contents.metrics, "equilibrium": metrics}, equilibrium=nothing
    )
    text, _ = checked(empty)
    for name in ("comparison", "covariance_rivals", "completion", "higher_order", "projections",
                 "relaxation", "surprise"):  # fmt: skip
        assert f"Not shown: no {name}!" in text, name


def test_runs_without_an_evaluation_say_why(contents):
    old = contents._replace(
        metrics={**contents.metrics, "equilibrium": None},
        equilibrium=None,
        missing={"equilibrium": "Nothing was held out."},
    )
    text, _ = checked(old)
    assert text.count("Nothing was held out.") == len(ANCHORS)


def test_the_input_gone_leaves_all_but_the_series(contents):
    gone = contents._replace(source=None, missing={"source": "The input is gone."}, couplings=None)
    text, page = checked(gone)
    assert "The input is gone." in text
    assert 'id="surprise-calibration-' in page
    assert 'id="surprise-series-' not in page


def test_a_series_of_other_bins_is_not_drawn(contents):
    other = contents._replace(equilibrium=fake_evidence(n_test=50))
    assert "of other bins than the run's" in checked(other)[0]


def test_hostile_names_are_escaped(contents):
    metrics = fake_metrics()
    metrics["relaxation"]["regions"] = {HOSTILE: metrics["relaxation"]["regions"]["CA1"]}
    curves = fake_curves(["all neurons", HOSTILE], [np.nan, 1.5])
    hostile = contents._replace(
        metrics={**contents.metrics, "equilibrium": metrics},
        equilibrium=fake_evidence()._replace(relaxation=curves),
    )
    text, page = checked(hostile)
    assert "<script>alert" not in page
    assert HOSTILE in text


@pytest.mark.parametrize("n_regions", [1, 4, 5, 8])
def test_each_region_has_a_panel_and_unknown_bins_are_told(n_regions):
    names = [f"area {k}" for k in range(n_regions)]
    curves = fake_curves(["all neurons", *names], [np.nan, *[0.5] * n_regions])
    image = drawn("regions", "regions", lambda: draw_regions(curves, None))
    assert all(name in image for name in names)
    assert "lag (bins)" in image
    whole = drawn("whole", "whole", lambda: draw_relaxation(curves, 0.02))
    assert "lag (s)" in whole
    assert "sweeps a bin" not in whole  # of a recording without a factor


def test_the_strongest_rival_comes_first():
    assert rivals_of(["test", "independent", "model", "k_pairwise", "perfect", "pairwise"]) == [
        "k_pairwise", "pairwise", "independent",
    ]  # fmt: skip
    assert rivals_of(["other", "independent"]) == ["independent", "other"]
    assert look_of("other").name == "other"


def test_numbers_with_intervals():
    assert with_interval(0.5, 0.25, 0.75, 2) == "0.50 [0.25, 0.75]"
    assert with_interval(-0.5, None, 0.7, 2) == "−0.50"
    assert with_margin(0.5, 0.25, 0.6, 2) == "0.50 ± 0.25"
    assert with_margin(None, 0.1, 0.2) == with_margin(float("nan"), 0.1, 0.2)[:1] == "–"


def test_the_file_and_the_numbers_must_both_be_there(tmp_path):
    scored = {"protocol": {"n_test_bins": 5}, "equilibrium": fake_metrics()}

    def why(metrics):
        missing = {}
        assert _equilibrium(tmp_path, metrics, missing) is None
        return missing["equilibrium"]

    assert "holds no equilibrium.npz" in why(scored)
    (tmp_path / "equilibrium.npz").write_bytes(b"damaged")
    assert "cannot be used" in why(scored)
    write_equilibrium(tmp_path / "equilibrium.npz", fake_evidence())
    assert _equilibrium(tmp_path, scored, {}) is not None
    assert "does not hold the numbers" in why({**scored, "equilibrium": None})
    assert "No bins were held out" in why({"protocol": {"n_test_bins": 0}})


def judged(**changes):
    """Clauses of the verdict on the ordinary numbers with a part replaced."""
    return shortcomings(fake_metrics() | changes)


def test_a_model_that_loses_nowhere_is_not_faulted_and_its_gain_is_told():
    assert judged() == []
    assert "0.500 [" in gains(fake_metrics())[0]
    assert shortcomings(None) == gains(None) == shortcomings(dict.fromkeys(SECTIONS)) == []


def test_a_gain_that_is_none_or_within_the_error_of_the_partition_function_is_said():
    ordinary = fake_metrics()["comparison"]
    lost = ordinary | {"pairwise": ordinary["pairwise"] | {"mean": -0.2, "low": -0.3, "high": -0.1}}
    assert "withheld bins lose to pairwise" in judged(comparison=lost)[0]
    unsure = ordinary | {"pairwise": ordinary["pairwise"] | {"standard_error_log_partition": 0.4}}
    assert "gain nothing certain over pairwise" in judged(comparison=unsure)[0]


def test_statistics_worse_than_pairwise_or_far_from_the_ceiling_are_said():
    models = fake_metrics()["covariance_rivals"]["models"]
    worse = {"models": models | {"model": {"ratio": estimate(1.3)}}}
    assert "above pairwise's 1.000" in judged(covariance_rivals=worse)[0]
    assert "training bins'" not in judged(covariance_rivals=worse)[0]
    counts = {"models": dict.fromkeys(MODELS, estimate(0.5)) | {"train": estimate(0.02)}}
    assert "above the training bins' 0.0200" in judged(population_activity_rivals=counts)[0]


def test_the_likelihood_says_why_metrics_are_missing(contents):
    gone = contents._replace(metrics=None, missing={"metrics": "It cannot be read."}, history=None)
    gone.missing["history"] = "no history"
    assert likelihood_section(gone).blocks[0].text == "It cannot be read."


def test_advice_to_an_rbm_is_possible():
    training = {"l1": 0.0, "weight_nonzero": 1.0, "n_hidden": 100}
    (free,) = warnings(training, "rbm")
    assert free.endswith("such as --hidden 50 --early-stopping.")
    (penalised,) = warnings(training | {"l1": 0.002}, "rbm")
    assert penalised.endswith("such as --hidden 50 --l1 0.004 --early-stopping.")


def test_values_beyond_a_figure_are_said(contents):
    squares = contents.equilibrium.random_triplets
    counts = {name: np.zeros((60, 60), int) for name in squares.counts}
    for each in counts.values():
        each[:, 30] = 10
    inside = squares._replace(counts=counts)
    assert _beyond(inside) == ""
    piled = counts["pairwise"].copy()
    piled[:, -1] = 1
    told = _beyond(inside._replace(counts=counts | {"pairwise": piled}))
    assert told.endswith("beyond the figure: pairwise (Ising) 9.1 %.")


def test_the_command_written_out_names_the_baselines(contents):
    parameters = contents.record.parameters | {"baselines": "none", "learning_rate": 0.005004698}
    record = contents.record.__class__(**vars(contents.record) | {"parameters": parameters})
    text = Reader(render_report(contents._replace(record=record), "today")).words
    assert text[text.index("--baselines") + 1] == "none"
    assert "0.005" in text
