"""What the command line says and to whom: results on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import Any

from popcode.errors import InputError, PopcodeWarning
from popcode.progress import ENDING_SIGNALS


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM, with the line that tells the user how to go on."""


def tell(text: str) -> None:
    """Print a line on stderr. A reader that went away or a full disk does not end the work."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def show(text: str) -> None:
    """Print a result on stdout.

    Raises
    ------
    BrokenPipeError
        The reader went away.
    InputError
        Stdout cannot be written, as on a full disk.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(
            f"cannot write: {error.strerror}", where="stdout", remedy="Send it elsewhere"
        ) from error


def give_up_stdout() -> None:
    """Send what is left for stdout nowhere, so that Python does not complain at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def notes_as_lines() -> Iterator[None]:
    """Print each different PopcodeWarning once, as one line; other warnings as ever."""
    said: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", PopcodeWarning)
        former = warnings.showwarning

        def show_warning(message: Warning | str, category: type[Warning], *rest: Any) -> None:
            if not issubclass(category, PopcodeWarning):
                former(message, category, *rest)
            elif str(message) not in said:
                said.add(str(message))
                tell(f"note: {message}")

        warnings.showwarning = show_warning  # type: ignore[assignment]
        yield


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Let the first SIGTERM or SIGHUP raise KeyboardInterrupt, as Ctrl-C does; ignore the rest.

    A signal that is ignored (``nohup``) stays ignored; outside the main thread nothing is changed.
    """
    former = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
        former = {n: h for n, h in handlers.items() if h not in (signal.SIG_IGN, None)}
    taken = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal taken
        if not taken:
            taken = True
            raise KeyboardInterrupt

    for number in former:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
