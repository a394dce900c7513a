"""Where everything of a sweep is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from popcode.errors import InputError
from popcode.files import write_error
from popcode.files.lock import HOLDER, LOCK
from popcode.sweep.request import REQUEST


class SweepFolder(NamedTuple):
    """Paths within the folder of a sweep."""

    path: Path

    @property
    def journal(self) -> Path:
        """The record of the trials, a line an event."""
        return self.path / "trials.journal"

    @property
    def table(self) -> Path:
        """The trials for people and other programs."""
        return self.path / "trials.csv"

    @property
    def page(self) -> Path:
        """The page for people."""
        return self.path / "sweep.html"

    @property
    def scratch(self) -> Path:
        """What the workers of this machine need while they are there."""
        return self.path / ".workers"

    def run(self, number: int) -> Path:
        """The run folder of a trial."""
        return self.path / "trials" / f"{number:04d}"

    def task(self, number: int) -> Path:
        """What the process of a trial is told."""
        return self.path / "logs" / f"{number:04d}.json"

    def log(self, number: int) -> Path:
        """What the process of a trial says."""
        return self.path / "logs" / f"{number:04d}.log"

    def watched(self, number: int) -> Path:
        """How far the process of a trial is."""
        return self.path / "logs" / f"{number:04d}.watched"

    def facts(self, number: int) -> Path:
        """The assemblies of a trial in a few numbers."""
        return self.path / "logs" / f"{number:04d}.assemblies"

    def make(self) -> None:
        """Make the folders that are not there.

        Raises
        ------
        InputError
            They cannot be made, or what is there is no sweep.
        """
        try:
            for folder in (self.path, self.path / "trials", self.path / "logs"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(self.path, error) from error

    def refuse_stranger(self) -> None:
        """Refuse a folder that holds something else than a sweep.

        Raises
        ------
        InputError
        """
        if not self.path.exists() or (self.path / REQUEST).exists():
            return
        if not self.path.is_dir():
            raise InputError(
                "is a file, and a sweep needs a folder", where=str(self.path), remedy="Name another"
            )
        ours = {LOCK, HOLDER, "trials", "logs"}
        if strange := sorted(set(os.listdir(self.path)) - ours):
            raise InputError(
                f"holds {strange[0]}, which is no sweep",
                where=str(self.path),
                remedy="Name a folder that is new or empty",
            )
