"""A run that has been found possible: its input is read, its settings are known, it fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from popcode.cli.console import tell
from popcode.cli.families import family_of
from popcode.cli.options import RunOptions
from popcode.cli.preparation import (
    Prepared,
    content_hash,
    prepare,
    say_silent_neurons,
    say_warnings,
)
from popcode.cli.spent import TimeSpent
from popcode.errors import InputError
from popcode.files import RunFolder
from popcode.progress import duration_text

if TYPE_CHECKING:
    from popcode.threads import Team


class Work(NamedTuple):
    """What every stage of a run needs. An "auto" l1 stands at 0 in `settings` until chosen."""

    run: RunFolder
    options: RunOptions
    prepared: Prepared
    settings: Any
    team: Team
    spent: TimeSpent

    @property
    def checkpoint(self) -> Path:
        """Where the state of the training is kept."""
        return self.run.checkpoint / "state.safetensors"


def examine(run: RunFolder, options: RunOptions, team: Team) -> Work:
    """Read the input, work out the settings, and refuse what is impossible.

    Raises
    ------
    InputError
        Anything that stands in the way, before any long work.
    """
    spent = TimeSpent(run.checkpoint / "seconds.json")
    prepared = prepared_input(run, options)
    settings = family_of(options).settings(team, options, prepared)
    work = Work(run, options, prepared, settings, team, spent)
    say_plan(work)
    return work


def prepared_input(run: RunFolder, options: RunOptions) -> Prepared:
    """Read the input of a run again, or for the first time, and be sure that it is the same."""
    from popcode.io.remote import is_url

    path = str(run.record.input_path)
    gone = not (is_url(path) or Path(path).exists())
    if run.record.input_hash is not None and gone:
        raise InputError(
            "the recording that the run was begun with is not there any more",
            where=path,
            remedy="Put it back, or a link to where it is",
        )
    prepared = prepare(path, options)
    found = content_hash(prepared.recording)
    if run.record.input_hash is None:
        run.update(input_hash=found)
    refuse_changed(run.record.input_hash, found, path)
    return prepared


def refuse_changed(recorded: str | None, found: str, path: str) -> None:
    """Refuse an input whose content is no longer what a run was fitted to.

    Raises
    ------
    InputError
    """
    if recorded != found:
        raise InputError(
            "its content has changed since the run began",
            where=path,
            remedy="Put the former file back, or fit the new one into a new folder",
        )


def say_plan(work: Work) -> None:
    """Print what will be fitted to what, in which memory and time; refuse what does not fit.

    Raises
    ------
    InputError
        Not enough memory.
    """
    from popcode.metrics import sample_count
    from popcode.rbm import plan
    from popcode.rbm.trainer import mean_activity

    recording, train_bins = work.prepared.recording, work.prepared.train_bins
    (n_bins, n_neurons), n_train = recording.shape, train_bins.size
    n_test = work.prepared.test_bins.size
    split = f" ({work.options.split})" if n_test else ""
    tell(
        f"input: {n_bins:,} bins x {n_neurons:,} neurons; {n_train:,} bins to train on, "
        f"{n_test:,} held out{split}"
    )
    say_warnings(work.prepared)
    say_silent_neurons(work.prepared, mean_activity(recording.activity, train_bins))
    memory = family_of(work.options).memory(work, sample_count(n_train, n_neurons))
    available = plan.available_memory()
    plan.refuse_beyond(memory, available)
    tell(
        f"plan: {plan.size_text(memory.peak)} of memory ({plan.size_text(available)} available), "
        f"{_time_text(work)}"
    )


def _time_text(work: Work) -> str:
    """How long the training will take, from a few updates of a fit that is thrown away."""
    family = family_of(work.options)
    left = work.settings.n_updates - family.saved_update(work)
    rivals = _time_of_rivals(work)
    if left <= 0:
        return f"no update left to make{rivals}"
    each, to_choose = family.seconds_an_update(work), family.updates_to_choose(work)
    choice = f" and up to {to_choose:,} to choose l1" if to_choose else ""
    threads = f"{work.team.n_threads} thread" + "s" * (work.team.n_threads > 1)
    return (
        f"about {duration_text(each * (left + to_choose))} for {left:,} updates of "
        f"{1000 * each:.3g} ms{choice}{rivals}, then the test and the scores "
        f"({work.settings.device}, {threads})"
    )


def _time_of_rivals(work: Work) -> str:
    """How long the baselines will take that are yet to be fitted."""
    from popcode.cli.rivals import seconds_of_rivals

    options, prepared = work.options, work.prepared
    if not options.rivals or not prepared.test_bins.size:
        return ""
    folder, train = work.run.path / "baselines", prepared.train
    seconds = seconds_of_rivals(work.team, folder, options.rivals, train, options.seed)
    return f", {duration_text(seconds)} for the baselines" if seconds > 0 else ""
