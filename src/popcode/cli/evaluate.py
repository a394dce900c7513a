"""``popcode evaluate``: judge the model of a run, again or on another recording."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.options import BaselineOptions, BernoulliOptions, RunOptions, options_from
from popcode.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from popcode.recording import Recording

# Activities further apart than this factor cannot be compared.
_COMPARABLE = 2.0


def evaluate(
    run: Annotated[Path, Parameter(name="RUN")],
    /,
    *,
    on: str | None = None,
    baselines: str | None = None,
    binarize: Annotated[bool, Parameter(negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Score the model of a run on its withheld bins, or on another recording of its neurons.

    Example: popcode evaluate run --on other_session.npz

    Without --on the metrics.json, its evidence and report.html of the run are written anew. With
    --on the whole of the other recording is the test, the training bins of the run stay what it is
    compared with, and no file is written.

    Parameters
    ----------
    run : Path
        Folder of a run whose training is over.
    on : str
        Another recording, of the same neurons in the same order.
    baselines : str
        Models of pairs to hold a Bernoulli RBM against: pairwise, k-pairwise, both with a comma
        between, or none; those of the run by default. Fitted once, and kept in the run.
    binarize : bool
        Make real values of the other recording binary, as a fit does.
    as_json : bool
        Print all numbers as JSON in place of the table.
    """
    from popcode.files import jsonable

    if on is None:
        metrics = scores_of_run(run, baselines)
    else:
        metrics = scores_on(run, on, binarize, baselines)
    show(json.dumps(jsonable(metrics), indent=2) if as_json else table_of(run, metrics))


def table_of(run: Path, metrics: dict[str, Any]) -> str:
    """The numbers of a run as a table, in the form of its kind of model."""
    from popcode.cli.baseline_runs import baseline_table, title_of
    from popcode.cli.table import result_table
    from popcode.files import read_record

    options = options_from(read_record(run).parameters)
    if isinstance(options, BaselineOptions):
        return baseline_table(metrics, title_of(options))
    return result_table(metrics)


def scores_of_run(path: Path, baselines: str | None = None) -> dict[str, Any]:
    """Judge the model on the bins withheld from it, and keep the result."""
    from popcode.cli.baseline_runs import BaselineWork, judged_run, keep_metrics
    from popcode.cli.leaving import interruptible
    from popcode.cli.models import any_model_of
    from popcode.cli.reporting import write_report
    from popcode.cli.running import scores_of
    from popcode.cli.scoring import keep_scores
    from popcode.cli.spent import TimeSpent
    from popcode.cli.work import prepared_input
    from popcode.files import RunFolder

    model = any_model_of(path)
    with RunFolder.reopen(path) as run, interruptible(path):
        options = held_against(options_from(run.record.parameters), baselines)
        prepared = prepared_input(run, options)
        if isinstance(options, BaselineOptions):
            work = BaselineWork(run, options, prepared, TimeSpent(run.checkpoint / "seconds.json"))
            return keep_metrics(work, judged_run(model, work), work.spent.before)
        scores = scores_of(run, model, prepared, options)
        spent = TimeSpent(run.checkpoint / "seconds.json").before
        scores.metrics["training"]["seconds"] = spent
        keep_scores(run, scores)
        if baselines is not None:
            run.update(parameters=options.record())
        write_report(run, model, prepared)
    return scores.metrics


def held_against(options: RunOptions, baselines: str | None) -> RunOptions:
    """Options of a run whose model is to be held against other baselines.

    Raises
    ------
    InputError
        Names that are none, or a model that is held against none.
    """
    if baselines is None:
        return options
    if not isinstance(options, BernoulliOptions):
        raise InputError(
            f"--baselines does nothing for a run of popcode fit {options.record()['model']}",
            remedy="Leave it out: only Bernoulli RBMs are held against models of pairs",
        )
    options = dataclasses.replace(options, baselines=baselines)
    options.check()
    return options


def scores_on(
    path: Path, other_path: str, binarize: bool = False, baselines: str | None = None
) -> dict[str, Any]:
    """Judge the model on the whole of another recording."""
    from popcode.cli.baseline_runs import title_of
    from popcode.cli.judging import judged_metrics
    from popcode.cli.models import any_model_of
    from popcode.cli.preparation import binary, content_hash, prepare, read
    from popcode.cli.rivals import rivals_beside
    from popcode.cli.scoring import score
    from popcode.cli.work import refuse_changed
    from popcode.files import read_record

    model, record = any_model_of(path), read_record(path)
    options = held_against(options_from(record.parameters), baselines)
    prepared = prepare(str(record.input_path), options)
    refuse_changed(record.input_hash, content_hash(prepared.recording), str(record.input_path))
    other = binary(read(other_path, options.reading), options.binarize or binarize, other_path)
    _refuse_other_neurons(prepared.recording, other, other_path)
    train = prepared.train
    say_other_activity(train.activity, other.activity)
    if isinstance(options, BaselineOptions):
        return judged_metrics(title_of(options), model, train, other, options.seed)
    rivals = rivals_beside(path, options.rivals, train, options.seed)
    return score(model, train, other, rivals, options.seed).metrics


def say_other_activity(train: np.ndarray, other: np.ndarray) -> None:
    """Warn of a recording so much more or less active that scores mean little."""
    there, here = float(other.mean()), float(train.mean())
    if not here / _COMPARABLE <= there <= here * _COMPARABLE:
        tell(
            f"warning: {100 * there:.3g} % of its entries are active, and {100 * here:.3g} % of "
            "the training bins: scores mean little between recordings so different"
        )


def _refuse_other_neurons(fitted: Recording, other: Recording, where: str) -> None:
    """Refuse other neurons or the same in another order; say it where their ids differ.

    Raises
    ------
    InputError
    """
    if other.n_neurons != fitted.n_neurons:
        raise InputError(
            f"it has {other.n_neurons:,} neurons, and the model {fitted.n_neurons:,}",
            where=where,
            remedy="Give a recording of the same neurons in the same order",
        )
    ids, found = (list(map(str, each.neurons["id"])) for each in (fitted, other))
    if ids == found:
        return
    first = next(k for k, pair in enumerate(zip(ids, found, strict=True)) if len(set(pair)) > 1)
    differ = f"neuron {first} is {found[first]!r} there and {ids[first]!r} in the model's recording"
    if sorted(ids) == sorted(found):
        raise InputError(
            f"the same neurons in another order ({differ})",
            where=where,
            remedy="Order them as in the recording of the run (Recording.select(neurons=...))",
        )
    tell(f"note: the ids of the neurons differ ({differ}): they are compared by their position")
