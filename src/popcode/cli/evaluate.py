"""``popcode evaluate``: judge the model of a run, again or on another recording."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from popcode.cli.console import show
from popcode.cli.options import FitOptions
from popcode.errors import InputError


def evaluate(
    run: Annotated[Path, Parameter(name="RUN")],
    /,
    *,
    on: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Score the model of a run on its withheld bins, or on another recording of its neurons.

    Example: popcode evaluate run --on other_session.npz

    Without --on the metrics.json of the run is written anew. With --on the whole of the other
    recording is the test, the training bins of the run stay what it is compared with, and no
    file is written.

    Parameters
    ----------
    run : Path
        Folder of a run whose training is over.
    on : str
        Another recording, of the same neurons in the same order.
    as_json : bool
        Print all numbers as JSON in place of the table.
    """
    from popcode.cli.table import result_table
    from popcode.files import jsonable

    metrics = scores_of_run(run) if on is None else scores_on(run, on)
    show(json.dumps(jsonable(metrics), indent=2) if as_json else result_table(metrics))


def scores_of_run(path: Path) -> dict[str, Any]:
    """Judge the model on the bins withheld from it, and keep the result."""
    from popcode.cli.leaving import interruptible
    from popcode.cli.models import model_of
    from popcode.cli.scoring import score
    from popcode.cli.spent import TimeSpent
    from popcode.cli.work import prepared_input
    from popcode.files import RunFolder, write_json

    model = model_of(path)
    with RunFolder.reopen(path) as run, interruptible(path):
        options = FitOptions.from_record(run.record.parameters)
        prepared = prepared_input(run, options)
        metrics = score(model, prepared.train, prepared.test, options.seed)
        metrics["training"]["seconds"] = TimeSpent(run.checkpoint / "seconds.json").before
        write_json(run.metrics, metrics)
    return metrics


def scores_on(path: Path, other_path: str) -> dict[str, Any]:
    """Judge the model on the whole of another recording."""
    from popcode.cli.models import model_of
    from popcode.cli.preparation import binary, content_hash, prepare, read
    from popcode.cli.scoring import score
    from popcode.cli.work import refuse_changed
    from popcode.files import read_record

    model, record = model_of(path), read_record(path)
    options = FitOptions.from_record(record.parameters)
    prepared = prepare(str(record.input_path), options)
    refuse_changed(record.input_hash, content_hash(prepared.recording), str(record.input_path))
    other = binary(read(other_path, options.bin_s), options.binarize, other_path)
    if other.n_neurons != model.n_features_in_:
        raise InputError(
            f"it has {other.n_neurons:,} neurons, and the model {model.n_features_in_:,}",
            where=other_path,
            remedy="Give a recording of the same neurons in the same order",
        )
    return score(model, prepared.train, other.activity, options.seed)
