"""What a path holds, in words."""

from pathlib import Path

from popcode.io.load import load
from popcode.recording import Recording


def info(source: str | Path | Recording) -> str:
    """Say what a file or a recording holds and what is wrong with it."""
    recording = source if isinstance(source, Recording) else load(source)
    return repr(recording)
