"""Workers and clients that die: every model is fitted once, and no process stays behind."""

import collections
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

SECONDS = 1.0  # of a trial: long enough to be caught in the middle


def counted(path, what):
    lines = (path / "counts").read_text().splitlines() if (path / "counts").exists() else []
    return collections.Counter(int(line.split()[0]) for line in lines if line.endswith(what))


def until(true, at_most_s=60):
    """Wait for something to be so."""
    end = time.monotonic() + at_most_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def family(process):
    """A process and all that it started, with what these started."""
    root = psutil.Process(process.pid)
    return [root, *root.children(recursive=True)]


@pytest.fixture
def client(fake, tmp_path):
    """Start a sweep in a process of its own."""
    started = []

    def start():
        command = [sys.executable, fake.__file__, str(tmp_path), str(SECONDS)]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_killed_worker_costs_one_more_beginning_and_no_result(client, tmp_path):
    process = client()
    until(lambda: sum(counted(tmp_path, "ended").values()) >= 1)
    until(lambda: in_the_middle(tmp_path))
    os.kill(worker_at(process, in_the_middle(tmp_path)[0]).pid, signal.SIGKILL)
    assert process.wait(60) == 0
    assert counted(tmp_path, "ended") == dict.fromkeys(range(6), 1)
    began = counted(tmp_path, "began")
    assert sorted(began.values()) == [1] * 5 + [2]


def in_the_middle(path):
    """Trials that have begun and not ended."""
    return sorted(set(counted(path, "began")) - set(counted(path, "ended")))


def worker_at(process, number):
    """The worker whose process fits a trial."""
    return next(
        worker
        for worker in psutil.Process(process.pid).children()
        for child in worker.children()
        if child.cmdline()[-2].endswith(f"{number:04d}.json")
    )


def test_a_killed_client_takes_everything_with_it_and_is_gone_on_with(client, fake, tmp_path):
    process = client()
    until(lambda: sum(counted(tmp_path, "ended").values()) >= 2)
    until(lambda: in_the_middle(tmp_path))
    everyone = family(process)
    assert len(everyone) >= 4  # the client, two workers, a trial
    listening = [c for each in everyone for c in each.net_connections() if c.status == "LISTEN"]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(everyone[1:], timeout=20)
    assert alive == []
    before = counted(tmp_path, "ended")
    assert 2 <= sum(before.values()) < 6
    trials, given_up = fake.sweep(tmp_path)
    assert [trial.state for trial in trials] == ["finished"] * 6
    assert given_up == set()
    assert counted(tmp_path, "ended") == dict.fromkeys(range(6), 1)
    began = counted(tmp_path, "began")
    assert all(began[number] == 1 for number in before)
    assert sum(began.values()) <= 6 + 2  # those that were running


def test_what_a_process_refuses_is_stored_and_the_rest_goes_on(fake, tmp_path):
    told = []
    trials, given_up = fake.sweep(tmp_path, bad=30, tell=lambda *what: told.append(what))
    assert collections.Counter(trial.state for trial in trials) == {"finished": 4, "failed": 2}
    assert {cell.n_hidden for cell in given_up} == {30}
    assert {trial.reason for trial in trials if trial.state == "failed"} == {"this cannot be"}
    assert told[-1][0] == 6
    assert any("this cannot be" in note for _, _, note in told)
    trials, _ = fake.sweep(tmp_path)  # the obstacle is gone
    assert collections.Counter(trial.state for trial in trials) == {"finished": 6, "failed": 2}
    cells = [trial.cell for trial in trials if trial.state == "finished"]
    assert len(set(cells)) == 6
