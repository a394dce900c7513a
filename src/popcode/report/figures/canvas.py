"""How every figure looks, and how it becomes part of the page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which people with any colour vision tell apart.
BLACK, BLUE, VERMILION, GREY, GREEN, PURPLE, PALE = (
    "#000000", "#0072b2", "#d55e00", "#6f6f6f", "#009e73", "#cc79a7", "#c9c9c9",
)  # fmt: skip
WIDTH = 7.2  # inches: the text width of an A4 page, where a point is a point
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.linewidth": 1.3,
    "savefig.dpi": 160,
    # Text stays text: it can be searched, and the page stays small.
    "svg.fonttype": "none",
    # Names of ids are drawn at random without it.
    "svg.hashsalt": "popcode",
    # Ids of neurons and regions may hold dollar signs.
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
}
_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def drawn(name: str, alternative: str, draw: Callable[[], Figure]) -> Markup:
    """Draw a figure and give it as inline SVG.

    Parameters
    ----------
    name : str
        Put before every id in it, so that two figures on a page do not share one.
    alternative : str
        What it shows, for readers who do not see it.
    draw : callable
        Makes the figure.

    Returns
    -------
    Markup
    """
    with matplotlib.rc_context(_STYLE):
        figure, text = draw(), io.StringIO()
        figure.savefig(text, format="svg", metadata=_METADATA)
    return Markup(_inlined(text.getvalue(), name, alternative))


def blank(height: float, width: float = WIDTH) -> Figure:
    """Make an empty figure that leaves no labels cut off."""
    return Figure(figsize=(width, height), layout="constrained")


def panel_title(axes: Axes, text: str) -> None:
    """Write a title at the left, where a reader begins."""
    axes.set_title(text, loc="left", fontweight="bold")


def _inlined(svg: str, name: str, alternative: str) -> str:
    body = svg[svg.index("<svg") :]
    # Would hold for the whole page; the page's own style says the same of its figures.
    body = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, count=1, flags=re.S)
    body = re.sub(r'(\bid=")', rf"\g<1>{name}-", body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", body)
    # A page needs no names of XML's dialects.
    body = re.sub(r'\s(?:xmlns(?::xlink)?|version)="[^"]*"', "", body)
    body = body.replace("xlink:href=", "href=")
    label = str(Markup.escape(alternative))
    return body.replace("<svg", f'<svg role="img" aria-label="{label}"', 1).strip()
