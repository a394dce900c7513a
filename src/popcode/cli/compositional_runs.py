"""What a run of ``popcode fit crbm`` does of its own."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from popcode.cli.console import tell
from popcode.cli.options import FitOptions
from popcode.errors import InputError
from popcode.files import write_history
from popcode.progress import progress

if TYPE_CHECKING:
    from pathlib import Path

    from popcode.cli.preparation import Prepared
    from popcode.cli.work import Work
    from popcode.rbm import CompositionalRBM
    from popcode.rbm.plan import MemoryPlan
    from popcode.rbm.settings import Settings
    from popcode.rbm.state import TrainingState
    from popcode.rbm.trainer import HistoryRow, Trainer
    from popcode.threads import Team


class CompositionalRuns:
    """Runs of a compositional RBM."""

    def settings(self, team: Team, options: FitOptions, prepared: Prepared) -> Settings:
        """Settings of a fit; an "auto" l1 stands at 0 until it is chosen."""
        from popcode.rbm import CompositionalRBM

        l1 = 0.0 if options.l1 == "auto" else options.l1
        estimator = CompositionalRBM(**options.of_model() | {"l1": l1})
        return estimator.resolve(team, prepared.recording.activity, prepared.train_bins)

    def saved_update(self, work: Work) -> int:
        """Updates that the checkpoint has made; 0 where there is none."""
        saved = _saved(work)
        return saved[0].update if saved else 0

    def saved_restarts(self, checkpoint: Path) -> int:
        """Recoveries from divergence of a fit that has ended."""
        from popcode.rbm.checkpoint import read_checkpoint

        return read_checkpoint(checkpoint)[0].restarts

    def memory(self, work: Work, n_samples: int) -> MemoryPlan:
        """Memory of the fit and of its evaluation."""
        from popcode.rbm.plan import memory_plan

        n_train, n_test = work.prepared.train_bins.size, work.prepared.test_bins.size
        shape = work.prepared.recording.shape
        return memory_plan(*shape, n_train, n_test, n_samples, work.settings)

    def seconds_an_update(self, work: Work) -> float:
        """Time a few updates."""
        from popcode.rbm.plan import seconds_an_update

        activity, train_bins = work.prepared.recording.activity, work.prepared.train_bins
        return seconds_an_update(work.team, activity, train_bins, work.settings)

    def updates_to_choose(self, work: Work) -> int:
        """Updates at most that answering what is "auto" takes."""
        from popcode.rbm.penalty import MOST_PATH_UPDATES

        options = work.options
        assert isinstance(options, FitOptions)
        return MOST_PATH_UPDATES if options.l1 == "auto" else 0

    def resolve(self, work: Work) -> Work:
        """Answer what is left at "auto" from the recording, and keep it in ``run.json``."""
        options, settings = work.options, work.settings
        assert isinstance(options, FitOptions)
        wanted = {"n_hidden": options.n_hidden, "l1": options.l1}
        chosen = [name for name, value in wanted.items() if value == "auto"]
        if "l1" in chosen:
            settings = settings._replace(l1=chosen_l1(work))
        answered = dataclasses.replace(
            options,
            n_hidden=settings.n_hidden,
            l1=settings.l1,
            device=settings.device,
            chosen=(*options.chosen, *chosen),
        )
        if answered != options:
            options = answered
            work.run.update(parameters=options.record())
        n_hidden_from, l1_from = (
            "chosen from the recording" if name in options.chosen else "as given" for name in wanted
        )
        tell(
            f"model: {settings.n_hidden} {settings.hidden} hidden units ({n_hidden_from}), "
            f"l1 {settings.l1:g} ({l1_from}), seed {settings.seed}"
        )
        return work._replace(options=options, settings=settings)

    def trainer(self, work: Work) -> Trainer:
        """The fit at its last checkpoint, or at update 0 where there is none yet."""
        from popcode.rbm.fitting import schedule_of, start_fit
        from popcode.rbm.trainer import Trainer

        settings, bins = work.settings, work.prepared.train_bins
        activity = work.prepared.recording.activity
        saved = _saved(work)
        if saved is None:
            return start_fit(activity, bins, settings)
        state, good, history = saved
        refuse_other_shape(work, state)
        tell(f"going on from update {state.update:,} of {settings.n_updates:,}")
        schedule = schedule_of(settings)
        return Trainer(
            activity, bins, schedule, state, settings.seed, good, history, settings.device
        )

    def save(self, work: Work, trainer: Trainer) -> None:
        """Write the checkpoint."""
        from popcode.rbm.checkpoint import write_checkpoint

        trainer.pull()
        kind = work.settings.hidden
        write_checkpoint(work.checkpoint, kind, trainer.state, trainer.good, trainer.history)

    def watched(self, trainer: Trainer) -> dict[str, float | str]:
        """What is worth watching of the last entry of the history."""
        row = trainer.history[-1]
        return {
            "nLLH": row.nllh_median,
            "alive": f"{row.hidden_alive}/{trainer.state.weights.shape[1]}",
            "active": f"{row.chain_activity:.3g} (data {row.data_activity:.3g})",
        }

    def finish(self, work: Work, trainer: Trainer) -> CompositionalRBM:
        """End the fit, and save its model and history."""
        from popcode.rbm import CompositionalRBM
        from popcode.rbm.convergence import N_GROUPS
        from popcode.rbm.fitting import finish_fit
        from popcode.rbm.trainer import HistoryRow

        with progress("testing convergence", N_GROUPS, unit="group") as bar:
            fitted = finish_fit(work.team, trainer, work.settings, bar.update)
        for note in fitted.notes:
            tell(f"note: {note}")
        names = HistoryRow._fields
        columns = {name: [getattr(row, name) for row in trainer.history] for name in names}
        write_history(work.run.history, columns)
        return CompositionalRBM(**work.settings._asdict()).adopt(fitted, trainer)


def _saved(work: Work) -> tuple[TrainingState, TrainingState, list[HistoryRow]] | None:
    """State, last good state and history of the checkpoint; None before there is one."""
    from popcode.rbm.checkpoint import read_checkpoint

    return read_checkpoint(work.checkpoint) if work.checkpoint.exists() else None


def chosen_l1(work: Work) -> float:
    """The penalty that the recording bears."""
    from popcode.rbm.fitting import choose_penalty
    from popcode.rbm.penalty import MOST_PATH_UPDATES

    activity, bins = work.prepared.recording.activity, work.prepared.train_bins
    tell("choosing l1: it grows in a short fit, until hidden units die or the grid ends")
    with progress("choosing l1", MOST_PATH_UPDATES) as bar:
        l1 = choose_penalty(work.team, activity, bins, work.settings, bar.update).l1
        bar.update(MOST_PATH_UPDATES)  # units that die early end it early
    return l1


def refuse_other_shape(work: Work, state: TrainingState) -> None:
    """Refuse a checkpoint that belongs to other settings or another recording.

    Raises
    ------
    InputError
    """
    from popcode.rbm.state import POTENTIALS

    settings, n_neurons = work.settings, work.prepared.recording.n_neurons
    found = (*state.weights.shape, len(state.chains), type(state.hidden))
    expected = (n_neurons, settings.n_hidden, settings.n_chains, POTENTIALS[settings.hidden])
    if found != expected:
        raise InputError(
            f"the checkpoint has {found[0]:,} neurons, {found[1]} {found[3].__name__} units and "
            f"{found[2]} chains; run.json says {expected[0]:,}, {expected[1]} "
            f"{expected[3].__name__} and {expected[2]}",
            where=str(work.checkpoint),
            remedy="Put run.json back as it was, or delete the checkpoint to start from the seed",
        )
