"""A process that ends when the one that started it does, however that may die.

The starter holds one end of a pipe and never writes. The operating system closes it with the
starter, SIGKILL included, and the reader at the other end wakes up. (A signal at the death of the
parent exists on Linux only.)
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

# What a fit may take to write its checkpoint.
GRACE_S = 15.0
_POLL_S = 0.1


def follow_starter(descriptor: int = 0, grace_s: float = GRACE_S) -> None:
    """End this process, and those that it started, once a pipe is closed at its other end.

    First by SIGTERM, so that a fit writes its checkpoint, then by SIGKILL. The process must lead
    a group of its own.
    """

    def watch() -> None:
        while os.read(descriptor, 1):
            pass
        os.killpg(0, signal.SIGTERM)
        time.sleep(grace_s)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def run_followed(command: list[str], log: Path, wanted: Callable[[], bool]) -> int:
    """Run a command that follows this process; give its exit code.

    Parameters
    ----------
    command : list of str
        Of a process that calls :func:`follow_starter`.
    log : pathlib.Path
        Where what it says is added.
    wanted : callable
        Asked now and then; when it says no the command is ended, with time for its checkpoint.
    """
    with (
        log.open("ab") as out,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True
        ) as process,
    ):
        assert process.stdin is not None
        try:
            while process.poll() is None:
                if not wanted():
                    process.stdin.close()
                    return process.wait()
                time.sleep(_POLL_S)
        finally:
            process.stdin.close()
    return process.returncode
