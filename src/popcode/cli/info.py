"""``popcode info``: what a path holds, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from popcode.cli.console import show
from popcode.cli.options import check_bin_s
from popcode.cli.reading import AS_IT_IS, Reading, as_typed, recording_at
from popcode.errors import InputError


def info(path: Annotated[str, Parameter(name="INPUT")], /, *, reading: Reading = AS_IT_IS) -> None:
    """Say what a recording (or a run folder) holds, and what is wrong with it.

    Example: popcode info recording.npz

    Parameters
    ----------
    path : str
        A recording in any format, or the folder of a run.
    """
    check_bin_s(reading.bin_s)
    if not (Path(path) / "run.json").is_file():
        show(_recording_text(path, reading))
        return
    if reading != AS_IT_IS:
        raise InputError(
            "it is a run, to which options of reading mean nothing",
            where=path,
            remedy="Leave them out",
        )
    show(_run_text(Path(path)))


def _recording_text(path: str, reading: Reading) -> str:
    from popcode.io.info import described

    return described(recording_at(path, reading), path, as_typed)


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
        **{name: _plain(value) for name, value in record.parameters.items() if name != "reading"},
        "versions": versions,
    }
    width = max(map(len, rows)) + 2
    return "\n".join([str(path), *(f"  {name:<{width}}{value}" for name, value in rows.items())])


def _plain(value: object) -> str:
    """A parameter as it would be typed; a dash for what was not asked for."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) or "-" if isinstance(value, list | tuple) else str(value)
