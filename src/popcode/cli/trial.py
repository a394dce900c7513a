"""A trial run of a reader that may take the process down with it.

The HDF5 library crashes on some damaged files, which no handler in the same process survives, and
goes round in circles on others. So the command line reads an HDF5 file in a forked process first.
That costs the time of one reading and no memory, and turns the crash, or a time far beyond what
the size of the file explains, into the error that every other damaged file gives.
"""

from __future__ import annotations

import faulthandler
import math
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from popcode.errors import InputError

# Where the signature may stand (MATLAB 7.3 files have a block of their own before it).
HDF5_MAGIC, HDF5_OFFSETS = b"\x89HDF\r\n\x1a\n", (0, 512, 1024, 2048)
# Seconds that any file may take, and bytes a second of the slowest disk and compression.
LEAST_SECONDS, SLOWEST_BYTES_A_SECOND = 60.0, 1e6
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
    n_bytes = _bytes_of_hdf5(Path(path))
    if n_bytes == 0:
        return
    seconds = LEAST_SECONDS + n_bytes / SLOWEST_BYTES_A_SECOND
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _read_and_leave(read, seconds)
    ended_by = _signal_of(child)
    if ended_by == "SIGXCPU":
        raise InputError(
            f"the HDF5 library had not read it after {seconds:.0f} s of work",
            where=path,
            remedy="It is damaged: copy or export it again.",
        )
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


def _bytes_of_hdf5(path: Path) -> int:
    """Size of a file that is HDF5, or of those in a folder; 0 where there is none."""
    try:
        files = [path] if path.is_file() else [*path.iterdir()] if path.is_dir() else []
        return sum(file.stat().st_size for file in files if file.is_file() and _is_hdf5(file))
    except OSError:
        return 0


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        for offset in HDF5_OFFSETS:
            file.seek(offset)
            if file.read(len(HDF5_MAGIC)) == HDF5_MAGIC:
                return True
    return False


def _read_and_leave(read: Callable[[], object], seconds: float) -> None:
    """In the forked process: read in silence, and end without a trace whatever happens.

    The kernel ends it after so much work: time spent waiting for a disk does not count.
    """
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), resource.RLIM_INFINITY))
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
