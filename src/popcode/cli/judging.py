"""Judge a model of any kind on withheld bins, with its steps shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from popcode.cli.console import tell
from popcode.cli.scoring import steps

if TYPE_CHECKING:
    import numpy as np

    from popcode.recording import Recording

_STEPS = 3


def judged(title: str, model: Any, train: np.ndarray, test: np.ndarray, seed: int) -> Any:
    """What `judge_contender` says, with the same bits whatever the number of threads."""
    from threadpoolctl import threadpool_limits

    from popcode.metrics.contenders import judge_contender
    from popcode.metrics.rbm_contenders import as_contender

    with threadpool_limits(1, "blas"), steps(f"judging {title}", _STEPS) as say:
        return judge_contender(as_contender(model), train, test, seed, tell=say)


def bounds_told(train: np.ndarray, test: np.ndarray, seed: int) -> dict[str, Any]:
    """What independent neurons and a perfect model score."""
    from popcode.metrics.contenders import bounds_of

    tell("judging independent neurons and a perfect model")
    return bounds_of(train, test, seed)


def judged_metrics(
    title: str, model: Any, train: Recording, test: Recording | None, seed: int
) -> dict[str, Any]:
    """The content of ``metrics.json`` of a model that is no RBM, but for how it was trained.

    Parameters
    ----------
    title : str
        What the model is called.
    model : Contender
    train, test : Recording
        Without a test part nothing is scored: every field that needs one is None.
    seed : int
    """
    from popcode.metrics import independent_log_likelihood
    from popcode.metrics.contender_metrics import contender_metrics
    from popcode.metrics.contenders import MAX_BINS, N_FOLDS

    protocol = {
        "seed": seed,
        "n_train_bins": train.n_bins,
        "n_test_bins": 0 if test is None else test.n_bins,
        "n_neurons": train.n_neurons,
        "withheld_folds": N_FOLDS,
        "withheld_bins": 0 if test is None else min(MAX_BINS, test.n_bins),
    }
    if test is None:
        known = {"n_parameters": int(model.n_parameters), "sees_itself": model.sees_itself}
        return contender_metrics(known, None, None) | {"n_samples": 0, "protocol": protocol}
    parts = train.activity, test.activity
    bounds = bounds_told(*parts, seed)
    found = contender_metrics(
        judged(title, model, *parts, seed), bounds, independent_log_likelihood(*parts)
    )
    return found | {"n_samples": bounds["n_samples"], "protocol": protocol}
