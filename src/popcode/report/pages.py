"""A page of any sections, in the style of the page of a run."""

from __future__ import annotations

from collections.abc import Sequence

from popcode.report.blocks import Section
from popcode.report.page import blocks_by_kind, template_environment


def render_sections(
    title: str, kind: str, version: str, date: str, sections: Sequence[Section]
) -> str:
    """Lay sections out as one page.

    Parameters
    ----------
    title : str
    kind : str
        What the page is about, beside the name of the package.
    version : str
        Of popcode.
    date : str
        When the page is made.
    sections : sequence of Section

    Returns
    -------
    str
        One HTML document without references to anything outside of it.
    """
    return (
        template_environment()
        .get_template("report.html.j2")
        .render(
            title=title,
            kind=kind,
            date=date,
            version=version,
            sections=[(section, blocks_by_kind(section)) for section in sections],
        )
    )
