"""``popcode datasets``: the public recordings of the articles."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import cyclopts
from cyclopts import Parameter

from popcode.cli.console import Interrupted, show, tell

if TYPE_CHECKING:
    from popcode.io.datasets import Dataset

app = cyclopts.App(
    name="datasets",
    help="List public recordings, and fetch them.\n\nExample: popcode datasets list",
)
WIDTH = 96


@app.command(name="list")
def list_(name: Annotated[str | None, Parameter(name="NAME")] = None, /) -> None:
    """Say which public data sets there are; with a NAME, which files it has (this asks its server).

    Example: popcode datasets list

    Parameters
    ----------
    name : str
        A data set.
    """
    from popcode.io.datasets import CATALOGUE, files_of, find_dataset
    from popcode.io.datasets.fetching import size_text

    if name is None:
        show("\n\n".join(_described(dataset) for dataset in CATALOGUE))
        return
    dataset = find_dataset(name)
    tell(_described(dataset))
    show("\n".join(f"{size_text(file.n_bytes):>14}  {file.name}" for file in files_of(dataset)))


@app.command
def fetch(
    name: Annotated[str, Parameter(name="NAME")],
    /,
    *,
    files: str = "",
    out: Path | None = None,
) -> None:
    """Download a public data set, or some of its files.

    Example: popcode datasets fetch zebrafish-crbm

    Ctrl-C keeps what came; the same command goes on from there.

    Parameters
    ----------
    name : str
        A data set: see popcode datasets list.
    files : str
        Pattern of the names of files, as '*fish3*'; '*' for all.
    out : Path
        Folder for them; one of the name of the data set here by default.
    """
    from popcode.io import datasets

    dataset = datasets.find_dataset(name)
    folder = Path(name) if out is None else out
    tell(f"{dataset.title}\n{dataset.page}\nlicence: {dataset.licence}")
    try:
        fetched = datasets.fetch(dataset, folder, files)
    except KeyboardInterrupt:
        raise Interrupted(
            "Interrupted. What came is kept; the same command goes on from there."
        ) from None
    if fetched.n_there:
        tell(f"there already, and not fetched again: {fetched.n_there} of {len(fetched.paths)}")
    show("\n".join(str(path) for path in fetched.paths))


def _described(dataset: Dataset) -> str:
    """What is known of a data set, a line each."""
    rows = {
        "holds": dataset.title,
        "article": dataset.article,
        "page": dataset.page,
        "licence": dataset.licence,
        "size": dataset.size,
        "note": dataset.note,
    }
    lines = [dataset.name]
    for label, text in rows.items():
        lines += textwrap.wrap(
            text,
            WIDTH,
            initial_indent=f"  {label:<9}",
            subsequent_indent=" " * 11,
            break_on_hyphens=False,
            break_long_words=False,
        )
    return "\n".join(lines)
