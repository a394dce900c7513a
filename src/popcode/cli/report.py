"""``popcode report``: the page of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.cli.preparation import Prepared
    from popcode.files import RunFolder


def report(run: Annotated[Path, Parameter(name="RUN")], /) -> None:
    """Draw the page of a run: whether it worked, its statistics, its assemblies.

    Example: popcode report run

    One file, report.html in the folder of the run, that needs no network; a former one is
    replaced. What needs the input of the run is left out when it is gone, and the page says so.

    Parameters
    ----------
    run : Path
        Folder of a run whose training is over.
    """
    from popcode.cli.leaving import interruptible
    from popcode.cli.memory_options import MODEL
    from popcode.cli.memory_runs import write_memory_report
    from popcode.cli.models import any_model_of
    from popcode.cli.options import BaselineOptions, options_from
    from popcode.cli.reporting import write_baseline_report, write_report
    from popcode.cli.spectrum_options import MODEL as SPECTRUM
    from popcode.cli.spectrum_runs import write_spectrum_report
    from popcode.files import RunFolder, read_record

    if read_record(run).parameters.get("model") == MODEL:
        with RunFolder.reopen(run) as folder, interruptible(run):
            show(str(write_memory_report(folder)))
        return
    if read_record(run).parameters.get("model") == SPECTRUM:
        with RunFolder.reopen(run) as folder, interruptible(run):
            show(str(write_spectrum_report(folder)))
        return
    model = any_model_of(run)
    with RunFolder.reopen(run) as folder, interruptible(run):
        source = _input_of(folder)
        if isinstance(options_from(folder.record.parameters), BaselineOptions):
            show(str(write_baseline_report(folder, source)))
        else:
            show(str(write_report(folder, model, source)))


def _input_of(folder: RunFolder) -> Prepared | None:
    """The input of a run as it was fitted to; None, and said, when it is gone or changed."""
    from popcode.cli.options import options_from
    from popcode.cli.work import prepared_input

    options = options_from(folder.record.parameters)
    try:
        return prepared_input(folder, options)
    except InputError as error:
        tell(f"note: the report is drawn without the recording: {error}")
        return None
