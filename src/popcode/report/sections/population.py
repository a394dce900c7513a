"""The population as a whole, and single neurons."""

from __future__ import annotations

from typing import Any

from popcode.report.blocks import Picture, Section, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.population import draw_population
from popcode.report.numbers import decimal, significant, whole


def population_section(contents: RunContents) -> Section:
    """P(K) and nLLH."""
    title, evidence = "Population", contents.evidence
    if evidence is None or contents.metrics is None:
        why = contents.missing.get("evidence") or contents.missing["metrics"]
        return Section("population", title, (Text(why, "absent"),))
    image = drawn(
        "population",
        "Distribution of the number of active neurons, and of the nLLH of neurons",
        lambda: draw_population(evidence.population, evidence.nllh),
    )
    picture = Picture("Neurons together and alone", image, _caption(contents.metrics))
    return Section("population", title, (picture,))


def _caption(metrics: dict[str, Any]) -> str:
    population = metrics.get("population_activity") or {}
    nllh = metrics.get("reconstruction") or {}
    return (
        "Left: how many neurons are active in the same bin. Independent neurons miss the bins in "
        "which many or none are. Divergence from the test bins: model "
        f"{significant(population.get('kl'))} nats, training bins "
        f"{significant(population.get('kl_optimal'))} nats, independent "
        f"{significant(population.get('kl_independent'))} nats. Right: how much of each neuron's "
        "activity in the test bins passes through the hidden units and back, median "
        f"{decimal(nllh.get('nllh_median'))} (line), 10th percentile "
        f"{decimal(nllh.get('nllh_p10'))}, 90th {decimal(nllh.get('nllh_p90'))} (grey), "
        f"{whole(nllh.get('n_neurons'))} neurons. Neurons "
        "near 0 are tied to no hidden unit."
    )
