"""The plan that is told before a fit, against what a fit really allocates and takes."""

import time
import tracemalloc

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.rbm import plan
from popcode.rbm.fitting import finish_fit, start_fit
from popcode.rbm.settings import Settings
from popcode.threads import Team

N_BINS = 600


def settings_of(hidden="drelu", n_hidden=20, n_chains=30):
    return Settings(n_hidden, hidden, 0.01, 20, n_chains, 2, 20, 5e-3, 0, "cpu")


def recording(n_neurons):
    return (np.random.default_rng(0).random((N_BINS, n_neurons)) < 0.1).astype(np.uint8)


def bytes_of(state):
    arrays = []
    for value in vars(state).values():
        if isinstance(value, np.ndarray):
            arrays.append(value)
        elif isinstance(value, tuple):
            arrays.extend(value)
    return sum(array.nbytes for array in arrays)


@pytest.mark.parametrize("hidden", ["drelu", "relu", "gaussian", "bernoulli"])
@pytest.mark.parametrize("n_neurons", [10, 333])
def test_the_formula_counts_every_array_of_a_fit(hidden, n_neurons):
    settings = settings_of(hidden)
    trainer = start_fit(recording(n_neurons), np.arange(N_BINS), settings)
    memory = plan.memory_plan(N_BINS, n_neurons, N_BINS, 0, 0, settings)
    assert memory.state == bytes_of(trainer.state) + bytes_of(trainer.good)
    assert memory.recording == trainer.data.nbytes


@pytest.fixture
def allocated():
    """Peak of numpy's allocations while something runs."""

    def of(work):
        tracemalloc.start()
        try:
            work()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return of


def test_a_fit_stays_within_its_plan_and_near_it(allocated):
    n_neurons, settings = 4000, settings_of(n_hidden=100)
    data, bins = recording(n_neurons), np.arange(N_BINS)
    memory = plan.memory_plan(N_BINS, n_neurons, N_BINS, 0, 0, settings)
    trainers = []

    def fit():
        with Team(2) as team:
            trainers.append(start_fit(data, bins, settings))
            trainers[0].run(team, lambda _trainer: None)

    def finish():
        with Team(2) as team:
            finish_fit(team, trainers[0], settings)

    fitting, finishing = allocated(fit), allocated(finish)
    assert memory.state < fitting <= memory.state + memory.training
    # The state was there before.
    assert finishing <= memory.finishing
    assert memory.to_come < 3 * max(fitting, memory.state + finishing)


def test_the_evaluation_stays_within_its_plan_and_near_it(allocated):
    from popcode.metrics import evaluate, sample_count

    class Untrained:
        """Answers as a model does, without one."""

        def __init__(self, n_neurons, n_hidden):
            self.weights_ = np.random.default_rng(0).normal(size=(n_neurons, n_hidden))
            self.l1_ = 0.01

        def transform(self, x):
            return (x @ self.weights_.astype(np.float32)).astype(np.float32)

        def reconstruct(self, x):
            return np.full(x.shape, 0.1, np.float32)

        def sample(self, n, **_):
            shape = (n, len(self.weights_))
            return (np.random.default_rng(1).random(shape, np.float32) < 0.1).astype(np.uint8)

    n_neurons, n_hidden = 1000, 50
    data = recording(n_neurons)
    n_samples = sample_count(400, n_neurons)
    settings = settings_of(n_hidden=n_hidden)
    memory = plan.memory_plan(N_BINS, n_neurons, 400, 200, n_samples, settings)
    model = Untrained(n_neurons, n_hidden)
    peak = allocated(lambda: evaluate(model, data[:400].copy(), data[400:].copy()))
    assert peak <= memory.evaluation
    assert memory.evaluation < 4 * peak


def test_the_largest_stage_counts():
    memory = plan.MemoryPlan(recording=7, state=100, training=10, finishing=30, evaluation=20)
    assert memory.to_come == 130
    assert memory.peak == 137


def test_what_does_not_fit_is_refused_with_both_numbers():
    memory = plan.MemoryPlan(10**9, 3 * 10**9, 10**9, 10**8, 0)
    plan.refuse_beyond(memory, 4 * 10**9)
    with pytest.raises(InputError) as refused:
        plan.refuse_beyond(memory, 4 * 10**9 - 1)
    assert str(refused.value) == (
        "the fit needs 4.0 GB of memory beyond the recording and 4.0 GB are available. "
        "Use fewer neurons, hidden units or chains, or a machine with more memory"
    )


def test_the_share_of_a_batch_job_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "_CGROUP", tmp_path)
    machine = plan.available_memory()
    assert machine > 0
    (tmp_path / "memory.max").write_text("2000000\n")
    (tmp_path / "memory.current").write_text("1500000\n")
    (tmp_path / "memory.stat").write_text("anon 1200000\ninactive_file 300000\n")
    assert plan.available_memory() == 800_000
    (tmp_path / "memory.max").write_text("max\n")
    assert plan.available_memory() == pytest.approx(machine, rel=0.5)


@pytest.mark.parametrize(
    ("n_bytes", "text"), [(340_400_000, "340 MB"), (2_140_000_000, "2.1 GB"), (0, "0 MB")]
)
def test_sizes_as_people_say_them(n_bytes, text):
    assert plan.size_text(n_bytes) == text


def test_timing_changes_nothing_and_is_about_right():
    data, bins, settings = recording(300), np.arange(N_BINS), settings_of()
    before = data.copy()
    with Team(1) as team:
        each = plan.seconds_an_update(team, data, bins, settings)
        trainer = start_fit(data, bins, settings)
        began = time.perf_counter()
        trainer.run(team, lambda _trainer: None)
        real = (time.perf_counter() - began) / settings.n_updates
    assert np.array_equal(data, before)
    assert each > 0
    assert each < 20 * real  # other work on the machine may slow either


def test_a_fit_of_one_update_can_be_timed():
    settings = settings_of()._replace(n_updates=1)
    with Team(1) as team:
        assert plan.seconds_an_update(team, recording(10), np.arange(N_BINS), settings) >= 0
