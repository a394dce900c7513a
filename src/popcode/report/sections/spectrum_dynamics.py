"""Timescales of a recording's components, and its dynamics: do they turn, has time a direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.spectrum_dynamics import draw_dmd, draw_rotations, draw_timescales
from popcode.report.numbers import decimal, percent, significant, with_interval
from popcode.report.sections.spectrum import absence, notes_of

Part = Mapping[str, Any]
_TIMESCALES = (
    "Left: correlograms between two halves of the neurons along components that other blocks of "
    "time gave, divided by lag 0; some of those that are correlated from bin to bin. Middle: the "
    "mean at the early lags against rank, with 95 % intervals. Right: timescale of an exponential "
    "decay, where one can be told; open triangles: beyond the longest lag, no timescale is given. "
    "In a critical symmetric network both fall with rank as variance does."
)
_PLANE = (
    "Eigenvalues of the linear map from a bin to the one a lag later, in the leading components. "
    "Circle: modulus 1. Middle: neurons shifted out of step. Right: bins in random order, no "
    "dynamics. Of a symmetric network they are real but for the scatter of a finite recording."
)
_ROTATIONS = (
    "Left: turns of the eigenvalues of modulus above 0.25 while they fade ten-fold; the grey band "
    "is what finite data gives where each stretch of time runs forwards or backwards by the toss "
    "of a coin, as if time had no direction. Right: share of the squared lagged covariance that "
    "is antisymmetric, free of the bias of noise, with its interval and the same control."
)
_COLUMNS = (
    Column("eigenvalues of modulus > 0.25", "label"),
    Column("recording"),
    Column("time without direction"),
    Column("bins in random order"),
)


def timescales_section(part: Part) -> Section:
    """Correlograms and timescales against rank."""
    blocks: list[Block] = absence(part, "No timescales")
    if not blocks:
        image = drawn(
            "timescales", "Correlograms and timescales of components against their rank",
            lambda: draw_timescales(part),
        )  # fmt: skip
        blocks = [Picture("How long components last", image, _TIMESCALES), Text(_counted(part))]
        if part["reason"]:
            blocks.append(Text(f"{part['reason'].capitalize()}.", "note"))
        blocks += notes_of(part)
    return Section("timescales", "Timescales", tuple(blocks))


def dynamics_section(part: Part) -> Section:
    """Eigenvalues of the dynamics, rotations and asymmetry."""
    blocks: list[Block] = absence(part, "No dynamics")
    if not blocks:
        plane = drawn("plane", "Eigenvalues in the complex plane", lambda: draw_dmd(part))
        turns = drawn("turns", "Rotations and asymmetry of time", lambda: draw_rotations(part))
        blocks = [
            Picture(f"Eigenvalues over {_lag(part)}", plane, _PLANE),
            Table(_COLUMNS, _rows(part), f"{part['n_components']} components, ridge "
                  f"{part['ridge']:g}, {part['n_pairs']:,} pairs of bins within segments. "
                  "In brackets: 95 % intervals over stretches of time."),
            Picture("Rotations and the direction of time", turns, _ROTATIONS),
            Text(_direction(part["asymmetry"])),
        ]  # fmt: skip
        blocks += notes_of(part)
    return Section("dynamics", "Dynamics", tuple(blocks))


def _counted(part: Part) -> str:
    correlated, beyond = sum(part["correlated"]), sum(part["beyond"])
    r = with_interval(part["rank_r"], part["rank_r_low"], part["rank_r_high"], 2)
    return (
        f"{correlated:,} of {len(part['early']):,} components are correlated from one bin to the "
        f"next; {beyond:,} of them last beyond the longest lag, {significant(part['limit'])} "
        f"{part['unit']}. Correlation of log early value and log rank: {r} ({part['n_ranked']:,} "
        "components)."
    )


def _lag(part: Part) -> str:
    return f"{significant(part['lag_s'])} s" if part["lag_s"] is not None else f"{part['lag']} bins"


def _rows(part: Part) -> tuple[tuple[str, ...], ...]:
    value, low, high, shuffled = (part[name] for name in ("value", "low", "high", "shuffled"))
    least, most = part["reversed_low"], part["reversed_high"]
    rows = [
        (
            "number",
            with_interval(value["n_eigenvalues"], low["n_eigenvalues"], high["n_eigenvalues"], 0),
            _between(least["n_eigenvalues"], most["n_eigenvalues"], 0),
            decimal(shuffled["n_eigenvalues"], 0),
        ),
        (
            "share that is real",
            with_interval(value["real_share"], low["real_share"], high["real_share"], 2),
            _between(least["real_share"], most["real_share"], 2),
            decimal(shuffled["real_share"], 2),
        ),
    ]
    for k, share in ((2, "median"), (4, "95 %")):
        rows.append(
            (
                f"turns a ten-fold attenuation, {share}",
                with_interval(value["turns"][k], low["turns"][k], high["turns"][k]),
                _between(least["turns"][k], most["turns"][k], 3),
                decimal(shuffled["turns"][k]),
            )
        )
    return tuple(rows)


def _between(low: float | None, high: float | None, digits: int) -> str:
    return f"{decimal(low, digits)} to {decimal(high, digits)}"


def _direction(found: Part) -> str:
    value, low, high = (percent(found[name]) for name in ("value", "low", "high"))
    told = "has" if found["p_value"] < 0.05 else "shows no"
    return (
        f"Antisymmetric share {value} [{low}, {high}], p = {found['p_value']:.2g}: at this lag, "
        f"time {told} a direction. Indicators, smoothing and filters of single neurons give one "
        "to a symmetric network too."
    )
