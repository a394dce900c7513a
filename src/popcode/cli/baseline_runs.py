"""What a run of a baseline does: say what it takes, fit, judge, draw.

Fits of baselines are short and keep no checkpoint: a run that was stopped before its model was
there begins again from its seed.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from popcode.cli.baseline_plans import say_plan
from popcode.cli.console import show, tell
from popcode.cli.contenders import SPOKEN, Effort, contender_of, fitted, unfitted
from popcode.cli.contenders_table import comparison_table
from popcode.cli.judging import judged_metrics
from popcode.cli.options import BaselineOptions
from popcode.cli.preparation import Prepared, say_silent_neurons, say_warnings
from popcode.cli.reporting import write_baseline_report
from popcode.cli.spent import TimeSpent
from popcode.cli.table import NOTHING_HELD_OUT
from popcode.cli.work import prepared_input
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.files import RunFolder

FROM_ITS_SEED = "a fit of this kind begins again from its seed"


class BaselineWork(NamedTuple):
    """A run that has been found possible; every setting of its kind is answered."""

    run: RunFolder
    options: BaselineOptions
    prepared: Prepared
    spent: TimeSpent


def examine_baseline(run: RunFolder, options: BaselineOptions) -> BaselineWork:
    """Read the input, answer what is "auto", say what the fit takes, and refuse the impossible.

    Raises
    ------
    InputError
        Anything that stands in the way, before any long work.
    """
    spent = TimeSpent(run.checkpoint / "seconds.json")
    prepared = prepared_input(run, options)
    options = _resolved(options, prepared)
    recording, n_test = prepared.recording, prepared.test_bins.size
    split = f" ({options.split})" if n_test else ""
    tell(
        f"input: {recording.n_bins:,} bins x {recording.n_neurons:,} neurons; "
        f"{prepared.train_bins.size:,} bins to train on, {n_test:,} held out{split}"
    )
    say_warnings(prepared)
    say_silent_neurons(prepared, prepared.train.activity.mean(axis=0))
    say_plan(title_of(options), estimator_of(options), prepared)
    run.update(parameters=options.record())
    return BaselineWork(run, options, prepared, spent)


def estimator_of(options: BaselineOptions) -> Any:
    """The estimator of a run, with every setting of its kind that is given."""
    effort = Effort(_given(options.n_hidden, 1), None, options.seed, options.device)
    model = unfitted(contender_of(options.name), effort)
    return model if options.n_updates == "auto" else model.set_params(n_updates=options.n_updates)


def _given(value: int | Literal["auto"], otherwise: int) -> int:
    return otherwise if value == "auto" else int(value)


def _resolved(options: BaselineOptions, prepared: Prepared) -> BaselineOptions:
    """Options with every setting of the kind answered, from the size of the recording."""
    from popcode.rbm.settings import automatic_n_hidden

    chosen = [name for name in options.settings if getattr(options, name) == "auto"]
    answers: dict[str, Any] = {}
    if "n_hidden" in chosen:
        n_active = int(prepared.train.activity.any(axis=0).sum())
        answers["n_hidden"] = automatic_n_hidden(max(n_active, 1), prepared.train_bins.size)
    if "n_updates" in chosen:
        model, n_neurons = estimator_of(options), prepared.recording.n_neurons
        by_size = model.n_updates == "auto"
        answers["n_updates"] = model.effort(n_neurons).n_updates if by_size else model.n_updates
    return dataclasses.replace(options, chosen=(*options.chosen, *chosen), **answers)


def model_fitted(work: BaselineWork) -> Any:
    """The model of a run: that which an earlier start has fitted, or a new one, kept."""
    model = _kept_model(work.run)
    return _fit(work) if model is None else model


def _kept_model(run: RunFolder) -> Any:
    """The model that an earlier start of the run has fitted; None where there is none."""
    from popcode.loading import load_model

    if not run.model.exists():
        return None
    try:
        return load_model(run.model)
    except InputError as error:
        tell(f"note: the model is fitted again: {error.what}")
        return None


def _fit(work: BaselineWork) -> Any:
    """Fit, and save the model last: what follows takes it for the end of the fit."""
    from popcode.files import write_history, write_json

    run, options = work.run, work.options
    started = time.perf_counter(), time.process_time()
    model = fitted(contender_of(options.name), estimator_of(options), work.prepared.train)
    costs = {
        "fit_seconds": round(time.perf_counter() - started[0], 3),
        "cpu_seconds": round(time.process_time() - started[1], 3),
    }
    write_json(_costs_file(run), costs)
    if history := history_of(model):
        write_history(run.history, history)
    model.save(run.model)
    work.spent.save()
    return model


def finish(work: BaselineWork, model: Any) -> None:
    """Judge the model of a run, draw its page, and show its result."""
    metrics = keep_metrics(work, judged_run(model, work), work.spent.save())
    work.run.finish()
    show(baseline_table(metrics, title_of(work.options)))
    show(str(work.run.path))
    show(str(work.run.report))


def judged_run(model: Any, work: BaselineWork) -> dict[str, Any]:
    """Judge the model of a run on the bins that were withheld from it."""
    prepared, title = work.prepared, title_of(work.options)
    return judged_metrics(title, model, prepared.train, prepared.test, work.options.seed)


def title_of(options: BaselineOptions) -> str:
    """What the model of a run is called."""
    return SPOKEN[contender_of(options.name)]


def keep_metrics(
    work: BaselineWork, metrics: dict[str, Any], seconds: float | None
) -> dict[str, Any]:
    """Write the numbers, with what the fit and the whole run took, and the page."""
    from popcode.files import write_json

    found = metrics | {"training": {**_costs(work.run), "seconds": seconds}}
    write_json(work.run.metrics, found)
    write_baseline_report(work.run, work.prepared)
    return found


def baseline_table(metrics: Mapping[str, Any], title: str) -> str:
    """The model between its bounds, as in a comparison."""
    from popcode.metrics.contender_metrics import alone

    found = alone(metrics, title)
    return NOTHING_HELD_OUT if found is None else comparison_table(found)


def _costs_file(run: RunFolder) -> Path:
    return run.checkpoint / "fit.json"


def _costs(run: RunFolder) -> dict[str, float | None]:
    """Seconds of the fit alone; None where the file is gone."""
    try:
        content = json.loads(_costs_file(run).read_text(encoding="utf-8"))
        return {name: float(content[name]) for name in ("fit_seconds", "cpu_seconds")}
    except (OSError, ValueError, KeyError, TypeError):
        return {"fit_seconds": None, "cpu_seconds": None}


def history_of(model: Any) -> dict[str, Sequence[float]]:
    """What a fit recorded on its way; nothing for a kind that records nothing."""
    training = getattr(model, "training_", {})
    if tried := training.get("penalties"):
        return {name: [each[name] for each in tried] for name in tried[0]}
    if bounds := training.get("evidence_bound"):
        every = max(model.n_updates // len(bounds), 1)
        return {"update": [every * (k + 1) for k in range(len(bounds))], "evidence_bound": bounds}
    return {}
