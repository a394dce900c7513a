"""Turns a ten-fold attenuation, and shares of real eigenvalues, from eigenvalues written down."""

import numpy as np
import pytest

from popcode.dynamics.dmd import rotations
from popcode.dynamics.dmd.rotations import turns_a_tenfold
from popcode.errors import InputError


def test_turns_are_those_of_following_the_mode():
    """Multiply by mu until a tenth is left: the angle covered, in turns."""
    for modulus, angle in ((0.9, 0.3), (0.5, 1.0), (0.99, 0.01)):
        steps = np.log(0.1) / np.log(modulus)
        found = turns_a_tenfold(np.array([modulus * np.exp(1j * angle)]))
        assert found[0] == pytest.approx(steps * angle / (2 * np.pi))


def test_what_does_not_fade():
    assert turns_a_tenfold(np.array([1.1 + 0j, 1.1j, 1j])).tolist() == [0.0, np.inf, np.inf]


def test_shares_and_counts():
    pair = 0.5 * np.exp(1j)
    found = rotations(np.array([1.2, 0.9, 0.3, pair, pair.conj(), 0.2, 0.1j, -0.1j]))
    assert found.n_eigenvalues == 5
    assert (found.real_share, found.conjugate_share) == (0.6, 0.4)
    assert found.n_growing == 1
    one_turn = (1 / (2 * np.pi)) / np.log10(2)
    assert found.percentiles[-1] == pytest.approx(one_turn)
    assert found.percentiles[0] == 0


def test_none_above_the_limit():
    found = rotations(np.array([0.1, 0.2j, -0.2j]))
    assert found.n_eigenvalues == 0
    assert np.isnan([*found.percentiles, found.real_share, found.conjugate_share]).all()


def test_impossible_limits_are_refused():
    with pytest.raises(InputError, match="least_modulus"):
        rotations(np.ones(3), least_modulus=-1)
