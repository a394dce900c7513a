"""Figures and pages of assemblies and their dynamics show what they are given."""

import re

import numpy as np
import pytest

from popcode.analysis import neuron_facts
from popcode.analysis.dynamics import fit_two_levels
from popcode.analysis.membership import (
    describe_fit,
    find_consensus,
    fit_stability,
    grid_effects,
    region_occupancy,
    shuffled_fits,
    survey_membership,
)
from popcode.recording import Recording
from popcode.report import FitsCompared, render_fits_compared
from popcode.report.figures import levels, membership, stability, traces
from popcode.report.sections.dynamics import dynamics_section

STARTS = np.array([0, 7, 2000])


def test_blocks_never_hold_bins_of_two_segments():
    values = np.random.default_rng(0).normal(size=(5000, 3))
    edges, means = traces.block_means(values, STARTS)
    assert set(STARTS) <= set(edges)
    assert len(means) <= 1200 + 3
    for k in (0, 1, 500, len(means) - 1):
        np.testing.assert_allclose(means[k], values[edges[k] : edges[k + 1]].mean(axis=0))
    few, same = traces.block_means(values[:100], np.array([0]))
    assert few.tolist() == list(range(101))
    np.testing.assert_array_equal(same, values[:100])


def test_examples_go_from_the_deepest_valley_to_none():
    rng = np.random.default_rng(1)
    gaps = np.linspace(0, 6, 10)
    values = rng.normal(size=(2000, 10)) + gaps * (rng.random((2000, 1)) < 0.5)
    found = fit_two_levels(np.c_[values, np.ones(2000)])
    chosen = levels.examples(found)
    assert len(chosen) == 6
    assert (np.diff(found.valley[chosen]) >= 0).all()
    assert found.valley[chosen[0]] == np.nanmin(found.valley)
    assert found.valley[chosen[-1]] == np.nanmax(found.valley)


def test_regions_shown_are_those_with_the_largest_shares():
    rng = np.random.default_rng(2)
    inside = np.eye(50, dtype=bool)[rng.permutation(np.arange(300) % 50)]
    weights = rng.random((300, 4)) * (rng.random((300, 4)) < 0.1)
    found = region_occupancy(weights, [f"r{k}" for k in range(50)], inside, n_shuffles=2)
    shown = membership.shown_regions(found)
    assert len(shown) == membership.MOST_REGIONS
    hidden = np.setdiff1d(np.arange(50), shown)
    assert found.shares[:, hidden].max(axis=0).max() <= found.shares[:, shown].max(axis=0).min()


def text_of(section):
    return " ".join(str(getattr(block, "caption", getattr(block, "text", ""))) for block in section)


def test_dead_units_have_no_dynamics(made):
    contents = made()
    weights = contents.weights.copy()
    weights[:, 1:] = 0
    section = dynamics_section(contents._replace(weights=weights))
    assert "of 1 unit are bimodal" in text_of(section.blocks)
    none = dynamics_section(contents._replace(weights=np.zeros_like(weights)))
    assert text_of(none.blocks) == "No hidden unit changes over time."
    still = dynamics_section(contents._replace(hidden=np.ones_like(contents.hidden)))
    assert text_of(still.blocks) == "No hidden unit changes over time."


def test_neurons_that_never_switch_are_told(made):
    contents = made()
    recording = contents.source.recording
    silent = Recording(np.zeros(recording.shape, np.uint8), neurons=recording.neurons)
    section = dynamics_section(contents._replace(source=contents.source._replace(recording=silent)))
    assert "not shown: no neuron went on and off" in text_of(section.blocks)


def compared(fits, n_bins=300, l1=(0.1, 0.1, 0.2, 0.2), name="run"):
    """Fits that were never made, to neurons of two regions in a plane."""
    rng = np.random.default_rng(3)
    n = len(fits[0])
    neurons = {"id": np.arange(n), "region": ["<b>a</b>", "b"] * (n // 2)}
    neurons |= {"x_um": rng.random(n), "y_um": rng.random(n)}
    facts = [
        describe_fit(each, rng.normal(size=(n_bins, each.shape[1])), np.array([0, 50]), l1=penalty)
        for each, penalty in zip(fits, l1, strict=False)
    ]
    consensus, shuffled = find_consensus(fits), shuffled_fits(fits)
    known = neuron_facts(Recording(np.zeros((3, n), np.uint8), neurons=neurons))
    return FitsCompared(
        runs=tuple(f"{name}{k}" for k in range(len(fits))),
        seeds=tuple(range(len(fits))),
        same=0.7,
        least_share=0.5,
        facts=tuple(facts),
        stability=tuple(fit_stability(fits)),
        stability_shuffled=tuple(fit_stability(shuffled)),
        consensus=consensus,
        n_shuffled=find_consensus(shuffled).n_assemblies,
        members=survey_membership(consensus.weights, known) if consensus.n_assemblies else None,
        neurons=known,
        effects=grid_effects(facts),
    )


@pytest.fixture
def planted():
    """Three assemblies that all fits hold, and one unit of noise in some."""
    rng = np.random.default_rng(4)
    common = np.kron(np.eye(3), np.ones((20, 1)))
    sizes = (3, 4, 3, 4)
    return [
        np.c_[common + 0.02 * rng.normal(size=(60, 3)), rng.normal(size=(60, k - 3))] for k in sizes
    ]


def readable(page):
    assert not re.search(r"<script|<link|@import", page)
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S)
    assert not re.search(r"\b(nan|None|inf|NaN)\b", text)
    return " ".join(text.split())


def test_the_page_of_several_fits_says_what_returns(planted):
    found = compared(planted)
    text = readable(render_fits_compared(found, "title", "today"))
    assert "3 assemblies return in 50 % or more of 4 runs, and in two at least; " in text
    assert "with shuffled neurons 0 do" in text
    assert "4 of 4" in text
    assert "Two-way analysis of variance" in text
    assert "No analysis of variance" not in text


def test_fits_that_share_nothing_have_a_page(planted):
    rng = np.random.default_rng(5)
    strangers = [rng.normal(size=(60, 3)) for _ in range(2)]
    text = readable(render_fits_compared(compared(strangers), "title", "today"))
    assert "0 assemblies return" in text
    assert "No analysis of variance" in text
    empty = [planted[0], np.zeros((60, 2))]
    readable(render_fits_compared(compared(empty), "title", "today"))


def test_hostile_names_of_runs_are_escaped(planted):
    page = render_fits_compared(compared(planted, name="<script>x</script>"), "<b>", "today")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_pairs_without_a_partner_are_not_drawn(planted):
    found = fit_stability([planted[0], np.c_[planted[0], np.zeros((60, 2))]])
    values = stability.best_correlations(found)
    np.testing.assert_allclose(values, 1)
    assert values.size == 6
