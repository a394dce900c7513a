"""How the models and parts of the data that are compared are named and drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from popcode.report.figures.canvas import BLACK, BLUE, GREEN, GREY, PURPLE, VERMILION


class Look(NamedTuple):
    """Name in a table, name in a legend, colour and style of a line."""

    name: str
    short: str
    colour: str
    style: str


LOOKS = {
    "test": Look("test bins", "test bins", BLACK, "-"),
    "train": Look("training bins", "training bins", GREY, "--"),
    "model": Look("this model", "this model", BLUE, "-"),
    "k_pairwise": Look("K-pairwise", "K-pairwise", PURPLE, "-."),
    "pairwise": Look("pairwise (Ising)", "pairwise", GREEN, "-."),
    "independent": Look("independent neurons", "independent", VERMILION, ":"),
    "perfect": Look("perfect (resampled)", "perfect", GREY, ":"),
}
_NOT_A_MODEL = {"test", "train", "perfect"}


def look_of(name: str) -> Look:
    """How one set looks; a rival that is not known is named as it is."""
    return LOOKS.get(name, Look(name, name, PURPLE, ":"))


def rivals_of(names: Iterable[str]) -> list[str]:
    """The models among sets, without this model and what bounds it, the strongest rival first."""
    found = [name for name in names if name not in _NOT_A_MODEL | {"model"}]
    order = list(LOOKS)
    return sorted(found, key=lambda name: order.index(name) if name in order else len(order))
