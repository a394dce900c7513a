"""Axes that read well: small numbers times a power of ten that the label states."""

from __future__ import annotations

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

_DIGITS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(largest: float) -> int:
    """Exponent to take out of an axis; 0 where plain numbers are short."""
    if not np.isfinite(largest) or largest <= 0 or 0.01 <= largest < 10_000:
        return 0
    return int(np.floor(np.log10(largest)))


def times(exponent: int) -> str:
    """The factor as text: " (×10⁻³)"; nothing for 0."""
    return f" (×{raised(exponent)})" if exponent else ""


def raised(exponent: int) -> str:
    """A power of ten as text: 10⁻³."""
    return "10" + str(exponent).translate(_DIGITS)


def powers() -> FuncFormatter:
    """Tick labels of a logarithmic axis without mathematics: 10⁻³, and 1, 10, 100."""

    def label(value: float, _position: int | None = None) -> str:
        if value <= 0:
            return ""
        exponent = round(float(np.log10(value)))
        if not np.isclose(value, 10.0**exponent):
            return ""
        return f"{10**exponent:,}" if 0 <= exponent <= 3 else raised(exponent)

    return FuncFormatter(label)


def label_log_axis(axis: Axis) -> None:
    """Ticks at powers of ten, or at 1, 2 and 5 of each where fewer than two powers would show."""
    low, high = axis.get_view_interval()
    axis.set_minor_formatter(NullFormatter())
    if np.floor(np.log10(high)) - np.ceil(np.log10(low)) >= 2:
        axis.set_major_formatter(powers())
        return
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:.4g}"))
