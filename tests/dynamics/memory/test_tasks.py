"""Tasks, curves, and what a study makes of them."""

import numpy as np
import pytest

from popcode.dynamics.memory.calibration import DECAY, calibrated_gain, growth_rate
from popcode.dynamics.memory.curves import half_decay, mean_curve
from popcode.dynamics.memory.protocol import published_protocol
from popcode.dynamics.memory.study import (
    Member,
    Piece,
    bytes_expected,
    members_of,
    operations_expected,
    pieces_of,
    protocol_of,
)
from popcode.dynamics.memory.summary import Result, summarised
from popcode.dynamics.memory.symmetric import symmetric_modes
from popcode.dynamics.memory.tasks import TASKS, Curves, memory_curves
from popcode.dynamics.presets import NATURE, PREPRINT
from popcode.errors import InputError
from popcode.threads import Team


def short(task, n_stimuli=8, n_runs=20):
    """The published protocol with 1.2 s between few stimuli."""
    return published_protocol(NATURE, 1.2, n_stimuli)._replace(n_runs=n_runs)


def curves(task, protocol, n=400, seed=0, n_threads=1):
    with Team(n_threads) as team:
        return memory_curves(team, symmetric_modes(n, 0.998, seed), TASKS[task], protocol, seed)


def test_the_published_protocol():
    protocol = published_protocol(NATURE, 3.0, 50)
    assert protocol.n_trials == 2000
    assert protocol.delays_s[[0, -1]].round(6).tolist() == [0.12, 2.88]
    assert (protocol.noise, protocol.drive) == (pytest.approx(0.1), pytest.approx(0.25))
    assert (protocol.pulse_steps, protocol.window_steps, protocol.block_steps) == (25, 50, 60)
    assert published_protocol(PREPRINT, 9.0, 15).n_delays == 74
    assert protocol.first_fold.reshape(50, 40)[:, :20].all()
    assert protocol.first_fold.sum() == 1000
    with pytest.raises(InputError, match="no whole number"):
        published_protocol(NATURE._replace(dt_s=0.007), 3.0, 50)


@pytest.mark.parametrize("task", list(TASKS))
def test_memory_fades_without_noise_it_does_not_and_without_stimuli_there_is_none(task):
    protocol = short(task)
    found = curves(task, protocol)
    chance = 2 / 160 if TASKS[task].is_zero_shot else 0.5
    assert TASKS[task].chance(protocol) == pytest.approx(chance)
    assert found.known[0] > 0.8
    assert found.known[-1] < found.known[0] - 0.1
    assert curves(task, protocol.silent()).known[0] > 0.95
    nothing = curves(task, protocol._replace(drive=0.0))
    # Of 160 trials: the share that guesses exceed once in 10,000 curves.
    most = 0.67 if chance == 0.5 else 0.09
    assert max(nothing.known.mean(), nothing.unknown.mean()) < most
    assert max(found.known_control.mean(), found.unknown_control.mean()) < most


def test_curves_follow_their_seed_and_no_thread():
    protocol = short("binary", n_stimuli=3, n_runs=6)
    one = curves("binary", protocol)
    assert all(map(np.array_equal, one, curves("binary", protocol, n_threads=3)))
    assert not all(map(np.array_equal, one, curves("binary", protocol, seed=1)))


def test_at_the_first_delay_the_time_is_known():
    found = curves("zero-shot", short("zero-shot", n_stimuli=4))
    assert found.known[0] == found.unknown[0]


def test_half_decay():
    delays = np.array([1.0, 2.0, 3.0])
    assert half_decay(delays, np.array([1.0, 0.8, 0.6]), 0.5) == (pytest.approx(2.25), "")
    assert half_decay(delays, np.array([1.0, 0.9, 0.8]), 0.5) == (3.0, ">")
    assert half_decay(delays, np.array([0.4, 0.9, 0.2]), 0.0) == (1.0, "<")


def test_intervals_of_mean_curves_cover_the_mean():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        found = mean_curve(0.5 + 0.05 * rng.standard_normal((3, 1)))
        covered.append(found.low[0] < 0.5 < found.high[0])
    assert abs(np.mean(covered) - 0.95) < 0.045  # 4 standard errors
    alone = mean_curve([np.array([0.5, 0.6])])
    assert np.isnan(alone.low).all()


def test_pieces_of_a_study():
    members = members_of(("symmetric", "echo"), 10_000)
    assert members == [
        Member("symmetric", 10_000), Member("symmetric", 2000), Member("echo", 2000)
    ]  # fmt: skip
    assert members_of(("symmetric",), 10_000) == [Member("symmetric", 10_000)]
    assert members_of(("symmetric", "nonsymmetric"), 500) == [
        Member("symmetric", 500), Member("nonsymmetric", 500)
    ]  # fmt: skip
    pieces = pieces_of(members, ("binary",), (4, 5))
    assert len(pieces) == 9
    assert len({piece.name for piece in pieces}) == 9
    assert {piece.seed for piece in pieces if piece.is_ceiling} == {4}


def test_what_a_study_takes_grows_with_its_networks():
    few, many = (pieces_of([Member("nonsymmetric", n)], ("binary",), (0,)) for n in (500, 2000))
    assert 0 < bytes_expected(few, NATURE) < bytes_expected(many, NATURE) < 2**33
    assert operations_expected(few[0], NATURE) < operations_expected(many[0], NATURE)


def test_the_summary_holds_every_network_with_interval_control_and_ceiling():
    protocol = protocol_of(NATURE, "binary")
    n, member = protocol.n_delays, Member("symmetric", 500)

    def result(seed, is_ceiling, known):
        flat = np.full(n, 0.5)
        fading = np.linspace(known, 0.5, n)
        return Result(
            Piece(member, seed, "binary", is_ceiling), Curves(fading, flat, flat, flat), 1.0
        )

    found = summarised([result(0, False, 0.9), result(0, True, 1.0), result(1, False, 0.8)], NATURE)
    task = found["memory"]["binary"]
    assert task["chance"] == 0.5
    network = task["networks"]["symmetric-500"]
    assert network["seeds"] == [0, 1]
    assert network["gains"] == [1, 1]
    assert network["known"]["accuracy"][0] == pytest.approx(0.85)
    assert network["known"]["low"][0] < 0.85 < network["known"]["high"][0]
    assert network["known"]["noiseless"][0] == 1
    assert network["known"]["shuffled"][0] == 0.5
    assert network["unknown"]["half_decay_s"].bound == "<"
    assert len(network["known"]["half_decay_of_networks_s"]) == 2


def test_the_gain_is_found_at_which_a_network_decays_as_wanted():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((150, 150)) / 150**0.5

    def advance(state, gain):
        return np.maximum(0.9 * state + 0.1 * gain * (a @ state), 0).astype(np.float32)

    gain = calibrated_gain(advance, 150, 0.1, 1.35, seed=0)
    assert growth_rate(advance, 150, gain, seed=0) == pytest.approx(-0.1 * DECAY, abs=5e-4)
