"""Laws of reading hidden units as assemblies."""

import numpy as np
import pytest

from popcode.analysis import find_assemblies, neuron_facts
from popcode.analysis.assemblies import members_of
from popcode.analysis.membership import membership_threshold, same_weights
from popcode.recording import Recording

N, M, T = 60, 5, 200


@pytest.fixture
def weights():
    """Unit k has the twelve neurons 12 k ... 12 k + 11, every third of them silenced."""
    rng = np.random.default_rng(0)
    made = np.kron(np.eye(M), np.ones((N // M, 1))) * rng.uniform(0.7, 1.3, (N, M))
    made[::3] *= -1
    return made + 0.01 * rng.normal(size=(N, M))


@pytest.fixture
def hidden():
    rng = np.random.default_rng(1)
    return 2.0 * (rng.random((T, M)) < 0.2) + 0.1 * rng.normal(size=(T, M))


@pytest.fixture
def neurons():
    return facts(range(N))


def facts(ids, **columns):
    table = {"id": list(ids), **columns}
    return neuron_facts(Recording(np.zeros((4, len(table["id"])), np.uint8), neurons=table))


def by_unit(assemblies):
    return sorted(assemblies, key=lambda each: each.unit)


def test_planted_members_are_found(weights, hidden, neurons):
    for each in find_assemblies(weights, hidden, neurons):
        assert sorted(each.members) == list(range(12 * each.unit, 12 * each.unit + 12))
        assert (each.n_positive, each.n_negative) == (8, 4)
        assert np.all(np.diff(np.abs(each.weights)) <= 0)
        assert each.share == pytest.approx(0.2)
        assert each.active_share == pytest.approx((hidden[:, each.unit] > 1).mean())


def test_permuting_neurons_permutes_members(weights, hidden, neurons):
    order = np.random.default_rng(2).permutation(N)
    before = by_unit(find_assemblies(weights, hidden, neurons))
    after = by_unit(find_assemblies(weights[order], hidden, facts(order)))
    for one, other in zip(before, after, strict=True):
        assert [order[k] for k in other.members] == one.members.tolist()
        assert other.importance == pytest.approx(one.importance)


def test_the_sign_of_a_unit_does_not_matter(weights, hidden, neurons):
    plain = find_assemblies(weights, hidden, neurons)
    flipped = find_assemblies(-weights, -hidden, neurons)
    for one, other in zip(plain, flipped, strict=True):
        assert one.unit == other.unit
        assert one.members.tolist() == other.members.tolist()
        assert np.allclose(one.weights, other.weights)
        assert np.allclose(one.trace, other.trace)
        assert one.active_share == other.active_share


def test_units_are_ranked_by_the_variance_they_give(weights, hidden, neurons):
    hidden = hidden * np.array([1, 5, 2, 4, 3])
    assert [each.unit for each in find_assemblies(weights, hidden, neurons)] == [1, 3, 4, 2, 0]
    # Large weights that never change explain nothing.
    hidden[:, 1] = 7.0
    assert find_assemblies(weights, hidden, neurons)[-1].unit == 1


def test_an_empty_unit_comes_last_with_nothing(weights, hidden, neurons):
    weights[:, 2] = 0
    last = find_assemblies(weights, hidden, neurons)[-1]
    assert (last.unit, last.size, last.share, last.active_share) == (2, 0, 0.0, 0.0)
    assert (last.regions, last.spread_um, last.duplicates) == ((), None, ())


def test_duplicates_are_flagged_in_either_sign(weights, hidden, neurons):
    weights[:, 4] = -0.8 * weights[:, 1]
    found = by_unit(find_assemblies(weights, hidden, neurons))
    assert [each.duplicates for each in found] == [(), (4,), (), (), (1,)]
    assert not same_weights(np.zeros((N, M))).any()


def test_a_planted_region_is_enriched(weights, hidden):
    regions = np.array(["a", "b", ""])[(np.arange(N) >= 12).astype(int) + (np.arange(N) >= 48)]
    found = by_unit(find_assemblies(weights, hidden, facts(range(N), region=regions)))
    (share,) = found[0].regions
    assert (share.name, share.n_members, share.share) == ("a", 12, 1.0)
    assert share.expected == pytest.approx(0.2)
    assert share.enrichment == pytest.approx(5)
    assert found[4].regions == ()


def test_overlapping_regions_count_each():
    labels = np.array([[True, True], [True, False], [False, False]])
    recording = Recording(
        np.zeros((3, 3), np.uint8), region_labels=labels, region_names=["in", "half"]
    )
    weights, hidden = np.array([[1.0], [1.0], [0.0]]), np.array([[0.0], [1.0], [0.0]])
    (found,) = find_assemblies(weights, hidden, neuron_facts(recording))
    assert [(each.name, each.share) for each in found.regions] == [("in", 1.0), ("half", 0.5)]


def test_spread_is_the_distance_from_the_centre(weights, hidden):
    x = np.where(np.arange(N) % 2, 30.0, -30.0)
    found = find_assemblies(weights, hidden, facts(range(N), x_um=x, y_um=np.arange(N) * 0.001))
    assert found[0].spread_um == pytest.approx(30, abs=0.01)
    unplaced = facts(range(N), x_um=x, y_um=np.zeros(N))
    assert unplaced.positions_um is None  # a line is no map
    assert find_assemblies(weights, hidden, unplaced)[0].spread_um is None


def test_unknown_positions_of_some_neurons_do_not_spread(weights, hidden):
    x, y = np.random.default_rng(3).uniform(0, 9, (2, N))
    x[5] = np.nan
    found = by_unit(find_assemblies(weights, hidden, facts(range(N), x_um=x, y_um=y)))
    assert np.isfinite(found[0].spread_um)


def test_one_outstanding_neuron_does_not_hide_the_others():
    weights = np.r_[np.full(20, 0.5), 8.0, np.zeros(100)]
    assert len(members_of(weights)) == 21
    assert membership_threshold(np.full(50, 0.01)) == 0.05
