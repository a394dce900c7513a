"""Carry a run from wherever it stands to its end; `fit` and `resume` differ only in the start.

The stages are: choose what is "auto", train, finish, evaluate. Each leaves its result in the run
folder, and is passed over when the result is there; so a run that was killed anywhere goes on.
"""

from __future__ import annotations

from typing import Any

from popcode.cli.console import show, tell
from popcode.cli.families import family_of
from popcode.cli.options import RunOptions
from popcode.cli.preparation import Prepared
from popcode.cli.reporting import write_report
from popcode.cli.rivals import rivals_of
from popcode.cli.scoring import Scores, keep_scores, score
from popcode.cli.table import result_table
from popcode.cli.training import train
from popcode.cli.work import Work
from popcode.errors import InputError
from popcode.files import RunFolder


def carry_out(work: Work) -> None:
    """Do all that is left to do of a run, and show its result."""
    work = family_of(work.options).resolve(work)
    model = fitted_model(work)
    if model is None:
        model = fit_model(work)
    prepared, run = work.prepared, work.run
    scores = scores_of(run, model, prepared, work.options)
    scores.metrics["training"]["seconds"] = work.spent.save()
    keep_scores(run, scores)
    report = write_report(run, model, prepared)
    run.finish()
    show(result_table(scores.metrics))
    show(str(run.path))
    show(str(report))


def scores_of(run: RunFolder, model: Any, prepared: Prepared, options: RunOptions) -> Scores:
    """Judge the model of a run on the bins withheld from it, beside baselines that it keeps."""
    train, test = prepared.train, prepared.test
    rivals = {} if test is None else rivals_of(run, options.rivals, train, options.seed)
    return score(model, train, test, rivals, options.seed)


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
