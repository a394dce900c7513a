"""The file of what stands behind the numbers: read as written, or refused."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.metrics import judge, read_evidence, write_evidence


@pytest.fixture(scope="module")
def evidence(mixture, recordings):
    return judge(mixture, *recordings).evidence


@pytest.fixture
def path(evidence, tmp_path):
    write_evidence(tmp_path / "evaluation.npz", evidence)
    return tmp_path / "evaluation.npz"


def leaves(value):
    if isinstance(value, dict):
        return [leaf for name in value for leaf in leaves(value[name])]
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def test_read_as_written(path, evidence):
    found = read_evidence(path)
    assert list(found.statistics) == list(evidence.statistics)
    for one, other in zip(leaves(found), leaves(evidence), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)  # nan where nan was


def test_the_same_evidence_is_the_same_bytes(path, evidence, tmp_path):
    write_evidence(tmp_path / "again.npz", evidence)
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def refused(path):
    with pytest.raises(InputError, match="Make it again with popcode evaluate RUN"):
        read_evidence(path)
    return True


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_cut_short(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert refused(path)


def test_no_damaged_byte_gives_other_numbers(path, evidence):
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for place in rng.choice(len(content), 150, replace=False):
        damaged = content.copy()
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            found = read_evidence(path)
        except InputError:
            continue
        # Some bytes of a zip (dates, versions) say nothing about its content.
        for one, other in zip(leaves(found), leaves(evidence), strict=True):
            np.testing.assert_array_equal(one, other)


def test_other_files(path, tmp_path):
    assert refused(tmp_path / "missing.npz")
    path.write_text("not a zip")
    assert refused(path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    assert refused(tmp_path / "one.npy")
    np.savez(path, format="another", version=1)
    assert refused(path)


@pytest.mark.parametrize("name", ["nllh.npy", "weights/pca.npy", "version.npy", "statistics/"])
def test_something_left_out(path, name):
    with zipfile.ZipFile(path) as file:
        parts = {each: file.read(each) for each in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for each, content in parts.items():
            if not each.startswith(name):
                file.writestr(each, content)
    assert refused(path)


def test_pickles_are_refused(path, evidence):
    write_evidence(path, evidence._replace(nllh=np.array([{"a": 1}], dtype=object)))
    assert refused(path)
