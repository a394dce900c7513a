"""The torch backend on torch's CPU device: its statistics, steps, draws and laws."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy import stats

from popcode.errors import InputError
from popcode.rbm import torch_backend
from popcode.rbm.backend import make_backend
from popcode.rbm.cpu import CpuBackend, StepSizes, hidden_statistics
from popcode.rbm.exact import all_states, log_likelihood, state_probabilities
from popcode.rbm.half_line import log_mills
from popcode.rbm.kernels.hidden import constants_of
from popcode.rbm.kernels.statistics import THIRD
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU
from popcode.rbm.state import initial_state
from popcode.rbm.torch_backend import TorchBackend
from popcode.rbm.torch_kernels import hidden as draws
from popcode.rbm.torch_kernels import weights as weight_passes
from popcode.rbm.torch_kernels.recording import RecordingOnDevice, RecordingOnHost, recording_for
from popcode.rbm.training import Batches, Schedule, make_update
from popcode.threads import Team

CPU = torch.device("cpu")
KINDS = {"bernoulli": Bernoulli, "drelu": DReLU, "gaussian": Gaussian, "relu": ReLU}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def random_potential(kind, n_hidden, rng):
    """Parameters across what a fit meets: double wells, dead zones, steep and flat halves."""
    gamma = np.exp(rng.uniform(np.log(0.05), np.log(20), n_hidden))
    theta = rng.normal(0, 1, n_hidden)
    if kind == "bernoulli":
        return Bernoulli(theta)
    if kind != "drelu":
        return KINDS[kind](gamma, theta)
    return DReLU(gamma, theta, rng.normal(0, 1.5, n_hidden), rng.uniform(-0.9, 0.9, n_hidden))


def random_state(kind, n_neurons, n_hidden, n_chains, seed, scale=0.5):
    rng = np.random.default_rng(seed)
    rates = rng.uniform(0.02, 0.5, n_neurons).astype(np.float32)
    state = initial_state(kind, n_hidden, rates, 500, n_chains, seed)
    state.weights[:] = rng.normal(0, scale, state.weights.shape)
    state.weight_squares[:] = rng.uniform(0, 0.01, state.weights.shape)
    state.hidden = random_potential(kind, n_hidden, rng)
    data = (rng.random((500, n_neurons)) < rates).astype(np.uint8)
    return state, data, rates


def both_backends(kind, n_neurons=300, n_hidden=12, n_chains=40, seed=0):
    """The two backends on equal states of their own."""
    made = []
    for build in (CpuBackend, TorchBackend):
        state, data, rates = random_state(kind, n_neurons, n_hidden, n_chains, seed)
        last = Team(1) if build is CpuBackend else "cpu"
        made.append(build(data, rates, state, seed, last))
    return made


def assert_close_columns(value, truth, name, share=1e-6):
    """Within 1e-5, or within a share of the column's largest."""
    scale = np.abs(truth).max(axis=0) + 1e-30
    np.testing.assert_allclose(value / scale, truth / scale, rtol=1e-5, atol=share, err_msg=name)


# --- equal to the CPU backend ------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_statistics_of_equal_inputs_equal_the_compiled_ones(kind):
    rng = np.random.default_rng(1)
    potential = random_potential(kind, 60, rng)
    inputs = (rng.normal(0, 1, (80, 60)) * rng.choice([1, 8, 25], 60)).astype(np.float32)
    with Team(1) as team:
        (expected,) = hidden_statistics(team, potential, inputs)
    table = torch.from_numpy(constants_of(potential)).double()
    found = torch_backend.statistics.hidden_statistics(
        type(potential), torch.from_numpy(inputs).double(), table
    )
    # A third cumulant is what is left of terms of third order: both round those, to 1e-10.
    cubes = 1 + (np.abs(expected.mean_hidden) ** 3).max(axis=0)
    for name, value, truth in zip(expected._fields, found, expected, strict=True):
        terms = cubes[:, None] if name == "sums" else cubes
        np.testing.assert_allclose(
            value.numpy() / terms, truth / terms, rtol=1e-5, atol=1e-9, err_msg=name
        )


