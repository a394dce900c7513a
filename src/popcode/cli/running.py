"""Carry a run from wherever it stands to its end; `fit` and `resume` differ only in the start.

The stages are: choose what is "auto", train, finish, evaluate. Each leaves its result in the run
folder, and is passed over when the result is there; so a run that was killed anywhere goes on.
"""

from __future__ import annotations

from typing import Any

from popcode.cli.console import show, tell
from popcode.cli.families import family_of
from popcode.cli.reporting import write_report
from popcode.cli.scoring import keep_scores, score
from popcode.cli.table import result_table
from popcode.cli.training import train
from popcode.cli.work import Work
from popcode.errors import InputError


def carry_out(work: Work) -> None:
    """Do all that is left to do of a run, and show its result."""
    work = family_of(work.options).resolve(work)
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


def fitted_model(work: Work) -> Any:
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


def fit_model(work: Work) -> Any:
    """Train what is left to train, finish, and save the model and its history."""
    family = family_of(work.options)
    trainer = train(work)
    model = family.finish(work, trainer)
    model.save(work.run.model)  # last: what follows takes the model for the end of training
    work.spent.save()
    return model
