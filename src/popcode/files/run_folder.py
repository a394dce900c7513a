"""The folder of a run: made before work starts, locked while it lasts, never lost to a new one."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from popcode.errors import InputError
from popcode.files.atomic import TEMPORARY, write_error
from popcode.files.lock import HOLDER, LOCK, folder_lock
from popcode.files.run_record import RECORD, RunRecord, is_record, read_record, write_record

PREVIOUS = ".previous"
_ASIDE = ".previous.new"  # on its way to become .previous
_LOCK_FILES = {LOCK, HOLDER}
# All that popcode writes into a run's folder.
_OWN = {
    RECORD, "model.safetensors", "history.csv", "metrics.json", "evaluation.npz",
    "equilibrium.npz", "report.html", "baselines", "checkpoint", PREVIOUS, _ASIDE,
}  # fmt: skip


class RunFolder:
    """An open, locked run. Make one with :meth:`create` or :meth:`reopen`; use it in ``with``.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    record : RunRecord
        The content of its ``run.json``.
    """

    def __init__(self, path: Path, record: RunRecord, resources: contextlib.ExitStack) -> None:
        self.path = path
        self.record = record
        self._resources = resources

    @classmethod
    def create(
        cls, path: str | os.PathLike[str], record: RunRecord, *, force: bool = False
    ) -> Self:
        """Make the folder and its ``run.json`` (``"finished": false``) and lock it.

        With ``force`` an existing run is set aside in ``.previous`` inside the folder, and
        deleted only when the new run is finished; :meth:`abandon` puts it back.

        Parameters
        ----------
        path : path-like
            The folder; it may exist when it is empty.
        record : RunRecord
            What the run is.
        force : bool
            Replace a run that is there. A folder that holds anything else is always refused.

        Returns
        -------
        RunFolder

        Raises
        ------
        InputError
            A run is there and ``force`` is not given; the folder holds other files; another
            process holds it; it cannot be written.
        """
        path = Path(path)
        made = _make_folder(path)
        refuse_what_is_there(path, force)  # before a lock file is left in a stranger's folder
        with _locked(path) as resources:
            refuse_what_is_there(path, force)  # again: it may have come while we waited
            _recover(path)
            _set_aside(path)
            with _removed_on_failure(path if made else None):
                write_record(path, dataclasses.replace(record, finished=False))
            return cls(path, read_record(path), resources.pop_all())

    @classmethod
    def reopen(cls, path: str | os.PathLike[str]) -> Self:
        """Lock a run that is there, to go on with it or to add to it.

        Parameters
        ----------
        path : path-like
            The folder.

        Returns
        -------
        RunFolder

        Raises
        ------
        InputError
            Not a run, damaged, newer, held by another process, or not writable.
        """
        path = Path(path)
        if (path / RECORD).exists() or not _holds_run(path):
            read_record(path)  # says what is wrong before a lock file is left in a wrong folder
        with _locked(path) as resources:
            _recover(path)
            return cls(path, read_record(path), resources.pop_all())

    @property
    def model(self) -> Path:
        """The fitted model."""
        return self.path / "model.safetensors"

    @property
    def history(self) -> Path:
        """What training recorded, a row an entry."""
        return self.path / "history.csv"

    @property
    def metrics(self) -> Path:
        """What evaluation found."""
        return self.path / "metrics.json"

    @property
    def evaluation(self) -> Path:
        """What stands behind it, to be drawn; none where no bins were held out."""
        return self.path / "evaluation.npz"

    @property
    def equilibrium(self) -> Path:
        """What stands behind the comparison with other models; none where there is none."""
        return self.path / "equilibrium.npz"

    @property
    def baselines(self) -> Path:
        """The folder of the other models; made on first use."""
        return self._made("baselines")

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.path / "report.html"

    @property
    def checkpoint(self) -> Path:
        """The folder of what a resumed fit needs; made on first use."""
        return self._made("checkpoint")

    def _made(self, name: str) -> Path:
        folder = self.path / name
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise write_error(folder, error) from error
        return folder

    def update(self, **changes: Any) -> None:
        """Replace fields of ``run.json``, as when "auto" has been resolved.

        Parameters
        ----------
        **changes
            Fields of :class:`RunRecord` with their new values.

        Raises
        ------
        InputError
            The folder cannot be written; the old record stays.
        """
        write_record(self.path, dataclasses.replace(self.record, **changes))
        self.record = read_record(self.path)

    def finish(self) -> None:
        """State that the run is whole, and only then let go of the run it replaces."""
        self.update(finished=True)
        shutil.rmtree(self.path / PREVIOUS, ignore_errors=True)

    def abandon(self) -> None:
        """Undo :meth:`create`: remove this run and put back the one it replaced.

        For work refused before it began (no memory, impossible options). Closes the folder.
        """
        _empty(self.path)
        _recover(self.path)
        was_alone = not _content(self.path)
        self.close()
        if was_alone:
            shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        """Release the lock; the files stay."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _make_folder(path: Path) -> bool:
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        if path.is_dir():
            return False
        raise InputError(
            "is a file, and a run needs a folder", where=os.fspath(path), remedy="Name another"
        ) from None
    except OSError as error:
        raise write_error(path, error) from error
    return True


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as resources:
        resources.enter_context(folder_lock(path))
        yield resources


