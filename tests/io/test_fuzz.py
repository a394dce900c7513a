"""Damaged files give a recording or an InputError, never anything else."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.recording import Recording

N_DAMAGED = 150


def load_or_refuse(path, content: bytes) -> bool:
    """Whether the damaged file was still a recording."""
    path.write_bytes(content)
    try:
        assert isinstance(popcode.load(path), Recording)
    except InputError as error:
        assert str(path) in str(error)
        assert error.remedy
        return False
    return True


@pytest.fixture(params=[".npz", ".h5", ".npy"])
def file(request, recording, tmp_path):
    path = tmp_path / f"a{request.param}"
    if request.param == ".npy":
        np.save(path, recording.activity)
    else:
        popcode.save(recording, path)
    return path


def test_files_cut_short(file):
    content = file.read_bytes()
    lengths = np.random.default_rng(0).integers(0, len(content), N_DAMAGED)
    n_read = sum(load_or_refuse(file, content[:length]) for length in lengths)
    assert n_read == 0


def test_files_with_changed_bytes(file):
    content = np.frombuffer(file.read_bytes(), dtype=np.uint8)
    rng = np.random.default_rng(1)
    for _ in range(N_DAMAGED):
        damaged = content.copy()
        where = rng.integers(0, len(content), 4)
        damaged[where] ^= rng.integers(1, 256, 4).astype(np.uint8)
        load_or_refuse(file, damaged.tobytes())


def test_changed_activity_is_noticed(recording, tmp_path):
    """The containers carry checksums: a flipped bit must not become a spike."""
    for ending in (".npz", ".h5"):
        path = tmp_path / f"a{ending}"
        popcode.save(recording, path)
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        rng = np.random.default_rng(2)
        for _ in range(N_DAMAGED):
            damaged = content.copy()
            damaged[rng.integers(len(content))] ^= 1 << rng.integers(8)
            if load_or_refuse(path, damaged.tobytes()):
                np.testing.assert_array_equal(popcode.load(path).activity, recording.activity)
