"""The model beside independent, pairwise and K-pairwise models of the same bins."""

from __future__ import annotations

from typing import Any

from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.rivals import draw_rivals
from popcode.report.figures.sets import look_of, rivals_of
from popcode.report.numbers import DASH, decimal, significant, whole, with_interval, with_margin
from popcode.report.sections.equilibrium import absent_section, part_of, why_missing

_TITLE = "Against other models"
_INTRODUCTION = (
    "All models are fitted to the same training bins and judged on the same test bins. In "
    "brackets, and after ±: 95 % intervals over stretches of the test bins. The last row is the "
    "ceiling: what no model passes, or what the recording reaches against itself."
)
_PREDICTION = (
    Column("", "label"),
    Column("log-likelihood (nats a bin)"),
    Column("this model less it"),
    Column("in bits a spike"),
    Column("a neuron from all others (bits a spike)"),
    Column("if calibrated"),
)
_STATISTICS = (
    Column("", "label"),
    Column("covariance error / ceiling"),
    Column("covariance r"),
    Column("random triplets r"),
    Column("strongest triplets r"),
    Column("P(K): KL (nats)"),
    Column("nearest neighbours"),
)
_GROUPS = (
    Column("held out", "label"),
    Column("neurons"),
    Column("bits a spike"),
    Column("if calibrated"),
    Column("other bins' predictions"),
)
_HOW_PICTURE = (
    "Left: how many neurons are active in the same bin. A model is told from another in the "
    "tail, where many are active together. Right: how much all other neurons of a bin tell of "
    "each neuron, in bits a spike beyond its rate; a point is a neuron, and above the line this "
    "model predicts it better. Neurons at 0 have nothing in common with the rest."
)


def rivals_section(contents: RunContents) -> Section:
    """Two tables of all models, a picture, and groups of neurons held out."""
    if contents.equilibrium is None:
        return absent_section(contents, "rivals", _TITLE, "comparison")
    blocks: list[Block] = [Text(_INTRODUCTION), _prediction(contents), _statistics(contents)]
    evidence = contents.equilibrium
    if evidence.population:
        image = drawn(
            "rivals",
            "Distribution of the number of active neurons, and neurons predicted from all others",
            lambda: draw_rivals(evidence.population, evidence.neuron_bits),
        )
        blocks.append(Picture("The population, and each neuron", image, _HOW_PICTURE))
    blocks.append(_groups(contents))
    return Section("rivals", _TITLE, tuple(blocks))


def _prediction(contents: RunContents) -> Block:
    comparison = part_of(contents, "comparison")
    if not comparison:
        return Text(why_missing(contents, "comparison"), "absent")
    completion = ((part_of(contents, "completion") or {}).get("single") or {}).get("models") or {}
    first = next(iter(comparison.values()))
    own = ("this model", decimal(first["model"]), DASH, DASH, *_completed(completion.get("model")))
    rows = [own]
    for name in rivals_of(comparison):
        found = comparison[name]
        rows.append(
            (
                look_of(name).name,
                decimal(found["rival"]),
                with_interval(found["mean"], found["low"], found["high"]),
                with_interval(found["bits_per_spike"], found["bits_low"], found["bits_high"]),
                *_completed(completion.get(name), name),
            )
        )
    certain = (completion.get("model") or {}).get("bits_certain")
    rows.append(("bound: foretold for certain", "0.000", DASH, DASH, decimal(certain), DASH))
    return Table(_PREDICTION, tuple(rows), _prediction_caption(comparison))


def _completed(found: dict[str, Any] | None, name: str = "") -> tuple[str, str]:
    if found is not None:
        bits = with_interval(found["bits_per_spike"], found["low"], found["high"])
        return bits, decimal(found["bits_expected"])
    # The rates alone are what the bits are counted from.
    return ("0", DASH) if name == "independent" else (DASH, DASH)


def _prediction_caption(comparison: dict[str, Any]) -> str:
    errors = [each["standard_error_log_partition"] for each in comparison.values()]
    n_blocks = next(iter(comparison.values()))["n_blocks"]
    return (
        "How likely and how predictable test bins are. The difference is taken bin by bin, "
        f"so that what is hard for both cancels; its interval is over {whole(n_blocks)} stretches. "
        f"Beside it stands the error of ln Z of both models, at most "
        f"{significant(max(errors), 2)} nats, which moves all bins alike. If calibrated: the "
        "bits that a model's predictions would score were they true; fewer than that is a model "
        "too sure of itself, more one that is too timid. The bound: a model that names the "
        "state of every neuron for certain, and is right; 0 nats, and all bits that rates leave "
        "open. No model reaches it, since neurons are noisy."
    )


