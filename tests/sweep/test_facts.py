"""The assemblies of a trial as they are kept, tabled and shown."""

import csv

import numpy as np
import pytest

from popcode import Recording
from popcode.analysis.membership import FitFacts, grid_effects
from popcode.report.blocks import Picture, Table
from popcode.sweep.assemblies import assemblies_section
from popcode.sweep.choice import choose, points_of
from popcode.sweep.facts import read_facts, write_facts
from popcode.sweep.folder import SweepFolder
from popcode.sweep.page import render_page
from popcode.sweep.plan import Cell
from popcode.sweep.results import STATISTICS, Result, write_trials
from popcode.sweep.store import Trial

NAN = float("nan")


class Model:
    """Two units that read two halves of the neurons; the second is a copy, a third is empty."""

    weights_ = np.kron([[1.0, -0.9, 0.0], [0.0, 0.0, 0.0]], np.ones((10, 1)))

    def transform(self, activity):
        return activity @ self.weights_


@pytest.fixture
def recording():
    """Neurons that fire together for 5 bins of 20."""
    course = np.tile(np.repeat([0, 1], [15, 5]), 20)
    return Recording(np.repeat(course[:, None], 20, 1).astype(np.uint8), bin_s=0.5)


def test_a_fit_is_counted_and_read_back_as_it_was(tmp_path, recording):
    write_facts(tmp_path / "facts", Model(), recording, 0.01)
    found = read_facts(tmp_path / "facts")
    assert (found.n_hidden, found.l1, found.unit) == (3, 0.01, "s")
    assert (found.n_effective, found.n_copies, found.n_empty) == (1, 1, 1)
    assert found.mean_size == 0.5
    assert found.mean_period == 10.0
    assert read_facts(tmp_path / "nothing") is None


def test_what_is_unknown_is_nan_again(tmp_path, recording):
    silent = recording.select(bins=np.arange(15))
    write_facts(tmp_path / "facts", Model(), silent, 0.01)
    assert np.isnan(read_facts(tmp_path / "facts").mean_period)
    assert "NaN" not in (tmp_path / "facts").read_text()


def fits(hidden=(10, 20), l1=(0.01, 0.02, 0.04), n_seeds=3):
    """Sizes that follow the penalty alone, numbers of assemblies the hidden units alone."""
    rng, found = np.random.default_rng(0), {}
    for n_hidden in hidden:
        for penalty in l1:
            for seed in range(n_seeds):
                facts = FitFacts(
                    n_hidden, penalty, 0, 1, n_hidden - 1 + int(rng.integers(2)),
                    0.1 - penalty + 0.001 * rng.normal(), NAN, "bins",
                )  # fmt: skip
                scores = dict.fromkeys(STATISTICS, 0.9 + 0.01 * rng.normal())
                found[Cell(n_hidden, penalty, seed)] = Result(
                    scores["mean_activity"], "mean_activity", 0.97, 0.3, scores, 0.2, 1.0, 10,
                    n_hidden, True, "hash", facts,
                )  # fmt: skip
    return found


def section(found):
    return assemblies_section(points_of(found), (10, 0.01)).blocks


def test_the_analysis_of_variance_stands_on_the_page_and_says_what_was_planted():
    found = fits()
    picture, table = section(found)
    assert isinstance(picture, Picture)
    effects = grid_effects([result.facts for result in found.values()])
    assert effects.mean_size.second.p < 1e-6
    assert effects.mean_size.first.p > 0.01
    rows = {row[:2]: row[2:] for row in table.rows}
    assert rows["size", "l1"][2] == rows["assemblies", "hidden units"][2] == "< 0.0001"
    assert rows["size", "hidden units"][2] == f"{effects.mean_size.first.p:.2g}"
    assert rows["size", "l1"][0] == "2, 12"  # levels less 1, and fits less cells
    assert {row[0] for row in table.rows} == {"assemblies", "size"}  # no period is known


def test_one_seed_is_judged_by_the_interaction():
    rows = {row[:2]: row[2:] for row in section(fits(n_seeds=1))[1].rows}
    assert rows["size", "l1"][0] == "2, 2"
    assert rows["size", "both together"][1] == "–"


def test_a_grid_of_one_penalty_has_no_table_and_fits_without_facts_say_so():
    assert not any(isinstance(block, Table) for block in section(fits(l1=(0.01,))))
    old = {cell: result._replace(facts=None) for cell, result in fits().items()}
    assert section(old)[0].tone == "absent"


def test_the_page_shows_the_grid_only_where_there_is_one(fake, tmp_path):
    for l1, n_pictures in (((0.01, 0.02, 0.04), 4), ((0.01,), 3)):
        found = fits(l1=l1)
        asked = fake.request((10, 20), l1, (0, 1, 2))
        trials = [Trial(k, cell, "finished") for k, cell in enumerate(found)]
        points = points_of(found)
        page = render_page(SweepFolder(tmp_path), asked, trials, points, choose(points), "today")
        assert page.count("<svg") == n_pictures
        assert ("The grid" in page) == (n_pictures == 4)
        assert "nan" not in page.replace("nano", "")


def test_the_page_of_a_search_has_one_picture(fake, tmp_path):
    found = fits(l1=(0.01,), n_seeds=1)
    asked = fake.request((10, 20), (0.01, 0.02), n_search=2)
    trials = [Trial(k, cell, "finished") for k, cell in enumerate(found)]
    points = points_of(found)
    page = render_page(SweepFolder(tmp_path), asked, trials, points, choose(points), "today")
    assert page.count("<svg") == 1
    assert "What the search tried" in page


def test_the_table_leaves_cells_empty_that_nothing_is_known_of(fake, tmp_path):
    folder = SweepFolder(tmp_path)
    folder.make()
    trials = [Trial(0, Cell(10, 0.01, 0), "failed", None, "no memory")]
    write_trials(folder, trials)
    with folder.table.open() as file:
        row = next(csv.DictReader(file))
    assert (row["n_hidden"], row["reason"], row["unit"], row["mean_size"]) == (
        "10", "no memory", "", "",
    )  # fmt: skip
