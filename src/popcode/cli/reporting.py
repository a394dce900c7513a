"""The page of a run, written into its folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from popcode.cli.console import tell

if TYPE_CHECKING:
    from popcode.cli.preparation import Prepared
    from popcode.files import RunFolder
    from popcode.rbm.loading import Estimator
    from popcode.report import FoundCouplings


def write_report(run: RunFolder, model: Estimator, prepared: Prepared | None) -> Path:
    """Draw the page from what the folder holds, and put it in place of a former one.

    Parameters
    ----------
    run : RunFolder
    model : Estimator
    prepared : Prepared or None
        None where the input of the run is gone: the page says so.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        The page cannot be written.
    """
    from popcode.files import write_text
    from popcode.report import Source, read_contents, render_report

    tell("drawing the report")
    source = hidden = None
    if prepared is not None:
        source = Source(*prepared)
        hidden = model.transform(prepared.recording.activity)
    contents = read_contents(run.path, model.weights_, hidden, source, couplings_of(model))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    write_text(run.report, render_report(contents, now))
    return run.report


def write_baseline_report(run: RunFolder, prepared: Prepared | None) -> Path:
    """Draw the page of a run whose model is no RBM; parameters as of `write_report`.

    Raises
    ------
    InputError
        The page cannot be written.
    """
    import numpy as np

    from popcode.files import write_text
    from popcode.report import Source, read_contents, render_report

    tell("drawing the report")
    source = None if prepared is None else Source(*prepared)
    contents = read_contents(run.path, np.empty((0, 0)), None, source)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    write_text(run.report, render_report(contents, now))
    return run.report


def couplings_of(model: Estimator) -> FoundCouplings | None:
    """Couplings of a model that gives them."""
    from popcode.rbm import BernoulliRBM
    from popcode.report import FoundCouplings

    if not isinstance(model, BernoulliRBM):
        return None
    found = model.effective_couplings()
    return FoundCouplings(found.matrix, found.error)
