"""Values of every set against the test bins', counted in squares that a page can draw."""

from __future__ import annotations

from collections.abc import Mapping

from popcode.metrics.density import count_squares, shared_edges, square_of
from popcode.metrics.equilibrium.evidence import Squares
from popcode.metrics.equilibrium.models import Values


def squares_of(test: Values, sets: Mapping[str, Values]) -> Squares:
    """Count the pairs of values of every set and the test bins in common squares.

    Parameters
    ----------
    test : ndarray, shape (n_values,)
    sets : mapping of str to ndarray, shape (n_values,)
        In the same order, "model" and "train" among them, which the squares are chosen to show.
    """
    edges = shared_edges(test, sets["model"], sets["train"])
    x = square_of(test, edges)
    counts = {
        name: count_squares(x, square_of(values, edges), len(edges) - 1)
        for name, values in sets.items()
    }
    return Squares(edges, counts)
