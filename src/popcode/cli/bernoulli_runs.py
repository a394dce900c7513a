"""What a run of ``popcode fit rbm`` does of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from typing import TYPE_CHECKING

from popcode.cli.console import tell
from popcode.cli.options import BernoulliOptions
from popcode.cli.rivals import memory_of_rivals
from popcode.errors import InputError
from popcode.files import write_history
from popcode.progress import progress

if TYPE_CHECKING:
    from pathlib import Path

    from popcode.cli.preparation import Prepared
    from popcode.cli.work import Work
    from popcode.rbm import BernoulliRBM
    from popcode.rbm.pcd.settings import BernoulliSettings
    from popcode.rbm.pcd.trainer import PcdTrainer
    from popcode.rbm.plan import MemoryPlan
    from popcode.threads import Team

_TIMED_UPDATES = 20
# The likelihood is followed at every update of the first, and soon at few: it adds about a fifth.
_UNWATCHED, _WITH_WATCH = 2**31, 1.2
MAY_BE_AUTO = ("n_updates", "n_chains", "batch_size", "learning_rate", "l1")


class _EnoughTimed(Exception):
    """Ends a fit that only times its updates."""


class BernoulliRuns:
    """Runs of a Bernoulli RBM."""

    def settings(
        self, team: Team, options: BernoulliOptions, prepared: Prepared
    ) -> BernoulliSettings:
        """Settings of a fit."""
        from popcode.rbm import BernoulliRBM

        activity, bins = prepared.recording.activity, prepared.train_bins
        return BernoulliRBM(**options.of_model()).resolve(activity, bins)

    def saved_update(self, work: Work) -> int:
        """Updates that the checkpoint has made; 0 where there is none."""
        from popcode.rbm.pcd.checkpoint import read_pcd_checkpoint

        if not work.checkpoint.exists():
            return 0
        return read_pcd_checkpoint(work.checkpoint).state.update

    def saved_restarts(self, checkpoint: Path) -> int:
        """Recoveries from divergence of a fit that has ended."""
        from popcode.rbm.pcd.checkpoint import read_pcd_checkpoint

        return read_pcd_checkpoint(checkpoint).state.restarts

    def memory(self, work: Work, n_samples: int) -> MemoryPlan:
        """Memory of the fit and of its evaluation."""
        from popcode.rbm.pcd.plan import memory_plan

        n_train, n_test = work.prepared.train_bins.size, work.prepared.test_bins.size
        shape = work.prepared.recording.shape
        plan = memory_plan(*shape, n_train, n_test, n_samples, work.settings)
        beside = memory_of_rivals(work.options.rivals, shape[1]) + n_train * shape[1]
        return plan._replace(evaluation=max(plan.evaluation, beside if n_test else 0))

    def seconds_an_update(self, work: Work) -> float:
        """Time a few updates of a fit that is thrown away."""
        trainer = self._started(work, pretraining=False)
        trainer.watch.stride = _UNWATCHED
        times: list[float] = []

        def stop(_trainer: PcdTrainer) -> None:
            times.append(time.perf_counter())
            if len(times) > _TIMED_UPDATES:
                raise _EnoughTimed

        with contextlib.suppress(_EnoughTimed):
            trainer.run(work.team, stop)
        return _WITH_WATCH * (times[-1] - times[0]) / max(len(times) - 1, 1)

    def updates_to_choose(self, work: Work) -> int:
        """Updates at most that choosing l1 takes."""
        from popcode.rbm.pcd.penalty import path_lengths

        options = work.options
        assert isinstance(options, BernoulliOptions)
        waits = options.l1 == "auto" and judges_penalties(work)
        return path_lengths(work.settings.n_updates).total if waits else 0

    def resolve(self, work: Work) -> Work:
        """Answer what is left at "auto", keep it in ``run.json``, and say what is fitted."""
        from popcode.rbm import BernoulliRBM

        options, settings = work.options, work.settings
        assert isinstance(options, BernoulliOptions)
        chosen = [name for name in MAY_BE_AUTO if getattr(options, name) == "auto"]
        if "l1" in chosen:
            settings = BernoulliRBM(**options.of_model()).settled(settings, chosen_l1(work))
        if chosen:
            answers = {name: getattr(settings, name) for name in chosen}
            options = dataclasses.replace(options, chosen=(*options.chosen, *chosen), **answers)
            work.run.update(parameters=options.record())
        tell(
            f"model: {settings.n_hidden} binary hidden units, {settings.n_chains} chains "
            f"({settings.chains}), learning rate {settings.learning_rate:.3g}, "
            f"l1 {settings.l1:.2g}, seed {settings.seed}"
        )
        return work._replace(options=options, settings=settings)

    def trainer(self, work: Work) -> PcdTrainer:
        """The fit at its last checkpoint, or at update 0 where there is none yet."""
        from popcode.rbm.pcd.checkpoint import read_pcd_checkpoint
        from popcode.rbm.pcd.fitting import resumed_bernoulli

        if not work.checkpoint.exists():
            return self._started(work, pretraining=work.settings.pretraining)
        saved, settings = read_pcd_checkpoint(work.checkpoint), work.settings
        found = (*saved.state.weights.shape, len(saved.state.chains))
        expected = (work.prepared.recording.n_neurons, settings.n_hidden, settings.n_chains)
        if found != expected:
            raise InputError(
                "the checkpoint has {:,} neurons, {} hidden units and {} chains; run.json says "
                "{:,}, {} and {}".format(*found, *expected),
                where=str(work.checkpoint),
                remedy="Put run.json back as it was, or delete the checkpoint to start from the "
                "seed",
            )
        tell(f"going on from update {saved.state.update:,} of {settings.n_updates:,}")
        activity, bins = work.prepared.recording.activity, work.prepared.train_bins
        watched = work.prepared.test_bins
        return resumed_bernoulli(activity, bins, settings, *saved, watched)

    def _started(self, work: Work, *, pretraining: bool) -> PcdTrainer:
        from popcode.rbm.pcd.fitting import start_bernoulli

        settings = work.settings._replace(pretraining=pretraining)
        activity, bins = work.prepared.recording.activity, work.prepared.train_bins
        watched = work.prepared.test_bins
        return start_bernoulli(work.team, activity, bins, settings, None, watched)

    def save(self, work: Work, trainer: PcdTrainer) -> None:
        """Write the checkpoint."""
        from popcode.rbm.pcd.checkpoint import write_pcd_checkpoint

        write_pcd_checkpoint(work.checkpoint, trainer)

    def watched(self, trainer: PcdTrainer) -> dict[str, float | str]:
        """What is worth watching of the last entry of the history."""
        row = trainer.history[-1]
        train, held_out = row.log_likelihood_train, row.log_likelihood_validation
        held = f" (held out {held_out:.2f})" if math.isfinite(held_out) else ""
        likelihood = f"{train:.2f}{held} ± {row.log_partition_error:.2f}"
        return {
            "nats/bin": likelihood if math.isfinite(train) else "not known yet",
            "active": f"{row.chain_activity:.3g} (data {row.data_activity:.3g})",
        }

    def finish(self, work: Work, trainer: PcdTrainer) -> BernoulliRBM:
        """End the fit, and save its model and history."""
        from popcode.rbm import BernoulliRBM
        from popcode.rbm.pcd.finishing import finish_bernoulli
        from popcode.rbm.pcd.trainer import PcdRow

        fitted = finish_bernoulli(work.team, trainer)
        for note in fitted.notes:
            tell(f"note: {note}")
        names = PcdRow._fields
        columns = {name: [getattr(row, name) for row in trainer.history] for name in names}
        write_history(work.run.history, columns)
        return BernoulliRBM(**work.settings._asdict()).adopt(fitted, trainer)


def judges_penalties(work: Work) -> bool:
    """Whether the training bins are few for the weights, and enough to withhold some."""
    from popcode.rbm.pcd.automatic import needs_penalty
    from popcode.rbm.pcd.penalty import FEWEST_BINS

    n_bins, n_neurons = work.prepared.train_bins.size, work.prepared.recording.n_neurons
    return n_bins >= FEWEST_BINS and needs_penalty(n_bins, n_neurons, work.settings.n_hidden)


def chosen_l1(work: Work) -> float:
    """The penalty that the recording needs, said with what it was chosen from."""
    from popcode.rbm.pcd.penalty import choose_penalty

    activity, bins = work.prepared.recording.activity, work.prepared.train_bins
    if not judges_penalties(work):
        return choose_penalty(work.team, activity, bins, work.settings).l1
    total = BernoulliRuns().updates_to_choose(work)
    tell(
        f"choosing l1: {bins.size:,} bins are few for "
        f"{work.prepared.recording.n_neurons * work.settings.n_hidden:,} weights; a tenth of them "
        "judges penalties along a short fit"
    )
    with progress("choosing l1", total) as bar:
        chosen = choose_penalty(work.team, activity, bins, work.settings, after_update=bar.update)
        bar.update(total)  # the path ends early where a penalty is clearly too strong
    levels = ", ".join(f"{each.log_likelihood:.2f} at {each.l1:.2g}" for each in chosen.levels)
    tell(
        f"l1 {chosen.l1:.2g}: half of what these bins like best along the path (nats a bin: "
        f"{levels})"
    )
    return chosen.l1
