"""A lock of a folder that keeps a second process out and dies with its holder."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import filelock

from popcode.errors import InputError
from popcode.files.atomic import write_error

LOCK = ".lock"
HOLDER = ".lock-holder.json"


def _holder(folder: Path) -> str:
    """Who holds the lock, as far as the holder managed to say so."""
    try:
        told = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        return f"process {told['pid']} on {told['host']}, since {told['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _sign(folder: Path) -> None:
    signature = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    # A courtesy to whoever is kept out: a full disk must not stop the work for it.
    with contextlib.suppress(OSError):
        (folder / HOLDER).write_text(json.dumps(signature), encoding="utf-8")


@contextlib.contextmanager
def folder_lock(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Hold a folder for this process until the block ends.

    The operating system holds the lock, not the file that names it: a process that is killed
    leaves nothing behind that blocks the next one.

    Parameters
    ----------
    folder : path-like
        An existing folder. ``.lock`` and ``.lock-holder.json`` are made in it.

    Raises
    ------
    InputError
        Another process (or another block of this one) holds it, named by its pid; or the folder
        cannot be written.
    """
    folder = Path(folder)
    # Not thread-local: a fit may be started in one thread and closed in another.
    lock = filelock.FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except (filelock.Timeout, RuntimeError) as error:
        raise InputError(
            f"in use by {_holder(folder)}",
            where=os.fspath(folder),
            remedy="Wait for it to end, stop it, or use another folder",
        ) from error
    except OSError as error:
        raise write_error(folder, error) from error
    try:
        _sign(folder)
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / HOLDER).unlink(missing_ok=True)
        lock.release()
