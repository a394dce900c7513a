"""What a Dask worker does for a sweep: run the process of a trial, and say how it ended."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from distributed import get_worker
from distributed.worker_state_machine import TaskState

from popcode.sweep.lifeline import run_followed
from popcode.threads import available_threads

_WANTED = ("executing", "long-running")
_LAST_BYTES = 4000


class Ended(NamedTuple):
    """Exit code of the process of a trial, and the last line that it said."""

    code: int
    last: str


def carry(arguments: list[str], log: str, n_threads: int | None) -> Ended:
    """Run the process of a trial as a Dask task; it ends with the task, the worker and the client.

    Parameters
    ----------
    arguments : list of str
        Of the Python of this worker; the number of threads is added to them.
    log : str
    n_threads : int, optional
        By default this worker's share of the processors.
    """
    worker = get_worker()
    task: TaskState = worker.state.tasks[worker.get_current_task()]
    threads = n_threads or max(1, available_threads() // worker.state.nthreads)
    # A task whose client has gone, or that was cancelled, is told of by its state alone.
    command = [sys.executable, *arguments, str(threads)]
    code = run_followed(command, Path(log), lambda: task.state in _WANTED)
    return Ended(code, last_line(Path(log)))


def last_line(log: Path) -> str:
    """Last line of a log that holds anything."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _LAST_BYTES))
        lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
