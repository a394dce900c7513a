"""Tables of text: what is read exactly, and what is refused with its line."""

import csv

import numpy as np
import pandas as pd
import pytest

import popcode
from popcode.errors import InputError, PopcodeWarning
from popcode.io.csv import CSV, layout_of

MATRIX = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
NAMES = ["a", "b", "cell 3", "d", "e"]


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def load_text(path, text, **arguments):
    path.write_text(text, encoding="utf-8")
    return popcode.load(path, **arguments)


def notes(recording) -> str:
    return "; ".join(note for step in recording.provenance for note in step.get("notes", ()))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", " "])
@pytest.mark.parametrize("with_names", [False, True])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_tables_come_back_exactly(delimiter, with_names, newline, bom, tmp_path):
    names = [name.replace(" ", "_") for name in NAMES]
    table = pd.DataFrame(MATRIX, columns=names)
    text = bom + table.to_csv(
        sep=delimiter, index=False, header=with_names, float_format="%.9g", lineterminator=newline
    )
    (tmp_path / "a.txt").write_bytes(text.encode())
    recording = popcode.load(tmp_path / "a.txt")
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.neurons["id"].tolist() == (names if with_names else [0, 1, 2, 3, 4])
    assert recording.provenance[-1]["format"] == "csv"
    assert recording.provenance[0]["delimiter"] == delimiter


def test_numbers_with_a_comma(tmp_path):
    table = pd.DataFrame(MATRIX, columns=NAMES)
    text = table.to_csv(sep=";", index=False, float_format="%.9g", decimal=",")
    np.testing.assert_array_equal(load_text(tmp_path / "a.csv", text).activity, MATRIX)


@pytest.mark.parametrize("name", ["time", "t", "Time (s)", "time_s"])
def test_a_time_column_gives_bins_and_gaps(name, tmp_path):
    times = 1.6e9 + np.arange(40) * 0.05
    times[25:] += 100
    table = pd.DataFrame({name: times, **dict(zip(NAMES, MATRIX.T, strict=True))})
    recording = load_text(tmp_path / "a.csv", table.to_csv(index=False))
    np.testing.assert_allclose(recording.activity, MATRIX, rtol=1e-6)  # as pandas writes float32
    assert recording.bin_s == pytest.approx(0.05, rel=1e-6)  # times near 1.6e9 are that exact
    assert recording.segment_starts.tolist() == [0, 25]
    np.testing.assert_array_equal(recording.segment_start_s, times[[0, 25]])
    assert recording.neurons["id"].tolist() == NAMES


def test_the_index_of_pandas_is_no_neuron(tmp_path):
    for columns in (NAMES, list(range(5))):
        text = pd.DataFrame(MATRIX, columns=columns).to_csv(float_format="%.9g")
        recording = load_text(tmp_path / "a.csv", text)
        np.testing.assert_array_equal(recording.activity, MATRIX)
        assert np.isnan(recording.bin_s)
        assert "counts the bins" in notes(recording)


def test_running_numbers_and_time_together(tmp_path):
    text = "frame,time,n1,n2\n0,0.0,1,0\n1,0.1,0,1\n2,0.2,1,1\n"
    recording = load_text(tmp_path / "a.csv", text)
    assert recording.activity.tolist() == [[1, 0], [0, 1], [1, 1]]
    assert recording.kind == "binary"
    assert recording.bin_s == 0.1
    assert load_text(tmp_path / "a.csv", text, sampling_rate_hz=5).bin_s == 0.2


def test_a_neuron_may_be_called_t(tmp_path):
    recording = load_text(tmp_path / "a.csv", "s,t,u\n1,2,3\n4,5,6\n")
    assert recording.neurons["id"].tolist() == ["s", "t", "u"]
    assert load_text(tmp_path / "a.csv", "t,u,v\n.1,2,3\n.2,5,6\n").n_neurons == 2


def test_a_first_column_called_t_that_does_not_increase_is_a_neuron(tmp_path):
    table = pd.DataFrame(MATRIX, columns=["t", *NAMES[1:]])
    recording = load_text(tmp_path / "a.csv", table.to_csv(index=False, float_format="%.9g"))
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.neurons["id"].tolist() == ["t", *NAMES[1:]]
    assert "the column 't' does not increase: taken as a neuron" in notes(recording)


