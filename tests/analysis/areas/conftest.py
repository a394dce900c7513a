"""Random couplings of neurons in areas, with what is planted in them."""

import numpy as np
import pytest

from popcode.analysis.areas import labelled


@pytest.fixture
def noise():
    values = np.triu(np.random.default_rng(0).normal(size=(120, 120)), 1)
    return values + values.T


@pytest.fixture
def labels():
    return np.repeat(["a", "b", "c"], [30, 50, 40])


@pytest.fixture
def areas(labels):
    return labelled(labels)
