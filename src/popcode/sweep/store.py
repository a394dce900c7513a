"""The trials of a sweep in a journal that outlives its writer."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from popcode.sweep.plan import Cell
from popcode.sweep.request import SweepRequest

_STUDY = "sweep"
_STATES = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}
# Models that a search draws at random before it learns from what it has seen, and those that must
# have finished before any is given up half-way.
_RANDOM_TRIALS, _PRUNED_AFTER = 8, 4
# A search gives a fit up for its reconstruction after this share of its updates, if it is not among
# so many per cent of those before it. Reconstruction favours more units: it condemns only the last.
_PRUNED_FROM, _KEPT_PERCENT = 0.3, 75.0


class Trial(NamedTuple):
    """A fit of a sweep.

    Attributes
    ----------
    number : int
        Names its folder.
    cell : Cell
    state : str
        waiting, running, finished, pruned or failed.
    warm_from : int or None
        Number of the trial that it started from.
    reason : str
        Why it was given up or failed.
    """

    number: int
    cell: Cell
    state: str
    warm_from: int | None = None
    reason: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in ("waiting", "running")


class TrialStore:
    """The trials of one sweep. The caller holds the folder: it is the only writer.

    Parameters
    ----------
    path : pathlib.Path
        The journal; made where it is not there.
    request : SweepRequest
    """

    def __init__(self, path: Path, request: SweepRequest) -> None:
        self._request = request
        _mend(path)
        logging.getLogger("optuna").setLevel(logging.ERROR)
        self._storage = JournalStorage(JournalFileBackend(str(path)))
        self._study = optuna.create_study(
            storage=self._storage,
            study_name=_STUDY,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.PercentilePruner(
                _KEPT_PERCENT,
                n_startup_trials=_PRUNED_AFTER,
                n_warmup_steps=round(_PRUNED_FROM * request.parameters["n_updates"]),
                n_min_trials=_PRUNED_AFTER,
            ),
        )
        known = self._study.get_trials(deepcopy=False)
        # A generator that began anew would draw again what a former process has drawn.
        seed = np.random.SeedSequence((request.seeds[0], len(known))).generate_state(1)[0]
        self._study.sampler = optuna.samplers.TPESampler(
            seed=int(seed), n_startup_trials=_RANDOM_TRIALS, constant_liar=True
        )
        for trial in known:
            if trial.state == TrialState.RUNNING and not _is_whole(trial):
                self._study.tell(trial.number, state=TrialState.FAIL)

    def trials(self) -> list[Trial]:
        """Every trial, in the order in which they began."""
        frozen = self._study.get_trials(deepcopy=False)
        return [self._read(each) for each in frozen if _is_whole(each)]

    def begin(self, cell: Cell, warm_from: int | None = None) -> Trial:
        """Take up a model; one that a killed writer left waiting is begun first."""
        notes: dict[str, Any] = cell._asdict()
        if warm_from is not None:
            notes["warm_from"] = warm_from
        waiting = self._study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        if not waiting:
            self._study.enqueue_trial({"n_hidden": cell.n_hidden, "l1": cell.l1}, notes)
        return self._ask()

    def suggest(self) -> Trial:
        """Take up a model that the search wants to see, with the first seed."""
        return self._ask()

    def report(self, trial: Trial, update: int, value: float) -> bool:
        """Note how far a fit is; whether it lags behind the others there."""
        live = optuna.trial.Trial(self._study, self._id(trial))
        live.report(value, update)
        return live.should_prune()

    def finish(self, trial: Trial, value: float) -> None:
        """Note what a search maximises of a model."""
        self._study.tell(trial.number, value)

    def prune(self, trial: Trial, reason: str) -> None:
        """Note that a fit was given up half-way."""
        self._end(trial, TrialState.PRUNED, reason)

    def fail(self, trial: Trial, reason: str) -> None:
        """Note that a fit came to nothing."""
        self._end(trial, TrialState.FAIL, reason)

    def _end(self, trial: Trial, state: TrialState, reason: str) -> None:
        self._storage.set_trial_user_attr(self._id(trial), "reason", reason)
        self._study.tell(trial.number, state=state)

    def _ask(self) -> Trial:
        trial = self._study.ask(_space(self._request))
        return self._read(self._study.get_trials(deepcopy=False)[trial.number])

    def _id(self, trial: Trial) -> int:
        """What the storage calls a trial."""
        study = self._storage.get_study_id_from_name(_STUDY)
        return self._storage.get_trial_id_from_study_id_trial_number(study, trial.number)

    def _read(self, trial: FrozenTrial) -> Trial:
        given = _given(trial)
        seed = trial.user_attrs.get("seed", self._request.seeds[0])
        return Trial(
            trial.number,
            Cell(int(given["n_hidden"]), float(given["l1"]), int(seed)),
            _STATES[trial.state],
            trial.user_attrs.get("warm_from"),
            trial.user_attrs.get("reason", ""),
        )


def _given(trial: FrozenTrial) -> dict[str, Any]:
    """Hidden units and penalty of a trial, also of one that was not begun in full."""
    return trial.user_attrs | trial.params


def _is_whole(trial: FrozenTrial) -> bool:
    """Whether the writer lived to note what a trial is."""
    return {"n_hidden", "l1"} <= _given(trial).keys()


def _space(request: SweepRequest) -> dict[str, BaseDistribution]:
    """Where models are looked for: between the least and the most of each, l1 by its logarithm."""
    low, high = request.l1[0], request.l1[-1]
    return {
        "n_hidden": IntDistribution(request.hidden[0], request.hidden[-1]),
        "l1": FloatDistribution(low, high, log=low > 0),
    }


def _mend(path: Path) -> None:
    """Take away what a writer that was killed left: its lock, and a line that it did not end."""
    with contextlib.suppress(FileNotFoundError):
        Path(f"{path}.lock").unlink()
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
