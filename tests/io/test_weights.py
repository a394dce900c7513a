"""Exports of published weights are read through HDF5 alone, and come back as they went in."""

import pickle

import h5py
import numpy as np
import pandas as pd
import pytest

from popcode.errors import InputError
from popcode.io.weights import read_weights


def frame(n_neurons: int = 40, n_hidden: int = 12, dtype: type = np.float64) -> pd.DataFrame:
    weights = np.random.default_rng(0).normal(size=(n_neurons, n_hidden)).astype(dtype)
    return pd.DataFrame(weights, columns=[f"hu_{k:03d}" for k in range(n_hidden)])


def write_fixed(path, weights, names, *, rows_first=True):
    """The fixed layout of pandas, without pandas."""
    with h5py.File(path, "w") as file:
        group = file.create_group("all")
        group.attrs["pandas_type"] = np.bytes_("frame")
        group.attrs["nblocks"] = 1
        group["axis0"] = group["block0_items"] = np.array(names, dtype="S8")
        group["axis1"] = np.arange(len(weights))
        group["block0_values"] = weights if rows_first else weights.T
        if rows_first:
            group["block0_values"].attrs["transposed"] = 1


def same(path, expected: pd.DataFrame, **arguments):
    weights, names = read_weights(path, **arguments)
    assert names == tuple(expected.columns)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, expected.to_numpy(np.float32))


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        read_weights(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("layout", ["fixed", "table"])
def test_what_pandas_wrote_comes_back(layout, dtype, tmp_path):
    pytest.importorskip("tables", reason="pandas writes HDF5 through PyTables")
    written = frame(dtype=dtype)
    written.to_hdf(tmp_path / "w.h5", key="all", format=layout)
    same(tmp_path / "w.h5", written)


@pytest.mark.parametrize("layout", ["fixed", "table"])
@pytest.mark.filterwarnings("ignore")  # pandas says that it pickles the text
def test_columns_of_several_types_keep_their_order(layout, tmp_path):
    pytest.importorskip("tables", reason="pandas writes HDF5 through PyTables")
    written = frame().astype({"hu_003": np.float32, "hu_007": np.int32})
    with_text = written.assign(region=["left", "right"] * 20)
    with_text.to_hdf(tmp_path / "w.h5", key="other", format=layout)
    same(tmp_path / "w.h5", written, key="other")


def test_table_columns_that_can_be_queried(tmp_path):
    pytest.importorskip("tables", reason="pandas writes HDF5 through PyTables")
    written = frame()
    written.to_hdf(tmp_path / "w.h5", key="all", format="table", data_columns=["hu_002", "hu_000"])
    same(tmp_path / "w.h5", written)


@pytest.mark.parametrize("rows_first", [True, False])
def test_the_fixed_layout_without_pandas(rows_first, tmp_path):
    written = frame()
    write_fixed(tmp_path / "w.h5", written.to_numpy(), written.columns, rows_first=rows_first)
    same(tmp_path / "w.h5", written)


def test_without_names_of_hidden_units_every_column_is_one(tmp_path):
    written = frame(5, 3).set_axis(["a", "b", "c"], axis=1)
    write_fixed(tmp_path / "w.h5", written.to_numpy(), written.columns)
    same(tmp_path / "w.h5", written)


def test_files_that_hold_no_frame(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["weights"] = np.eye(3)
    assert "no data frame 'all'; it holds weights" in refused(tmp_path / "w.h5")
    assert "no data frame 'weights'" in refused(tmp_path / "w.h5", key="weights")
    assert "there is no such file" in refused(tmp_path / "missing.h5")


def test_weights_that_are_wrong(tmp_path):
    written = frame(5, 3)
    written.iloc[4, 1] = np.inf
    write_fixed(tmp_path / "w.h5", written.to_numpy(), written.columns)
    assert "neuron 4, column hu_001: 1 weights are not finite" in refused(tmp_path / "w.h5")
    write_fixed(tmp_path / "t.h5", np.full((5, 3), b"text"), written.columns)
    assert "holds no numbers" in refused(tmp_path / "t.h5")
    write_fixed(tmp_path / "e.h5", np.empty((0, 3)), written.columns)
    assert "rows" in refused(tmp_path / "e.h5")


class Touch:
    """A pickle of it writes a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickles_in_attributes_are_not_run(tmp_path):
    table = np.zeros(3, dtype=[("index", "i8"), ("values_block_0", "f8", (1,))])
    for protocol in (0, 2):
        with h5py.File(tmp_path / "w.h5", "w") as file:
            file["all/table"] = table
            file["all"].attrs["pandas_type"] = "frame_table"
            content = pickle.dumps(Touch(tmp_path / "touched"), protocol)
            attribute = np.bytes_(content) if protocol == 0 else np.void(content)
            file["all/table"].attrs["values_block_0_kind"] = attribute
        with pytest.raises(InputError):
            read_weights(tmp_path / "w.h5")
        assert not (tmp_path / "touched").exists()


def test_files_cut_short(tmp_path):
    written = frame()
    write_fixed(tmp_path / "w.h5", written.to_numpy(), written.columns)
    content = (tmp_path / "w.h5").read_bytes()
    for length in np.random.default_rng(0).integers(0, len(content), 40):
        (tmp_path / "w.h5").write_bytes(content[:length])
        refused(tmp_path / "w.h5")