def _statistics(contents: RunContents) -> Block:
    covariance = part_of(contents, "covariance_rivals")
    parts = {
        "covariance": covariance or {},
        "random": (part_of(contents, "higher_order") or {}).get("random") or {},
        "strongest": (part_of(contents, "higher_order") or {}).get("strongest") or {},
        "population": part_of(contents, "population_activity_rivals") or {},
        "neighbours": part_of(contents, "adversarial_accuracy") or {},
    }
    names = next((list(part["models"]) for part in parts.values() if part), None)
    if names is None:
        return Text(why_missing(contents, "covariance_rivals"), "absent")
    order = ["model", *rivals_of(names), "perfect", "train"]
    rows = tuple(_statistics_row(name, parts) for name in order if name in names)
    return Table(_STATISTICS, rows, _statistics_caption(parts))


def _statistics_row(name: str, parts: dict[str, Any]) -> tuple[str, ...]:
    found = {key: (part.get("models") or {}).get(name) or {} for key, part in parts.items()}
    ratio, pearson = (found["covariance"].get(key) for key in ("ratio", "pearson"))
    is_ceiling = name == "train"
    return (
        "ceiling: the data" if is_ceiling else look_of(name).name,
        _margin(ratio) if not is_ceiling else "1",
        _margin(pearson),
        *(
            decimal(parts[which].get("pearson_ceiling")) if is_ceiling else _r(found[which])
            for which in ("random", "strongest")
        ),
        _margin(found["population"], 4),
        _keyed(found["neighbours"], ("mean", "low", "high")),
    )


def _margin(found: dict[str, Any] | None, digits: int = 3) -> str:
    found = found or {}
    return with_margin(found.get("value"), found.get("low"), found.get("high"), digits)


def _r(found: dict[str, Any]) -> str:
    return _keyed(found, ("pearson", "pearson_low", "pearson_high"))


def _keyed(found: dict[str, Any], keys: tuple[str, str, str]) -> str:
    value, low, high = (found.get(key) for key in keys)
    return with_margin(value, low, high)


def _statistics_caption(parts: dict[str, Any]) -> str:
    covariance, random, strongest = (parts[k] for k in ("covariance", "random", "strongest"))
    return (
        f"Statistics of {whole(covariance.get('n_samples'))} samples of each model against the "
        f"test bins. Covariance of {whole(covariance.get('n_pairs'))} pairs: error relative "
        "to that of the training bins (below 1 for a model that is less noisy than few training "
        "bins are), and correlation. Third moments of "
        f"{whole(random.get('n_triplets'))} random triplets and of the "
        f"{whole(strongest.get('n_triplets'))} strongest in the training bins; their ceiling is "
        "what a model without error reaches on test bins as noisy as these (from their two "
        "halves). KL: divergence of the test bins' P(K) from the model's. Neighbours: how "
        "often the nearest neighbour of a bin or sample is of its own kind, among "
        f"{whole(parts['neighbours'].get('n_bins'))} of each; 0.5 is ideal, above it samples and "
        "data keep apart. Perfect: what sampling alone costs a model without any error."
        f"{_without_noise(covariance.get('expected') or {})}"
    )


def _without_noise(expected: dict[str, Any]) -> str:
    """What the model's covariances are worth when its samples add no noise."""
    if not expected:
        return ""
    return (
        " Without the noise of its samples (covariances of the neurons' means given the hidden "
        f"units) the RBM's covariance error is {_margin(expected['ratio'])} of the ceiling and "
        f"its correlation {_margin(expected['pearson'])}."
    )


def _groups(contents: RunContents) -> Block:
    found = (part_of(contents, "completion") or {}).get("groups")
    if not found:
        return Text(why_missing(contents, "completion"), "absent")
    rows = tuple(
        (
            name,
            whole(each["n_neurons"]),
            with_interval(each["bits_per_spike"], each["low"], each["high"]),
            decimal(each["bits_expected"]),
            decimal(each["bits_shuffled"]),
        )
        for name, each in found["groups"].items()
    )
    caption = (
        f"Whole groups of neurons ({found['kind']}s) predicted from all neurons outside of them, "
        f"in {whole(found['n_bins'])} test bins, each neuron beyond its rate. The last column "
        "scores the predictions of other bins: at or below 0 unless rates changed."
    )
    return Table(_GROUPS, rows, caption)
