"""The fits that ``popcode assemblies`` reads, to one and the same recording."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from popcode.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from popcode.files import RunRecord
    from popcode.recording import Recording


class Fit(NamedTuple):
    """One run: its weights (n_neurons, n_hidden) and E[h|v] (n_bins, n_hidden) of every bin."""

    run: Path
    weights: NDArray[np.float32]
    hidden: NDArray[np.float32]
    l1: float
    seed: int


class Fits(NamedTuple):
    """Runs, and the recording that all were fitted to, as binary as they saw it."""

    each: tuple[Fit, ...]
    recording: Recording


def open_fits(runs: tuple[Path, ...]) -> Fits:
    """Read the models of runs and the recording that they share.

    Raises
    ------
    InputError
        No run, one given twice, one of another kind or not trained yet, runs of different
        recordings or read in different ways, an input that is gone or has changed.
    """
    from popcode.cli.models import input_of, model_of
    from popcode.files import read_record
    from popcode.rbm import CompositionalRBM

    if not runs:
        raise InputError("no run is given", remedy="Name the folder of a run of popcode fit crbm")
    _refuse_twice(runs)
    models = []
    for run in runs:
        model = model_of(run)
        if not isinstance(model, CompositionalRBM):
            raise InputError(
                f"a {type(model).__name__} has no sparse assemblies",
                where=str(run),
                remedy="Fit a compositional RBM: popcode fit crbm",
            )
        models.append(model)
    records = [read_record(run) for run in runs]
    for run, record in zip(runs, records, strict=True):
        _refuse_another(runs[0], records[0], run, record)
    recording = input_of(runs[0]).recording
    fits = (
        Fit(run, model.weights_, model.transform(recording.activity), model.l1_, record.seed)
        for run, model, record in zip(runs, models, records, strict=True)
    )
    return Fits(tuple(fits), recording)


def _refuse_twice(runs: tuple[Path, ...]) -> None:
    seen: set[Path] = set()
    for run in runs:
        if run.resolve() in seen:
            raise InputError("the run is given twice", where=str(run), remedy="Name each run once")
        seen.add(run.resolve())


def _refuse_another(first: Path, one: RunRecord, run: Path, other: RunRecord) -> None:
    """Hidden units can be matched only over the same neurons, in the same order."""
    differ = [name for name, value in _read_as(one).items() if _read_as(other)[name] != value]
    if differ:
        raise InputError(
            f"is not a fit to the recording of {first}: another {', '.join(differ)}",
            where=str(run),
            remedy="Give fits to one recording, read in one way",
        )


def _read_as(record: RunRecord) -> dict[str, object]:
    """All that says which neurons and bins a run saw, by the name a user knows."""
    from popcode.cli.options import options_from

    options = options_from(record.parameters)
    how = {
        f"--{name.replace('_', '-')}": value
        for name, value in dataclasses.asdict(options.reading).items()
        if name != "allow_pickle"
    }
    return {"input": record.input_hash, "--binarize": options.binarize, **how}
