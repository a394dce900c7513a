"""One self-contained page on a run: what was fitted, whether it worked, what was found."""

from popcode.report.contents import FoundCouplings, RunContents, Source, read_contents
from popcode.report.page import render_report
from popcode.report.sections.stability import FitsCompared, render_fits_compared

__all__ = [
    "FitsCompared",
    "FoundCouplings",
    "RunContents",
    "Source",
    "read_contents",
    "render_fits_compared",
    "render_report",
]