@pytest.mark.parametrize("kind", KINDS)
def test_statistics_of_a_backend_equal_the_cpu_backends(kind):
    rows = np.random.default_rng(1).choice(500, 100, replace=False)
    cpu, other = both_backends(kind)
    with cpu.team:
        expected = cpu.statistics(rows)
    for ours, theirs in zip(other.statistics(rows), expected, strict=True):
        assert_close_statistics(ours, theirs)


def assert_close_statistics(ours, theirs):
    """Inputs are float32 sums in another order, which third cumulants magnify."""
    assert_close_columns(ours.mean_hidden, theirs.mean_hidden, "mean_hidden")
    assert_close_columns(ours.input_slope, theirs.input_slope, "input_slope", 3e-6)
    low, third = ours.sums[:, : THIRD.start], ours.sums[:, THIRD]
    assert_close_columns(low, theirs.sums[:, : THIRD.start], "sums")
    terms = 1 + (np.abs(theirs.mean_hidden) ** 3).max(axis=0)[:, None]
    np.testing.assert_allclose(third / terms, theirs.sums[:, THIRD] / terms, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [64, 2**16])
def test_step_equals_the_cpu_backends(kind, block, monkeypatch):
    monkeypatch.setattr(weight_passes, "NEURONS_PER_BLOCK", block)
    rng = np.random.default_rng(2)
    cpu, other = both_backends(kind)
    for _ in range(3):
        rows = rng.choice(500, 100, replace=False)
        values = rng.normal(0, 0.05, (100, 12)), rng.normal(0, 0.1, (40, 12)), rng.normal(0, 1, 12)
        values = [each.astype(np.float32) for each in values]
        sizes = StepSizes(*map(np.float32, (0.999, 0.005, 1e-6, 3.0, 0.01)))
        with cpu.team:
            expected = cpu.step(rows, *values, sizes)
        for ours, theirs in zip(other.step(rows, *values, sizes), expected, strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    other.pull()
    for name in ("weights", "weight_squares", "chains"):
        ours, theirs = getattr(other.state, name), getattr(cpu.state, name)
        # A gradient is a sum that may cancel: float32 in another order, times the rate.
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6, err_msg=name)


def test_a_step_leaves_absent_connections_exactly_zero():
    _, backend = both_backends("drelu")
    backend.state.weights[:] = 1e-4
    backend.push()
    zeros = np.zeros((100, 12), np.float32), np.zeros((40, 12), np.float32), np.zeros(12, "f4")
    sizes = StepSizes(*map(np.float32, (0.999, 0.005, 1e-6, 1.0, 0.5)))
    backend.step(np.arange(100), *zeros, sizes)
    backend.pull()
    assert not backend.state.weights.any()


# --- draws -------------------------------------------------------------------------------------


def cdf(potential, inputs, h):
    """P(hidden <= h | input) of one unit, from the potential's half lines."""
    if isinstance(potential, Gaussian):
        return stats.norm.cdf((h - potential.mean(inputs)) * np.sqrt(potential.gamma))
    if isinstance(potential, ReLU):
        x = (potential.theta - inputs) / np.sqrt(potential.gamma)
        return 1 - survival(x, h * np.sqrt(potential.gamma))
    gamma_plus, gamma_minus, theta_plus, theta_minus = potential.halves()
    x_plus = (theta_plus - inputs) / np.sqrt(gamma_plus)
    x_minus = (theta_minus + inputs) / np.sqrt(gamma_minus)
    p_plus = np.exp(log_mills(x_plus) - np.log(gamma_plus) / 2 - potential.cumulant(inputs))
    p_minus = np.exp(log_mills(x_minus) - np.log(gamma_minus) / 2 - potential.cumulant(inputs))
    below = p_minus * survival(x_minus, np.maximum(-h, 0) * np.sqrt(gamma_minus))
    above = p_plus * survival(x_plus, np.maximum(h, 0) * np.sqrt(gamma_plus))
    return np.where(h < 0, below, 1 - above)


def cdf_of(potential, inputs):
    return lambda h: cdf(potential, inputs, h)


def survival(x, s):
    """P(S > s) of the distance S above a threshold x."""
    return np.exp(log_mills(x + s) - log_mills(x) - s * (x + s / 2))


