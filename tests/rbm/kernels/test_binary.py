"""Sweeps of two binary layers: conditional laws at sizes that no enumeration reaches.

Layers here are no multiples of the blocks of 64 neurons, 4 and 64 units that the kernel works in.
"""

import numpy as np
import pytest
from scipy.special import expit

from popcode.kernels.special import LOG2_E
from popcode.rbm.cpu import gibbs_sweeps
from popcode.rbm.kernels.binary import CHAINS_PER_LARGE_TILE
from popcode.rbm.kernels.layout import layout_of
from popcode.rbm.potentials import Bernoulli
from popcode.threads import Team

# Pins a unit: exp(-60) is never drawn.
SURE = 60.0
# Of the largest of some hundred z values, of many seeds less than one in a thousand exceeds it.
LARGEST_Z = 4.8


def swept(weights, fields, theta, chains, n_sweeps=1, first_sweep=0, n_threads=2, seed=3):
    chains = chains.copy()
    model = weights.astype(np.float32), fields.astype(np.float32), Bernoulli(theta)
    with Team(n_threads) as team:
        inputs = gibbs_sweeps(team, *model, chains, n_sweeps, first_sweep, seed)
    return chains, inputs


def z_values(draws, probability):
    n = len(draws)
    return (draws.mean(axis=0) - probability) / np.sqrt(probability * (1 - probability) / n)


@pytest.mark.parametrize(("n_neurons", "n_hidden"), [(150, 70), (16, 3), (17, 5), (64, 64)])
def test_neurons_follow_their_law_given_the_hidden_units(n_neurons, n_hidden):
    rng = np.random.default_rng(n_neurons)
    weights, fields = rng.normal(0, 0.3, (n_neurons, n_hidden)), rng.normal(-1, 1, n_neurons)
    on = rng.random(n_hidden) < 0.5
    chains = np.zeros((4000, n_neurons), np.uint8)
    found, inputs = swept(weights, fields, np.where(on, -SURE, SURE), chains)
    z = z_values(found, expit(fields + weights @ on))
    assert np.abs(z).max() < LARGEST_Z
    assert np.mean(z**2) == pytest.approx(1, abs=5 * np.sqrt(2 / n_neurons))
    np.testing.assert_allclose(inputs, found @ weights, atol=1e-5)  # float32 sums of 150


@pytest.mark.parametrize("n_hidden", [3, 70])
def test_hidden_units_follow_their_law_given_the_neurons(n_hidden):
    """Every unit is read by a neuron of its own; thirty others drive them."""
    rng = np.random.default_rng(n_hidden)
    n_neurons = n_hidden + 30
    weights = np.zeros((n_neurons, n_hidden))
    weights[:n_hidden] = 2 * SURE * np.eye(n_hidden)
    weights[n_hidden:] = rng.normal(0, 0.5, (30, n_hidden))
    fields = np.r_[np.full(n_hidden, -SURE), np.zeros(30)]
    theta, start = rng.normal(0, 1, n_hidden), np.zeros(n_neurons, np.uint8)
    start[n_hidden:] = rng.random(30) < 0.3
    found, _ = swept(weights, fields, theta, np.tile(start, (4000, 1)))
    z = z_values(found[:, :n_hidden], expit(start @ weights - theta))
    assert np.abs(z).max() < LARGEST_Z


@pytest.mark.parametrize("probability", [3e-6, 2.0**-16, 4e-5, 0.0123, 0.5, 0.9999])
def test_the_bits_drawn_where_the_first_sixteen_leave_it_open_keep_the_law(probability):
    """The rarest of these neurons fire only where their first bits decide nothing."""
    fields = np.full(200, np.log(probability / (1 - probability)))
    found, _ = swept(np.zeros((200, 1)), fields, np.zeros(1), np.zeros((20_000, 200), np.uint8))
    spread = np.sqrt(found.size * probability * (1 - probability))
    assert abs(found.sum(dtype=np.int64) - found.size * probability) < 4 * spread + 1


def test_draws_of_neurons_and_chains_are_independent():
    """Their bits are not shared: variances of sums are binomial."""
    found, _ = swept(
        np.zeros((130, 1)), np.full(130, -3.0), np.zeros(1), np.zeros((4000, 130), np.uint8)
    )
    p = expit(-3.0)
    for axis in (0, 1):
        sums = found.sum(axis=axis)
        expected = found.shape[axis] * p * (1 - p)
        # The variance of n sums has a relative error of sqrt(2 / n).
        assert sums.var() == pytest.approx(expected, rel=5 * np.sqrt(2 / sums.size))


@pytest.mark.parametrize("n_chains", [130, 8 * CHAINS_PER_LARGE_TILE + 30])
def test_bits_depend_neither_on_threads_nor_on_how_sweeps_are_cut(n_chains):
    rng = np.random.default_rng(5)
    weights, fields, theta = rng.normal(0, 0.5, (70, 9)), rng.normal(-1, 1, 70), np.zeros(9)
    chains = (rng.random((n_chains, 70)) < 0.2).astype(np.uint8)
    whole, inputs = swept(weights, fields, theta, chains, n_sweeps=4, n_threads=1)
    half, _ = swept(weights, fields, theta, chains, n_sweeps=2)
    cut, cut_inputs = swept(weights, fields, theta, half, n_sweeps=2, first_sweep=2, n_threads=3)
    np.testing.assert_array_equal(cut, whole)
    np.testing.assert_array_equal(cut_inputs, inputs)


def test_the_layout_is_that_of_the_model():
    rng = np.random.default_rng(6)
    weights = rng.normal(size=(100, 70)).astype(np.float32)
    fields = rng.normal(size=100).astype(np.float32)
    layout = layout_of(weights, fields)
    columns = layout.columns.reshape(2, 72, 64).transpose(0, 2, 1).reshape(128, 72)
    np.testing.assert_array_equal(columns[:100, :70], -LOG2_E * weights)
    assert not columns[100:].any()
    assert not columns[:, 70:].any()
    rows = layout.rows.transpose(1, 0, 2).reshape(100, 128)
    np.testing.assert_array_equal(rows[:, :70], weights)
    np.testing.assert_array_equal(layout.fields[:100], -LOG2_E * fields)
    assert (layout.fields[100:] > 1000).all()
