"""The ways out of an unfinished run, each with the line that says how to go on."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path

from popcode.cli.console import Interrupted
from popcode.errors import InputError


def resume_command(path: Path) -> str:
    """What to type to go on with a run."""
    return f"popcode resume {shlex.quote(str(path))}"


@contextlib.contextmanager
def interruptible(path: Path, kept: str = "kept up to the last checkpoint") -> Iterator[None]:
    """Tell what is kept and how to go on when the work on a run folder is interrupted.

    Raises
    ------
    Interrupted
        In place of KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted; {kept}. Go on with: {resume_command(path)}") from None


@contextlib.contextmanager
def remediable(path: Path) -> Iterator[None]:
    """Tell how to go on when a run that has begun meets an obstacle, such as a full disk.

    Raises
    ------
    InputError
        With the command to go on with.
    """
    try:
        yield
    except InputError as error:
        remedy = f"{error.remedy}; then go on with: {resume_command(path)}".removeprefix("; ")
        raise InputError(error.what, where=error.where, remedy=remedy) from error
