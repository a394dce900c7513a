"""The page of a memory run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from popcode.files import RunRecord
from popcode.report.pages import render_sections
from popcode.report.sections.memory import run_section, task_section, verdict_section
from popcode.report.sections.memory_method import method_section


def render_memory(folder: str, record: RunRecord, metrics: Mapping[str, Any], date: str) -> str:
    """Draw the page from the record and the content of ``metrics.json``.

    Parameters
    ----------
    folder : str
        Path of the run.
    record : RunRecord
    metrics : mapping
    date : str
        When the page is made; the same content and date give the same bytes.

    Returns
    -------
    str
        One HTML document without references to anything outside of it.
    """
    sections = [
        run_section(record, metrics),
        verdict_section(metrics),
        *(task_section(name, task) for name, task in metrics["memory"].items()),
        method_section(),
    ]
    version = record.versions.get("popcode", "")
    return render_sections(Path(folder).resolve().name, "working memory", version, date, sections)
