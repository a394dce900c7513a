"""The page: its sections in their order, and the template that lays them out."""

from __future__ import annotations

from pathlib import Path

import jinja2

from popcode.estimators.titles import BASELINE_TITLES
from popcode.report.blocks import Block, Section
from popcode.report.contents import RunContents
from popcode.report.sections.assemblies import assemblies_section
from popcode.report.sections.baseline import BASELINE_SECTIONS
from popcode.report.sections.convergence import convergence_section
from popcode.report.sections.couplings import couplings_section
from popcode.report.sections.dynamics import dynamics_section
from popcode.report.sections.header import header_section
from popcode.report.sections.higher_order import higher_order_section
from popcode.report.sections.likelihood import likelihood_section
from popcode.report.sections.method import method_section
from popcode.report.sections.phase import phase_section
from popcode.report.sections.population import population_section
from popcode.report.sections.relaxation import relaxation_section
from popcode.report.sections.rivals import rivals_section
from popcode.report.sections.statistics import statistics_section
from popcode.report.sections.surprise import surprise_section
from popcode.report.sections.verdict import verdict_section

_COMPOSITIONAL = (
    header_section,
    verdict_section,
    convergence_section,
    statistics_section,
    population_section,
    phase_section,
    assemblies_section,
    dynamics_section,
    method_section,
)
_BERNOULLI = (
    header_section,
    verdict_section,
    likelihood_section,
    rivals_section,
    statistics_section,
    higher_order_section,
    population_section,
    relaxation_section,
    surprise_section,
    couplings_section,
    method_section,
)
_BASELINE = (header_section, *BASELINE_SECTIONS)
_KINDS = {"crbm": "compositional RBM", "rbm": "Bernoulli RBM", **BASELINE_TITLES}
_SECTIONS = {
    "crbm": _COMPOSITIONAL,
    "rbm": _BERNOULLI,
    **dict.fromkeys(BASELINE_TITLES, _BASELINE),
}


def render_report(contents: RunContents, date: str) -> str:
    """Draw the page of a run.

    Parameters
    ----------
    contents : RunContents
    date : str
        When the page is made; the same contents and date give the same bytes.

    Returns
    -------
    str
        One HTML document without references to anything outside of it.
    """
    model = contents.record.parameters.get("model", "crbm")
    sections = [make(contents) for make in _SECTIONS[model]]
    template = template_environment().get_template("report.html.j2")
    return template.render(
        title=Path(contents.folder).resolve().name,
        kind=_KINDS[model],
        date=date,
        version=contents.record.versions.get("popcode", ""),
        sections=[(section, blocks_by_kind(section)) for section in sections],
    )


def blocks_by_kind(section: Section) -> list[tuple[str, Block]]:
    """Blocks of a section with the name of the macro that lays each out."""
    return [(type(block).__name__.lower(), block) for block in section.blocks]


def template_environment() -> jinja2.Environment:
    """Where the templates of pages are; text is escaped, what is missing is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("popcode.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
