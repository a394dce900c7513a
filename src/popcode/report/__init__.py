"""One self-contained page on a run: what was fitted, whether it worked, what was found."""

from popcode.report.contents import FoundCouplings, RunContents, Source, read_contents
from popcode.report.page import render_report

__all__ = ["FoundCouplings", "RunContents", "Source", "read_contents", "render_report"]
