"""``popcode resume``: go on with a run that was interrupted, or continue a finished one."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.options import BaselineOptions, RunOptions, options_from
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.files import RunFolder


def resume(run: Annotated[Path, Parameter(name="RUN")], /, *, updates: int | None = None) -> None:
    """Go on with a run that was interrupted, killed or stopped by an obstacle.

    Example: popcode resume run

    The result has the bits of a run that was never interrupted. Before the first checkpoint it
    starts again from its seed. The input must be where it was, with the same content.

    With a larger --updates a finished run is continued: it goes on from its last update, with the
    learning rate and penalty that a schedule of that many updates has there, as when a fit has
    not converged. The result is not that of a fresh fit of as many updates.

    Parameters
    ----------
    run : Path
        Folder of the run.
    updates : int
        Updates in all; for a finished run, more than it has made.
    """
    resume_from(run, updates)


def resume_from(path: Path, updates: int | None) -> None:
    """Carry a run to its end.

    Raises
    ------
    InputError
        Not a run, held by another process, its input missing or changed, impossible updates.
    Interrupted
        The run stays and can be resumed again.
    """
    from popcode.cli.leaving import interruptible, remediable
    from popcode.cli.memory_options import MODEL as MEMORY
    from popcode.cli.memory_runs import resume_memory
    from popcode.cli.running import carry_out
    from popcode.cli.spectrum_options import MODEL as SPECTRUM
    from popcode.cli.spectrum_runs import resume_spectrum
    from popcode.cli.work import examine
    from popcode.files import RunFolder
    from popcode.threads import Team

    with RunFolder.reopen(path) as run:
        if run.record.parameters.get("model") == MEMORY:
            resume_memory(run, updates)
            return
        if run.record.parameters.get("model") == SPECTRUM:
            resume_spectrum(run, updates)
            return
        options: RunOptions = options_from(run.record.parameters)
        if run.record.finished and updates in (None, options.n_updates) and has_model(run):
            more = " (more --updates would continue it)" if is_rbm(options) else ""
            tell(f"{path} is finished: nothing is left to do{more}")
            show(str(path))
            return
        if updates is not None:
            options = with_updates(run, options, updates)
        say_changed_versions(run)
        if isinstance(options, BaselineOptions):
            resume_baseline(run, options)
            return
        with Team() as team, interruptible(path):
            work = examine(run, options, team)
            made = run.record.parameters["n_updates"]
            if options.n_updates != made:
                # Only now that nothing stands in the way does the run become unfinished again.
                step = {"from_updates": made, "to_updates": options.n_updates}
                run.update(
                    parameters=options.record(),
                    finished=False,
                    continued=[*run.record.continued, step],
                )
            with remediable(path):
                carry_out(work)


def resume_baseline(run: RunFolder, options: BaselineOptions) -> None:
    """Begin a baseline's fit again from its seed, or judge the model that is there."""
    from popcode.cli.baseline_runs import FROM_ITS_SEED, examine_baseline, finish, model_fitted
    from popcode.cli.leaving import interruptible, remediable

    with interruptible(run.path, FROM_ITS_SEED), remediable(run.path):
        work = examine_baseline(run, options)
        finish(work, model_fitted(work))


def is_rbm(options: RunOptions) -> bool:
    """Whether a run trains by updates that can be continued."""
    return not isinstance(options, BaselineOptions)


def has_model(run: RunFolder) -> bool:
    """Whether the model of a run is there and whole."""
    from popcode.loading import load_model

    try:
        load_model(run.model)
    except InputError:
        return False
    return True


def say_changed_versions(run: RunFolder) -> None:
    """Name the packages that are no longer those that the run began with."""
    from popcode.files import installed_versions

    now, then = installed_versions(), run.record.versions
    changed = [
        f"{name} {then[name]} then, {now[name]} now"
        for name in then
        if now.get(name) not in (None, then[name])
    ]
    if changed:
        tell(f"note: the result may differ in its last bits: {'; '.join(changed)}")


def with_updates(run: RunFolder, options: RunOptions, updates: int) -> RunOptions:
    """Options of a run that is to make so many updates in all.

    Raises
    ------
    InputError
        Not more than a finished run has made; other than an unfinished run was begun with (its
        result would depend on where it was interrupted); a fit that was given up.
    """
    from popcode.cli.families import family_of
    from popcode.rbm.trainer import MOST_RESTARTS

    where, planned = str(run.path), options.n_updates
    if not is_rbm(options) and run.record.finished:
        raise InputError(
            "--updates continues no fit of this kind",
            where=where,
            remedy="Fit again, into a new folder",
        )
    if not run.record.finished:
        if updates == planned:
            return options
        raise InputError(
            f"the run was begun with --updates {planned} and is not finished",
            where=where,
            remedy="Resume it without --updates; it can be continued when it is finished",
        )
    # A finished run's "auto" has been answered.
    if planned != "auto" and updates < planned:
        raise InputError(
            f"--updates is {updates}, and the run has made {planned}",
            where=where,
            remedy="Give a larger number, of updates in all",
        )
    if family_of(options).saved_restarts(run.checkpoint / "state.safetensors") > MOST_RESTARTS:
        raise InputError(
            "the fit diverged and was given up, so it cannot be continued",
            where=where,
            remedy="Fit again with a lower --learning-rate or a larger --batch",
        )
    return dataclasses.replace(options, n_updates=updates)
