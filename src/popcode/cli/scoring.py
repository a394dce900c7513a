"""Judge the model of a run on its withheld bins; state the same fields where nothing can be."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from popcode.cli.console import tell
from popcode.files import RunFolder, jsonable, write_json
from popcode.progress import progress

if TYPE_CHECKING:
    from popcode.metrics import Evaluation, Evidence
    from popcode.metrics.equilibrium import Equilibrium, EquilibriumEvidence, Rival
    from popcode.recording import Recording

_STEPS = 6  # lines that judge tells where the samples are there


class Scores(NamedTuple):
    """Content of ``metrics.json``, of ``evaluation.npz`` and of ``equilibrium.npz``.

    The evidence is None where nothing could be scored; that of the equilibrium, too, for a model
    that is held against no rivals.
    """

    metrics: dict[str, Any]
    evidence: Evidence | None
    equilibrium: EquilibriumEvidence | None


def score(
    model: Any, train: Recording, test: Recording | None, rivals: Mapping[str, Rival], seed: int
) -> Scores:
    """Judge a model, with the same bits whatever the number of threads.

    Parameters
    ----------
    model : GenerativeModel
        A Bernoulli RBM where there are rivals.
    train, test : Recording
        Without a test part nothing is scored: every field that needs one is None.
    rivals : mapping of str to Rival
        What its equilibrium is judged beside; it is not judged where there are none.
    seed : int
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        if test is None:
            return Scores(_unscored(model, train.activity, seed), None, None)
        samples = _samples(model, train, seed)
        found = _judged(model, train.activity, test.activity, seed, samples)
        if not rivals:
            return Scores(found.metrics | {"equilibrium": None}, found.evidence, None)
        beside = _judged_beside(model, train, test, rivals, seed, samples)
    metrics = found.metrics | {"equilibrium": beside.metrics}
    return Scores(metrics, found.evidence, beside.evidence)


def _samples(model: Any, train: Recording, seed: int) -> np.ndarray:
    """Samples of the model that both evaluations look at."""
    from popcode.metrics.comparison import sample_count, samples_to_judge

    n = sample_count(*train.shape)
    tell(f"generating {n:,} samples of the model")
    return samples_to_judge(model, n, seed)


def _judged(
    model: Any, train: np.ndarray, test: np.ndarray, seed: int, samples: np.ndarray
) -> Evaluation:
    from popcode.metrics import judge

    with steps("evaluating", _STEPS) as tell:
        return judge(model, train, test, seed=seed, samples=samples, tell=tell)


def _judged_beside(
    model: Any,
    train: Recording,
    test: Recording,
    rivals: Mapping[str, Rival],
    seed: int,
    samples: np.ndarray,
) -> Equilibrium:
    from popcode.metrics.equilibrium import judge_equilibrium, steps_of

    with steps("beside other models", steps_of(len(rivals))) as tell:
        return judge_equilibrium(model, train, test, rivals, seed, samples=samples, tell=tell)


@contextlib.contextmanager
def steps(label: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show work that tells a line before each of its steps."""
    with progress(label, total, unit="step") as bar:
        begun = itertools.count()
        yield lambda text: bar.update(next(begun), now=text)
        bar.update(total, now="scores")


def keep_scores(run: RunFolder, scores: Scores) -> None:
    """Write the evidence, and only then the numbers that say the evaluation is whole."""
    from popcode.metrics import write_evidence
    from popcode.metrics.equilibrium import write_equilibrium

    if scores.evidence is None:
        run.evaluation.unlink(missing_ok=True)
    else:
        write_evidence(run.evaluation, scores.evidence)
    if scores.equilibrium is None:
        run.equilibrium.unlink(missing_ok=True)
    else:
        write_equilibrium(run.equilibrium, scores.equilibrium)
    write_json(run.metrics, scores.metrics)


def _unscored(model: Any, train: np.ndarray, seed: int) -> dict[str, Any]:
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
        "equilibrium": None,
    }
