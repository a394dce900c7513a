"""The page of a model that RBMs are held against: its costs, its scores, how it was fitted."""

from __future__ import annotations

from typing import Any

from popcode.estimators.titles import BASELINE_TITLES
from popcode.metrics.contender_metrics import alone
from popcode.report.blocks import Bullets, Column, Facts, Section, Table, Text
from popcode.report.contents import RunContents
from popcode.report.numbers import DASH, significant, whole
from popcode.report.sections.contenders import (
    generation_section,
    prediction_section,
    summary_section,
)

_MOST_ROWS = 12
_COLUMNS = {
    "penalty": "penalty",
    "log_likelihood": "log-likelihood of withheld training bins (nats a neuron and bin)",
    "update": "update",
    "evidence_bound": "evidence bound (nats a bin)",
}
_PROTOCOL = {
    "n_neurons": "neurons",
    "n_train_bins": "training bins",
    "n_test_bins": "test bins",
    "withheld_folds": "parts of the neurons, each withheld in turn",
    "withheld_bins": "test bins in which neurons are withheld",
    "seed": "seed of the samples and of what is withheld",
}
_FACTORS = (
    "It is no law over spikes: a logistic link for each neuron, fitted to bins that the factors "
    "did not see, turns their sums into probabilities. It does not generate."
)
_PAIRS = (
    "Couplings are symmetric and have no time; a coupling is no synapse: it may be a common input, "
    "a movement, or units of one probe that share noise."
)
_LIMITS = {
    "independent": "No neuron tells of another: this is what every other model is to beat.",
    "ising": _PAIRS,
    "k-pairwise": _PAIRS,
    "glm": "Each neuron has a regression of its own. These need not agree with any joint law, so "
    "it does not generate; neurons withheld together are averaged over along a chain of the "
    "regressions (a dependency network).",
    "nmf": _FACTORS,
    "pca": _FACTORS,
    "vae": "The likelihood is known only from below, so none is given. Scores of ⟨h⟩, ⟨vh⟩ and "
    "⟨hh⟩ hold the latents that the encoder infers from samples against those of the data.",
    "kmeans": "Its hidden units are the clusters, of which each bin has one: a state of the whole "
    "population, no assembly of it.",
}


def _scored(contents: RunContents) -> dict[str, Any] | None:
    model = contents.record.parameters["model"]
    return contents.metrics and alone(contents.metrics, BASELINE_TITLES[model])


def _summary(contents: RunContents) -> Section:
    found = _scored(contents)
    if found is not None:
        return summary_section(found)
    reason = contents.missing.get("metrics") or contents.missing.get("evidence", "")
    return Section("summary", "At a glance", (Text(reason, "absent"),))


def _prediction(contents: RunContents) -> Section:
    found = _scored(contents)
    if found is not None:
        return prediction_section(found)
    numbers = (contents.metrics or {}).get("n_parameters")
    facts = Facts((("numbers fitted", DASH if numbers is None else whole(numbers)),))
    return Section("prediction", "What is predicted", (facts,))


def _generation(contents: RunContents) -> Section:
    found = _scored(contents)
    if found is not None:
        return generation_section(found)
    nothing = Text("Samples are scored on withheld bins alone.", "absent")
    return Section("generation", "What is generated", (nothing,))


def _method(contents: RunContents) -> Section:
    """Protocol, what the fit recorded on its way, and what the numbers cannot say."""
    protocol = (contents.metrics or {}).get("protocol") or {}
    facts = tuple(
        (label, whole(protocol[name])) for name, label in _PROTOCOL.items() if name in protocol
    )
    history = () if contents.history is None else (_course(contents.history),)
    limits = (
        _LIMITS[contents.record.parameters["model"]],
        "One split and one seed: differences within the interval, or as small as those between "
        "seeds, say nothing.",
    )
    blocks = (Facts(facts), *history, Bullets("What these numbers cannot say", limits))
    return Section("method", "How it was made", blocks)


def _course(history: dict[str, Any]) -> Table:
    n_rows = len(next(iter(history.values())))
    every = -(-n_rows // _MOST_ROWS)
    shown = [k for k in range(n_rows) if (n_rows - 1 - k) % every == 0]
    columns = tuple(Column(_COLUMNS[name]) for name in history)
    rows = tuple(tuple(significant(v[k], 4) for v in history.values()) for k in shown)
    return Table(columns, rows, "What the fit recorded on its way.")


BASELINE_SECTIONS = (_summary, _prediction, _generation, _method)
