"""A new run folder, and a fit into it."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from popcode.cli.options import BaselineOptions, RunOptions
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.files import RunFolder


def from_anywhere(input_path: str) -> str:
    """Path that holds from another folder, too; the address of a remote file as it is."""
    from popcode.io.remote import is_url

    return input_path if is_url(input_path) else os.path.abspath(input_path)


def fit_into(out: Path, input_path: str, options: RunOptions, force: bool) -> None:
    """Fit an RBM into a new run folder.

    Raises
    ------
    InputError
        A fit that is impossible leaves no run behind, and a run that was there as it was.
    Interrupted
        The run stays and can be resumed.
    """
    from popcode.cli.leaving import interruptible, remediable
    from popcode.cli.running import carry_out
    from popcode.cli.work import examine
    from popcode.threads import Team

    with _new_run(out, input_path, options, force) as run, Team() as team, interruptible(out):
        with _abandoned_if_impossible(run):
            work = examine(run, options, team)
        with remediable(out):
            carry_out(work)


def fit_baseline_into(out: Path, input_path: str, options: BaselineOptions, force: bool) -> None:
    """Fit a baseline into a new run folder.

    Raises
    ------
    InputError, Interrupted
        As `fit_into`.
    """
    from popcode.cli.baseline_runs import FROM_ITS_SEED, examine_baseline, finish, model_fitted
    from popcode.cli.leaving import interruptible, remediable

    with _new_run(out, input_path, options, force) as run, interruptible(out, FROM_ITS_SEED):
        with _abandoned_if_impossible(run):
            work = examine_baseline(run, options)
            model = model_fitted(work)  # what it refuses, it refuses at once
        with remediable(out):
            finish(work, model)


def _new_run(out: Path, input_path: str, options: RunOptions, force: bool) -> RunFolder:
    from popcode.files import RunFolder, RunRecord

    record = RunRecord(
        command=shlex.join(["popcode", *sys.argv[1:]]),
        parameters=options.record(),
        seed=options.seed,
        input_path=from_anywhere(input_path),
    )
    return RunFolder.create(out, record, force=force)


@contextlib.contextmanager
def _abandoned_if_impossible(run: RunFolder) -> Iterator[None]:
    """Leave no trace of a run that is refused before its work begins."""
    try:
        yield
    except InputError:
        run.abandon()
        raise
