"""The page of connectivity: every section, and what is left out where it is not known."""

import numpy as np
import pytest

from popcode.analysis.connectivity import RegionalMatrix, Structure, survey_connectivity
from popcode.report.blocks import Picture, Table, Text
from popcode.report.pages import render_sections
from popcode.report.sections.connectivity import AnimalFacts, connectivity_sections

N = 12
NAMES = tuple(f"region {k:02d}" for k in range(N))


def symmetric(values):
    return np.tril(values) + np.tril(values, -1).T


def matrices(noise, seed, n_animals=2):
    rng = np.random.default_rng(seed)
    shared = np.random.default_rng(9).normal(size=(N, N))
    return [
        RegionalMatrix(
            NAMES,
            symmetric(np.exp(shared + noise * rng.normal(size=(N, N)))),
            np.full(N, 9),
            100,
        )
        for _ in range(n_animals)
    ]


def structure():
    rng = np.random.default_rng(9)
    values = np.exp(rng.normal(size=(N, N))) * (rng.random((N, N)) < 0.6)
    return Structure(NAMES, symmetric(values), "30 traced neurons", ("a note on it",))


def facts(n):
    return [
        AnimalFacts(f"fish {k}", 200, 900, N, 2, 0.97, (0.99, 1.1), ("run: only 1 of 9",))
        for k in range(n)
    ]


def page(sections):
    return render_sections("title", "kind", "0", "today", sections)


@pytest.fixture(scope="module")
def whole():
    methods = {"cRBM": matrices(0.2, 0), "covariance": matrices(1.0, 1)}
    return connectivity_sections(survey_connectivity(methods, structure(), 100), facts(2))


def test_every_section_is_there_with_its_figures(whole):
    anchors = [section.anchor for section in whole]
    assert anchors == ["summary", "matrices", "animals", "structure", "law", "models"]
    pictures = [
        block for section in whole for block in section.blocks if isinstance(block, Picture)
    ]
    assert len(pictures) == 5
    assert "mathdefault" not in page(whole)  # labels of axes are plain text
    assert "run: only 1 of 9" in page(whole)
    tables = {
        section.anchor: block
        for section in whole
        for block in section.blocks
        if isinstance(block, Table)
    }
    assert [row[0] for row in tables["structure"].rows] == ["cRBM", "covariance"]
    assert tables["structure"].rows[0][-1] == "–"
    assert "[" in tables["structure"].rows[1][-1]


def test_a_method_that_is_no_better_is_called_so():
    names = ("cRBM", "covariance", "shifted")
    methods = {name: matrices(3.0 if name == "cRBM" else 0.1, k) for k, name in enumerate(names)}
    found = survey_connectivity(methods, structure(), 100, control="shifted")
    texts = [
        block.text
        for block in connectivity_sections(found, facts(2))[0].blocks
        if isinstance(block, Text) and block.tone == "note"
    ]
    assert any("not certainly better than covariance:" in text for text in texts)
    assert any("which knows of no couplings" in text for text in texts)


def test_one_animal_without_structure_leaves_sections_out():
    found = survey_connectivity({"cRBM": matrices(0.2, 0, 1)}, None, 100)
    sections = connectivity_sections(found, facts(1))
    assert [each.anchor for each in sections] == ["summary", "matrices", "law", "models"]
    assert "One animal only" in page(sections)


def test_the_same_survey_draws_the_same_page(whole):
    assert page(whole) == page(whole)
