"""Variables as scipy reads them, from files that MATLAB 4.2 to 8 wrote on machines of both orders.

The files are those that scipy's own tests come with.
"""

from pathlib import Path

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from popcode.io.matlab import version4, version5

FOLDER = Path(scipy.io.matlab.__file__).parent / "tests" / "data"
FILES = sorted(FOLDER.glob("test*.mat"))
VERSION_5 = [path for path in FILES if path.read_bytes().startswith(b"MATLAB 5.0")]
VERSION_4 = [path for path in FILES if "_4.2c_" in path.name or "mat4" in path.name]

pytestmark = pytest.mark.skipif(not FILES, reason=f"{FOLDER} is not there")


def same(found, expected):
    """Whether the values are those that scipy reads, in its form of them."""
    if scipy.sparse.issparse(expected):
        return np.array_equal(found, expected.toarray().astype(np.float32))
    if expected.dtype.kind == "U":
        return [text.strip() for text in np.ravel(expected)] == [t for t in np.ravel(found) if t]
    return found.shape == expected.shape and np.array_equal(found, expected)


@pytest.mark.parametrize("path", VERSION_5, ids=lambda path: path.name)
def test_version_5(path):
    expected = scipy.io.loadmat(path)
    found = {variable.name: variable for variable in version5.read_variables(path)}
    assert set(found) - {""} == {name for name in expected if not name.startswith("__")}
    for name, variable in found.items():
        if variable.class_ in version5.CLASS_TYPES and not variable.is_complex:
            assert same(version5.read_values(path, variable), expected[name]), name
            assert variable.shape == expected[name].shape
        elif variable.class_ == version5.CHAR:
            assert same(version5.read_values(path, variable), expected[name]), name


@pytest.mark.parametrize("path", VERSION_4, ids=lambda path: path.name)
def test_version_4(path):
    expected = scipy.io.loadmat(path)
    found = version4.read_matrices(path)
    assert version4.first_matrix(path) == found[0]
    assert {m.name for m in found} == {name for name in expected if not name.startswith("__")}
    for matrix in found:
        if matrix.dtype is not None:
            assert same(version4.read_values(path, matrix), expected[matrix.name])


@pytest.mark.parametrize("path", VERSION_5, ids=lambda path: path.name)
def test_files_of_other_versions_are_told_apart(path):
    assert version4.first_matrix(path) is None
