"""The page of a spectrum run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from popcode.files import RunRecord
from popcode.report.pages import render_sections
from popcode.report.sections.spectrum import exponents_section, run_section, widths_section
from popcode.report.sections.spectrum_dynamics import dynamics_section, timescales_section
from popcode.report.sections.spectrum_method import method_section
from popcode.report.sections.spectrum_verdict import verdict_section


def render_spectrum(
    folder: str,
    record: RunRecord,
    metrics: Mapping[str, Any],
    parts: Mapping[str, Any],
    date: str,
) -> str:
    """Draw the page from the record, ``metrics.json`` and what the parts kept.

    Parameters
    ----------
    folder : str
        Path of the run.
    record : RunRecord
    metrics, parts : mapping
    date : str
        When the page is made; the same content and date give the same bytes.

    Returns
    -------
    str
        One HTML document without references to anything outside of it.
    """
    sections = [
        run_section(record, metrics),
        verdict_section(parts["verdict"]),
        exponents_section(parts),
        widths_section(parts),
        timescales_section(parts["timescales"]),
        dynamics_section(parts["dmd"]),
        method_section(),
    ]
    version = record.versions.get("popcode", "")
    return render_sections(Path(folder).resolve().name, "linear dynamics", version, date, sections)
