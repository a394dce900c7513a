"""``popcode compare``: models of every kind on the same bins of one recording."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from popcode.cli.console import Interrupted, show
from popcode.cli.contenders import NAMES, SPOKEN, checked_names
from popcode.cli.contenders_table import comparison_table
from popcode.cli.contest import CompareOptions, Contest, bounds, opened, results
from popcode.cli.reading import AS_IT_IS, Flag, Reading


def compare(
    input_path: Annotated[str, Parameter(name="INPUT")],
    /,
    *,
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
    """Fit models of every kind to the same bins and judge all alike on the withheld ones.

    Example: popcode compare recording.npz --models crbm,glm,pca --out comparison

    Where a model generates, its samples' statistics are scored; where it reconstructs, nLLH and
    the prediction of withheld neurons in bits a spike; parameters and seconds beside them. The
    same command goes on where it was interrupted: no finished model is fitted again.

    Parameters
    ----------
    input_path : str
        A recording, in any format that popcode info can tell.
    models : str
        With a comma between: crbm, rbm, independent, pairwise, k-pairwise, glm, vae, nmf, pca,
        kmeans.
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
    names = checked_names(models)
    options = CompareOptions(
        n_updates=updates, seed=seed, device=device, holdout=holdout, split=split,
        binarize=binarize, reading=reading, n_hidden=hidden,
    )  # fmt: skip
    options.check()
    with _interruptible(out), opened(input_path, options, out) as contest:
        found = comparison(contest, input_path, results(contest, names), bounds(contest))
        show(comparison_table(found))
        if out is not None:
            _keep(out, found)


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
        kept = "finished models are kept: the same command goes on" if out else "nothing is kept"
        raise Interrupted(f"Interrupted; {kept}.") from None
