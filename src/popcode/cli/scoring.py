"""Judge the model of a run on its withheld bins; state the same fields where nothing can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from popcode.files import RunFolder, jsonable, write_json
from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.metrics import Evidence, GenerativeModel

_STEPS = 7  # lines that judge tells


class Scores(NamedTuple):
    """Content of ``metrics.json``, and of ``evaluation.npz`` where anything could be scored."""

    metrics: dict[str, Any]
    evidence: Evidence | None


def score(model: GenerativeModel, train: np.ndarray, test: np.ndarray, seed: int) -> Scores:
    """Judge a model, with the same bits whatever the number of threads.

    Parameters
    ----------
    model : GenerativeModel
    train, test : ndarray of uint8, (n_bins, n_neurons)
        An empty test part scores nothing: every field that needs one is None.
    seed : int
    """
    from threadpoolctl import threadpool_limits

    from popcode.metrics import judge

    if len(test) == 0:
        with threadpool_limits(1, user_api="blas"):
            return Scores(_unscored(model, train, seed), None)
    with progress("evaluating", _STEPS, unit="step") as bar, threadpool_limits(1, user_api="blas"):
        done = 0

        def tell(text: str) -> None:
            nonlocal done
            bar.update(done, now=text)
            done += 1

        found = judge(model, train, test, seed=seed, tell=tell)
        bar.update(_STEPS, now="scores")
    return Scores(found.metrics, found.evidence)


def keep_scores(run: RunFolder, scores: Scores) -> None:
    """Write the evidence, and only then the numbers that say the evaluation is whole."""
    from popcode.metrics import write_evidence

    if scores.evidence is None:
        run.evaluation.unlink(missing_ok=True)
    else:
        write_evidence(run.evaluation, scores.evidence)
    write_json(run.metrics, scores.metrics)


def _unscored(model: GenerativeModel, train: np.ndarray, seed: int) -> dict[str, Any]:
    """Judging a model on what it was fitted to would flatter it: None for every score."""
    from popcode.metrics.evaluation import SCORES, STATISTICS, TRAINING, TRIPLET_BOUNDS, weights_of
    from popcode.metrics.phase import ALIVE_WEIGHT, ActiveUnits, summarise_active_units
    from popcode.metrics.reconstruction import ReconstructionSummary
    from popcode.metrics.weights import summarise_weights

    nothing = np.empty(0)
    n_alive = int(np.any(np.abs(model.weights_) >= ALIVE_WEIGHT, axis=0).sum())
    phase = summarise_active_units(ActiveUnits(nothing, nothing, n_alive))
    weights = summarise_weights(model.weights_, weights_of(model, train, seed))
    return {
        "statistics": {name: dict.fromkeys(SCORES) for name in STATISTICS},
        "reconstruction": dict.fromkeys(ReconstructionSummary._fields),
        "population_activity": {"kl": None},
        "triplets": dict.fromkeys(f"pearson{which}" for which in ("", *TRIPLET_BOUNDS)),
        "log_likelihood": {"test": None, "standard_error": None, "independent": None},
        "compositional_phase": jsonable(phase),
        "weights": jsonable(weights),
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
