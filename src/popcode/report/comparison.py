"""The page of a comparison: models of every kind on the same bins of one recording."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from popcode.report.blocks import Bullets, Facts, Section
from popcode.report.numbers import whole
from popcode.report.pages import render_sections
from popcode.report.sections.contenders import (
    generation_section,
    prediction_section,
    summary_section,
)

_LIMITS = (
    "One split and one seed: differences within the interval, or as small as those between "
    "seeds, say nothing.",
    "A GLM predicts each neuron by a regression of its own. These need not agree with any joint "
    "law, so it does not generate; neurons withheld together are averaged over along a chain of "
    "the regressions (a dependency network).",
    "PCA and NMF are no laws over spikes: a logistic link for each neuron, fitted to bins that the "
    "factors did not see, turns their sums into probabilities.",
)
_OF_FITS = (
    "All models with hidden units, components or clusters have the same number of them, chosen for "
    "the compositional RBM and not for each.",
    "Seconds are of the fit alone on the machine that made it, with whatever else it had to do; "
    "CPU seconds are of all its threads together.",
)
_OF_RUNS = (
    "Each model has the settings of its own run: a difference may come from those and not from the "
    "kind of the model.",
    "Seconds are of whole runs, their own scores and pages included; CPU seconds of the fit alone, "
    "where the run states them.",
)


def render_comparison(found: Mapping[str, Any], date: str = "") -> str:
    """Draw the page of a comparison.

    Parameters
    ----------
    found : mapping
        The content of ``comparison.json``.
    date : str
        When the page is made; the same content and date give the same bytes.

    Returns
    -------
    str
        One HTML document without references to anything outside of it.
    """
    sections = (
        summary_section(found),
        prediction_section(found),
        generation_section(found),
        _method(found),
    )
    title = Path(str(found["input"])).name
    return render_sections(title, "comparison of models", found["popcode"], date, sections)


def _method(found: Mapping[str, Any]) -> Section:
    labels = {
        "n_neurons": "neurons",
        "n_train_bins": "training bins",
        "n_test_bins": "test bins",
        "n_hidden": "hidden units, components or clusters",
        "n_updates": "gradient updates asked for",
        "seed": "seed",
        "n_samples": "samples of each model",
        "withheld_folds": "parts of the neurons, each withheld in turn",
        "withheld_bins": "test bins in which neurons are withheld",
    }
    protocol = found["protocol"]
    facts = [(label, path) for label, path in found.get("runs", {}).items()]
    facts += [("split", str(protocol["split"]))]
    facts += [
        (label, "each as many as by default" if protocol[key] is None else whole(protocol[key]))
        for key, label in labels.items()
        if key in protocol
    ]
    limits = (*_LIMITS, *(_OF_RUNS if "runs" in found else _OF_FITS))
    blocks = (Facts(tuple(facts)), Bullets("What these numbers cannot say", limits))
    return Section("method", "How it was made", blocks)
