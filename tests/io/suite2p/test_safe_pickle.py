"""Pickled arrays of plain values are read; nothing that a pickle names is ever run."""

import collections
import contextlib
import io
import pathlib
import pickle
import struct

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.io.suite2p.pickled_values import StoredArray
from popcode.io.suite2p.safe_pickle import loads, read_objects

PROTOCOLS = range(2, 6)


def plain(value):
    """With arrays in the place of stored ones."""
    if isinstance(value, StoredArray):
        return np.asarray(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    return value


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -(2**80),
        1.5,
        "é" * 300,
        b"\x00\xff" * 200,
        [1, [2, (3, 4, 5, 6), ()], {}],
        {"a": {1: "x", None: 2.5}, b"k": [True, False]},
        list(range(3000)),
    ],
)
def test_plain_values_come_back(value, protocol):
    assert loads(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i2"),
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        np.zeros((0, 4)),
        np.array(2.5),
        np.array([True, False]),
        np.array(["a", "öl"]),
        np.array([b"a", b"bc"]),
        np.array([1 + 2j]),
    ],
)
def test_arrays_come_back(array, protocol):
    found = np.asarray(loads(pickle.dumps(array, protocol)))
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_scalars_come_back_as_plain_numbers(protocol):
    for scalar in (np.float32(0.5), np.int64(-3), np.bool_(True), np.str_("name"), np.str_("")):
        assert loads(pickle.dumps(scalar, protocol)) == scalar.item()


def test_paths_become_text_and_ordered_mappings_plain():
    path = pathlib.PosixPath("/data/mouse")
    assert loads(pickle.dumps([path, path.name])) == ["/data/mouse", "mouse"]
    assert loads(pickle.dumps(collections.OrderedDict(a=1, b=2))) == {"a": 1, "b": 2}


def test_arrays_of_objects_come_back(tmp_path):
    rng = np.random.default_rng(0)
    rois = [{"med": [k, k + 1.5], "lam": rng.random(k + 1), "npix": np.int64(k)} for k in range(5)]
    np.save(tmp_path / "stat.npy", np.array(rois, dtype=object))
    found = read_objects(tmp_path / "stat.npy")
    for roi, original in zip(map(plain, found), rois, strict=True):
        np.testing.assert_array_equal(roi.pop("lam"), original.pop("lam"))
        assert roi == original
    np.save(tmp_path / "ops.npy", {"fs": 30.0, "nested": {"list": [1, "a"]}})
    assert read_objects(tmp_path / "ops.npy") == [{"fs": 30.0, "nested": {"list": [1, "a"]}}]


