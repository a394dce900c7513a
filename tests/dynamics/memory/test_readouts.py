"""Read-outs drawn without steps have the law of the stepped network."""

import numpy as np
import pytest

from popcode.dynamics.memory.echo import EchoNetwork, advance, links_of
from popcode.dynamics.memory.nonsymmetric import linear_network
from popcode.dynamics.memory.protocol import Protocol, published_protocol
from popcode.dynamics.memory.stimuli import Stimuli
from popcode.dynamics.memory.symmetric import SymmetricModes, symmetric_modes
from popcode.dynamics.presets import NATURE
from popcode.errors import InputError
from popcode.threads import Team

SMALL = Protocol(
    step=0.1, dt_s=0.002, noise=0.1, drive=0.25, pulse_steps=3, gap_steps=2, window_steps=4,
    n_blocks=4, n_stimuli=3, n_runs=2,
)  # fmt: skip


def stepped(a, patterns, noise, protocol, start, cut=False):
    """Read-outs (n_delays, n_stimuli, n_neurons) of one run.

    `noise` has a row a step, from the end of the first pulse on; `start` is the state before the
    whole of the first pulse but with the noise of its time in it.
    """
    h, n_blocks, length = protocol.step, protocol.n_blocks, protocol.block_steps
    g = (1 - h) * np.eye(len(a)) + h * a
    state = start.copy()
    pulse = sum(np.linalg.matrix_power(g, i) for i in range(protocol.pulse_steps))
    if not cut:
        state = state + h * protocol.drive * pulse @ patterns[0]
    values, steps = np.zeros((n_blocks - 1, len(patterns), len(a))), iter(noise)
    for j in range(len(patterns)):
        for k in range(n_blocks):
            for t in range(length):
                drive = protocol.noise * next(steps)
                is_pulse = k == n_blocks - 1 and t >= length - protocol.pulse_steps
                if is_pulse and j + 1 < len(patterns):
                    drive = drive + protocol.drive * patterns[j + 1]
                state = (1 - h) * state + h * (a @ state + drive)
                if cut:
                    state = np.maximum(state, 0)
                if t >= protocol.gap_steps and k < n_blocks - 1:
                    values[k, j] += state
    return values


def n_steps(protocol):
    return protocol.n_stimuli * protocol.n_blocks * protocol.block_steps


def readout_covariance(a, protocol):
    """Covariance of all read-outs of a run without stimuli, from the response to every shock."""
    n, total = len(a), n_steps(protocol)
    h = protocol.step
    g = (1 - h) * np.eye(n) + h * a
    start = np.zeros((n, n))
    power = np.eye(n)
    for _ in range(20_000):
        start += (h * protocol.noise) ** 2 * power @ power.T
        power = g @ power
    nothing, silence = np.zeros((total, n)), np.zeros((protocol.n_stimuli, n))
    columns = [
        stepped(a, silence, nothing, protocol, row).ravel() for row in np.linalg.cholesky(start).T
    ]
    for t in range(total):
        for i in range(n):
            shock = nothing.copy()
            shock[t, i] = 1
            columns.append(stepped(a, silence, shock, protocol, np.zeros(n)).ravel())
    response = np.array(columns).T
    return response @ response.T


def connectivity(n, symmetric, radius=0.9, seed=0):
    a = np.random.default_rng(seed).standard_normal((n, n))
    if symmetric:
        a = a + a.T
    return radius * a / np.linalg.eigvals(a).real.max()


def some_stimuli(protocol, n, seed=1):
    rng = np.random.default_rng(seed)
    codes = rng.standard_normal((protocol.n_trials, 2)).astype(np.float32)
    return Stimuli(codes, rng.standard_normal((2, n)).astype(np.float32))


