"""Replace a file whole or not at all: write beside it, sync, rename."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from popcode.errors import InputError

TEMPORARY = ".unfinished-"  # how the names of temporaries begin; a kill may leave one behind

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REMEDIES = {
    errno.ENOSPC: ("the disk is full", "Free some space or write to another folder"),
    errno.EDQUOT: ("the disk quota is used up", "Free some space or write to another folder"),
    errno.EROFS: ("the file system is read-only", "Write to another folder"),
    errno.EACCES: ("no permission to write here", "Change the permissions or the folder"),
    errno.EPERM: ("no permission to write here", "Change the permissions or the folder"),
    errno.ENOENT: ("the folder does not exist", "Make the folder first or name another"),
    errno.ENOTDIR: ("its folder is a file", "Name another folder"),
    errno.EISDIR: ("it is a folder", "Name a file"),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name"),
}


def write_error(path: str | os.PathLike[str], error: OSError) -> InputError:
    """Turn an operating system's refusal to write into the one error with its remedy.

    Parameters
    ----------
    path : path-like
        What was to be written.
    error : OSError
        What the operating system said.

    Returns
    -------
    InputError
        To be raised from ``error``.
    """
    what, remedy = _REMEDIES.get(
        error.errno or 0,
        (error.strerror or str(error), "Check the folder and its disk, then run again"),
    )
    return InputError(f"cannot write: {what}", where=os.fspath(path), remedy=remedy)


def _refusal(error: Exception, ours: tuple[Path, Path]) -> OSError | None:
    """The refusal to write one of our two paths, if that is what an exception tells."""
    number = getattr(error, "errno", None)
    if number is None:
        # HDF5 and safetensors keep the system's error number in the text of their own errors.
        told = re.search(r"(?:os error|errno =) (\d+)", str(error))
        number = int(told[1]) if told else None
    if number is None:
        return None
    # An error about another file (reading the input, say) is not ours to rename.
    name = getattr(error, "filename", None)
    if name is not None and number not in _FULL and Path(os.fsdecode(name)) not in ours:
        return None
    return OSError(number, os.strerror(number))


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the renames inside a folder outlive a power cut, where the system can."""
    # Network and Windows file systems refuse to sync a folder; the rename itself still holds.
    with contextlib.suppress(OSError):
        _sync(folder, os.O_RDONLY)


def _temporary_beside(path: Path) -> Path:
    # The suffix stays last: some writers (numpy.savez) add theirs where it is missing.
    token = f"{os.getpid()}.{secrets.token_hex(4)}"
    return path.with_name(f"{TEMPORARY}{path.stem[:100]}.{token}{path.suffix}")


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path in the same folder; put it in place of ``path`` on a clean exit.

    Whatever happens (exception, kill, full disk, power cut) ``path`` holds either what it held
    before or all of what was written. The block must close the file it writes.

    Parameters
    ----------
    path : path-like
        The file to make or replace.

    Yields
    ------
    pathlib.Path
        Where to write: an empty file of the same suffix.

    Raises
    ------
    InputError
        The operating system refuses to write: disk full, read-only, no permission, no folder.
    """
    target = Path(path)
    temporary = _temporary_beside(target)
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # Fails before the block does its work when the folder is missing or closed to writing.
        temporary.touch(exist_ok=False)
        mode = temporary.stat().st_mode
        yield temporary
        # A writer that replaces the file (safetensors) gives it a mode of its own.
        os.chmod(temporary, mode & 0o777)
        _sync(temporary, os.O_RDWR)
        os.replace(temporary, target)
        sync_folder(target.parent)
    except Exception as error:
        refusal = _refusal(error, (temporary, target))
        if refusal is None:
            raise
        raise write_error(target, refusal) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Replace a text file (UTF-8) atomically.

    Parameters
    ----------
    path : path-like
        The file to make or replace.
    text : str
        All of its content.

    Raises
    ------
    InputError
        As :func:`atomic_write`.
    """
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def jsonable(value: Any) -> Any:
    """Plain Python content of a value, with every number that is not finite as None.

    Parameters
    ----------
    value : object
        Mappings, lists, tuples, named tuples, arrays, numpy scalars, paths and plain scalars.

    Returns
    -------
    object
        dict, list, str, int, float, bool or None all the way down.

    Raises
    ------
    TypeError
        For a value that has no plain form.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def write_json(path: str | os.PathLike[str], content: Any) -> None:
    """Replace a JSON file atomically; NaN and infinities become null.

    Parameters
    ----------
    path : path-like
        The file to make or replace.
    content : object
        What :func:`jsonable` accepts.

    Raises
    ------
    InputError
        As :func:`atomic_write`.
    TypeError
        For a value that has no plain form; the old file stays.
    """
    text = json.dumps(jsonable(content), indent=2, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")
