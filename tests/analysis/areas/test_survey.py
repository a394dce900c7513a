"""Order, distance, probes, and the survey that puts them together."""

import numpy as np
import pytest

from popcode.analysis.areas import (
    distance_curve,
    labelled,
    order_test,
    places_of,
    probe_contrasts,
    survey_areas,
)
from popcode.errors import InputError
from popcode.recording import Recording
from popcode.simulate import simulate_areas

PROBES = np.tile([0, 1, 2, 3], 30)
ONE_GROUP = np.zeros(120, np.int64)


def recorded(n=120, **columns):
    return Recording(np.zeros((4, n), np.uint8), neurons={"id": np.arange(n), **columns})


def test_a_perfect_order_has_the_smallest_p_there_is():
    strengths = np.outer(np.arange(6, 0, -1), np.arange(6, 0, -1)).astype(float)
    found = order_test(strengths + 3 * np.eye(6), strengths + 3 * np.eye(6))
    assert (found.spearman, found.n_orders) == (pytest.approx(1), 720)
    assert found.p == pytest.approx(1 / 720)


def test_within_over_between_is_no_order():
    rng = np.random.default_rng(0)
    p = []
    for _ in range(40):
        table = rng.normal(size=(5, 5)) + 9 * np.eye(5)
        p.append(order_test((table + table.T) / 2, np.add.outer(*[np.arange(5.0)] * 2)).p)
    # Uniform p: standard error of the mean .046.
    assert abs(np.mean(p) - 0.5) < 0.19
    big = order_test(np.add.outer(*[np.arange(9.0)] * 2), np.add.outer(*[np.arange(9.0)] * 2))
    assert big.p < 0.001


def test_tables_that_do_not_match_are_refused():
    for table in (np.eye(2), np.eye(4), np.full((3, 3), np.nan)):
        with pytest.raises(InputError):
            order_test(table, np.eye(len(table) if len(table) != 4 else 3))


def test_a_planted_fall_with_distance_is_found(noise):
    depth = np.random.default_rng(1).uniform(0, 1000, (120, 1))
    distances = np.abs(depth - depth.T)
    curve = distance_curve(noise + np.exp(-distances / 100), depth, ONE_GROUP)
    expected = np.exp(-curve.distance_um / 100)
    # 714 pairs a bin of noise 1: standard error .037; the fall is curved within a bin.
    assert np.abs(curve.mean - expected).max() < 0.16
    assert curve.low[0] > curve.high[-1]
    assert curve.n_pairs.sum() == 120 * 119 // 2
    assert (curve.low <= curve.mean).all()
    assert (curve.high >= curve.mean).all()


def test_without_a_fall_the_curve_is_flat(noise):
    depth = np.random.default_rng(2).uniform(0, 1000, (120, 1))
    curve = distance_curve(noise, depth, ONE_GROUP)
    covered = (curve.low <= 0) & (curve.high >= 0)
    assert covered.sum() >= 7


def test_only_pairs_of_one_group_count(noise):
    depth = np.arange(120.0)[:, None]
    values = np.where(PROBES[:, None] == PROBES, 5.0, noise)
    depth[7] = np.nan
    curve = distance_curve(values, depth, np.where(np.arange(120) < 100, PROBES, -1))
    np.testing.assert_allclose(curve.mean, 5)
    assert curve.n_pairs.sum() == 3 * 25 * 24 // 2 + 24 * 23 // 2
    assert distance_curve(values, np.zeros((120, 1)), PROBES) is None


def test_what_a_probe_adds_is_found(noise, areas):
    added = 0.4 * (PROBES[:, None] == PROBES)
    for found in probe_contrasts(noise + added, areas, PROBES, n_shuffles=200):
        assert found.same_probe - found.other_probe == pytest.approx(0.4, abs=0.3)
        assert found.p < 0.02
    flat = probe_contrasts(noise, areas, PROBES, n_shuffles=200)
    assert [each.area for each in flat] == ["a", "b", "c"]
    assert min(each.p for each in flat) > 0.01


def test_pairs_of_the_same_and_of_other_probes_are_counted(noise, areas):
    (first, *_) = probe_contrasts(noise, areas, PROBES, n_shuffles=5)
    same = PROBES[:30, None] == PROBES[:30]
    upper = np.triu(np.ones((30, 30), bool), 1)
    assert first.same_probe == pytest.approx(noise[:30, :30][same & upper].mean())
    assert first.other_probe == pytest.approx(noise[:30, :30][~same & upper].mean())
    assert (first.n_same, first.n_other) == ((same & upper).sum(), (~same & upper).sum())


def test_places_are_read_from_the_table(labels):
    probes = np.array(["P0", "P1", None, "nan"], object)[PROBES]
    table = recorded(region=labels, probe=probes, probe_vertical_position=np.arange(120.0), layer=1)
    places = places_of(table)
    assert places.areas.names == ("a", "b", "c")
    assert places.probes.tolist()[:4] == [0, 1, -1, -1]
    assert places.positions_um[:, 0].tolist() == list(range(120))
    assert places_of(table, "layer").areas.names == ("1",)
    with pytest.raises(InputError, match="no column 'depth'"):
        places_of(table, "depth")
    with pytest.raises(InputError, match="no area holds"):
        places_of(recorded())


def test_a_coordinate_that_no_neuron_has_is_left_out(labels):
    places = places_of(recorded(region=labels, x_um=np.arange(120.0)))
    assert places.positions_um.shape == (120, 1)
    assert places.probes is None


def test_what_cannot_be_told_apart_is_said(noise, labels):
    alone = survey_areas(noise, places_of(recorded(region=labels, probe=labels)), n_shuffles=20)
    assert alone.within_probe is None
    assert alone.strictest is alone.anywhere
    assert any("every area is on one probe" in note for note in alone.notes)
    assert any("no probe holds neurons of two areas" in note for note in alone.notes)
    unknown = survey_areas(noise, places_of(recorded(region=labels)), n_shuffles=20)
    assert any("no probe is known" in note for note in unknown.notes)
    crossed = survey_areas(
        noise, places_of(recorded(region=labels, probe=PROBES.astype(str))), n_shuffles=20
    )
    assert crossed.strictest is crossed.within_probe
    assert crossed.notes == ()


def test_couplings_of_other_neurons_are_refused(noise, labels):
    places = places_of(recorded(region=labels))
    with pytest.raises(InputError, match="119 neurons and places of 120"):
        survey_areas(noise[1:, 1:], places)
    with pytest.raises(InputError, match="0 shuffles"):
        survey_areas(noise, places, n_shuffles=0)


def test_the_survey_of_true_couplings_finds_what_was_planted():
    recording, truth = simulate_areas(240, 4, 300, seed=3)
    survey = survey_areas(truth.couplings.toarray(), places_of(recording), n_shuffles=200)
    assert survey.within_probe.mean.difference_p == pytest.approx(1 / 201)
    assert order_test(survey.tables.mean, truth.strengths).p < 0.05
    assert survey.contrast.ratio > 3
    assert survey.distance.low[0] > survey.distance.high[-1]
    # Planted without a word on probes; four areas, 1 % each to be wrong by chance.
    assert min(each.p for each in survey.probes) > 0.01
    assert labelled(recording.neurons["region"].to_numpy()).names == survey.areas.names
