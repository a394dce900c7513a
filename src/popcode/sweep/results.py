"""What every trial of a sweep came to, read from its run folder."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from popcode.analysis.membership import FitFacts
from popcode.errors import InputError
from popcode.files import jsonable, read_record, write_text
from popcode.sweep.facts import read_facts
from popcode.sweep.folder import SweepFolder

if TYPE_CHECKING:
    from popcode.sweep.store import Trial

STATISTICS = ("mean_activity", "mean_hidden", "neuron_hidden", "neuron_neuron", "hidden_hidden")


class Result(NamedTuple):
    """The scores of a trial on the bins withheld from it; None is what is not defined.

    Attributes
    ----------
    worst : float or None
        Least of the five scores of statistics, the article's criterion.
    worst_of : str
        Which statistic that is.
    worst_perfect, worst_independent : float or None
        Least score of the training bins resampled, and of independent neurons.
    scores : dict of str to float or None
    nllh_median : float or None
    seconds : float or None
    n_updates : int
    hidden_alive : int
    converged : bool
    input_hash : str or None
    facts : FitFacts or None
        Of its assemblies.
    """

    worst: float | None
    worst_of: str
    worst_perfect: float | None
    worst_independent: float | None
    scores: dict[str, float | None]
    nllh_median: float | None
    seconds: float | None
    n_updates: int
    hidden_alive: int
    converged: bool
    input_hash: str | None
    facts: FitFacts | None = None

    @property
    def criterion(self) -> float:
        """What a search maximises: the least score, 0 where the units that it needs are dead."""
        undefined = any(score is None for score in self.scores.values())
        return 0.0 if self.worst is None or undefined else self.worst


def read_result(folder: SweepFolder, trial: Trial) -> Result:
    """Scores of a finished trial.

    Raises
    ------
    InputError
        Its run is not whole.
    """
    run = folder.run(trial.number)
    record = read_record(run)
    try:
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        facts = read_facts(folder.facts(trial.number))
        return _result_of(metrics, record.input_hash)._replace(facts=facts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"its metrics cannot be read ({error})",
            where=str(run),
            remedy=f"Make them again with popcode evaluate {run}",
        ) from error


def _result_of(metrics: dict[str, Any], input_hash: str | None) -> Result:
    statistics, training = metrics["statistics"], metrics["training"]
    scores = {name: statistics[name]["score"] for name in STATISTICS}
    worst_of, worst = _least(scores)
    return Result(
        worst,
        worst_of,
        _least({name: statistics[name]["score_perfect"] for name in STATISTICS})[1],
        _least({name: statistics[name]["score_independent"] for name in STATISTICS})[1],
        scores,
        metrics["reconstruction"]["nllh_median"],
        training["seconds"],
        int(training["updates"]),
        int(training["hidden_alive"]),
        bool(training["converged"]),
        input_hash,
    )


def _least(scores: dict[str, float | None]) -> tuple[str, float | None]:
    """The lowest score and its name; a model without hidden pairs, say, has no score of them."""
    known = {name: score for name, score in scores.items() if score is not None}
    if not known:
        return "", None
    name = min(known, key=lambda each: known[each])
    return name, known[name]


def write_trials(folder: SweepFolder, trials: list[Trial]) -> None:
    """Replace ``trials.csv``: a row a trial; a cell is empty where nothing is known.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for trial in trials:
        result = read_result(folder, trial) if trial.state == "finished" else None
        writer.writerow(_row(trial, result))
    write_text(folder.table, text.getvalue())


_FACTS = ("n_effective", "n_copies", "n_empty", "mean_size", "mean_period", "unit")
_COLUMNS = (
    "trial", "n_hidden", "l1", "seed", "state", "warm_from", "worst_score", "worst_statistic",
    "worst_score_perfect", "worst_score_independent", *(f"score_{name}" for name in STATISTICS),
    "nllh_median", "hidden_alive", *_FACTS, "converged", "updates", "seconds", "reason",
)  # fmt: skip


def _row(trial: Trial, result: Result | None) -> list[Any]:
    warm_from = "" if trial.warm_from is None else trial.warm_from
    head = [trial.number, *trial.cell, trial.state, warm_from]
    if result is None:
        return [*head, *[""] * (len(_COLUMNS) - len(head) - 1), trial.reason]
    return [
        *head,
        result.worst,
        result.worst_of,
        result.worst_perfect,
        result.worst_independent,
        *(result.scores[name] for name in STATISTICS),
        result.nllh_median,
        result.hidden_alive,
        *_facts_row(result.facts),
        result.converged,
        result.n_updates,
        result.seconds,
        trial.reason,
    ]


def _facts_row(facts: FitFacts | None) -> list[Any]:
    if facts is None:
        return [""] * len(_FACTS)
    known = jsonable(facts._asdict())  # nan is None there, an empty cell here
    return [known[name] for name in _FACTS]
