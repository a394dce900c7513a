"""The files of a data set into a folder."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from popcode.errors import InputError
from popcode.files import folder_lock, write_error
from popcode.io.datasets.download import digest_of, download, part_of
from popcode.io.datasets.entries import Dataset, RemoteFile
from popcode.io.datasets.listing import files_of
from popcode.progress import progress

MEGABYTE = 10**6
MAX_LISTED = 6


class Fetched(NamedTuple):
    """Where the files chosen are, and how many of them were there before."""

    paths: list[Path]
    n_there: int


def fetch(dataset: Dataset, out: str | Path, files: str = "", *, silent: bool = False) -> Fetched:
    """Download files of a data set, going on where a former call stopped.

    Parameters
    ----------
    dataset : Dataset
        See `find_dataset`.
    out : str or Path
        Folder to put them in; made where it is not there.
    files : str
        Pattern of names ("*" for all, "rbm_fish3*"). By default those that the catalogue calls
        the first, or all where it calls none so and there is only one.
    silent : bool
        Show no progress.

    Returns
    -------
    Fetched
        All files chosen, those that were there already included.

    Raises
    ------
    InputError
        No file of that pattern, many without a pattern, a file that is there and is another, too
        little space, and as `popcode.io.datasets.download.download`.
    """
    chosen = chosen_files(dataset, files_of(dataset), files)
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    with folder_lock(folder):
        missing = [file for file in chosen if not _is_there(file, folder / file.name)]
        _refuse_beyond_disk(missing, folder)
        for number, file in enumerate(missing, 1):
            label = file.name if len(missing) == 1 else f"{file.name} ({number}/{len(missing)})"
            _download(file, folder / file.name, label, silent)
    return Fetched([folder / file.name for file in chosen], len(chosen) - len(missing))


def chosen_files(dataset: Dataset, listed: Sequence[RemoteFile], pattern: str) -> list[RemoteFile]:
    """Files whose names match a pattern, or the first ones of a data set where it is empty.

    Raises
    ------
    InputError
        None, or many where nothing says which.
    """
    wanted = pattern or dataset.first or "*"
    chosen = [file for file in listed if fnmatchcase(file.name, wanted)]
    if not chosen:
        raise InputError(
            f"no file of {dataset.name} is called like {wanted!r}",
            remedy=f"There are {_listed(listed)}.",
        )
    if len(chosen) > 1 and not (pattern or dataset.first):
        raise InputError(
            f"{dataset.name} has {len(chosen):,} files, {_size_text(chosen)}: {_listed(chosen)}",
            remedy="Say which: --files PATTERN, or --files '*' for all.",
        )
    return chosen


def _download(file: RemoteFile, target: Path, label: str, silent: bool) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(target.parent, error) from error
    total = math.ceil((file.n_bytes or 0) / MEGABYTE)
    start = part_of(target).n_bytes // MEGABYTE
    with progress(label, total, start=start, unit="megabyte", silent=silent) as bar:

        def watch(n_bytes: int, n_total: int | None) -> None:
            # Of a file whose size nobody states only what came is shown.
            bar.total = math.ceil((n_bytes if n_total is None else n_total) / MEGABYTE)
            bar.update(bar.total if n_bytes == n_total else n_bytes // MEGABYTE)

        download(file, target, watch)


def _is_there(file: RemoteFile, target: Path) -> bool:
    """Whether a file need not be downloaded, by its hash or else its size.

    Raises
    ------
    InputError
        Another file is there.
    """
    if not target.exists():
        return False
    n_bytes = target.stat().st_size if target.is_file() else -1
    same = file.n_bytes in (None, n_bytes) and n_bytes >= 0
    if same and file.digest:
        same = digest_of(target, file.digest.partition(":")[0]) == file.digest
    if not same:
        raise InputError(
            "another file of that name is there already; nothing was changed",
            where=str(target),
            remedy="Move it away, or choose another folder with --out.",
        )
    return True


def _refuse_beyond_disk(missing: Sequence[RemoteFile], folder: Path) -> None:
    needed = sum((file.n_bytes or 0) - part_of(folder / file.name).n_bytes for file in missing)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"the files need {size_text(needed)} and the disk has {size_text(free)} free",
            where=str(folder),
            remedy="Choose fewer with --files, or a folder on another disk with --out.",
        )


def size_text(n_bytes: int | None) -> str:
    """A size in words."""
    if n_bytes is None:
        return "unknown size"
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes} bytes"


def _size_text(files: Sequence[RemoteFile]) -> str:
    known = [file.n_bytes for file in files if file.n_bytes is not None]
    more = "" if len(known) == len(files) else " or more" if known else ""
    return f"{size_text(sum(known))}{more}" if known else size_text(None)


def _listed(files: Sequence[RemoteFile]) -> str:
    names = [file.name for file in files]
    more = f" and {len(names) - MAX_LISTED:,} more" if len(names) > MAX_LISTED else ""
    return f"{', '.join(names[:MAX_LISTED])}{more}" if names else "none"
