"""The work comes in pieces: progress is shown, and an interruption is served between them."""

import contextlib

import numpy as np
import pytest

import popcode
from popcode.preprocess.deconvolution import blocks, spikes
from popcode.threads import Team


@pytest.fixture
def traces():
    return np.random.default_rng(0).standard_normal((2000, 40))


@pytest.fixture
def shown(monkeypatch):
    """Label, total and what is done of every piece of progress."""
    seen = []

    @contextlib.contextmanager
    def fake(label, total, **_):
        done = []
        seen.append((label, total, done))
        yield type("Bar", (), {"update": staticmethod(done.append)})

    monkeypatch.setattr(blocks, "progress", fake)
    monkeypatch.setattr(spikes, "progress", fake)
    return seen


@pytest.mark.parametrize("n_threads", [1, 2])
def test_both_steps_show_their_progress(traces, shown, n_threads):
    popcode.deconvolve(traces, 0.1, n_threads=n_threads)
    done = {1: [10, 20, 30, 40], 2: [20, 40]}[n_threads]  # 20,000 frames a thread
    assert shown == [("finding the kernel", 40, done), ("deconvolving", 40, done)]


def test_a_given_kernel_is_not_looked_for(traces, shown):
    popcode.deconvolve(traces, 0.1, 0.15, 1.6)
    assert [label for label, _, _ in shown] == ["deconvolving"]


def test_an_interruption_ends_with_the_piece(traces, monkeypatch):
    frames = []

    def interrupted(rows, *_):
        frames.append(rows.size)
        raise KeyboardInterrupt

    monkeypatch.setattr(blocks, "_deconvolve_some", interrupted)
    with pytest.raises(KeyboardInterrupt):
        popcode.deconvolve(traces, 0.1, n_threads=2)
    assert frames == [20_000, 20_000]  # one call for each thread, of 40 neurons


def test_long_traces_go_one_by_one(monkeypatch):
    sizes = []
    monkeypatch.setattr(blocks, "_FRAMES_A_CALL", 100)
    monkeypatch.setattr(blocks, "_deconvolve_some", lambda rows, *_: sizes.append(rows.shape))
    given = blocks.Given(0.1, np.array([0, 150]), 0.15, 1.6)
    traces, found = np.zeros((150, 3)), blocks.Found.empty(3)
    with Team(1) as team:
        pieces = [piece for piece, _ in blocks.deconvolve_pieces(traces, given, team, found)]
    assert sizes == [(1, 150)] * 3
    assert pieces == [slice(0, 1), slice(1, 2), slice(2, 3)]
