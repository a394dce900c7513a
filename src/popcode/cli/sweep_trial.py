"""The process of one trial of a sweep: a fit into its run folder, begun or gone on with.

Started by a worker as ``python -m popcode.cli.sweep_trial TASK THREADS``; it ends with it.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popcode.cli.console import notes_as_lines, tell
from popcode.cli.options import options_from
from popcode.cli.running import carry_out
from popcode.cli.training import Checkpoints
from popcode.cli.work import Work, examine, prepared_input
from popcode.errors import InputError
from popcode.files import RunFolder, RunRecord, write_json
from popcode.files.run_record import is_record

if TYPE_CHECKING:
    from popcode.rbm.trainer import Trainer
    from popcode.threads import Team

BAD_INPUT = 2
# A worker that was killed leaves a process that is still writing its checkpoint.
_WAIT_S = 30.0


@dataclasses.dataclass(frozen=True)
class Task:
    """What the process of a trial is told.

    Parameters
    ----------
    run : str
        Its folder.
    watched : str
        Where to tell how far it is.
    facts : str
        Where to keep its assemblies in a few numbers.
    command : str
        That of the sweep.
    input_path : str
    parameters : dict
        As ``run.json`` keeps them.
    warm_from : str or None
        The run that it starts from.
    """

    run: str
    watched: str
    facts: str
    command: str
    input_path: str
    parameters: dict[str, Any]
    warm_from: str | None

    def write(self, path: Path) -> None:
        """Write it for the process."""
        write_json(path, dataclasses.asdict(self))


def carry_trial(task: Task, n_threads: int) -> None:
    """Begin a fit, or go on with one that was begun; nothing is done to one that is finished.

    Raises
    ------
    InputError
        The fit is impossible.
    """
    from popcode.threads import Team

    with _opened(task) as run, Team(n_threads) as team:
        if run.record.finished:
            tell("finished before")
        else:
            _fit(task, run, team)
        if not Path(task.facts).exists():
            _describe(task, run)


def _opened(task: Task) -> RunFolder:
    """The run folder, locked; waits for a process that is about to let go of it."""
    path, end = Path(task.run), time.monotonic() + _WAIT_S
    while True:
        try:
            return RunFolder.reopen(path) if is_record(path) else _created(task, path)
        except InputError as error:
            if not error.what.startswith("in use by") or time.monotonic() > end:
                raise
            time.sleep(0.2)


def _created(task: Task, path: Path) -> RunFolder:
    record = RunRecord(
        command=task.command,
        parameters=task.parameters,
        seed=task.parameters["seed"],
        input_path=task.input_path,
    )
    return RunFolder.create(path, record)


def _fit(task: Task, run: RunFolder, team: Team) -> None:
    from popcode.cli.families import family_of
    from popcode.rbm.trainer import mean_activity
    from popcode.sweep.warm import start_warm

    work = examine(run, options_from(run.record.parameters), team)
    work = family_of(work.options).resolve(work)
    if task.warm_from is not None and not work.checkpoint.exists():
        neighbour = Path(task.warm_from) / "checkpoint" / "state.safetensors"
        bins = work.prepared.train_bins
        rates = mean_activity(work.prepared.recording.activity, bins)
        tell(f"starting from {task.warm_from}")
        start_warm(work.checkpoint, neighbour, work.settings, rates, bins.size)
    if not run.model.exists():
        _train(work, Path(task.watched))
    carry_out(work)  # from the end of training


def _train(work: Work, told: Path) -> None:
    """Make the updates that are left, and tell how far they are at each check of the fit."""
    from popcode.cli.families import family_of
    from popcode.progress import interruption, progress

    trainer = family_of(work.options).trainer(work)
    start, total = trainer.state.update, work.settings.n_updates
    with interruption() as stop, progress("training", total, start=start) as bar:
        checkpoints = Checkpoints(work, bar, stop)
        seen = 0

        def after_update(trainer: Trainer) -> None:
            nonlocal seen
            checkpoints(trainer)
            if len(trainer.history) > seen:
                seen = len(trainer.history)
                _tell_watched(told, trainer)

        trainer.run(work.team, after_update)
        checkpoints.save(trainer)


def _describe(task: Task, run: RunFolder) -> None:
    from popcode.rbm import load_model
    from popcode.sweep.facts import write_facts

    recording = prepared_input(run, options_from(run.record.parameters)).recording
    write_facts(Path(task.facts), load_model(run.model), recording, task.parameters["l1"])


def _tell_watched(told: Path, trainer: Trainer) -> None:
    from popcode.sweep.watched import Watched, write_watched

    row = trainer.history[-1]
    alive = row.hidden_alive / trainer.state.weights.shape[1]
    write_watched(told, Watched(row.update, row.nllh_median, alive))


def main() -> int:
    """Run the task that the process was started with; give its exit code."""
    from popcode.sweep.lifeline import follow_starter

    follow_starter()
    path, n_threads = sys.argv[1:]
    task = Task(**json.loads(Path(path).read_text(encoding="utf-8")))
    with notes_as_lines():
        try:
            carry_trial(task, int(n_threads))
        except InputError as error:
            tell("popcode: " + " ".join(str(error).split()))
            return BAD_INPUT
        except KeyboardInterrupt:
            tell("Interrupted.")
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
