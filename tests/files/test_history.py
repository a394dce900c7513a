"""The history table keeps its bits."""

from __future__ import annotations

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.files import read_history, write_history


def test_round_trip_keeps_the_bits(tmp_path):
    values = np.random.default_rng(0).standard_normal(50) ** 9
    values[3] = np.nan
    columns = {"update": np.arange(50), "loss": values, "seconds": list(values * 1e-200)}
    write_history(tmp_path / "h.csv", columns)
    read = read_history(tmp_path / "h.csv")
    assert list(read) == list(columns)
    for name, column in columns.items():
        np.testing.assert_array_equal(read[name], column)
    assert (tmp_path / "h.csv").read_text().splitlines()[1].startswith("0,")


def test_empty_history(tmp_path):
    write_history(tmp_path / "h.csv", {"update": [], "loss": []})
    read = read_history(tmp_path / "h.csv")
    assert {name: column.size for name, column in read.items()} == {"update": 0, "loss": 0}


def test_columns_of_different_lengths_leave_the_old_table(tmp_path):
    write_history(tmp_path / "h.csv", {"update": [1]})
    with pytest.raises(ValueError, match="shorter"):
        write_history(tmp_path / "h.csv", {"update": [1, 2], "loss": [1]})
    assert read_history(tmp_path / "h.csv")["update"].tolist() == [1]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n3\n", "a,b\n1,x\n"])
def test_damaged_history(tmp_path, text):
    (tmp_path / "h.csv").write_text(text)
    with pytest.raises(InputError, match="not a history table"):
        read_history(tmp_path / "h.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_history(tmp_path / "none.csv")