COUNTS = np.random.default_rng(2).poisson(0.7, size=(40, 5)) * 1.0


@pytest.mark.parametrize("index", [False, True])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC, csv.QUOTE_ALL])
@pytest.mark.parametrize("ids", [range(5), range(1, 6), [101, 102, 103, 110, 250]])
@pytest.mark.parametrize("matrix", [MATRIX, COUNTS, COUNTS > 0], ids=["real", "counts", "binary"])
def test_numbers_above_the_columns_are_ids(matrix, ids, quoting, index, tmp_path):
    table = pd.DataFrame(matrix.astype(np.float32 if matrix is MATRIX else int), columns=ids)
    text = table.to_csv(index=index, quoting=quoting, float_format="%.9g")
    recording = load_text(tmp_path / "a.csv", text)
    np.testing.assert_array_equal(recording.activity, matrix)
    assert recording.neurons["id"].tolist() == list(ids)
    assert f"the first line ({', '.join(map(str, list(ids)[:3]))}, ...) is taken" in notes(
        recording
    )


def test_quoted_numbers_above_plain_ones_are_ids_in_any_order(tmp_path):
    recording = load_text(tmp_path / "a.csv", '"7","3"\n10,20\n30,40\n')
    assert recording.neurons["id"].tolist() == [7, 3]
    assert recording.activity.tolist() == [[10, 20], [30, 40]]


def test_ids_above_numbers_with_a_comma(tmp_path):
    text = pd.DataFrame(MATRIX, columns=range(5)).to_csv(
        sep=";", index=False, float_format="%.9f", decimal=","
    )
    recording = load_text(tmp_path / "a.csv", text)
    assert recording.activity.shape == MATRIX.shape
    assert recording.neurons["id"].tolist() == [0, 1, 2, 3, 4]
    whole = load_text(tmp_path / "a.csv", "0;1;0\n0,5;1;2,5\n")
    assert whole.activity.tolist() == [[0, 1, 0], [0.5, 1, 2.5]]


@pytest.mark.parametrize(
    "rows",
    [
        [[0, 1, 2], [1, 2, 3], [2, 3, 4]],  # go up as the first does
        [[0, 1, 2], [3, 4, 5]],
        [[101, 102, 103], [7, 200, 9], [1, 2, 3]],  # not above all values
        [[103, 102, 101], [1, 2, 3]],
        [[5, 5, 6], [1, 2, 3]],
        [[0, 1], [1, 0], [0, 0]],  # too few columns to tell
        [[5, 6], [1, 2]],
        [[-1, 0, 1], [0, 0, 0]],
        [[0, 2, 3], [4, 0, 0]],
        [[0.5, 1.5, 2.5], [0, 0, 0]],
    ],
)
@pytest.mark.filterwarnings("ignore:the first column goes up evenly")
def test_a_first_row_of_values_is_a_bin(rows, tmp_path):
    np.savetxt(tmp_path / "a.csv", rows, fmt="%g", delimiter=",")
    recording = popcode.load(tmp_path / "a.csv")
    np.testing.assert_array_equal(recording.activity, rows)
    assert "the first line" not in notes(recording)


def test_an_index_that_was_saved_and_read_and_saved_is_no_neuron(tmp_path):
    path = tmp_path / "a.csv"
    pd.DataFrame(MATRIX, columns=NAMES).to_csv(path, float_format="%.9g")
    for _ in range(2):
        pd.read_csv(path, dtype=np.float32).to_csv(path, float_format="%.9g")
    assert "Unnamed: 0.1" in path.read_text()
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, MATRIX)
    assert recording.neurons["id"].tolist() == NAMES
    assert np.isnan(recording.bin_s)


def test_a_first_column_like_time_is_kept_and_said(tmp_path):
    text = "".join(f"{k * 0.5},{k % 2},1\n" for k in range(9))
    with pytest.warns(PopcodeWarning, match="the first column goes up evenly"):
        recording = load_text(tmp_path / "a.csv", text)
    assert recording.n_neurons == 3


def test_comments_blank_lines_and_quotes(tmp_path):
    text = '# made by hand\n\n"x","y"\n\n1,2 # a note\n# more\n"3",4\n\n'
    recording = load_text(tmp_path / "a.csv", text)
    assert recording.activity.tolist() == [[1, 2], [3, 4]]
    assert recording.neurons["id"].tolist() == ["x", "y"]


