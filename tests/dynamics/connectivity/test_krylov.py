"""Block Lanczos iteration finds eigenvalues that are known, once each."""

import numpy as np
import pytest

from popcode.dynamics.connectivity.krylov import block_lanczos


@pytest.mark.parametrize("width", [1, 7])
def test_known_eigenvalues_are_found(width):
    rng = np.random.default_rng(0)
    values = np.sort(rng.normal(size=300))[::-1].astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(300, 300)))[0].astype(np.float32)

    def multiply(block):
        return turn @ (values[:, None] * (turn.T @ block))

    found = block_lanczos(multiply, 300, 20, width, 1e-4, rng)
    # The movement that it stops at is of a smaller basis: what is left is below it.
    np.testing.assert_allclose(found, values[:20], atol=1e-4)


def test_eigenvalues_that_come_twice_are_found_twice():
    values = np.repeat(np.linspace(1, 0, 100), 2).astype(np.float32)
    found = block_lanczos(
        lambda block: values[:, None] * block, 200, 10, 4, 1e-5, np.random.default_rng(1)
    )
    np.testing.assert_allclose(found, values[:10], atol=1e-4)