def draw(potential, inputs, n_draws, seed):
    generator = torch.Generator().manual_seed(seed)
    table = torch.from_numpy(constants_of(potential))
    columns = torch.tensor(inputs, dtype=torch.float32).expand(n_draws, -1)
    return draws.draw_hidden(type(potential), columns, table, generator).numpy()


INPUTS = np.array([-50, -20, -8, -6.01, -5.99, -3, -1, 0, 0.5, 2, 5.99, 6.01, 9, 25, 50])


@pytest.mark.parametrize("gamma", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("kind", ["drelu", "gaussian", "relu"])
def test_draws_follow_the_potentials_law(kind, gamma):
    """Kolmogorov-Smirnov at every input; 195 tests in all, held at 1e-5 each."""
    shapes = [(-2.0, 0.4), (1.5, -0.6), (0.0, 0.9)] if kind == "drelu" else [()]
    for shape in shapes:
        one = KINDS[kind](*(np.array([each]) for each in (gamma, 0.3, *shape)))
        every = one._make(np.full(INPUTS.size, each[0]) for each in one)
        drawn = draw(every, INPUTS, 20_000, seed=3).astype(np.float64)
        assert np.isfinite(drawn).all()
        p_values = [
            stats.kstest(column, cdf_of(one, i)).pvalue
            for i, column in zip(INPUTS, drawn.T, strict=True)
        ]
        assert min(p_values) > 1e-5, dict(zip(INPUTS, p_values, strict=True))


def test_bernoulli_draws_follow_their_law():
    potential = Bernoulli(np.full(INPUTS.size, 0.3))
    on = draw(potential, INPUTS, 20_000, seed=4).sum(axis=0).astype(int)
    for count, p in zip(on, potential.mean(INPUTS), strict=True):
        assert stats.binomtest(count, 20_000, p).pvalue > 1e-4


def test_far_tails_are_inverted_exactly():
    x = np.repeat([6.0, 7.0, 15.0, 60.0, 250.0], 40)
    target = np.tile(np.geomspace(1e-12, 40, 40), 5)
    s = draws.far_excess(torch.tensor(x), torch.tensor(target)).numpy()
    fallen = log_mills(x) - log_mills(x + s) + s * (x + s / 2)
    np.testing.assert_allclose(fallen, target, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_extreme_units_give_finite_draws_and_statistics(kind):
    rng = np.random.default_rng(5)
    n = 200
    potential = random_potential(kind, n, rng)
    if kind == "drelu":
        potential = potential._replace(
            delta=rng.uniform(-10, 10, n), eta=rng.uniform(-1, 1, n) * 0.95
        )
    inputs = rng.uniform(-50, 50, n)
    assert np.isfinite(draw(potential, inputs, 500, seed=6)).all()
    table = torch.from_numpy(constants_of(potential)).double()
    columns = torch.tensor(inputs).expand(4, -1)
    for each in torch_backend.statistics.hidden_statistics(type(potential), columns, table):
        assert torch.isfinite(each).all()


# --- the joint law -----------------------------------------------------------------------------


def stationarity_p_value(kind, seeds, n_chains=40_000):
    """Fisher's combination of chi-squares of chains started in the exact law of 8 x 4 units."""
    p_values = []
    for seed in seeds:
        state, data, rates = random_state(kind, 8, 4, 1, seed, scale=0.4)
        state.hidden = state.hidden._replace(theta=state.hidden.theta / 2)
        if kind != "bernoulli":
            state.hidden = state.hidden._replace(gamma=np.array([0.6, 1.0, 1.6, 3.0]))
        law = state_probabilities(state.parameters)
        codes = np.random.default_rng(seed).choice(256, n_chains, p=law)
        state.chains = all_states(8)[codes]
        backend = TorchBackend(data, rates, state, seed, "cpu")
        backend.sweep(3, 0)
        backend.pull()
        after = state.chains @ (1 << np.arange(8)[::-1])
        p_values.append(chi_square(np.bincount(after, minlength=256), law * n_chains))
    return stats.combine_pvalues(np.maximum(p_values, 1e-300)).pvalue


def chi_square(counts, expected):
    """P-value with the states expected fewer than ten times taken together."""
    rare = expected < 10
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    kept = expected > 0
    return stats.chisquare(counts[kept], expected[kept]).pvalue


@pytest.mark.parametrize("kind", KINDS)
def test_sweeps_leave_the_exact_law_unchanged(kind):
    assert stationarity_p_value(kind, range(4)) > 1e-3


def wrong_temperature(kind, inputs, constants, generator):
    return draws._DRAWS[kind](1.1 * inputs, constants, generator)


def mean_field(kind, inputs, constants, generator):
    return torch_backend.statistics.hidden_statistics(kind, inputs.double(), constants.double())[
        1
    ].float()


@pytest.mark.parametrize("mutant", [wrong_temperature, mean_field])
def test_a_wrong_sampler_is_caught(mutant, monkeypatch):
    monkeypatch.setattr(torch_backend, "draw_hidden", mutant)
    assert stationarity_p_value("drelu", range(4)) < 1e-6


# --- reproducibility ---------------------------------------------------------------------------


def chains_after(calls, seed=7):
    state, data, rates = random_state("drelu", 120, 6, 20, 0)
    backend = TorchBackend(data, rates, state, seed, "cpu")
    for n_sweeps, first in calls:
        backend.sweep(n_sweeps, first)
    backend.pull()
    return state.chains.copy()


def test_one_seed_gives_the_same_bits_and_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    first = chains_after([(5, 0), (5, 5)])
    np.testing.assert_array_equal(first, chains_after([(5, 0), (5, 5)]))
    assert (first != chains_after([(5, 0), (5, 5)], seed=8)).any()
    assert (first != chains_after([(5, 0), (5, 6)])).any()
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_resumed_fit_makes_the_same_bits():
    schedule = Schedule(n_updates=12, n_sweeps=3, batch_size=50, learning_rate=0.005, l1=0.01)
    whole, data, rates = random_state("drelu", 120, 6, 20, 0)
    resumed, _, _ = random_state("drelu", 120, 6, 20, 0)
    for state, stops in ((whole, [12]), (resumed, [5, 12])):
        for stop in stops:  # a new backend at every stop, made from the state alone
            backend = TorchBackend(data, rates, state, 3, "cpu")
            batches = Batches(np.arange(500), schedule.batch_size, 3)
            while state.update < stop:
                make_update(backend, batches, schedule)
            backend.pull()
    for name in ("weights", "weight_squares", "chains", "fields", "hidden"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(resumed, name))


def test_push_and_pull_carry_the_state_both_ways():
    state, data, rates = random_state("relu", 50, 4, 10, 0)
    backend = TorchBackend(data, rates, state, 0, "cpu")
    before = state.chains.copy()
    backend.sweep(2, 0)
    np.testing.assert_array_equal(state.chains, before)
    backend.pull()
    assert (state.chains != before).any()
    state.weights[:], state.weight_squares[:], state.chains[:] = 1.5, 0.25, before
    backend.push()
    state.weights[:], state.weight_squares[:], state.chains[:] = 0, 0, 0
    backend.pull()
    assert (state.weights == 1.5).all()
    assert (state.weight_squares == 0.25).all()
    np.testing.assert_array_equal(state.chains, before)


# --- a short fit -------------------------------------------------------------------------------


def gained_likelihood(build, seed):
    """Exact mean log-likelihood gained by a fit to two assemblies of four neurons."""
    rng = np.random.default_rng(100)
    assembly = rng.random((2_000, 2)) < 0.3
    p = np.where(np.repeat(assembly, 4, axis=1), 0.8, 0.1)
    data = (rng.random(p.shape) < p).astype(np.uint8)
    rates = data.mean(axis=0, dtype=np.float64).astype(np.float32)
    schedule = Schedule(n_updates=250, n_sweeps=5, batch_size=100, learning_rate=0.01, l1=0.001)
    state = initial_state("drelu", 4, rates, len(data), 100, seed)
    start = log_likelihood(state.parameters, data).mean()
    batches = Batches(np.arange(len(data)), 100, seed)
    with Team(1) as team:
        last = team if build is CpuBackend else "cpu"
        backend = build(data, rates, state, seed, last)
        for _ in range(schedule.n_updates):
            make_update(backend, batches, schedule)
    if build is TorchBackend:
        backend.pull()
    return log_likelihood(state.parameters, data).mean() - start


def test_a_fit_improves_the_exact_likelihood_as_the_cpu_backend_does():
    torch_gains = [gained_likelihood(TorchBackend, seed) for seed in range(4)]
    cpu_gains = [gained_likelihood(CpuBackend, seed) for seed in range(4)]
    assert min(torch_gains) > 0.5
    error = np.sqrt((np.var(torch_gains, ddof=1) + np.var(cpu_gains, ddof=1)) / 4)
    assert abs(np.mean(torch_gains) - np.mean(cpu_gains)) < 5 * error + 0.002


# --- where the recording is, precision, choice of a backend ------------------------------------


def test_recording_gives_the_same_rows_from_the_device_and_from_the_host():
    data = np.random.default_rng(0).integers(0, 3, (3_000, 7)).astype(np.uint8)
    data.flags.writeable = False
    whole, part = recording_for(data, CPU, data.size), recording_for(data, CPU, data.size - 1)
    assert isinstance(whole, RecordingOnDevice)
    assert isinstance(part, RecordingOnHost)
    for rows in (np.array([5, 2_999, 5]), np.array([1_024, 0]), np.array([1_024, 0])):
        for recording in (whole, part):
            np.testing.assert_array_equal(recording.rows(rows).numpy(), data[rows] != 0)


TF32_PROGRAM = """
import torch
from popcode.rbm.torch_kernels.weights import full_float32

flags = torch.backends.cuda.matmul
has_new_flag = hasattr(flags, "fp32_precision")

def is_tf32():
    return flags.fp32_precision == "tf32" if has_new_flag else flags.allow_tf32

def check(asked):
    assert is_tf32() == asked
    with full_float32():
        assert not is_tf32()
    assert is_tf32() == asked

check(False)
flags.allow_tf32 = True
check(True)
torch.set_float32_matmul_precision("highest")
check(False)
torch.set_float32_matmul_precision("high")
check(True)
flags.allow_tf32 = False
if has_new_flag:
    flags.fp32_precision = "tf32"
    check(True)
"""


def test_tf32_is_off_within_products_and_put_back():
    """In a process of its own: PyTorch cannot take back which of its two flags was set."""
    subprocess.run([sys.executable, "-c", TF32_PROGRAM], check=True)


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "tpu:0", "cuda:99"])
def test_an_unknown_device_is_refused(device):
    state, data, rates = random_state("relu", 20, 2, 4, 0)
    with pytest.raises(InputError, match=r"device|there is no GPU"):
        make_backend(device, data, rates, state, 0, Team(1))


