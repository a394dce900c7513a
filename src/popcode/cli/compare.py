"""``popcode compare``: models of every kind on the same bins of one recording, or runs of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from popcode.cli.console import Interrupted, show
from popcode.cli.contenders import NAMES, SPOKEN, checked_names
from popcode.cli.contenders_table import comparison_table
from popcode.cli.contest import CompareOptions, Contest, bounds, opened, results
from popcode.cli.reading import AS_IT_IS, Flag, Reading
from popcode.errors import InputError


def compare(
    *inputs: Annotated[str, Parameter(name="INPUT")],
    models: str = ",".join(NAMES),
    out: Path | None = None,
    hidden: int | Literal["auto"] = "auto",
    updates: int | Literal["auto"] = "auto",
    holdout: float = 0.3,
    split: str = "matched",
    binarize: Annotated[bool, Flag] = False,
    reading: Reading = AS_IT_IS,
    seed: int = 0,
    device: str = "auto",
) -> None:
    """Judge models of every kind alike on the same withheld bins: new fits, or finished runs.

    Example: popcode compare recording.npz --models crbm,glm,pca --out comparison

    Example: popcode compare run-crbm run-glm --out comparison

    Given a recording, fits the models to it; given folders of runs of one recording, judges those,
    and refuses runs of other recordings or bins. Where a model generates, its samples' statistics
    are scored; where it reconstructs, nLLH and the prediction of withheld neurons in bits a spike;
    parameters and seconds beside them. The same command goes on where it was interrupted: no
    finished model is fitted again.

    Parameters
    ----------
    inputs : str
        A recording, in any format that popcode info can tell; or two runs or more.
    models : str
        With a comma between: crbm, rbm, independent, ising (or pairwise), k-pairwise, glm, vae,
        nmf, pca, kmeans.
    out : Path
        Folder for the models, comparison.json and comparison.html; nothing is kept without.
    hidden : int
        Hidden units, components and clusters of all models that have them, or auto: as a
        compositional RBM of the recording.
    updates : int
        Gradient updates of both RBMs and of the VAE, or auto: each as many as by default.
    holdout : float
        Fraction of the bins withheld for the scores.
    split : str
        How bins are withheld: matched, blocked, segments or random.
    binarize : bool
        Make real values (dF/F, rates, deconvolved events) binary, neuron by neuron.
    seed : int
        The same seed gives the same scores, whatever the number of threads.
    device : str
        Of the compositional RBM: auto, cpu, cuda or cuda:1.
    """
    options = CompareOptions(
        n_updates=updates, seed=seed, device=device, holdout=holdout, split=split,
        binarize=binarize, reading=reading, n_hidden=hidden,
    )  # fmt: skip
    with _interruptible(out):
        if runs := runs_among(inputs):
            _refuse_options_of_fits(models, options)
            found = _of_runs(runs, seed, out)
        else:
            found = _of_recording(inputs[0], checked_names(models), options, out)
        show(comparison_table(found))
        if out is not None:
            _keep(out, found)


def runs_among(inputs: Sequence[str]) -> list[Path]:
    """The inputs where they are runs; none where they are one recording.

    Raises
    ------
    InputError
        Neither: nothing, several recordings, or recordings among runs.
    """
    from popcode.files.run_record import is_record

    runs = [Path(each) for each in inputs if is_record(Path(each))]
    if not inputs or (len(inputs) > 1 and len(runs) < len(inputs)):
        others = [each for each in inputs if Path(each) not in runs]
        named = f"{others[0]} is no run" if others and len(inputs) > 1 else "no input is named"
        raise InputError(
            named, remedy="Give one recording, or folders of two runs or more of one recording"
        )
    return runs


def _refuse_options_of_fits(models: str, options: CompareOptions) -> None:
    as_ever = CompareOptions(
        n_updates="auto", seed=options.seed, device="auto", holdout=0.3, split="matched",
        binarize=False, n_hidden="auto",
    )  # fmt: skip
    options.check()
    if options != as_ever or models != ",".join(NAMES):
        raise InputError(
            "options of fits do nothing for runs, which are finished",
            remedy="Leave out all options but --out and --seed",
        )


def _of_runs(runs: Sequence[Path], seed: int, out: Path | None) -> dict[str, Any]:
    from popcode.cli.compare_runs import compare_runs  # with it comes pandas

    return compare_runs(runs, out, seed)


def _of_recording(
    input_path: str, names: Sequence[str], options: CompareOptions, out: Path | None
) -> dict[str, Any]:
    options.check()
    with opened(input_path, options, out) as contest:
        return comparison(contest, input_path, results(contest, names), bounds(contest))


def comparison(
    contest: Contest, input_path: str, models: dict[str, Any], bound: dict[str, Any]
) -> dict[str, Any]:
    """The content of ``comparison.json``."""
    import popcode
    from popcode.metrics import independent_log_likelihood
    from popcode.metrics.contenders import MAX_BINS, N_FOLDS

    train, test = contest.prepared.train, contest.prepared.test
    assert test is not None
    return {
        "input": input_path,
        "popcode": popcode.__version__,
        "protocol": {
            "n_neurons": train.n_neurons,
            "n_train_bins": train.n_bins,
            "n_test_bins": test.n_bins,
            "split": contest.options.split,
            "n_hidden": contest.effort.n_hidden,
            "n_updates": contest.effort.n_updates,
            "seed": contest.effort.seed,
            "n_samples": bound["n_samples"],
            "withheld_folds": N_FOLDS,
            "withheld_bins": min(MAX_BINS, test.n_bins),
        },
        "independent_log_likelihood": independent_log_likelihood(train.activity, test.activity),
        "bounds": bound,
        "models": {name: {"title": SPOKEN[name], **each} for name, each in models.items()},
    }


def _keep(folder: Path, found: dict[str, Any]) -> None:
    """Write the numbers and the page."""
    from popcode.files import write_json, write_text
    from popcode.report.comparison import render_comparison

    write_json(folder / "comparison.json", found)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    write_text(folder / "comparison.html", render_comparison(found, now))
    show(str(folder / "comparison.html"))


@contextlib.contextmanager
def _interruptible(out: Path | None) -> Iterator[None]:
    """Tell how to go on when the work is interrupted.

    Raises
    ------
    Interrupted
        In place of KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = "what is finished is kept: the same command goes on" if out else "nothing is kept"
        raise Interrupted(f"Interrupted; {kept}.") from None
