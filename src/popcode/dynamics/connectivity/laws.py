"""Laws of the independent entries of a connectivity matrix, all of mean zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError

Float32 = NDArray[np.float32]
Shape = tuple[int, int]


def _uniform(rng: np.random.Generator, shape: Shape) -> Float32:
    return 2 * rng.random(shape, np.float32) - 1


def _binary(rng: np.random.Generator, shape: Shape) -> Float32:
    return 2 * rng.integers(0, 2, shape, np.uint8).astype(np.float32) - 1


def _gaussian(rng: np.random.Generator, shape: Shape) -> Float32:
    return rng.standard_normal(shape, np.float32)


def _truncated_gaussian(rng: np.random.Generator, shape: Shape) -> Float32:
    return np.abs(rng.standard_normal(shape, np.float32)) - np.float32(np.sqrt(2 / np.pi))


def _exponential(rng: np.random.Generator, shape: Shape) -> Float32:
    return rng.standard_exponential(shape, np.float32) - 1


LAWS: dict[str, Callable[[np.random.Generator, Shape], Float32]] = {
    "uniform": _uniform,
    "binary": _binary,
    "gaussian": _gaussian,
    "truncated_gaussian": _truncated_gaussian,
    "exponential": _exponential,
}


def draw_entries(law: str, shape: Shape, rng: np.random.Generator) -> Float32:
    """Independent entries of mean 0.

    Parameters
    ----------
    law : {"uniform", "binary", "gaussian", "truncated_gaussian", "exponential"}
        U(-1, 1); -1 or 1; N(0, 1); |N(0, 1)| less its mean; Exp(1) less its mean.
    shape : (int, int)
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        Another law.
    """
    if law not in LAWS:
        raise InputError(f"law is {law!r}", remedy=f"Give one of {', '.join(LAWS)}")
    return LAWS[law](rng, shape)
