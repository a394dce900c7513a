"""A trial run of a reader that may take the process down with it.

The HDF5 library crashes on some damaged files, which no handler in the same process survives.
So the command line reads an HDF5 file in a forked process first. That costs the time of one
reading and no memory, and turns the crash into the error that every other damaged file gives.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from popcode.errors import InputError

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL")


def refuse_what_crashes(path: str, read: Callable[[], object]) -> None:
    """Run `read` in a process of its own, where the input is HDF5.

    Parameters
    ----------
    path : str
        The input. Of a folder, the files in it count; what is neither is left to `read` later.
    read : callable
        What this process will do next. Its result and its exceptions are thrown away.

    Raises
    ------
    InputError
        The process was ended by a signal.
    """
    if not _holds_hdf5(Path(path)):
        return
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _read_and_leave(read)
    ended_by = _signal_of(child)
    if ended_by in CRASHES:
        raise InputError(
            f"the file cannot be read: the HDF5 library crashed on it ({ended_by})",
            where=path,
            remedy="It is damaged: copy or export it again.",
        )
    if ended_by is not None:
        raise InputError(
            f"reading was ended by {ended_by}, as when memory runs out",
            where=path,
            remedy="Close other programs, or use a machine with more memory.",
        )


def _holds_hdf5(path: Path) -> bool:
    try:
        if path.is_dir():
            return any(_begins_as_hdf5(file) for file in path.iterdir() if file.is_file())
        return path.is_file() and _begins_as_hdf5(path)
    except OSError:
        return False


def _begins_as_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HDF5_MAGIC)) == HDF5_MAGIC


def _read_and_leave(read: Callable[[], object]) -> None:
    """In the forked process: read in silence, and end without a trace whatever happens."""
    try:
        faulthandler.disable()  # a crash here is no failure of the program
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)  # a library in C complains there
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
            read()
    finally:
        os._exit(0)


def _signal_of(child: int) -> str | None:
    """Wait for a process; the name of the signal that ended it, if one did."""
    try:
        _, status = os.waitpid(child, 0)
    except KeyboardInterrupt:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None
