"""The entry point: which commands there are, and how each outcome becomes an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import cyclopts

import popcode
from popcode.cli import (
    assemblies,
    compare,
    connectivity,
    convert,
    couplings,
    datasets,
    demo,
    evaluate,
    fit,
    info,
    memory,
    perturb,
    report,
    resume,
    sample,
    simulate,
    spectrum,
    surprise,
    sweep,
)
from popcode.cli.console import give_up_stdout, notes_as_lines, tell, terminable
from popcode.errors import InputError

BAD_INPUT, INTERRUPTED = 2, 130

app = cyclopts.App(
    name="popcode",
    help=(
        "Find the statistical structure in a recording of hundreds to a million neurons.\n\n"
        "Example: popcode fit crbm recording.npz --out run"
    ),
    version=popcode.__version__,
    suppress_keyboard_interrupt=False,
)
app.command(demo.demo)
app.command(info.info)
app.command(convert.convert)
app.command(fit.app)
app.command(compare.compare)
app.command(resume.resume)
app.command(evaluate.evaluate)
app.command(sample.sample)
app.command(assemblies.assemblies)
app.command(couplings.couplings)
app.command(connectivity.connectivity)
app.command(surprise.surprise)
app.command(perturb.perturb)
app.command(memory.memory)
app.command(spectrum.spectrum)
app.command(sweep.app)
app.command(report.report)
app.command(simulate.app)
app.command(datasets.app)


def run(tokens: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0, 2 on bad input, 130 when interrupted.

    Parameters
    ----------
    tokens : sequence of str, optional
        The command and its options; those of the process by default.
    """
    with notes_as_lines(), terminable():
        try:
            app(
                None if tokens is None else list(tokens),
                exit_on_error=False,
                print_error=False,
                result_action="return_none",
            )
            sys.stdout.flush()
        except (InputError, cyclopts.CycloptsError) as error:
            tell("popcode: " + " ".join(str(error).split()))
            return BAD_INPUT
        except KeyboardInterrupt as interruption:
            tell(str(interruption) or "Interrupted.")
            return INTERRUPTED
        except BrokenPipeError:
            give_up_stdout()
    return 0


def main() -> None:
    """Run the command that the process was started with."""
    sys.exit(run())
