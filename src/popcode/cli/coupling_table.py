"""Couplings by area as text, each number beside its control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from popcode.analysis.areas import AreaSurvey, LabelNull

_LONGEST = 12  # of the name of an area


def survey_table(survey: AreaSurvey) -> str:
    """Mean couplings by area, what shuffled labels leave of them, within against between.

    Parameters
    ----------
    survey : AreaSurvey

    Returns
    -------
    str
    """
    null = survey.strictest.mean
    how = "within probes" if survey.within_probe else "among all neurons"
    return "\n".join(
        [
            "mean coupling x 1000 (nats); number of neurons in parentheses",
            "* p < 0.05, ** p < 0.01 over all pairs of areas, two-sided, by "
            f"{null.n_shuffles:,} shuffles of the area labels {how}; *- and **-: as significantly "
            "weaker than under shuffled labels (not: negative)",
            *_rows(survey, null),
            _contrast_line(survey, null),
            *_probe_lines(survey),
        ]
    )


def _rows(survey: AreaSurvey, null: LabelNull) -> list[str]:
    names = [name[:_LONGEST] for name in survey.areas.names]
    width = max(10, *(len(name) + 2 for name in names))
    head = " " * (_LONGEST + 8) + "".join(f"{name:>{width}}" for name in names)
    lines = [head]
    for row, name in enumerate(names):
        size = f"({int(survey.areas.member[:, row].sum()):,})"
        cells = "".join(
            f"{_cell(null, row, column):>{width}}" if column >= row else " " * width
            for column in range(len(names))
        )
        lines.append(f"{name:<{_LONGEST}}{size:>8}{cells}".rstrip())
    return lines


def _cell(null: LabelNull, row: int, column: int) -> str:
    value, p, z = (table[row, column] for table in (null.table, null.p_family, null.z))
    if not np.isfinite(value):
        return "none"
    mark = "" if not p < 0.05 else "*" if p >= 0.01 else "**"
    return f"{1000 * value:.2f}{mark}{'-' if mark and z < 0 else ''}"


def _contrast_line(survey: AreaSurvey, null: LabelNull) -> str:
    contrast, low_high = survey.contrast, survey.interval.ratio
    if survey.areas.n_areas < 2:
        return "one area only: nothing to compare with"
    return (
        f"within areas {1000 * contrast.within:.2f}, between {1000 * contrast.between:.2f}, ratio "
        f"{_ratio(contrast.ratio, low_high)}; difference z = {null.difference_z:.1f}, "
        f"p = {null.difference_p:.2g}"
    )


def _ratio(ratio: float, ends: tuple[float, float]) -> str:
    if not np.isfinite(ratio):
        return "- (the mean between is not positive)"
    if not np.isfinite(ends).all():
        return f"{ratio:.2f} (interval unknown)"
    return f"{ratio:.2f} (95 % over draws of neurons: {ends[0]:.2f} to {ends[1]:.2f})"


def _probe_lines(survey: AreaSurvey) -> list[str]:
    return [
        f"{each.area}: same probe {1000 * each.same_probe:.2f}, other probes "
        f"{1000 * each.other_probe:.2f}, p = {each.p:.2g}"
        for each in survey.probes
    ]