class Runs:
    """Pickles to a call."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def hostile(path):
    """Calls that would leave a file at `path`."""
    import os
    import subprocess

    yield Runs(os.system, f"touch {path}")
    yield Runs(subprocess.Popen, ["touch", str(path)])
    yield Runs(eval, f"open({str(path)!r}, 'w')")
    yield Runs(open, str(path), "w")
    yield Runs(getattr, "text", "join")
    yield Runs(bytearray, 10**12)
    yield Runs(np.ones, 10**12)


@pytest.mark.parametrize("protocol", [0, *PROTOCOLS])
def test_nothing_runs(protocol, tmp_path):
    trace = tmp_path / "trace"
    for call in hostile(trace):
        for value in (call, [1, {"a": call}]):
            with pytest.raises(InputError):
                loads(pickle.dumps(value, protocol))
    assert not trace.exists()


@pytest.mark.parametrize("n", range(7))
def test_the_class_and_the_file_are_named(n, tmp_path):
    import os

    calls = list(hostile(tmp_path / "trace"))
    np.save(tmp_path / "stat.npy", np.array([calls[n], None], dtype=object))
    with pytest.raises(InputError) as caught:
        read_objects(tmp_path / "stat.npy")
    assert caught.value.where == "stat.npy"
    assert caught.value.remedy
    if n == 0:
        assert f"its pickle names {os.system.__module__}.system, which is not read" in str(
            caught.value
        )
    assert not (tmp_path / "trace").exists()


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01bt"
TYPE = b"cnumpy\ndtype\n(X\x02\x00\x00\x00%s\x89\x88tR(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xff"
TYPE += b"J\xff\xff\xff\xffK\x00tb"


def array_of(shape: bytes, values: bytes, code: bytes = b"f8") -> bytes:
    return b"\x80\x04" + ARRAY + b"R(K\x01" + shape + TYPE % code + b"\x89" + values + b"tb."


def test_the_hand_made_array_is_one():
    values = struct.pack("<dd", 1, 2)
    good = array_of(b"(K\x02t", b"C\x10" + values)
    np.testing.assert_array_equal(np.asarray(loads(good)), [1, 2])
    np.testing.assert_array_equal(pickle.loads(good), [1, 2])


@pytest.mark.parametrize(
    ("pickled", "message"),
    [
        (array_of(b"(J\xff\xff\xff\x7ft", b"C\x00"), "announces 17179869176 and holds 0 values"),
        (array_of(b"(K\x03t", b"]", b"O8"), "announces 3 and holds 0 values"),
        (array_of(b"(K\x03t", b"C\x03abc", b"O8"), "holds bytes"),
        (array_of(b"(J\xff\xff\xff\xfft", b"C\x08" + bytes(8)), "a shape that is none"),
        (array_of(b"(J\xff\xff\xff\x7ft", b"C\x00", b"U0"), "is empty"),
        (array_of(b"(K\x01t", b"C\x08" + bytes(8), b"V8"), "is of type 'V8'"),
        (b"\x80\x04cnumpy\nndarray\n(J\xff\xff\xff\x7ft\x85R.", "calls numpy.ndarray itself"),
        (b"\x80\x04(K\x01tK\x02\x85R.", "calls what is no known maker"),
        (b"\x80\x04]}b.", "sets the state of what has none"),
        (b"\x80\x04}K\x01K\x02a.", "fills a int"),
        (b"\x80\x04\x8f.", "the operation EMPTY_SET"),
        (b"\x80\x04P1\n.", "the operation PERSID"),
        (b"\x80\x04ccollections\nOrderedDict\n(]tR.", "makes a mapping of pairs"),
    ],
)
def test_what_numpy_would_trust_is_refused(pickled, message):
    with pytest.raises(InputError) as caught:
        loads(pickled)
    assert message in str(caught.value)


def test_keys_whose_hash_takes_for_ever_are_refused():
    nested = b"\x80\x04)" + b"2\x86" * 60  # a pair of pairs of pairs, of 2**60 in all
    with pytest.raises(InputError, match="has a key of type tuple"):
        loads(b"\x80\x04}" + nested[2:] + b"K\x01s.")


PAIRS = b")" + b"2\x86" * 60  # a pair of pairs of pairs, of 2**60 in all


def reduced(maker: bytes, *arguments: bytes) -> bytes:
    return b"\x80\x04c" + maker + b"\n(" + b"".join(arguments) + b"tR."


@pytest.mark.parametrize(
    ("pickled", "message"),
    [
        (reduced(b"numpy\ndtype", PAIRS), "a type is named by a tuple"),
        (reduced(b"_codecs\nencode", b"X\x01\x00\x00\x00a", PAIRS), "other than latin1"),
        (reduced(b"_codecs\nencode", PAIRS, b"X\x06\x00\x00\x00latin1"), "other than latin1"),
        (reduced(b"pathlib\nPosixPath", PAIRS), "is made of more than short texts"),
        (reduced(b"pathlib\nPosixPath", b"X\xff\x00\x00\x00" + b"a" * 255, b"2" * 20), "short"),
        (b"\x80\x04" + PAIRS + b"X\x01\x00\x00\x00a\x93.", "by more than text"),
        (b"\x80\x04X\x01\x00\x00\x00a" + PAIRS + b"\x93.", "by more than text"),
        (array_of(PAIRS + b"\x85", b"C\x00"), "a shape that is none"),
        (array_of(b"(\x8a\x09" + bytes(8) + b"\x01t", b"C\x00"), "a shape that is none"),
    ],
)
def test_nests_whose_text_takes_for_ever_are_refused(pickled, message):
    with pytest.raises(InputError) as caught:
        loads(pickled)
    assert message in str(caught.value)


def test_an_array_of_nests_keeps_them_whole():
    array = np.asarray(loads(array_of(b"(K\x01t", b"(" + PAIRS + b"l", b"O8")))
    assert array.shape == (1,)
    assert isinstance(array[0], tuple)


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x04N" + b"r\xff\xff\xff\xff" + b".",  # a memo of four thousand million places
        b"\x80\x04\x8e" + struct.pack("<q", 2**62) + b".",  # that many bytes
        b"\x80\x04\x8b" + struct.pack("<i", 2**31 - 1) + b".",  # a number of that many
        b"\x80\x04" + b"]" * 100_000 + b"a" * 99_999 + b".",  # depth
        b"\x80\x04" + b"]" + b"2\x86" * 1000 + b".",
        b"",
        b"\x80\x04",
        b"\x80\x04t.",
        b"\x80\x04R.",
    ],
)
def test_giants_and_stumps_end_at_once(pickled):
    with contextlib.suppress(InputError, ValueError, IndexError):  # one error after `reading`
        loads(pickled)


def test_a_file_of_numbers_is_told_apart(tmp_path):
    np.save(tmp_path / "stat.npy", np.zeros(3))
    with pytest.raises(InputError, match=r"stat\.npy: it holds float64, not objects"):
        read_objects(tmp_path / "stat.npy")


# What damage makes of a pickle; `popcode.io.reading` makes one error of all.
EXPECTED = (InputError, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError)


def test_changed_bytes_give_values_or_refusals():
    buffer = io.BytesIO()
    pickle.dump([{"med": [1, 2], "lam": np.arange(9.0)}, np.float32(1)], buffer, 4)
    content = np.frombuffer(buffer.getvalue(), dtype=np.uint8)
    rng = np.random.default_rng(0)
    for _ in range(3000):
        damaged = content.copy()
        damaged[rng.integers(0, len(content), 2)] ^= rng.integers(1, 256, 2).astype(np.uint8)
        with contextlib.suppress(*EXPECTED):
            loads(damaged.tobytes())
