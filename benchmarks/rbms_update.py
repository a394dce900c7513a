"""Time of one update of a Bernoulli RBM beside the public package rbms, in turn in one run.

    python benchmarks/rbms_update.py [--neurons 1500] [--hidden 100 500] [--rates 0.05]

One update: a batch, k sweeps of the persistent chains, the centred gradient, the step (Adam here,
normalised stochastic gradient there). Both run float32 on the same threads, on the same bins,
with the default step each package takes, from chains drawn at the data's rates: how many neurons
fire decides what an update costs here and changes nothing there. The two are timed in turn, so
that a slow spell of the machine slows both; what counts is the ratio of neighbours. On a machine
shared with other work, trust the processor time of one thread (--threads 1): threads that wait
for one another wait for the others' work, too.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from popcode.rbm.pcd.automatic import automatic_learning_rate
from popcode.rbm.pcd.schedule import Schedule
from popcode.rbm.pcd.state import initial_parameters, state_at
from popcode.rbm.pcd.updates import Updates
from popcode.rbm.training import Batches
from popcode.threads import Team

N_BINS = 20_000


def population(n_neurons: int, rate: float, seed: int = 0) -> np.ndarray:
    """Bins of neurons of unequal rates that follow ten common signals, (n_bins, n_neurons)."""
    rng = np.random.default_rng(seed)
    gains = rng.lognormal(0, 0.7, n_neurons)
    loadings = rng.normal(0, 0.25, (10, n_neurons))
    activity = np.empty((N_BINS, n_neurons), np.uint8)
    for part in np.array_split(activity, 20):
        drive = np.exp(rng.normal(0, 1, (len(part), 10)) @ loadings) * gains
        part[:] = rng.random(part.shape) < np.minimum(rate * drive / drive.mean(), 0.9)
    return activity


def ours(data: np.ndarray, options: argparse.Namespace, n_hidden: int) -> Callable[[], None]:
    """Give a function that makes the next update of popcode."""
    n_bins, n_neurons = data.shape
    rates = data.mean(axis=0, dtype=np.float64).astype(np.float32)
    rate = automatic_learning_rate(float(rates.sum()), n_hidden)
    schedule = Schedule(10**6, options.sweeps, options.batch, rate)
    parameters = initial_parameters(rates, n_bins, n_hidden, seed=0)
    chains = np.random.default_rng(1).random((options.chains, n_neurons)) < rates
    state = state_at(parameters, chains.astype(np.uint8))
    batches = Batches(np.arange(n_bins), options.batch, 0)
    team = Team(options.threads)

    def update() -> None:
        with team:
            updates = Updates(data, rates, None, schedule, state, 0, team)
            updates.make(batches.rows(state.update))

    return update


def theirs(data: np.ndarray, options: argparse.Namespace, n_hidden: int) -> Callable[[], None]:
    """Give a function that makes the next update of rbms, as its training loop does."""
    import torch  # noqa: PLC0415  (its threads are set before it starts them)
    from rbms.bernoulli_bernoulli.classes import BBRBM  # noqa: PLC0415
    from rbms.bernoulli_bernoulli.implement import _init_parameters  # noqa: PLC0415
    from rbms.training.pcd import fit_batch_pcd  # noqa: PLC0415

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    held = torch.from_numpy(data).float()
    weights = torch.ones(len(held))
    fields, hidden_fields, couplings = _init_parameters(
        n_hidden, held, torch.device("cpu"), torch.float32
    )
    model = BBRBM(couplings, fields, hidden_fields)
    model.init_grad()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, maximize=True)
    start = torch.bernoulli(held.mean(0).expand(options.chains, -1))
    chains = [model.init_chains(options.chains, start_v=start)]

    @torch.no_grad()
    def update() -> None:
        rows = torch.randperm(len(held))[: options.batch]
        optimizer.zero_grad(set_to_none=False)
        batch = (held[rows], weights[rows])
        chains[0], _ = fit_batch_pcd(batch, chains[0], model, options.sweeps, 1.0)
        optimizer.step()

    return update


def milliseconds(update: Callable[[], None]) -> tuple[float, float]:
    """Time on the clock, and of the processor."""
    began, cpu = time.perf_counter(), time.process_time()
    update()
    return (time.perf_counter() - began) * 1e3, (time.process_time() - cpu) * 1e3


def compare(options: argparse.Namespace, rate: float, n_hidden: int) -> None:
    data = population(options.neurons, rate)
    updates = [make(data, options, n_hidden) for make in (ours, theirs)]
    for update in updates:
        for _ in range(options.warm):
            update()
    pairs = range(options.pairs)
    times = np.array([[milliseconds(update) for update in updates] for _ in pairs])
    print(f"{options.neurons} neurons, {n_hidden} hidden, rate {data.mean():.3f}", end="")
    print(f", load {os.getloadavg()[0]:.1f}, {options.threads} threads:")
    for name, (own, other) in zip(("clock", "processor"), times.transpose(2, 1, 0), strict=True):
        low, middle, high = np.quantile(own / other, [0.25, 0.5, 0.75])
        print(
            f"  {name:9s} popcode {np.median(own):7.1f} ms, rbms {np.median(other):7.1f} ms, "
            f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f} of {len(own)} pairs; of the "
            f"least times {own.min() / other.min():.3f})",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    option = partial(parser.add_argument, type=int)
    option("--neurons", default=1500)
    option("--hidden", nargs="+", default=[100, 500])
    option("--chains", default=2000)
    option("--batch", default=2000)
    option("--sweeps", default=10)
    option("--threads", default=2)
    option("--pairs", default=25)
    option("--warm", default=30)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.02, 0.05, 0.2])
    options = parser.parse_args()
    for rate in options.rates:
        for n_hidden in options.hidden:
            compare(options, rate, n_hidden)


if __name__ == "__main__":
    main()
