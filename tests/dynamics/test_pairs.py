"""Strong pairs are near where a network is local, anywhere where it is not."""

import numpy as np
import pytest

from popcode.dynamics.correlations import correlations_of
from popcode.dynamics.pairs import strong_pairs
from popcode.errors import InputError

BOX = 3000.0


def network(is_local, n=300, seed=0):
    """Correlations of a critical symmetric network on a torus, in closed form, and its places."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, BOX, (n, 2))
    gaps = places[:, None] - places
    gaps -= BOX * np.rint(gaps / BOX)
    distance = np.linalg.norm(gaps, axis=2)
    chance = np.exp(-distance / 250) if is_local else np.full((n, n), 0.1)
    links = np.tril((rng.random((n, n)) < chance) - chance, -1)
    links = links + links.T
    links *= 0.98 / np.linalg.eigvalsh(links).max()
    covariance = np.linalg.inv(np.eye(n) - links)
    sd = np.sqrt(np.diag(covariance))
    return covariance / np.outer(sd, sd), places


def enumerated(correlations, places, width, n_distances, share, apart, box):
    """The definition, pair by pair."""
    n = len(places)
    strong, every = np.zeros((2, n_distances + 1))
    values = [[] for _ in range(n_distances)]
    for i in range(n):
        gaps = places - places[i]
        gaps -= box * np.rint(gaps / box)
        distance = np.linalg.norm(gaps, axis=1)
        others = [j for j in range(n) if j != i and distance[j] >= apart]
        ranked = sorted(others, key=lambda j: -correlations[i, j])
        for place, j in enumerate(ranked):
            at = min(int(distance[j] / width), n_distances)
            every[at] += 1
            strong[at] += place < max(1, round(share * len(others)))
            if at < n_distances:
                values[at].append(correlations[i, j])
    other = every - strong
    odds = (strong / strong.sum() / (other / other.sum()))[:-1]
    return odds, [np.mean(v) for v in values], [np.std(v) for v in values]


def test_odds_are_those_of_the_definition():
    correlations, places = network(True, n=60)
    found = strong_pairs(
        correlations, places, share=0.1, apart_um=100, bin_um=300, n_distances=6, box_um=BOX
    )
    odds, mean, sd = enumerated(correlations, places, 300, 6, 0.1, 100, BOX)
    assert found.odds == pytest.approx(odds)
    assert found.mean_correlation == pytest.approx(mean)
    assert found.sd_correlation == pytest.approx(sd)
    assert found.near_far == pytest.approx(odds[0] / odds[-4:].mean())


def test_strong_pairs_are_near_in_a_local_network_only():
    settings = {"share": 0.05, "n_distances": 8, "box_um": BOX}
    local = strong_pairs(*network(True), **settings)
    assert local.near_far_low > 3
    assert local.permuted_high < 2
    assert local.odds[0] > 3 * local.odds[4:].max()
    glob = strong_pairs(*network(False), **settings)
    assert glob.near_far_low < 1 < glob.near_far_high
    assert glob.permuted_low < glob.near_far < glob.permuted_high


def test_order_of_neurons_does_not_matter():
    correlations, places = network(True, n=80)
    order = np.random.default_rng(0).permutation(80)
    one = strong_pairs(correlations, places, share=0.05, bin_um=200)
    other = strong_pairs(correlations[np.ix_(order, order)], places[order], share=0.05, bin_um=200)
    assert np.allclose(one.odds, other.odds, equal_nan=True)
    assert one.n_pairs.tolist() == other.n_pairs.tolist()


def test_distance_bins_fit_a_small_field():
    correlations, places = network(False, n=60)
    found = strong_pairs(correlations, places / 10, share=0.05, apart_um=0)
    assert found.edges_um[-1] < 424  # the diagonal
    assert found.n_pairs.sum() > 0.97 * 60 * 59 / 2
    assert strong_pairs(correlations, places * 10, share=0.05).edges_um[1] == 200


def test_correlations_of_a_recording():
    x = np.random.default_rng(0).normal(size=(300, 12)) @ np.random.default_rng(1).random((12, 12))
    assert correlations_of(x) == pytest.approx(np.corrcoef(x.T), abs=1e-12)


def test_bad_input_is_refused():
    correlations, places = network(False, n=30)
    holed = correlations.copy()
    holed[3, 4] = np.nan
    cases = [
        ({"correlations": correlations[:, :20]}, "shape"),
        ({"correlations": holed}, "NaN or infinite"),
        ({"positions_um": None}, "no positions"),
        ({"share": 0.0}, "share"),
        ({"bin_um": -1.0}, "bin_um"),
        ({"box_um": 0.0}, "box_um"),
        ({"apart_um": 1e6}, "fewer than two pairs"),
    ]
    for changed, message in cases:
        given = {"correlations": correlations, "positions_um": places} | changed
        with pytest.raises(InputError, match=message):
            strong_pairs(given.pop("correlations"), given.pop("positions_um"), **given)
