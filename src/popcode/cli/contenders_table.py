"""Models beside each other in a terminal."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

HOW_TO_READ = (
    "All on the held-out bins. Withheld: every neuron from three quarters of the neurons, itself "
    "not among them, in bits a spike beyond its rate (95 % over blocks of time); others: from all "
    "other neurons, exactly. nLLH: reconstruction, 1 is perfect; * without the neuron's own "
    "activity, so that it is no reconstruction but a prediction. Log-likelihood: nats a bin beyond "
    "independent neurons. Scores of samples: 1 as close to the held-out bins as the training bins, "
    "0 as shuffled ones; a score alone flatters models of small covariances: r and slope beside it."
)
_FIELDS = ("mean_activity", "mean_hidden", "neuron_hidden", "neuron_neuron", "hidden_hidden")
_NAME = 22


def comparison_table(found: Mapping[str, Any]) -> str:
    """Two tables, what models predict and what they generate, with the bounds of each.

    Parameters
    ----------
    found : mapping
        The content of ``comparison.json``.
    """
    models = {name: each for name, each in found["models"].items() if "error" not in each}
    width = max([_NAME, *(len(each["title"]) + 2 for each in models.values())])
    row = functools.partial(_aligned, width)
    lines = [
        row("", ("numbers", "seconds", "withheld", "(95 %)", "others", "nLLH", "log-lik.")),
        *(row(each["title"], predicted(each, found)) for each in models.values()),
        row("every state known", ("", "", _number(found["bounds"]["bits_certain"]), *[""] * 4)),
        "",
        row("", ("<v>", "<h>", "<vh>", "<vv>", "<hh>", "vv r", "slope", "triplets", "KL P(K)")),
    ]
    lines += [
        row(each["title"], generated(each["generation"]))
        for each in models.values()
        if each["generation"] is not None
    ]
    for name in ("independent", "perfect"):
        lines.append(row(f"bound: {name}", generated(found["bounds"][name])))
    silent = [each["title"] for each in models.values() if each["generation"] is None]
    if silent:
        lines.append(f"do not generate: {', '.join(silent)}")
    lines += [
        f"{each['title']}: not fitted ({each['error']})"
        for each in found["models"].values()
        if "error" in each
    ]
    return "\n".join([*lines, HOW_TO_READ])


def predicted(result: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    """Parameters, seconds, and the predictions of one model, as cells."""
    withheld, single = result["co_smoothing"], result["single"]
    interval = f"{_number(withheld['low'])} to {_number(withheld['high'])}"
    star = "" if result["sees_itself"] else "*"
    return (
        f"{result['n_parameters']:,}",
        _number(result["seconds"], 1),
        _number(withheld["bits_per_spike"]),
        interval,
        _number(single and single["bits_per_spike"]),
        _number(result["reconstruction"]["nllh_median"]) + star,
        _number(gain(result, found)),
    )


def gain(result: Mapping[str, Any], found: Mapping[str, Any]) -> float | None:
    """Log-likelihood in nats a bin beyond independent neurons; None where it is not known."""
    own = result["log_likelihood"]
    return None if own is None else own["test"] - found["independent_log_likelihood"]


def generated(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Scores of the samples of one model or bound, as cells."""
    statistics = result["statistics"]
    return (
        *(_number(statistics[name]["score"]) for name in _FIELDS),
        _number(statistics["neuron_neuron"]["pearson"]),
        _number(statistics["neuron_neuron"]["slope"]),
        _number(result["triplets"]["pearson"]),
        _number(result["population_activity"]["kl"], 4),
    )


def _aligned(width: int, name: str, cells: Sequence[str]) -> str:
    widths = [10, 9, 10, 18, 8, 9, 10] if len(cells) == 7 else [9] * len(cells)
    aligned = (f"{cell:>{each}}" for cell, each in zip(cells, widths, strict=True))
    return (f"{name:<{width}}" + "".join(aligned)).rstrip()


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"
