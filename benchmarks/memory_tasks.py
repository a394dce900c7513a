"""Working memory of random networks beside the article's statements.

    python benchmarks/memory_tasks.py [--tasks binary zero-shot subspace] [--neurons 10000]
        [--networks symmetric nonsymmetric echo] [--seeds 0 1 2] [--stimuli N]

The article has no table; of its figure it says that both linear networks remember for up to
several seconds and the echo-state network for less than half a second, and that with the time
since the stimulus unknown the symmetric network is far ahead of the non-symmetric one. To reach
besides: the symmetric network of 10,000 neurons in all tasks in under 10 minutes on two cores.

Prints a row a network, task and kind of read-out: accuracy at some delays, of the shuffled control
(mean over delays), the half-decay, and seconds (wall and processor) of drawing and of the task.
--stimuli gives runs fewer stimuli: faster, with fewer trials to learn from.
"""

import argparse
import time

import numpy as np

from popcode.dynamics.memory.curves import half_decay
from popcode.dynamics.memory.study import NETWORKS, members_of, network_of, protocol_of
from popcode.dynamics.memory.tasks import TASKS, memory_curves
from popcode.dynamics.presets import NATURE
from popcode.threads import Team

AT_S = (0.12, 0.48, 0.96, 1.92, 2.88)


class Clock:
    """Seconds since it was made."""

    def __init__(self):
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def __str__(self):
        wall, processor = time.perf_counter() - self.wall, time.process_time() - self.processor
        return f"{wall:.0f} s ({processor:.0f} s of processors)"


def show(label, accuracy, control, delays, chance):
    at = "  ".join(f"{accuracy[np.argmin(np.abs(delays - each))]:.3f}" for each in AT_S)
    half = half_decay(delays, accuracy, chance)
    print(f"    {label:<8} {at}  shuffled {control.mean():.4f}  "
          f"half-decay {half.bound}{half.seconds:.2f} s", flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--neurons", type=int, default=10_000)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--stimuli", type=int)
    options = parser.parse_args()
    print(f"accuracy at delays of {', '.join(f'{each:g}' for each in AT_S)} s")
    with Team() as team:
        for seed in options.seeds:
            for member in members_of(options.networks, options.neurons):
                clock = Clock()
                network = network_of(member, NATURE, seed)
                gain = f", gain {network.gain:.3f}" if member.kind == "echo" else ""
                print(f"{member.name}, seed {seed}: drawn in {clock}{gain}", flush=True)
                for name in options.tasks:
                    run_task(team, network, name, seed, options.stimuli)


def run_task(team, network, name, seed, n_stimuli):
    task, protocol, clock = TASKS[name], protocol_of(NATURE, name), Clock()
    if n_stimuli:
        protocol = protocol._replace(n_stimuli=n_stimuli)
    found = memory_curves(team, network, task, protocol, seed)
    print(f"  {name}: {protocol.n_trials:,} trials, chance {task.chance(protocol):.4f}, {clock}")
    for time_known in ("known", "unknown"):
        accuracy, control = getattr(found, time_known), getattr(found, f"{time_known}_control")
        show(time_known, accuracy, control, protocol.delays_s, task.chance(protocol))


if __name__ == "__main__":
    main()