def read(network, protocol, stimuli, seed=0, n_threads=1):
    """Read-outs (n_delays, n_stimuli, n_runs, n_neurons) of all coordinates."""
    with Team(n_threads) as team:
        parts = [part.values.copy() for part in network.readouts(team, protocol, stimuli, seed)]
    shape = (protocol.n_delays, protocol.n_stimuli, protocol.n_runs, -1)
    return np.concatenate(parts, axis=2).reshape(shape)


def symmetric_of(a):
    values, vectors = np.linalg.eigh(a)
    order = np.argsort(-values)
    constant = vectors[:, order].T @ np.full(len(a), 1 / np.sqrt(len(a)))
    return SymmetricModes(values[order], constant.astype(np.float32)), vectors[:, order]


def stepped_runs(a, stimuli, protocol, **options):
    """The oracle without noise, a run after the other."""
    n = len(a)
    patterns = stimuli.patterns(0, n).reshape(protocol.n_stimuli, protocol.n_runs, n)
    nothing = np.zeros((n_steps(protocol), n))
    runs = [
        stepped(a, patterns[:, r], nothing, protocol, np.zeros(n), **options)
        for r in range(protocol.n_runs)
    ]
    return np.stack(runs, axis=2)


def test_without_noise_the_symmetric_network_gives_what_steps_give():
    a = connectivity(60, True)
    network, vectors = symmetric_of(a)
    stimuli = some_stimuli(SMALL, 60)
    rotated = stimuli._replace(directions=(stimuli.directions @ vectors).astype(np.float32))
    found = read(network, SMALL.silent(), rotated) @ vectors.T
    expected = stepped_runs(a, stimuli, SMALL.silent())
    np.testing.assert_allclose(found, expected, atol=1e-5)  # float32 sums of some 0.1


def test_without_noise_the_nonsymmetric_network_gives_what_steps_give():
    a, stimuli = connectivity(60, False), some_stimuli(SMALL, 60)
    found = read(linear_network(a, SMALL), SMALL.silent(), stimuli)
    np.testing.assert_allclose(found, stepped_runs(a, stimuli, SMALL.silent()), atol=1e-5)


@pytest.mark.parametrize("is_symmetric", [True, False])
def test_read_outs_have_the_covariance_of_the_stepped_network(is_symmetric):
    """Over all delays and trials of a run at once, and of every pair of neurons."""
    n, n_runs = 3, 40_000
    a = connectivity(n, is_symmetric, radius=0.8, seed=2)
    expected = readout_covariance(a, SMALL)
    protocol = SMALL._replace(n_runs=n_runs)
    silence = Stimuli(np.zeros((protocol.n_trials, 1), np.float32), np.zeros((1, n), np.float32))
    if is_symmetric:
        network, vectors = symmetric_of(a)
        found = read(network, protocol, silence) @ vectors.T
    else:
        found = read(linear_network(a, SMALL), protocol, silence)
    samples = found.transpose(2, 0, 1, 3).reshape(n_runs, -1).astype(np.float64)
    covariance = samples.T @ samples / n_runs
    variance = np.diag(expected)
    error = np.sqrt((np.outer(variance, variance) + expected**2) / n_runs)
    z = (covariance - expected) / error
    assert np.abs(z).max() < 4.5  # of 378 pairs; 4.5 comes by chance in 1 of 400 tests
    assert abs((z**2).mean() - 1) < 0.6


def test_the_blocks_of_the_article_agree_between_both_linear_networks():
    """The published lengths, in which powers of the matrix are long: one symmetric matrix."""
    a = connectivity(40, True, radius=0.998)
    protocol = published_protocol(NATURE, 0.6, 2)._replace(n_runs=2)
    network, vectors = symmetric_of(a)
    stimuli = some_stimuli(protocol, 40)
    rotated = stimuli._replace(directions=(stimuli.directions @ vectors).astype(np.float32))
    ours = read(network, protocol.silent(), rotated) @ vectors.T
    theirs = read(linear_network(a, protocol), protocol.silent(), stimuli)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * np.abs(ours).max())
    exact = linear_network(a, protocol).covariance
    start = network.eigenvalues
    np.testing.assert_allclose(
        np.sort(np.linalg.eigvalsh(exact)), np.sort(0.01 / (1 - (1 - 0.1 * (1 - start)) ** 2)),
        rtol=1e-6,
    )  # fmt: skip


