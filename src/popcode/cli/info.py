"""``popcode info``: what a path holds, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from popcode.cli.console import show


def info(path: Annotated[Path, Parameter(name="INPUT")], /) -> None:
    """Say what a recording (or a run folder) holds, and what is wrong with it.

    Example: popcode info recording.npz

    Parameters
    ----------
    path : Path
        A recording (.npz, .h5, .npy), or the folder of a run.
    """
    show(_run_text(path) if (path / "run.json").is_file() else _recording_text(path))


def _recording_text(path: Path) -> str:
    from popcode.io import info as told

    return told(path)


def _run_text(path: Path) -> str:
    from popcode.files import read_record

    record = read_record(path)
    state = "finished" if record.finished else f"not finished: popcode resume {path}"
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    rows = {
        "command": record.command,
        "state": state,
        "created": record.created,
        "input": record.input_path,
        "sha256": record.input_hash or "not read yet",
        **record.parameters,
        "versions": versions,
    }
    return "\n".join([str(path), *(f"  {name:<14}{value}" for name, value in rows.items())])
