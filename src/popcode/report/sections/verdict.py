"""Did it work: one short table, each number with how to read it."""

from __future__ import annotations

from typing import Any

from popcode.rbm.convergence import TOLERANCE
from popcode.rbm.penalty import NOT_COLLAPSED
from popcode.report.blocks import Block, Column, Section, Table, Text
from popcode.report.contents import RunContents
from popcode.report.numbers import DASH, decimal, percent, whole
from popcode.report.sections.header import CHECKS_TITLE
from popcode.report.sections.standing import gains, shortcomings

STATISTICS = {
    "mean_activity": (
        "mean activity ⟨v⟩",
        "How often each neuron is active. An independent model scores as well here: needed, not "
        "enough.",
    ),
    "mean_hidden": ("mean hidden ⟨h⟩", "How strongly each hidden unit is active on average."),
    "neuron_hidden": (
        "neuron–hidden ⟨v h⟩",
        "How neurons go with the hidden units they connect to.",
    ),
    "neuron_neuron": (
        "neuron–neuron covariance",
        "How pairs of neurons go together: the number that an independent model cannot reach.",
    ),
    "hidden_hidden": ("hidden–hidden covariance", "How hidden units go together."),
}
_COLUMNS = (
    Column("", "label"),
    Column("this model"),
    Column("independent"),
    Column("perfect"),
    Column("how to read it", "prose"),
)
_SCALE = (
    "Scores: 1 is as near to the held-out bins as the training bins are, 0 as near as the "
    "training bins' values in random order; sampling noise takes them outside of 0 to 1. "
    "Independent: neurons with the right activity and nothing in common; it scores above 0 where "
    "most values are small. Perfect: as many training bins, resampled, as the model has samples; "
    "only all training bins together score exactly 1."
)

# More of the weights than this, and a unit connects to nearly every neuron.
_DENSE = 0.9
# A score may lie so far below a perfect model's: a twentieth of the way from sampling noise to no
# relation at all, more than repeated sampling moves a score and far less than what an independent
# model lacks.
SHORTFALL = 0.05


def verdict_section(contents: RunContents) -> Section:
    """The table, and what spoils it."""
    metrics = contents.metrics
    if metrics is None:
        return Section("verdict", "Verdict", (Text(contents.missing["metrics"], "absent"),))
    training, model = metrics["training"], contents.record.parameters.get("model", "crbm")
    blocks: list[Block] = [Text(text) for text in _opening(metrics)]
    told = (
        *warnings(training, model),
        *_overfitted(metrics),
        *_far_scores(metrics),
        *_of_the_recording(contents),
    )
    blocks += [Text(text, "note") for text in told]
    if not (metrics.get("protocol") or {}).get("n_test_bins"):
        blocks.append(
            Text(
                "No bins were held out, so nothing can be scored honestly: fit with --holdout 0.3 "
                "for scores.",
                "note",
            )
        )
    rows = (*_training_rows(training), *_score_rows(metrics), _nllh_row(metrics))
    blocks.append(Table(_COLUMNS, rows, _SCALE))
    return Section("verdict", "Verdict", tuple(blocks))


def warnings(training: dict[str, Any], model: str = "crbm") -> list[str]:
    """What a reader must know before any number."""
    said = []
    residual, alive, n_hidden = (training.get(k) for k in ("residual", "hidden_alive", "n_hidden"))
    if training.get("converged") is False and (residual or 0) > TOLERANCE:
        said.append(
            f"Not converged: the left-over gradient is {decimal(residual, 2)} of the data's "
            f"covariance, where {TOLERANCE} is allowed. More updates (popcode resume RUN "
            "--updates N) or a lower learning rate may help; read every number below with care."
        )
    if alive is not None and n_hidden and alive < NOT_COLLAPSED * n_hidden:
        keeps = training.get("l1_that_keeps")
        advice = (
            f"an l1 of {keeps:g} kept 80 % in a short fit" if keeps else "use fewer hidden units"
        )
        said.append(
            f"Only {alive} of {n_hidden} hidden units keep weights: l1 is too large for so many "
            f"({advice})."
        )
    if "l1" in training and (training.get("weight_nonzero") or 0) > _DENSE:
        said.append(_of_dense_weights(training, model))
    return said