def echo(n=60, seed=3, protocol=SMALL):
    rng = np.random.default_rng(seed)
    a = (rng.random((n, n)) < 0.2) - 0.2
    np.fill_diagonal(a, 0)
    a *= 1.2 / np.linalg.eigvals(a).real.max()
    return a, EchoNetwork(links_of(a), 1.0, protocol, 0)


def test_a_step_of_the_echo_network_is_its_equation():
    a, network = echo()
    rng = np.random.default_rng(0)
    state, drive = rng.random((60, 5), np.float32), rng.standard_normal((60, 5), np.float32)
    following = np.empty_like(state)
    advance(state, following, drive, *network.links, 0.1)
    expected = np.maximum(0.9 * state + 0.1 * (a @ state + drive), 0)
    np.testing.assert_allclose(following, expected, atol=1e-6)
    assert (following == 0).any()


def test_without_noise_the_echo_network_gives_what_steps_give():
    a, network = echo()
    stimuli = some_stimuli(SMALL, 60)
    patterns = stimuli.patterns(0, 60).reshape(3, 2, 60)
    found = read(network, SMALL.silent(), stimuli)
    for r in range(2):
        state = np.zeros(60)
        for _ in range(SMALL.pulse_steps):  # the cut is no sum of powers: step through the pulse
            state = np.maximum(0.9 * state + 0.1 * (a @ state + SMALL.drive * patterns[0, r]), 0)
        nothing = np.zeros((n_steps(SMALL), 60))
        expected = stepped(a, patterns[:, r], nothing, SMALL.silent(), state, cut=True)
        np.testing.assert_allclose(found[:, :, r], expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["symmetric", "nonsymmetric", "echo"])
def test_read_outs_do_not_depend_on_threads(kind):
    protocol = SMALL._replace(n_runs=24)
    network = {
        "symmetric": lambda: symmetric_modes(300, 0.9, 0),
        "nonsymmetric": lambda: linear_network(connectivity(30, False), protocol),
        "echo": lambda: echo()[1],
    }[kind]()
    stimuli = some_stimuli(protocol, network.n_neurons)
    one = read(network, protocol, stimuli, n_threads=1)
    assert np.array_equal(one, read(network, protocol, stimuli, n_threads=3))
    assert not np.array_equal(one, read(network, protocol, stimuli, seed=1))


@pytest.mark.parametrize("kind", ["symmetric", "nonsymmetric", "echo"])
def test_leading_directions_are_orthonormal_and_hold_the_most_variance(kind):
    protocol = SMALL._replace(n_runs=200, n_stimuli=4)
    a = connectivity(30, kind == "symmetric", radius=0.97)
    network = {
        "symmetric": lambda: symmetric_of(a)[0],
        "nonsymmetric": lambda: linear_network(a, protocol),
        "echo": lambda: echo(30, protocol=protocol)[1],
    }[kind]()
    leading = network.leading(3)
    np.testing.assert_allclose(leading @ leading.T, np.eye(3), atol=1e-5)
    silence = Stimuli(np.zeros((protocol.n_trials, 1), np.float32), np.zeros((1, 30), np.float32))
    activity = read(network, protocol, silence).reshape(-1, 30)
    activity -= activity.mean(axis=0)
    held = ((activity @ leading.T) ** 2).sum()
    best = np.sort(np.linalg.eigvalsh(activity.T @ activity))[-3:].sum()
    # Sampled twice, and over windows rather than states: a tenth less at most.
    assert held > 0.9 * best


def test_a_network_that_grows_is_refused():
    with pytest.raises(InputError, match="grows without bound"):
        linear_network(connectivity(20, False, radius=1.2), SMALL)
