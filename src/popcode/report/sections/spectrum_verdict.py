"""The random linear network that fits a recording: radius, asymmetry, time constant, noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.figures.canvas import drawn
from popcode.report.figures.spectrum_verdict import draw_verdict
from popcode.report.numbers import decimal, percent, significant, whole
from popcode.report.sections.spectrum import absence, notes_of

Part = Mapping[str, Any]
_HOW = (
    "Above: fitted values with 95 % intervals, a colour a size of the network; open ends reach the "
    "end of the table. Grey: the critical radius of a network of that size, as critical as the "
    "published one (10,000 neurons at 0.999). Below: each statistic of the recording less that "
    "of the best network, in standard deviations of their difference (networks of the same "
    "settings differ, and time is finite): all within about 2 if the theory holds."
)
_SIZE = (
    "The recording does not tell the size of the network it is part of. What is fitted is how the "
    "slowest modes stand to each other and to the bins: a network ten times as large with the "
    "same recording needs 1 - radius smaller by about 10^(2/3) = 4.6 and a time constant shorter "
    "in the same proportion. State the size with the radius."
)
_COLUMNS = (
    Column("neurons in the network"),
    Column("radius"),
    Column("critical there"),
    Column("asymmetry"),
    Column("time constant"),
    Column("own noise"),
    Column("misfit"),
    Column("p"),
)


def verdict_section(part: Part) -> Section:
    """One sentence, the fits behind it, and what they depend on."""
    blocks: list[Block] = absence(part, "No verdict")
    if not blocks:
        blocks = [Text(part["sentence"], "plain"), Text(_shared(part))]
        if part["fits"]:
            blocks += _fits(part)
        blocks += notes_of(part)
    return Section("verdict", "The verdict", tuple(blocks))


def _fits(part: Part) -> list[Block]:
    image = drawn("verdict", "Fitted parameters, and how well they fit", lambda: draw_verdict(part))
    unit = "s" if part["bin_is_known"] else "bins"
    rows = tuple(_row(fit, unit) for fit in part["fits"])
    caption = (
        "95 % profile-likelihood intervals in brackets; a dash where the network does not fit. Own "
        "noise: share of a neuron's variance in a bin that the network does not share. Misfit: "
        "chi-square over the number of statistics compared."
    )
    blocks: list[Block] = [
        Picture("The network that fits", image, _HOW),
        Table(_COLUMNS, rows, caption),
        Text(_SIZE, "note"),
    ]
    if part["n_observed"] < part["n_recorded"]:
        blocks.append(
            Text(
                f"Fitted to {part['n_observed']:,} of the {part['n_recorded']:,} neurons, "
                "drawn at random; the theory is of as many.",
                "note",
            )
        )
    return blocks


def _shared(part: Part) -> str:
    shared = part["shared"]
    mean, most = shared["shifted"]
    return (
        f"Mean squared covariance between halves, of neurons of variance 1, free of the bias of "
        f"noise: {significant(shared['mean_squared_covariance'])}; with one half shifted in time: "
        f"{significant(mean)} on average and {significant(most)} at most (p = "
        f"{shared['p_value']:.2g})."
    )


def _row(fit: Part, unit: str) -> tuple[str, ...]:
    fits = fit["fits"]
    return (
        whole(fit["n_neurons"]),
        _told(fit["radius"], 4) if fits else "–",
        decimal(fit["critical_radius"], 4),
        _told(fit["asymmetry"], 2) if fits else "–",
        f"{_time(fit['tau_s'])} {unit}" if fits else "–",
        percent(fit["own_noise"]["value"]) if fits else "–",
        f"{decimal(fit['misfit'], 1)} / {fit['n_statistics']}",
        significant(fit["p_value"], 2),
    )


def _time(found: Part) -> str:
    low, high = (significant(found[end], 2) for end in ("low", "high"))
    low = f"{'≤ ' if found['low_is_open'] else ''}{low}"
    return (
        f"{significant(found['value'], 2)} [{low}, {'≥ ' if found['high_is_open'] else ''}{high}]"
    )


def _told(found: Part, digits: int) -> str:
    low = f"{'≤ ' if found['low_is_open'] else ''}{decimal(found['low'], digits)}"
    high = f"{'≥ ' if found['high_is_open'] else ''}{decimal(found['high'], digits)}"
    return f"{decimal(found['value'], digits)} [{low}, {high}]"
