"""Carry a run from wherever it stands to its end; `fit` and `resume` differ only in the start.

The stages are: choose what is "auto", train, finish, evaluate. Each leaves its result in the run
folder, and is passed over when the result is there; so a run that was killed anywhere goes on.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from popcode.cli.console import show, tell
from popcode.cli.reporting import write_report
from popcode.cli.scoring import keep_scores, score
from popcode.cli.table import result_table
from popcode.cli.training import train
from popcode.cli.work import Work
from popcode.errors import InputError
from popcode.files import write_history
from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.rbm import CompositionalRBM


def carry_out(work: Work) -> None:
    """Do all that is left to do of a run, and show its result."""
    work = resolve(work)
    model = fitted_model(work)
    if model is None:
        model = fit_model(work)
    prepared, run = work.prepared, work.run
    scores = score(model, prepared.train, prepared.test, work.options.seed)
    scores.metrics["training"]["seconds"] = work.spent.save()
    keep_scores(run, scores)
    report = write_report(run, model, prepared)
    run.finish()
    show(result_table(scores.metrics))
    show(str(run.path))
    show(str(report))


def resolve(work: Work) -> Work:
    """Answer what is left at "auto" from the recording, and keep the answers in ``run.json``."""
    options, settings = work.options, work.settings
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


def fitted_model(work: Work) -> CompositionalRBM | None:
    """The model of a run whose training is over."""
    from popcode.rbm import load_model

    if not work.run.model.exists():
        return None
    try:
        model = load_model(work.run.model)
    except InputError as error:
        tell(f"note: the model is made again from the checkpoint: {error.what}")
        return None
    # A model of fewer updates is that of a finished run which is being continued.
    return model if model.n_updates == work.settings.n_updates else None


def fit_model(work: Work) -> CompositionalRBM:
    """Train what is left to train, finish, and save the model and its history."""
    from popcode.rbm import CompositionalRBM
    from popcode.rbm.convergence import N_GROUPS
    from popcode.rbm.fitting import finish_fit
    from popcode.rbm.trainer import HistoryRow

    trainer = train(work)
    with progress("testing convergence", N_GROUPS, unit="group") as bar:
        fitted = finish_fit(work.team, trainer, work.settings, bar.update)
    for note in fitted.notes:
        tell(f"note: {note}")
    names = HistoryRow._fields
    columns = {name: [getattr(row, name) for row in trainer.history] for name in names}
    write_history(work.run.history, columns)
    model = CompositionalRBM(**work.settings._asdict()).adopt(fitted, trainer)
    model.save(work.run.model)  # last: what follows takes the model for the end of training
    work.spent.save()
    return model
