"""Models of any kind beside each other: what they predict, and what they generate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.contenders import Shown, draw_contenders
from popcode.report.numbers import DASH, decimal, significant, whole, with_margin

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
    Column("from all others (bits a spike)"),
    Column("nLLH, median"),
    Column("log-likelihood gained (nats a bin)"),
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
    "quarters in the same bin, each beyond its training rate; ± 95 % over blocks of "
    "time. If calibrated: what the predictions would score were they true; more than the score is "
    "a model too sure of itself. From all others: exactly, where a model gives that law. "
    "nLLH: how much of a neuron's activity the model puts together again, 1 all of it; * a "
    "prediction without the neuron's own activity, which can only be lower. Log-likelihood gained: "
    "beyond independent neurons."
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


def _fitted(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in found["models"].items() if "error" not in each}


def summary_section(found: Mapping[str, Any]) -> Section:
    """A picture of all models, and those that could not be fitted."""
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
        blocks.insert(0, Picture("Withheld neurons, and samples", image, _HOW_PICTURE))
    return Section("summary", "At a glance", tuple(blocks))


def _shown(result: Mapping[str, Any]) -> Shown:
    withheld, generation = result["co_smoothing"], result["generation"]
    scores = {
        label: generation["statistics"][name]["score"] if generation else None
        for name, label in _STATISTICS.items()
    }
    bits = tuple(withheld[key] for key in ("bits_per_spike", "low", "high"))
    return Shown(result["title"], bits, scores)  # type: ignore[arg-type]


def prediction_section(found: Mapping[str, Any]) -> Section:
    """What they cost, and predictions beside the bits of knowing every state."""
    rows = [_predicted(each, found) for each in _fitted(found).values()]
    certain = decimal(found["bounds"]["bits_certain"])
    rows.append(("every state known", "", "", "", certain, *[DASH] * 2, "1.000", DASH))
    table = Table(_PREDICTION, tuple(rows), _HOW_PREDICTION)
    return Section("prediction", "What is predicted", (table,))


def _predicted(result: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    withheld, single, own = (result[key] for key in ("co_smoothing", "single", "log_likelihood"))
    independent = found["independent_log_likelihood"]
    return (
        result["title"],
        whole(result["n_parameters"]),
        significant(result["seconds"]),
        significant(result["cpu_seconds"]),
        with_margin(withheld["bits_per_spike"], withheld["low"], withheld["high"]),
        decimal(withheld["bits_expected"]),
        DASH
        if single is None
        else with_margin(single["bits_per_spike"], single["low"], single["high"]),
        decimal(result["reconstruction"]["nllh_median"]) + ("" if result["sees_itself"] else "*"),
        DASH if own is None else decimal(own["test"] - independent),
    )


def generation_section(found: Mapping[str, Any]) -> Section:
    """Scores of samples beside those of independent neurons and of a perfect model."""
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
    return Section("generation", "What is generated", tuple(blocks))


def _generated(result: Mapping[str, Any]) -> tuple[str, ...]:
    statistics = result["statistics"]
    return (
        *(decimal(statistics[name]["score"]) for name in _STATISTICS),
        decimal(statistics["neuron_neuron"]["pearson"]),
        decimal(statistics["neuron_neuron"]["slope"]),
        decimal(result["triplets"]["pearson"]),
        decimal(result["population_activity"]["kl"], 4),
    )
