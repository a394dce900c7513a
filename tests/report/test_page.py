"""The page is one whole file, says everything or says why not, and is the same every time."""

import html.parser
import re

import numpy as np
import pytest

from popcode.recording.checks import Finding
from popcode.report import render_report

VOID = {"meta", "br", "hr", "img", "input", "link", "col", "wbr"}
SECTIONS = (
    "run",
    "verdict",
    "convergence",
    "statistics",
    "population",
    "phase",
    "assemblies",
    "dynamics",
    "method",
)
HOSTILE = "<script>alert(\"1\")</script> & $x^2$ 'q'"


class Balanced(html.parser.HTMLParser):
    """Opened and closed tags, ids, links and the text that a reader sees."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.words, self.wrong = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs, closed=False):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [(tag, v) for k, v in attrs if k in ("href", "src", "xlink:href", "action")]
        if tag not in VOID and not closed:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs, closed=True)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def check(text):
    """What holds of every page."""
    found = Balanced(text)
    assert found.wrong == []
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    for tag, target in found.links:
        assert target.startswith(("#", "data:image/png;base64,")) or (
            tag == "a" and target.startswith("https://doi.org/")
        ), (tag, target[:80])
        assert not target.startswith("#") or target[1:] in found.ids
    assert not re.search(r"<script|<link|@import|url\((?!#)", text)
    assert not re.search(r"\b(nan|None|inf|NaN)\b", found.text), found.text
    assert {f"#{name}" for name in SECTIONS} <= {target for _, target in found.links}
    return found


def test_an_ordinary_page_is_whole(page):
    found = check(page)
    assert set(SECTIONS) <= set(found.ids)
    assert "score: neuron–neuron covariance" in found.text
    assert "popcode fit crbm /data/x.npz --out NEW_RUN --hidden 4" in found.text
    # A card for each of four units; the overview of all and their dynamics before them.
    assert page.count("<svg") == 1 + 6 + 1 + 2 + 4 + 4 + 5
    assert len(page) < 3e6


def test_the_same_contents_give_the_same_bytes(page, made):
    assert render_report(made(), "today") == page
    assert render_report(made(), "tomorrow") == page.replace("Made on today", "Made on tomorrow")


def test_hostile_names_are_escaped(made):
    ids = [HOSTILE + str(k) for k in range(30)]
    contents = made(ids=ids)
    contents = contents._replace(
        folder="/runs/<b>run</b>",
        record=contents.record.__class__(
            **{**vars(contents.record), "command": f"popcode fit {HOSTILE}", "input_path": HOSTILE}
        ),
    )
    found = check(render_report(contents, "today"))
    assert HOSTILE[:20] in found.text


def test_hostile_regions_are_escaped_in_figures(made):
    contents = made()
    recording = contents.source.recording
    table = recording.neurons
    table["region"] = HOSTILE
    hostile = recording.__class__(recording.activity, bin_s=0.02, neurons=table)
    contents = contents._replace(source=contents.source._replace(recording=hostile))
    check(render_report(contents, "today"))


@pytest.mark.parametrize(
    "size",
    [
        {"n_hidden": 1},
        {"n_hidden": 200, "n_bins": 100},
        {"positions": False, "bin_s": float("nan")},
        {"n_segments": 300},
        {"ids": ["x" * 200, *map(str, range(29))]},
        {"n_neurons": 2, "n_hidden": 1},
    ],
    ids=str,
)
def test_unusual_runs_have_a_page(made, size):
    found = check(render_report(made(**size), "today"))
    if size.get("positions") is False:
        assert "The recording holds no positions; give neurons x_um, y_um, z_um" in found.text
        assert "unknown: durations are in bins" in found.text


def test_dead_units_are_counted_and_not_drawn(made):
    contents = made()
    weights = contents.weights.copy()
    weights[:, 1:] = 0
    found = check(render_report(contents._replace(weights=weights), "today"))
    assert "3 hidden units without members, not listed." in found.text
    none = contents._replace(weights=np.zeros_like(weights))
    found = check(render_report(none, "today"))
    assert "4 hidden units without members, not listed." in found.text


def test_a_collapsed_fit_that_did_not_converge_is_warned_of(made, metrics_of):
    metrics = metrics_of()
    metrics["training"] |= {"converged": False, "residual": 0.4, "hidden_alive": 1}
    found = check(render_report(made()._replace(metrics=metrics), "today"))
    assert "Not converged: the left-over gradient is 0.40" in found.text
    assert "Only 1 of 4 hidden units keep weights" in found.text


def test_nothing_held_out_is_said(made, metrics_of):
    contents = made()._replace(
        metrics=metrics_of(scored=False),
        evidence=None,
        missing={"evidence": "No bins were held out, so nothing can be compared honestly."},
    )
    found = check(render_report(contents, "today"))
    assert found.text.count("No bins were held out, so nothing can be compared honestly.") == 3
    assert "fit with --holdout 0.3 for scores" in found.text


def test_everything_missing_is_said(made):
    reasons = {name: f"no {name}!" for name in ("source", "metrics", "history", "evidence")}
    contents = made()._replace(
        source=None, metrics=None, history=None, evidence=None, hidden=None, missing=reasons
    )
    found = check(render_report(contents, "today"))
    for reason in reasons.values():
        assert reason in found.text


def test_statistics_without_values_say_why(made, evidence_of):
    evidence = evidence_of()
    statistics = {
        name: density._replace(model=np.zeros_like(density.model))
        for name, density in evidence.statistics.items()
    }
    empty = evidence._replace(
        statistics=statistics,
        nllh=np.full(30, np.nan),
        active_hidden=np.full(120, np.nan),
        weights=evidence.weights._replace(model=np.zeros(30, np.int64)),
    )
    found = check(render_report(made()._replace(evidence=empty), "today"))
    assert "Covariance of hidden units: not shown, since there are no pairs" in found.text
    assert "The number of active hidden units is not defined" in found.text
    assert "every weight is zero" in found.text


def with_training(metrics, **changes):
    return metrics | {"training": metrics["training"] | changes}


def test_a_good_fit_is_called_believable(page, made, metrics_of):
    text = Balanced(page).text
    assert "Believable as a model of the statistics: converged, 4 of 4 hidden units alive" in text
    for changes in ({"converged": False}, {"converged": None}, {"hidden_alive": 1}):
        metrics = with_training(metrics_of(), **changes)
        assert "Believable" not in render_report(made()._replace(metrics=metrics), "today")
    assert "Believable" not in render_report(made()._replace(metrics=metrics_of(False)), "today")


def test_a_score_far_from_a_perfect_one_is_named(made, metrics_of):
    metrics = metrics_of()
    metrics["statistics"]["neuron_neuron"] = dict.fromkeys(
        metrics["statistics"]["mean_hidden"], 0.5
    )
    metrics["statistics"]["neuron_neuron"]["score_perfect"] = 0.9
    found = check(render_report(made()._replace(metrics=metrics), "today"))
    assert "Believable" not in found.text
    assert "neuron–neuron covariance 0.500 (perfect 0.900)" in found.text


def test_the_verdict_names_what_is_wrong_with_the_recording(made):
    warned = (
        Finding("likely_transposed", "warning", "more neurons than bins"),
        Finding("sparse_activity", "note", "little"),
    )
    found = check(render_report(made()._replace(findings=warned), "today"))
    assert "The checks of the recording warn of: likely transposed. See" in found.text
    none = check(render_report(made()._replace(findings=warned[1:]), "today"))
    assert "warn of" not in none.text


def test_a_continued_fit_is_not_claimed_to_be_a_fresh_one(made):
    contents = made()
    continued = [{"from_updates": 100, "to_updates": 2500}]
    fields = vars(contents.record) | {
        "continued": continued,
        "parameters": contents.record.parameters | {"n_updates": 2500},
    }
    record = contents.record.__class__(**fields)
    found = check(render_report(contents._replace(record=record), "today"))
    assert "from 100 to 2,500 updates by popcode resume RUN --updates 2500" in found.text
    assert "a new fit of 2,500 updates takes another course" in found.text
    assert "--updates 100" in found.text
    assert "&& popcode resume NEW_RUN --updates 2500" in found.text


def test_notes_of_reading_and_on_counts_stand_with_the_checks(made):
    contents = made()
    steps = [{"step": "load", "notes": ["Read so."]}, {"step": "binarized", "counts_above_1": 7}]
    recording = contents.source.recording.__class__(
        contents.source.recording.activity, kind="binary", bin_s=0.02, provenance=steps
    )
    contents = contents._replace(source=contents.source._replace(recording=recording), findings=())
    found = check(render_report(contents, "today"))
    assert "note: Read so." in found.text
    assert "note: 7 counts are above 1" in found.text
    assert "Nothing wrong was found" not in found.text
