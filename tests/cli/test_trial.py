"""A crash inside a library is reported as any other damaged file is."""

import os
import signal

import h5py
import numpy as np
import pytest

import popcode
from popcode.cli import trial
from popcode.cli.main import run
from popcode.cli.trial import refuse_what_crashes
from popcode.errors import InputError


@pytest.fixture
def hdf5(tmp_path):
    path = tmp_path / "session.h5"
    with h5py.File(path, "w") as file:
        file["activity"] = np.eye(3)
    return str(path)


def dying(number):
    """A reader that ends its process, as a library in C may."""
    return lambda *_arguments, **_options: os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT])
def test_a_crash_is_an_error(hdf5, number):
    with pytest.raises(InputError, match=f"the HDF5 library crashed on it .{number.name}.") as info:
        refuse_what_crashes(hdf5, dying(number))
    assert info.value.where == hdf5
    assert "copy or export it again" in info.value.remedy


def test_a_reader_that_never_ends_is_ended(hdf5, monkeypatch):
    monkeypatch.setattr(trial, "LEAST_SECONDS", 0.5)

    def circle():
        while True:
            pass

    with pytest.raises(InputError, match="had not read it after 1 s of work"):
        refuse_what_crashes(hdf5, circle)


def test_the_hdf5_of_matlab_is_tried(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"] = np.eye(3)
    with pytest.raises(InputError, match="crashed"):
        refuse_what_crashes(str(path), dying(signal.SIGSEGV))


def test_a_kill_speaks_of_memory(hdf5):
    with pytest.raises(InputError, match="ended by SIGKILL, as when memory runs out"):
        refuse_what_crashes(hdf5, dying(signal.SIGKILL))


def test_a_folder_with_hdf5_in_it_is_tried(hdf5, tmp_path):
    with pytest.raises(InputError, match="crashed"):
        refuse_what_crashes(str(tmp_path), dying(signal.SIGSEGV))


@pytest.mark.parametrize("command", ["info", "convert", "fit"])
def test_every_command_reports_it_in_one_line(hdf5, tmp_path, command, monkeypatch, capfd):
    for name in ("popcode.io.load", "popcode.io.info"):
        monkeypatch.setattr(name, dying(signal.SIGSEGV))
    out = str(tmp_path / "out.npz")
    tokens = {
        "info": ["info", hdf5],
        "convert": ["convert", hdf5, out],
        "fit": ["fit", "crbm", hdf5, "--out", str(tmp_path / "run")],
    }[command]
    assert run(tokens) == 2
    lines = capfd.readouterr().err.strip().splitlines()
    assert lines[-1].startswith(f"popcode: {hdf5}: the file cannot be read: the HDF5 library")
    assert not os.path.exists(out)


def test_what_can_be_read_is_read_and_errors_are_left_to_the_reader(hdf5, tmp_path, capfd):
    assert refuse_what_crashes(hdf5, lambda: print("heard")) is None

    def refuse():
        raise InputError("no")

    assert refuse_what_crashes(hdf5, refuse) is None
    assert capfd.readouterr() == ("", "")
    path = tmp_path / "a.h5"
    popcode.save(popcode.Recording(np.eye(9, 3, dtype=np.uint8), bin_s=0.1), path)
    assert run(["info", str(path)]) == 0
    assert "9 bins x 3 neurons" in capfd.readouterr().out


def test_other_inputs_are_not_tried(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.eye(3))
    refuse_what_crashes(str(path), dying(signal.SIGSEGV))
    refuse_what_crashes(str(tmp_path / "nowhere"), dying(signal.SIGSEGV))