@contextlib.contextmanager
def _removed_on_failure(path: Path | None) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if path is not None:
            shutil.rmtree(path, ignore_errors=True)
        raise


def _content(path: Path) -> list[Path]:
    return [
        entry
        for entry in path.iterdir()
        if entry.name not in _LOCK_FILES and not entry.name.startswith(TEMPORARY)
    ]


def _holds_run(path: Path) -> bool:
    """Whether a run of ours is there, be it one that a kill caught while it was set aside."""
    return any(is_record(path / place) for place in ("", PREVIOUS, _ASIDE))


def _foreign(path: Path) -> list[str]:
    """Names in a run's folder that popcode does not write."""
    folders = [path, *(path / place for place in (PREVIOUS, _ASIDE) if (path / place).is_dir())]
    return sorted({entry.name for folder in folders for entry in _content(folder)} - _OWN)


def refuse_what_is_there(path: Path, force: bool) -> None:
    """Refuse a folder for a new run that holds a run, unless `force`, or anything else.

    Raises
    ------
    InputError
    """
    if not _content(path):
        return
    if not _holds_run(path):
        raise InputError(
            "holds files that are no run; nothing was changed",
            where=os.fspath(path),
            remedy="Name an empty or a new folder",
        )
    foreign = _foreign(path)
    if force and foreign:
        raise InputError(
            f"holds files beside its run ({', '.join(foreign[:3])}); nothing was changed",
            where=os.fspath(path),
            remedy="Move them elsewhere first: --force deletes the run that is in the folder",
        )
    if not force:
        raise InputError(
            "holds a run; nothing was changed",
            where=os.fspath(path),
            remedy="Name another folder, add --force to replace it, or resume it",
        )


def _set_aside(path: Path) -> None:
    """Move what is there into ``.previous``, an older ``.previous`` with it.

    The record goes first: a folder without a record at its top is one that a kill caught here,
    and :func:`_recover` puts it back.
    """
    entries = sorted(_content(path), key=_is_record, reverse=True)
    if not entries:
        return
    aside = path / _ASIDE
    try:
        aside.mkdir()
        for entry in entries:
            os.replace(entry, aside / entry.name)
        os.replace(aside, path / PREVIOUS)
    except OSError as error:
        _recover(path)
        raise write_error(path, error) from error


def _recover(path: Path) -> None:
    """Put back a run that was set aside for one that never came to have a record."""
    for litter in path.glob(f"{TEMPORARY}*"):
        litter.unlink(missing_ok=True)
    aside, previous = path / _ASIDE, path / PREVIOUS
    if not (path / RECORD).exists():
        if previous.is_dir() and not aside.is_dir():
            os.replace(previous, aside)  # it may hold a ``.previous`` of its own
        # The record comes back last, for the same reason as it goes first.
        entries = sorted(aside.iterdir(), key=_is_record) if aside.is_dir() else []
        for entry in entries:
            os.replace(entry, path / entry.name)
    with contextlib.suppress(OSError):
        aside.rmdir()


def _is_record(entry: Path) -> bool:
    return entry.name == RECORD


def _empty(path: Path) -> None:
    """Remove the run at the top of a folder, its record last, and keep the one set aside."""
    for entry in sorted(_content(path), key=_is_record):
        if entry.name == PREVIOUS:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
