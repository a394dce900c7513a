"""``run.json``: what a run was asked to do, with what, and whether it is whole."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from popcode.errors import InputError
from popcode.files.atomic import write_json

FORMAT = "popcode-run"
VERSION = 1
RECORD = "run.json"
_PACKAGES = ("popcode", "numpy", "scipy", "torch", "numba", "scikit-learn", "h5py", "pandas")


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages that a run's numbers depend on.

    Returns
    -------
    dict
        Name to version; a package that is not installed is left out.
    """
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """The content of ``run.json``.

    Parameters
    ----------
    command : str
        The command as it can be typed again.
    parameters : dict
        Every parameter with the value it had after "auto" was resolved.
    seed : int
        The seed of the run.
    input_path, input_hash : str, optional
        What was read, and the hash of its content.
    versions : dict
        Version of Python and of each package that the numbers depend on.
    created : str
        When the run began, ISO 8601, UTC.
    finished : bool
        True once every file of the run is whole.
    continued : list of dict
        What ``popcode resume`` did with other updates, in order: ``from_updates``, ``to_updates``.
    """

    command: str
    parameters: dict[str, Any]
    seed: int
    input_path: str | None = None
    input_hash: str | None = None
    versions: dict[str, str] = dataclasses.field(default_factory=installed_versions)
    created: str = dataclasses.field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds")
    )
    finished: bool = False
    continued: list[dict[str, int]] = dataclasses.field(default_factory=list)


_FIELDS = dataclasses.fields(RunRecord)
# Runs of older versions do not state these.
_OPTIONAL = {"continued"}


def _broken(path: Path, what: str) -> InputError:
    return InputError(what, where=os.fspath(path), remedy="Run the fit again, into a new folder")


def _content(path: Path) -> dict[str, Any]:
    folder = path.parent
    if not folder.exists():
        raise InputError("does not exist", where=os.fspath(folder), remedy="Check the path")
    if not path.is_file():
        raise InputError(
            f"not a run: it holds no {RECORD}",
            where=os.fspath(folder),
            remedy="Give the folder that was named with --out",
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            where=os.fspath(path),
            remedy="Check the permissions and the disk",
        ) from error
    except ValueError as error:
        raise _broken(path, f"damaged or cut short ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(
            "not the record of a popcode run",
            where=os.fspath(path),
            remedy="Give the folder that was named with --out",
        )
    return content


def is_record(folder: Path) -> bool:
    """Whether a folder holds the record of a popcode run, of any version."""
    try:
        _content(folder / RECORD)
    except InputError:
        return False
    return True


def read_record(folder: str | os.PathLike[str]) -> RunRecord:
    """Read ``run.json`` of a run folder; needs no lock.

    Parameters
    ----------
    folder : path-like
        The run folder.

    Returns
    -------
    RunRecord

    Raises
    ------
    InputError
        No such folder, not a run, damaged, or written by a newer popcode.
    """
    path = Path(folder) / RECORD
    content = _content(path)
    version = content.pop("version", None)
    if not isinstance(version, int):
        raise _broken(path, "damaged: it states no version of its format")
    if version > VERSION:
        raise InputError(
            f"written by a newer popcode (format {version}; this one reads up to {VERSION})",
            where=os.fspath(path),
            remedy="Upgrade popcode",
        )
    fields = {field.name: content[field.name] for field in _FIELDS if field.name in content}
    missing = sorted({field.name for field in _FIELDS} - fields.keys() - _OPTIONAL)
    if missing:
        raise _broken(path, f"damaged: it lacks {', '.join(missing)}")
    for name, kind in (("parameters", Mapping), ("versions", Mapping), ("finished", bool)):
        if not isinstance(fields[name], kind):
            raise _broken(path, f"damaged: {name} is {fields[name]!r}")
    if not _are_continuations(fields.get("continued", [])):
        raise _broken(path, f"damaged: continued is {fields['continued']!r}")
    return RunRecord(**fields)


def _are_continuations(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict)
        and all(isinstance(each.get(name), int) for name in ("from_updates", "to_updates"))
        for each in value
    )


def write_record(folder: str | os.PathLike[str], record: RunRecord) -> None:
    """Replace ``run.json`` of a run folder.

    Parameters
    ----------
    folder : path-like
        The run folder.
    record : RunRecord
        What to write.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    content = {"format": FORMAT, "version": VERSION, **dataclasses.asdict(record)}
    write_json(Path(folder) / RECORD, content)
