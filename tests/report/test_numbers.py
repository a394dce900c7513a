"""Numbers in words, and the small pure functions behind figures."""

import numpy as np
import pytest

from popcode.report.figures.canvas import blank
from popcode.report.figures.decimation import min_max
from popcode.report.figures.maps import round_length
from popcode.report.figures.population import merged_shares
from popcode.report.figures.scales import label_log_axis, power_of_ten, powers
from popcode.report.numbers import DASH, decimal, percent, shortened, significant, whole


@pytest.mark.parametrize("write", [decimal, percent, significant, whole])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_not_defined_is_a_dash(write, value):
    assert write(value) == DASH


def test_numbers_read_well():
    assert decimal(-0.0001) == "0.000"
    assert decimal(-1.25, 1) == "−1.2"
    assert percent(0.0447) == "4.5 %"
    assert percent(0.5) == "50 %"
    assert significant(12345.6) == "12,346"
    assert significant(0.00025) == "0.00025"
    assert len(shortened("x" * 200)) == 28
    assert shortened("short") == "short"


def test_decimation_keeps_extremes():
    values = np.zeros(100_000)
    values[[4321, 77_777]] = 5, -3
    kept, drawn = min_max(values)
    assert len(kept) <= 2000
    assert (drawn.max(), drawn.min()) == (5, -3)
    assert np.array_equal(min_max(values[:10])[1], values[:10])


def test_merging_neighbouring_counts_keeps_the_whole():
    counts = np.arange(10.0)
    middles, shares = merged_shares(counts, 4)
    assert middles.tolist() == [1.5, 5.5, 8.5]
    assert shares @ [4, 4, 2] == pytest.approx(1)


def test_scales():
    assert power_of_ten(0.0034) == -3
    assert power_of_ten(0.5) == 0
    assert power_of_ten(0.0) == 0
    assert [powers()(x) for x in (1e-3, 1, 1000, 2)] == ["10⁻³", "1", "1,000", ""]
    assert round_length(267) == 200
    assert round_length(0.07) == pytest.approx(0.05)


@pytest.mark.parametrize("limits", [(0.6, 90), (11, 60), (3, 40), (1e-4, 100)])
def test_a_logarithmic_axis_has_more_than_one_label(limits):
    figure = blank(2)
    axes = figure.subplots()
    axes.set_yscale("log")
    axes.set_ylim(limits)
    label_log_axis(axes.yaxis)
    figure.draw_without_rendering()
    ticks = zip(axes.yaxis.get_majorticklocs(), axes.yaxis.get_majorticklabels(), strict=True)
    low, high = limits
    assert len([tick for tick, label in ticks if low <= tick <= high and label.get_text()]) >= 2
