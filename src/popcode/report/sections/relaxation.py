"""Whether the model's chain relaxes as the recording does, up to one factor of time."""

from __future__ import annotations

from typing import Any

from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.relaxation import draw_regions, draw_relaxation
from popcode.report.numbers import DASH, decimal, significant, whole
from popcode.report.sections.equilibrium import absent_section, part_of

_TITLE = "Relaxation"
_INTRODUCTION = (
    "The model knows single bins and nothing of time. Its Gibbs chain relaxes nevertheless, and "
    "its autocorrelation is laid over the recording's with one free factor, the sweeps a bin. "
    "Agreement up to one factor is a weak test: any chain with one slow mode relaxes about "
    "exponentially. It says something where the misfit is near the ceiling and far below an "
    "independent model's, and where regions need the same factor."
)
_COLUMNS = (
    Column("", "label"),
    Column("neurons"),
    Column("sweeps a bin"),
    Column("misfit"),
    Column("ceiling"),
    Column("independent"),
    Column("at the factor of all"),
    Column("", "prose"),
)
_HOW = (
    "How alike the number of active neurons is some time apart: the recording (black, with its "
    "standard error), the model's chains with their time scaled (blue), and the recording with its "
    "bins in random order (grey), which has no relaxation and must stay within the pale band (4 "
    "standard deviations of shuffled bins). The dotted line ends the lags that were fitted. A "
    "recording under a repeated stimulus relaxes as the stimulus does."
)
_HOW_REGIONS = (
    "As above, each region with a factor of its own. A region of which no blue line is shown has "
    "no factor; the table says why."
)
_MOST_DRIFT = 3.0


def relaxation_section(contents: RunContents) -> Section:
    """Curves of all neurons and of regions, and a table of factors."""
    evidence, found = contents.equilibrium, part_of(contents, "relaxation")
    if evidence is None or evidence.relaxation is None or found is None:
        return absent_section(contents, "relaxation", _TITLE, "relaxation")
    curves, bin_s = evidence.relaxation, found["bin_s"]
    image = drawn(
        "relaxation",
        "Autocorrelation of the number of active neurons: recording, model, shuffled",
        lambda: draw_relaxation(curves, bin_s),
    )
    blocks: list[Block] = [Text(_INTRODUCTION), Picture("All neurons", image, _HOW)]
    if len(curves.names) > 1:
        image = drawn(
            "relaxation-regions",
            "The same for each region",
            lambda: draw_regions(curves, bin_s),
        )
        blocks.append(Picture("By region", image, _HOW_REGIONS))
    blocks.append(_table(found))
    drift = found["population"]["drift"]
    if drift is not None and abs(drift) > _MOST_DRIFT:
        blocks.append(
            Text(
                f"The chains were not at equilibrium: their activity moved by {decimal(drift, 1)} "
                "standard errors from one half to the other.",
                "note",
            )
        )
    return Section("relaxation", _TITLE, tuple(blocks))


def _table(found: dict[str, Any]) -> Block:
    rows = [_row("all neurons", found["population"])]
    rows += [_row(name, each) for name, each in found["regions"].items()]
    rows.append(_control(found["shuffled"]))
    lengthened = ", lengthened once" if found["lengthened"] else ""
    caption = (
        f"{whole(found['n_chains'])} chains of {whole(found['n_sweeps'])} sweeps{lengthened}; lags "
        f"up to {whole(found['max_lag_bins'])} bins and {whole(found['max_lag_sweeps'])} sweeps, "
        "within contiguous stretches of the training and of the test bins. Misfit: root mean "
        "square difference of the curves over the lags fitted; ceiling: what two halves of the "
        "recording leave; independent: a chain that forgets in one sweep. In brackets 95 % "
        "intervals over blocks; they leave out that the curves differ in shape. A factor below 1 "
        "rests on interpolation within a sweep. Last number: the misfit of a region at the factor "
        "of all neurons."
    )
    return Table(_COLUMNS, tuple(rows), caption)


def _row(name: str, found: dict[str, Any]) -> tuple[str, ...]:
    factor, misfit = found["factor"], found["misfit"] or {}
    shared = found.get("misfit_at_population_factor") or {}
    return (
        name,
        whole(found["n_neurons"]) if "n_neurons" in found else "",
        DASH if factor is None else _factor(factor),
        *(decimal(misfit.get(key), 3) for key in ("rmse", "ceiling", "independent")),
        decimal(shared.get("rmse"), 3),
        f"No factor: {found['note']}." if found["note"] else "",
    )


def _control(found: dict[str, Any]) -> tuple[str, ...]:
    """The row of bins in random order, in which there is nothing to find."""
    label = "bins in random order"
    if found["factor"] is not None:
        return (*_row(label, found)[:-1], "A factor, where there must be none.")
    return (label, "", "none", *[DASH] * 4, "No relaxation, as it must be.")


def _factor(found: dict[str, Any]) -> str:
    value = significant(found["value"])
    if found["low"] is None or found["high"] is None:
        return value
    return f"{value} [{significant(found['low'])}, {significant(found['high'])}]"
