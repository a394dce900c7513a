"""The page of a comparison: models of every kind on the same bins of one recording."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from popcode.report.blocks import Block, Bullets, Column, Facts, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.contenders import Shown, draw_contenders
from popcode.report.numbers import DASH, decimal, significant, whole, with_interval

_STATISTICS = {
    "mean_activity": "⟨v⟩",
    "mean_hidden": "⟨h⟩",
    "neuron_hidden": "⟨vh⟩",
    "neuron_neuron": "⟨vv⟩",
    "hidden_hidden": "⟨hh⟩",
}
_PREDICTION = (
    Column("", "label"),
    Column("numbers fitted"),
    Column("seconds"),
    Column("CPU seconds"),
    Column("withheld neurons (bits a spike)"),
    Column("if calibrated"),
    Column("each from all others (bits a spike)"),
    Column("nLLH, median"),
    Column("log-likelihood beyond independent (nats a bin)"),
)
_GENERATION = (
    Column("", "label"),
    *(Column(name) for name in _STATISTICS.values()),
    Column("⟨vv⟩ r"),
    Column("⟨vv⟩ slope"),
    Column("triplets r"),
    Column("P(K): KL (nats)"),
)
_HOW_PREDICTION = (
    "Withheld neurons: a random quarter of all neurons at a time is predicted from the other three "
    "quarters in the same bin, each beyond its training rate; in brackets 95 % over blocks of "
    "time. If calibrated: what the predictions would score were they true; more than the score is "
    "a model too sure of itself. Each from all others: exactly, where a model gives that law. "
    "nLLH: how much of a neuron's activity the model puts together again, 1 all of it; * a "
    "prediction without the neuron's own activity, which can only be lower."
)
_HOW_GENERATION = (
    "Scores of samples against the held-out bins: 1 as close as the training bins are, 0 as close "
    "as shuffled ones. ⟨h⟩, ⟨vh⟩ and ⟨hh⟩ are of each model's own hidden units, and are not there "
    "for models without. A score of covariances alone flatters a model whose covariances are all "
    "small: read their correlation r and slope beside it. The last rows bound the scale: "
    "independent neurons, and training bins drawn anew, with as many samples."
)
_HOW_PICTURE = (
    "Left: withheld neurons; 0 is to know the rates alone. Right: scores of samples, cut off "
    "outside −0.6 to 1.4; the pale line is the training bins' own."
)
_LIMITS = (
    "One split and one seed: differences within the interval, or as small as those between "
    "seeds, say nothing.",
    "All models with hidden units, components or clusters have the same number of them, chosen for "
    "the compositional RBM and not for each.",
    "A GLM predicts each neuron by a regression of its own. These need not agree with any joint "
    "law, so it does not generate; neurons withheld together are averaged over along a chain of "
    "the regressions (a dependency network).",
    "PCA and NMF are no laws over spikes: a logistic link for each neuron, fitted to bins that the "
    "factors did not see, turns their sums into probabilities.",
    "Seconds are of the fit alone on the machine that made it, with whatever else it had to do; "
    "CPU seconds are of all its threads together.",
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
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("popcode.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = (_summary(found), _prediction(found), _generation(found), _method(found))
    parts = [
        (section, [(type(block).__name__.lower(), block) for block in section.blocks])
        for section in sections
    ]
    return environment.get_template("report.html.j2").render(
        title=Path(str(found["input"])).name,
        kind="comparison of models",
        date=date,
        version=found["popcode"],
        sections=parts,
    )


def _fitted(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in found["models"].items() if "error" not in each}


def _summary(found: Mapping[str, Any]) -> Section:
    models = _fitted(found)
    blocks: list[Block] = [
        Text(f"{each['title']} could not be fitted: {each['error']}.", "absent")
        for each in found["models"].values()
        if "error" in each
    ]
    if models:
        shown = [_shown(each) for each in models.values()]
        image = drawn(
            "contenders",
            "Bits a spike of withheld neurons, and scores of the samples, of each model",
            lambda: draw_contenders(shown),
        )
        blocks.insert(0, Picture("All models", image, _HOW_PICTURE))
    return Section("summary", "At a glance", tuple(blocks))


def _shown(result: Mapping[str, Any]) -> Shown:
    withheld, generation = result["co_smoothing"], result["generation"]
    scores = {
        label: generation["statistics"][name]["score"] if generation else None
        for name, label in _STATISTICS.items()
    }
    bits = tuple(withheld[key] for key in ("bits_per_spike", "low", "high"))
    return Shown(result["title"], bits, scores)  # type: ignore[arg-type]


def _prediction(found: Mapping[str, Any]) -> Section:
    rows = [_predicted(each, found) for each in _fitted(found).values()]
    certain = decimal(found["bounds"]["bits_certain"])
    rows.append(("every state known", "", "", "", certain, *[DASH] * 2, "1.000", DASH))
    table = Table(_PREDICTION, tuple(rows), _HOW_PREDICTION)
    return Section("prediction", "What the models predict", (table,))


def _predicted(result: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    withheld, single, own = (result[key] for key in ("co_smoothing", "single", "log_likelihood"))
    independent = found["independent_log_likelihood"]
    return (
        result["title"],
        whole(result["n_parameters"]),
        significant(result["seconds"]),
        significant(result["cpu_seconds"]),
        with_interval(withheld["bits_per_spike"], withheld["low"], withheld["high"]),
        decimal(withheld["bits_expected"]),
        DASH
        if single is None
        else with_interval(single["bits_per_spike"], single["low"], single["high"]),
        decimal(result["reconstruction"]["nllh_median"]) + ("" if result["sees_itself"] else "*"),
        DASH if own is None else decimal(own["test"] - independent),
    )


def _generation(found: Mapping[str, Any]) -> Section:
    rows = [
        (each["title"], *_generated(each["generation"]))
        for each in _fitted(found).values()
        if each["generation"] is not None
    ]
    titles = {"independent": "bound: independent", "perfect": "bound: perfect"}
    rows += [(title, *_generated(found["bounds"][name])) for name, title in titles.items()]
    silent = [each["title"] for each in _fitted(found).values() if each["generation"] is None]
    blocks: list[Block] = [Table(_GENERATION, tuple(rows), _HOW_GENERATION)]
    if silent:
        blocks.append(Text(f"Not here, since they do not generate: {', '.join(silent)}."))
    return Section("generation", "What the models generate", tuple(blocks))


def _generated(result: Mapping[str, Any]) -> tuple[str, ...]:
    statistics = result["statistics"]
    return (
        *(decimal(statistics[name]["score"]) for name in _STATISTICS),
        decimal(statistics["neuron_neuron"]["pearson"]),
        decimal(statistics["neuron_neuron"]["slope"]),
        decimal(result["triplets"]["pearson"]),
        decimal(result["population_activity"]["kl"], 4),
    )


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
    facts = [("split", str(protocol["split"]))]
    facts += [
        (label, "each as many as by default" if protocol[key] is None else whole(protocol[key]))
        for key, label in labels.items()
    ]
    blocks = (Facts(tuple(facts)), Bullets("What these numbers cannot say", _LIMITS))
    return Section("method", "How it was made", blocks)
