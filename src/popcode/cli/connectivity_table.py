"""Connectivity by every method as text, each number beside its interval and its control."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from popcode.analysis.connectivity import ConnectivitySurvey, Measured

HOW_TO_READ = (
    "Between animals: Pearson of log10 strengths, mean over pairs of animals. Structure: Spearman "
    "over the pairs of regions that are connected. In brackets 95 % over regions drawn anew; "
    "shuffles of the regions' names stay below the chance level 95 times of 100. Shifted: neurons "
    "moved in time, each by itself: what rates and autocorrelations alone make of correlations."
)


def connectivity_table(survey: ConnectivitySurvey) -> str:
    """A line a method: agreement between animals, and with the structure where there is one.

    Parameters
    ----------
    survey : ConnectivitySurvey

    Returns
    -------
    str
    """
    heads = ["", "between animals"]
    rows = [[name, _between(each)] for name, each in survey.methods.items()]
    if survey.structure is not None:
        first = next(iter(survey.methods))
        heads += ["structure", f"{first} better by"]
        for row, each in zip(rows, survey.methods.values(), strict=True):
            row += [_structural(each), _gain(each)]
    widths = [max(map(len, column)) + 3 for column in zip(heads, *rows, strict=True)]
    lines = [
        "".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [heads, *rows]
    ]
    return "\n".join([*lines, HOW_TO_READ])


def _between(measured: Measured) -> str:
    found = measured.between
    if found is None:
        return "- (one animal)"
    return _with_chance(found.mean, found.interval, found.chance)


def _structural(measured: Measured) -> str:
    found = measured.structural
    return "" if found is None else _with_chance(found.spearman, found.interval, found.chance)


def _gain(measured: Measured) -> str:
    if measured.gain is None:
        return ""
    low, high = measured.gain.interval
    return f"{measured.gain.difference:+.3f} [{low:+.3f}, {high:+.3f}]"


def _with_chance(value: float, interval: tuple[float, float], chance: float) -> str:
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}], chance < {chance:.3f}"