def _of_dense_weights(training: dict[str, Any], model: str) -> str:
    """What dense weights mean, and a fit that has sparser ones."""
    share, fewer = (
        percent(training["weight_nonzero"]),
        max(5, (training.get("n_hidden") or 20) // 2),
    )
    l1 = training["l1"] or 0.0
    if model == "rbm":
        larger = f" --l1 {2 * l1:.2g}" if l1 else ""
        return (
            f"{share} of the weights are not zero, and many may be noise. For sparser hidden units "
            "that hold on new bins fit again with fewer of them, a larger penalty (--l1) and "
            f"--early-stopping, such as --hidden {fewer}{larger} --early-stopping."
        )
    larger = f" --l1 {10 * l1:g}" if l1 else ""
    return (
        f"{share} of the weights are not zero: a faithful model of the statistics, but its units "
        "are not sparse assemblies, and many may be noise. For assemblies fit again with fewer "
        f"hidden units and a larger penalty (--l1), such as --hidden {fewer}{larger}."
    )


def _shortfalls(metrics: dict[str, Any]) -> dict[str, float]:
    """How far each score lies below a perfect model's; without those that are not defined."""
    found = {}
    for name in STATISTICS:
        values = metrics["statistics"].get(name) or {}
        score, perfect = values.get("score"), values.get("score_perfect")
        if score is not None and perfect is not None:
            found[name] = perfect - score
    return found


def _opening(metrics: dict[str, Any]) -> list[str]:
    """What a reader takes away: believable, to be improved, or neither where a note says why."""
    equilibrium = metrics.get("equilibrium")
    wanting = shortcomings(equilibrium)
    if not wanting:
        return [*_believable(metrics), *gains(equilibrium)]
    return [f"To be improved: {'; '.join(wanting)}.", *gains(equilibrium)]


def _believable(metrics: dict[str, Any]) -> list[str]:
    """That a fit can be believed, and why; nothing for one of which it cannot be said."""
    training, shortfalls = metrics["training"], _shortfalls(metrics)
    alive, n_hidden = training.get("hidden_alive"), training.get("n_hidden")
    if (
        training.get("converged") is not True
        or not n_hidden
        or (alive or 0) < NOT_COLLAPSED * n_hidden
    ):
        return []
    if (
        _overfitted(metrics)
        or "neuron_neuron" not in shortfalls
        or max(shortfalls.values()) > SHORTFALL
    ):
        return []
    worst = max(shortfalls.values())
    scores = (
        f"no score more than {max(worst, 0.001):.3f} below a perfect model's ({SHORTFALL} is "
        "allowed)"
        if worst > 0
        else "every score as high as a perfect model's"
    )
    return [
        f"Believable as a model of the statistics: converged, {alive:,} of {n_hidden:,} hidden "
        f"units alive, {scores}."
    ]


def _overfitted(metrics: dict[str, Any]) -> list[str]:
    """That withheld bins are less likely than by rates alone, where their likelihood is known."""
    found = metrics.get("log_likelihood") or {}
    test, independent = found.get("test"), found.get("independent")
    if test is None or independent is None or test >= independent:
        return []
    return [
        f"Overfitted: withheld bins have {decimal(test)} nats each under this model and "
        f"{decimal(independent)} under independent neurons. Fit with --early-stopping, fewer "
        "hidden units, an --l2, or more bins; its couplings are mostly noise."
    ]


def _far_scores(metrics: dict[str, Any]) -> list[str]:
    far = [
        f"{STATISTICS[name][0]} {decimal(metrics['statistics'][name]['score'])} (perfect "
        f"{decimal(metrics['statistics'][name]['score_perfect'])})"
        for name, shortfall in _shortfalls(metrics).items()
        if shortfall > SHORTFALL
    ]
    if not far:
        return []
    return [f"Scores more than {SHORTFALL} below a perfect model's: {', '.join(far)}."]


def _of_the_recording(contents: RunContents) -> list[str]:
    serious = [each.check for each in contents.findings if each.severity != "note"]
    if contents.source is None or not serious:
        return []
    named = ", ".join(name.replace("_", " ") for name in serious)
    return [f"The checks of the recording warn of: {named}. See “{CHECKS_TITLE}” in “The run”."]


def _training_rows(training: dict[str, Any]) -> list[tuple[str, ...]]:
    converged = {True: "yes", False: "no", None: DASH}[training.get("converged")]
    residual = decimal(training.get("residual"))
    hides = training.get("converged") is False and (training.get("residual") or 0) <= TOLERANCE
    why = " Here units died, or the fit was given up, which hides what is left." * hides
    alive, n_hidden = whole(training.get("hidden_alive")), whole(training.get("n_hidden"))
    return [
        _row(
            "converged",
            converged,
            f"Left-over gradient {residual} of the data's covariance; at most {TOLERANCE} counts "
            f"as converged.{why}",
        ),
        _row(
            "hidden units alive",
            f"{alive} of {n_hidden}",
            "Units with a weight of at least 0.05. The penalty takes the weights off units that "
            "find no assembly; fewer than half alive: it is too large for so many.",
        ),
        _row(
            "restarts",
            whole(training.get("restarts")),
            "Times that training diverged and went back with half the learning rate; 0 is best.",
        ),
        _row(
            "weights not zero",
            percent(training.get("weight_nonzero")),
            "Few: a hidden unit connects to few neurons; l1 sets it.",
        ),
    ]


def _row(name: str, value: str, reading: str) -> tuple[str, ...]:
    return (name, value, "", "", reading)


def _score_rows(metrics: dict[str, Any]) -> list[tuple[str, ...]]:
    rows = []
    for name, (label, reading) in STATISTICS.items():
        values = metrics["statistics"].get(name) or {}
        scores = (values.get(k) for k in ("score", "score_independent", "score_perfect"))
        rows.append((f"score: {label}", *map(decimal, scores), reading))
    return rows


def _nllh_row(metrics: dict[str, Any]) -> tuple[str, ...]:
    reconstruction = metrics.get("reconstruction") or {}
    return (
        "nLLH (median)",
        decimal(reconstruction.get("nllh_median")),
        decimal(0.0) if reconstruction.get("nllh_median") is not None else DASH,
        "",
        "How much of a neuron's activity passes through the hidden units and back: 0 nothing, 1 "
        "all. Its own activity is included, so it rises with more and denser hidden units.",
    )
