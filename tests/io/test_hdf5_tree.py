"""Every data set of an HDF5 file once, whatever leads to it."""

import h5py
import numpy as np
import pytest

import popcode
from popcode.io.hdf5_tree import DEEPEST, MAX_OBJECTS, datasets_below


@pytest.fixture
def file(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        yield file


def paths(file):
    return [path for path, _ in datasets_below(file)]


def test_it_finds_what_a_visit_finds(file):
    for path in ("b/x", "b/a/x", "a", "c/d/e/f", "b/z"):
        file[path] = np.zeros(2)
    file.create_group("empty")
    file["c/soft"], file["c/outside"] = h5py.SoftLink("/a"), h5py.ExternalLink("no.h5", "/x")
    visited = []
    file.visititems(lambda path, item: visited.append(path) if item.id and path else None)
    assert paths(file) == [path for path in visited if isinstance(file[path], h5py.Dataset)]


def test_links_in_circles_lead_to_each_once(file):
    file["a/x"] = np.zeros(2)
    file["a/root"], file["a/again"], file["y"] = file, file["a"], file["a/x"]
    assert paths(file) == ["a/x"]


def test_it_stops_at_many_objects_and_deep_down(file):
    group = file
    for _ in range(DEEPEST + 5):
        group = group.create_group("g")
        group["x"] = 1
    assert len(paths(file)) == DEEPEST - 1
    for k in range(MAX_OBJECTS):
        file.create_group(f"h{k}")
    file["z"] = 1
    assert "z" not in paths(file)


def test_groups_nested_by_the_thousand(file):
    """A matrix beside them is read; a walk by full paths would be quadratic."""
    file["spks"] = np.random.default_rng(0).normal(size=(50, 8))
    group = file
    for _ in range(3000):
        group = group.create_group("g")
    path = file.filename
    file.close()
    assert popcode.load(path).shape == (50, 8)
