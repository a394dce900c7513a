"""Regions given to recordings, and recordings cut by region, with their provenance."""

import numpy as np
import pandas as pd
import pytest

import popcode
from popcode.errors import InputError
from popcode.preprocess.regions import drop_unlabelled, select_regions, with_regions
from popcode.recording import Recording

REGIONS = ["Cerebellum", "", "Tectum", "Left Habenula", "", "Tectum"]


@pytest.fixture
def plain() -> Recording:
    activity = np.random.default_rng(0).integers(0, 2, (30, 6))
    return Recording(activity, bin_s=0.1, neurons={"id": np.arange(10, 16)})


@pytest.fixture
def column(plain) -> Recording:
    return with_regions(plain, REGIONS)


@pytest.fixture
def overlapping(plain) -> Recording:
    labels = np.array([[1, 1], [0, 0], [0, 1], [1, 0], [0, 0], [0, 0]], dtype=bool)
    return with_regions(plain, labels, ["Hindbrain", "Cerebellum"])


def ids(recording) -> list[int]:
    return recording.neurons["id"].tolist()


def test_a_region_a_neuron_becomes_the_column(plain, column):
    assert column.neurons["region"].tolist() == REGIONS
    np.testing.assert_array_equal(column.activity, plain.activity)
    assert column.provenance[-1]["neurons_labelled"] == 4
    assert "4 of 6 neurons carry a region label" in popcode.info(column)
    again = with_regions(column, np.array(["V1"] * 6, dtype=object))
    assert again.neurons["region"].tolist() == ["V1"] * 6


def test_a_matrix_becomes_region_labels(overlapping):
    assert overlapping.region_names == ("Hindbrain", "Cerebellum")
    assert overlapping.provenance[-1]["neurons_labelled"] == 3
    assert "region" not in overlapping.neurons


def test_neurons_without_a_region_are_dropped_and_counted(column, overlapping):
    assert ids(drop_unlabelled(column)) == [10, 12, 13, 15]
    kept = drop_unlabelled(overlapping)
    assert ids(kept) == [10, 12, 13]
    assert kept.region_labels.shape == (3, 2)
    step = kept.provenance[-1]
    assert (step["neurons_kept"], step["neurons_dropped"]) == (3, 3)
    assert "kept 3 of 6 neurons: those in a region of the atlas" in " ".join(
        popcode.info(kept).split()
    )


def test_either_kind_of_label_counts(overlapping):
    both = with_regions(overlapping, REGIONS)
    assert ids(drop_unlabelled(both)) == [10, 12, 13, 15]
    assert ids(select_regions(both, ["Hindbrain", "Tectum"])) == [10, 12, 13, 15]
    assert ids(select_regions(both, ["Cerebellum"])) == [10, 12]


def test_chosen_regions(column, overlapping):
    assert ids(select_regions(column, "Tectum")) == [12, 15]
    assert ids(select_regions(column, ["Left Habenula", "Cerebellum"])) == [10, 13]
    kept = select_regions(overlapping, ["Cerebellum"])
    assert ids(kept) == [10, 12]
    assert kept.provenance[-1]["why"] == "kept those in Cerebellum"
    assert kept.provenance[-1]["notes"] == ["kept 2 of 6 neurons: those in Cerebellum"]


def test_choosing_every_region_drops_the_unlabelled_and_no_more(column, overlapping):
    for recording, names in ((column, set(REGIONS) - {""}), (overlapping, ("Hindbrain",) * 2)):
        chosen = {*names, *recording.region_names}
        assert ids(select_regions(recording, sorted(chosen))) == ids(drop_unlabelled(recording))


def test_names_that_are_not_there_list_those_that_are_near(column):
    with pytest.raises(InputError, match=r"no region 'tectum'\. Near it are: Tectum"):
        select_regions(column, ["tectum"])
    with pytest.raises(InputError, match="Near it are: Left Habenula"):
        select_regions(column, ["Habenula"])
    with pytest.raises(InputError, match="Of its 3 regions the first are: Cerebellum; Left Hab"):
        select_regions(column, ["VISp"])
    with pytest.raises(InputError, match="there is no region ''"):
        select_regions(column, [""])
    with pytest.raises(InputError, match="no region was named"):
        select_regions(column, [])


def test_what_cannot_be_done(plain, column, overlapping):
    for cut in (drop_unlabelled, lambda recording: select_regions(recording, "a")):
        with pytest.raises(InputError, match="the recording has no regions"):
            cut(plain)
    with pytest.raises(InputError, match="no neuron left: of 6 neurons"):
        drop_unlabelled(with_regions(plain, [""] * 6))
    empty = with_regions(plain, np.eye(6, 7, dtype=bool), list("abcdefg"))
    with pytest.raises(InputError, match="no neuron left"):
        select_regions(empty, "g")


@pytest.mark.parametrize("labels", [["a"] * 5, np.arange(7), np.zeros((6, 2, 2))])
def test_labels_that_do_not_fit(labels, plain):
    with pytest.raises(InputError, match=r"for 6 neurons.*Give a name a neuron"):
        with_regions(plain, labels)


def test_numbers_become_names(plain):
    names = ["Cerebellum", "Tectum", "Left Habenula"]
    numbers = np.array([1, 0, 2, 3, 0, 2], dtype=np.float64)
    assert with_regions(plain, numbers, names).neurons["region"].tolist() == REGIONS
    with pytest.raises(InputError, match="the label 3 has no name; 2 names were given"):
        with_regions(plain, numbers, names[:2])
    with pytest.raises(InputError, match="neither text nor whole numbers"):
        with_regions(plain, numbers / 2, names)


def test_missing_text_is_no_region(plain):
    table = pd.DataFrame({"id": range(6), "region": ["a", None, "b", float("nan"), "", "a"]})
    recording = Recording(plain.activity, neurons=table)
    assert ids(drop_unlabelled(recording)) == [0, 2, 5]
    assert ids(drop_unlabelled(with_regions(plain, table["region"].to_numpy()))) == [10, 12, 15]