def test_the_cpu_gets_the_compiled_backend():
    state, data, rates = random_state("relu", 20, 2, 4, 0)
    assert isinstance(make_backend("cpu", data, rates, state, 0, Team(1)), CpuBackend)


def test_a_fit_too_large_for_the_gpu_is_refused_with_its_gigabytes(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (10_000_000, 10_000_000))
    state, _, _ = random_state("relu", 20, 2, 4, 0)
    assert torch_backend.free_for_data(state, torch.device("cuda:0")) > 8e6
    state.weights = np.broadcast_to(np.float32(0), (200_000, 100))
    with pytest.raises(InputError, match=r"needs 0\.45 GB .* 0\.01 GB are free.*device='cpu'"):
        torch_backend.free_for_data(state, torch.device("cuda:0"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("kind", KINDS)
def test_a_gpu_agrees_with_the_cpu_backend_and_with_itself(kind):
    rows = np.arange(100)
    cpu, _ = both_backends(kind)
    with cpu.team:
        expected = cpu.statistics(rows)
    found = []
    for _ in range(2):
        state, data, rates = random_state(kind, 300, 12, 40, 0)
        backend = make_backend("cuda", data, rates, state, 0, Team(1))
        for ours, theirs in zip(backend.statistics(rows), expected, strict=True):
            assert_close_statistics(ours, theirs)
        backend.sweep(5, 0)
        backend.pull()
        found.append(state.chains.copy())
    np.testing.assert_array_equal(*found)
