"""``popcode compare RUN RUN ...``: the models of finished runs, judged alike on the same bins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from popcode.cli.console import tell
from popcode.cli.contest import RESULTS, held, kept_result
from popcode.cli.judging import bounds_told, judged
from popcode.cli.models import any_model_of
from popcode.cli.options import RunOptions, options_from
from popcode.cli.preparation import Prepared, content_hash, prepare
from popcode.cli.work import refuse_changed
from popcode.errors import InputError
from popcode.estimators.titles import TITLES

if TYPE_CHECKING:
    from popcode.files import RunRecord

# What decides which bins a run was fitted to, as it stands in run.json and as it is typed.
_OF_BINS = {
    "bin_s": "--bin-s",
    "quality": "--quality",
    "min_rate_hz": "--min-rate-hz",
    "keep_layers": "--keep-layers",
    "array": "--array",
    "sampling_rate_hz": "--sampling-rate-hz",
    "binarize": "--binarize",
    "holdout": "--holdout",
    "split": "--split",
    "seed": "--seed",
}


class Finished(NamedTuple):
    """A finished run: its folder, what to call it, its record and its options."""

    path: Path
    label: str
    record: RunRecord
    options: RunOptions

    @property
    def title(self) -> str:
        """Its label with the kind of its model."""
        return f"{self.label}: {TITLES[self.record.parameters.get('model', 'crbm')]}"


def compare_runs(paths: Sequence[Path], out: Path | None, seed: int) -> dict[str, Any]:
    """Judge the models of finished runs on the bins that were withheld from all of them.

    Parameters
    ----------
    paths : sequence of Path
        Folders of two runs or more.
    out : Path or None
        Where results are kept, so that an interrupted comparison goes on.
    seed : int
        Of the samples and of the withheld neurons.

    Returns
    -------
    dict
        The content of ``comparison.json``.

    Raises
    ------
    InputError
        Not finished, nothing held out, or other recordings or bins, with what differs.
    """
    runs = finished_runs(paths)
    prepared = same_bins(runs)
    with held(out, _setup(runs, seed)):
        folder = out and out / RESULTS
        train, test = prepared.train.activity, _test(prepared)
        bounds = kept_result(
            folder and folder / "bounds.json", lambda: bounds_told(train, test, seed)
        )
        models = {
            run.label: kept_result(
                folder and folder / f"run-{k}.json", partial(_judged, run, train, test, seed)
            )
            for k, run in enumerate(runs)
        }
    return _found(runs, prepared, bounds, models, seed)


def finished_runs(paths: Sequence[Path]) -> list[Finished]:
    """Read the records of runs, each under a name of its own.

    Raises
    ------
    InputError
        One run alone, a run twice, one that is not finished, or one that withheld nothing.
    """
    from popcode.files import read_record

    if len({path.resolve() for path in paths}) < max(len(paths), 2):
        raise InputError(
            "one run alone, or a run twice", remedy="Name two runs or more, each of them once"
        )
    names = [path.resolve().name for path in paths]
    alike = len(set(names)) < len(names)
    runs = []
    for path, name in zip(paths, names, strict=True):
        record = read_record(path)
        options = options_from(record.parameters)
        runs.append(Finished(path, str(path) if alike else name, record, options))
        _refuse_unjudgeable(runs[-1])
    return runs


def _refuse_unjudgeable(run: Finished) -> None:
    from popcode.cli.leaving import resume_command

    if not run.record.finished:
        remedy = f"Go on with: {resume_command(run.path)}"
        raise InputError("the run is not finished", where=str(run.path), remedy=remedy)
    if run.options.holdout == 0:
        raise InputError(
            "the run withheld no bins to judge it on",
            where=str(run.path),
            remedy="Fit with --holdout 0.3",
        )


def same_bins(runs: Sequence[Finished]) -> Prepared:
    """The bins that all runs were fitted to and judged on.

    Raises
    ------
    InputError
        Another recording or other bins, with the options that differ.
    """
    import numpy as np

    first = runs[0]
    for run in runs[1:]:
        if run.record.input_hash != first.record.input_hash:
            raise InputError(
                f"fitted to another recording ({run.record.input_path}) than {first.label} "
                f"({first.record.input_path})",
                where=str(run.path),
                remedy="Compare runs of one recording",
            )
    prepared = _prepared(first)
    for run in runs[1:]:
        if not _differences(first, run):
            continue
        other = _prepared(run)
        pairs = zip(_parts(prepared), _parts(other), strict=True)
        if not all(np.array_equal(a, b) for a, b in pairs):
            raise InputError(
                f"fitted to other bins than {first.label}: {', '.join(_differences(first, run))}",
                where=str(run.path),
                remedy="Fit both with the same options, and compare those runs",
            )
    return prepared


def _parts(prepared: Prepared) -> tuple[Any, Any, Any]:
    return prepared.recording.activity, prepared.train_bins, prepared.test_bins


def _differences(first: Finished, run: Finished) -> list[str]:
    """Options of reading and splitting that differ, with both values."""
    here, there = (each.record.parameters for each in (run, first))
    return [
        f"{option} {here.get(name)} and not {there.get(name)}"
        for name, option in _OF_BINS.items()
        if here.get(name) != there.get(name)
    ]


def _prepared(run: Finished) -> Prepared:
    source = str(run.record.input_path)
    prepared = prepare(source, run.options)
    refuse_changed(run.record.input_hash, content_hash(prepared.recording), source)
    return prepared


def _test(prepared: Prepared) -> Any:
    test = prepared.test
    assert test is not None  # runs that withheld nothing are refused
    return test.activity


def _setup(runs: Sequence[Finished], seed: int) -> dict[str, Any]:
    """What a folder of results belongs to."""
    from popcode.io.reading import sha256_of

    return {
        "runs": {run.label: sha256_of([run.path / "model.safetensors"]) for run in runs},
        "seed": seed,
    }


def _judged(run: Finished, train: Any, test: Any, seed: int) -> dict[str, Any]:
    found = judged(run.title, any_model_of(run.path), train, test, seed)
    return {"title": run.title, **_costs(run), **found}


def _costs(run: Finished) -> dict[str, float | None]:
    """Seconds of the whole run, as its metrics state them."""
    try:
        training = json.loads((run.path / "metrics.json").read_text(encoding="utf-8"))["training"]
    except (OSError, ValueError, KeyError, TypeError):
        tell(f"note: {run.path} has no metrics: what it took is not known")
        training = {}
    return {"seconds": training.get("seconds"), "cpu_seconds": training.get("cpu_seconds")}


def _found(
    runs: Sequence[Finished],
    prepared: Prepared,
    bounds: dict[str, Any],
    models: dict[str, Any],
    seed: int,
) -> dict[str, Any]:
    import popcode
    from popcode.metrics import independent_log_likelihood
    from popcode.metrics.contenders import MAX_BINS, N_FOLDS

    train, test = prepared.train.activity, _test(prepared)
    return {
        "input": str(runs[0].record.input_path),
        "popcode": popcode.__version__,
        "runs": {run.label: str(run.path) for run in runs},
        "protocol": {
            "n_neurons": train.shape[1],
            "n_train_bins": len(train),
            "n_test_bins": len(test),
            "split": runs[0].options.split,
            "seed": seed,
            "n_samples": bounds["n_samples"],
            "withheld_folds": N_FOLDS,
            "withheld_bins": min(MAX_BINS, len(test)),
        },
        "independent_log_likelihood": independent_log_likelihood(train, test),
        "bounds": bounds,
        "models": models,
    }
