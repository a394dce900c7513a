"""Judge the model of a run on its withheld bins; state the same fields where nothing can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.metrics import GenerativeModel

_STEPS = 5  # lines that evaluate tells


def score(model: GenerativeModel, train: np.ndarray, test: np.ndarray, seed: int) -> dict[str, Any]:
    """Content of ``metrics.json``, the same bits whatever the number of threads.

    Parameters
    ----------
    model : GenerativeModel
    train, test : ndarray of uint8, (n_bins, n_neurons)
        An empty test part scores nothing: every field that needs one is None.
    seed : int
    """
    from threadpoolctl import threadpool_limits

    from popcode.metrics import evaluate

    if len(test) == 0:
        return _unscored(model, train, seed)
    with progress("evaluating", _STEPS, unit="step") as bar, threadpool_limits(1, user_api="blas"):
        done = 0

        def tell(text: str) -> None:
            nonlocal done
            bar.update(done, now=text)
            done += 1

        metrics = evaluate(model, train, test, seed=seed, tell=tell)
        bar.update(_STEPS, now="scores")
    return metrics


def _unscored(model: GenerativeModel, train: np.ndarray, seed: int) -> dict[str, Any]:
    """Judging a model on what it was fitted to would flatter it: None for every score."""
    from popcode.metrics.evaluation import STATISTICS, TRAINING
    from popcode.metrics.reconstruction import ReconstructionSummary
    from popcode.metrics.scoring import StatisticScore

    columns = (*StatisticScore._fields, "score_independent", "score_perfect")
    return {
        "statistics": {name: dict.fromkeys(columns) for name in STATISTICS},
        "reconstruction": dict.fromkeys(ReconstructionSummary._fields),
        "population_activity": {"kl": None},
        "triplets": {"pearson": None, "pearson_split_half": None},
        "log_likelihood": {"test": None, "standard_error": None, "independent": None},
        "training": dict.fromkeys(TRAINING) | dict(getattr(model, "training_", None) or {}),
        "n_samples": 0,
        "n_pairs": 0,
        "protocol": {
            "seed": seed,
            "n_train_bins": len(train),
            "n_test_bins": 0,
            "n_neurons": train.shape[1],
        },
    }
