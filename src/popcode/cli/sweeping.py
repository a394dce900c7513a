"""Carry a sweep from wherever it stands in its folder to its end, and show what came of it."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from popcode.cli.console import Interrupted, show, tell
from popcode.cli.sweep_trial import Task
from popcode.cli.sweep_workers import Workers
from popcode.errors import InputError
from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.sweep.folder import SweepFolder
    from popcode.sweep.request import SweepRequest
    from popcode.sweep.store import Trial, TrialStore

_PROCESS = "popcode.cli.sweep_trial"


def sweep_into(out: Path, request: SweepRequest, workers: Workers) -> None:
    """Fit what is left of a sweep, and write its table and its page.

    Raises
    ------
    InputError
        The folder holds another sweep, is in use, or no model could be fitted.
    Interrupted
        The sweep can be gone on with.
    """
    from popcode.files import folder_lock
    from popcode.sweep.folder import SweepFolder
    from popcode.sweep.results import write_trials
    from popcode.sweep.store import TrialStore

    folder = SweepFolder(out.absolute())
    folder.refuse_stranger()
    folder.make()
    with folder_lock(folder.path), _interruptible(out):
        _begin(folder, request)
        store = TrialStore(folder.journal, request)
        _fit(folder, request, store, workers)
        trials = store.trials()
        write_trials(folder, trials)
        _show(folder, request, trials)


@contextlib.contextmanager
def _interruptible(out: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        command = f"popcode sweep --resume {shlex.quote(str(out))}"
        raise Interrupted(
            f"Interrupted; every fit is kept up to its last checkpoint. Go on with: {command}"
        ) from None


def _begin(folder: SweepFolder, request: SweepRequest) -> None:
    from popcode.sweep.request import REQUEST, read_request, write_request

    if not (folder.path / REQUEST).exists():
        write_request(folder.path, request)
        return
    found = read_request(folder.path)
    if not found.same_as(request):
        raise InputError(
            "another sweep is there, or its input has changed since",
            where=str(folder.path),
            remedy=f"Name another folder. It was begun with: {found.command}",
        )


def _fit(folder: SweepFolder, request: SweepRequest, store: TrialStore, workers: Workers) -> None:
    from popcode.sweep.drive import drive, is_complete
    from popcode.sweep.plan import wanted_of
    from popcode.sweep.results import write_trials

    if is_complete(folder, request, store.trials()):
        tell(f"{folder.path} is finished: nothing is left to do")
        return
    total = wanted_of(request)
    tell(f"sweep: {total} models into {folder.path}")
    with (
        workers.connected(folder.scratch) as (client, n_threads),
        progress("fitting", total, unit="model") as bar,
    ):

        def told(over: int, running: int, note: str) -> None:
            if note:
                bar.say(note)
            bar.update(over, running=running)
            write_trials(folder, store.trials())

        drive(folder, request, store, client, _arguments_of(folder, request), n_threads, told)


def _arguments_of(folder: SweepFolder, request: SweepRequest) -> Callable[[Trial], list[str]]:
    """What gives the arguments of a trial's Python, and writes what its process is told."""
    from popcode.sweep.warm import warm_updates

    def arguments(trial: Trial) -> list[str]:
        n_updates = request.parameters["n_updates"]
        warm_from = None
        if trial.warm_from is not None:
            n_updates, warm_from = warm_updates(n_updates), str(folder.run(trial.warm_from))
        task = Task(
            run=str(folder.run(trial.number)),
            watched=str(folder.watched(trial.number)),
            facts=str(folder.facts(trial.number)),
            command=request.command,
            input_path=request.input_path,
            parameters=request.parameters | trial.cell._asdict() | {"n_updates": n_updates},
            warm_from=warm_from,
        )
        task.write(folder.task(trial.number))
        return ["-m", _PROCESS, str(folder.task(trial.number))]

    return arguments


def _show(folder: SweepFolder, request: SweepRequest, trials: list[Trial]) -> None:
    """Draw the page, and say what is recommended.

    Raises
    ------
    InputError
        No model could be fitted.
    """
    from popcode.files import write_text
    from popcode.sweep.choice import choose, points_of, results_of
    from popcode.sweep.page import render_page

    points = points_of(results_of(folder, trials))
    choice = choose(points)
    if choice is None:
        reasons = [trial.reason for trial in trials if trial.reason]
        raise InputError(
            f"no model could be fitted: {reasons[-1] if reasons else 'none has a score'}",
            where=str(folder.path),
            remedy=f"See {folder.path / 'logs'}",
        )
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    write_text(folder.page, render_page(folder, request, trials, points, choice, now))
    taken = choice.taken
    show(f"recommended: {taken.n_hidden} hidden units, l1 {taken.l1:g}: {choice.reason}")
    show(str(folder.table))
    show(str(folder.page))