def test_no_last_newline(tmp_path):
    assert load_text(tmp_path / "a.csv", "1,2\n3,4").activity.tolist() == [[1, 2], [3, 4]]


def test_names_in_an_old_encoding(tmp_path):
    (tmp_path / "a.csv").write_bytes("µ1,µ2\n1,2\n3,4\n".encode("latin-1"))
    assert popcode.load(tmp_path / "a.csv").neurons["id"].tolist() == ["µ1", "µ2"]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a,b\n1,2\n3,x\n5,6\n", "line 3, column 2 (b)", "'x' is no finite number"),
        ("a,b\n1,2\n# c\n\n3,x\n", "line 5, column 2 (b)", "'x' is no finite number"),
        ("1,2\n3,4\nthe end\n", "line 3", "the line holds 1 values; expected 2"),
        ("1,2\n3,\n", "line 2, column 2", "a value is missing"),
        ("1,2\n3,NaN\n", "line 2, column 2", "a value is missing"),
        ("1,2,nan\n3,1,2\n", "line 1, column 3", "a value is missing"),
        ("1,2\n3,inf\n", "line 2, column 2", "'inf' is no finite number"),
        ("1,2\n3,1e999\n", "line 2, column 2", "'1e999' is no finite number"),
        ("1,2\n3\n", "line 2", "the line holds 1 values; expected 2"),
        ("1,2\n3,4,5\n", "line 2", "the line holds 3 values; expected 2"),
        ("a,b,c\n1,2\n", "line 1", "3 names stand above 2 columns"),
        ("t,n1,n2\n0,1,2\nx,1,2\n", "line 3, column 1 (t)", "'x' is no finite number"),
        ("1;2\n3;4,5,6\n", "line 2, column 2", "is no finite number"),
    ],
)
def test_lines_that_are_no_rows_of_numbers(text, where, what, tmp_path):
    (tmp_path / "a.csv").write_text(text)
    message = refused(tmp_path / "a.csv")
    assert f"{where}: {what}" in message or (where in message and what in message)


@pytest.mark.filterwarnings("ignore:the first column goes up evenly")
def test_text_far_down_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("popcode.io.csv.ROWS_AT_ONCE", 100)
    lines = [f"{k},{k + 1}" for k in range(1000)]
    np.testing.assert_array_equal(
        load_text(tmp_path / "a.csv", "\n".join(lines)).activity[:, 1], np.arange(1, 1001)
    )
    lines[777] = "1,two"
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert "line 778, column 2: 'two' is no finite number" in refused(tmp_path / "a.csv")


def test_only_time_is_no_recording(tmp_path):
    (tmp_path / "a.csv").write_text("frame,time\n0,0.1\n1,0.2\n")
    assert "it holds no column but time" in refused(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "content",
    [
        b"time,neuron\nhello,world\n",
        b"one column\n1\n2\n",
        b"1\n2\n3\n",
        b'{"a": [1, 2],\n "b": 2}\n',
        b"<html>\n<body>1, 2</body>\n",
        b"import numpy\nx = 1, 2\n",
        b"\x00" * 100,
        b"1,2\n\x00\x01\n",
        b"\n\n\n",
        b"# nothing\n" * 3000 + b"1,2\n",
        b",\n,\n",
        "1,2\n3,4\n".encode("utf-16"),
    ],
)
def test_what_is_no_table_is_not_taken(content, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    assert not CSV.holds(tmp_path / "a.csv")


def test_random_bytes_are_no_table(tmp_path):
    rng = np.random.default_rng(0)
    for _ in range(200):
        (tmp_path / "a.csv").write_bytes(rng.integers(0, 256, 300, dtype=np.uint8).tobytes())
        assert layout_of(tmp_path / "a.csv") is None


def test_damaged_tables(tmp_path):
    path = tmp_path / "a.csv"
    text = pd.DataFrame(MATRIX, columns=NAMES).to_csv().encode()
    content = np.frombuffer(text, dtype=np.uint8)
    rng = np.random.default_rng(1)
    for _ in range(200):
        damaged = content.copy()
        damaged[rng.integers(0, len(content), 3)] ^= rng.integers(1, 256, 3).astype(np.uint8)
        path.write_bytes(damaged.tobytes())
        try:
            popcode.load(path)
        except InputError as error:
            assert str(path) in str(error)
