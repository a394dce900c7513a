"""Numbers as the page writes them; what is not defined is a dash, never a nan."""

from __future__ import annotations

import math

DASH = "–"


def decimal(value: float | None, digits: int = 3) -> str:
    """A number with a fixed number of decimals: 0.983."""
    if value is None or _undefined(value):
        return DASH
    return _minus(f"{round(value, digits) + 0.0:.{digits}f}")  # + 0: no minus zero


def significant(value: float | None, digits: int = 3) -> str:
    """A number with so many significant digits: 0.00025, 12.7, 1,230."""
    if value is None or _undefined(value):
        return DASH
    return _minus(f"{value:,.0f}" if 999.5 <= abs(value) < 1e9 else f"{value:.{digits}g}")


def with_interval(
    value: float | None, low: float | None, high: float | None, digits: int = 3
) -> str:
    """A number with its 95 % interval: 0.983 [0.981, 0.985]."""
    if low is None or high is None or _undefined(low) or _undefined(high):
        return decimal(value, digits)
    return f"{decimal(value, digits)} [{decimal(low, digits)}, {decimal(high, digits)}]"


def with_margin(value: float | None, low: float | None, high: float | None, digits: int = 3) -> str:
    """A number with half of its 95 % interval: 0.983 ± 0.002."""
    if value is None or low is None or high is None or _undefined(low) or _undefined(high):
        return decimal(value, digits)
    # An interval may have been cut at a bound: its other half tells its size.
    margin = max(high - value, value - low)
    return f"{decimal(value, digits)} ± {decimal(margin, digits)}"


def whole(value: float | None) -> str:
    """A number of things: 12,720."""
    return DASH if value is None or _undefined(value) else f"{round(value):,}"


def percent(value: float | None) -> str:
    """A share as per cent: 3.6 %, 97 %."""
    if value is None or _undefined(value):
        return DASH
    if abs(value) < 0.1 or 0.995 <= abs(value) < 1:
        return f"{100 * value:.{2 if abs(value) < 0.1 else 3}g} %"
    return f"{100 * value:.0f} %"


def shortened(text: str, most: int = 28) -> str:
    """Text of at most so many characters, cut in the middle where names of units differ least."""
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 1]}…{text[-tail:]}"


def _undefined(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def _minus(text: str) -> str:
    return text.replace("-", "−") if text.startswith("-") else text
