"""Workers and clients that die: every model is fitted once, and no process stays behind."""

import collections
import contextlib
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from popcode.sweep.cluster import local_workers

HELD_FROM = 2  # trials that are caught in the middle


def counted(path, what):
    lines = (path / "counts").read_text().splitlines() if (path / "counts").exists() else []
    return collections.Counter(int(line.split()[0]) for line in lines if line.endswith(what))


def until(true, at_most_s=300):
    """Wait for something to be so."""
    end = time.monotonic() + at_most_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def family(process):
    """A process and all that it started, with what these started."""
    root = psutil.Process(process.pid)
    return [root, *root.children(recursive=True)]


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """A client of two workers that outlive a sweep, as those of a running scheduler do."""
    with local_workers(2, tmp_path_factory.mktemp("workers") / "scratch") as client:
        yield client


@pytest.fixture
def client(fake, tmp_path):
    """Start a sweep in a process of its own."""
    started = []

    def start():
        command = [sys.executable, fake.__file__, str(tmp_path), str(HELD_FROM)]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_killed_worker_costs_one_more_beginning_and_no_result(client, tmp_path):
    process = client()
    until(lambda: in_the_middle(tmp_path) == [2, 3])
    busy_workers(process, tmp_path)[0].kill()
    until(lambda: sum(counted(tmp_path, "began").values()) == HELD_FROM + 3)
    (tmp_path / "released").touch()
    assert process.wait(300) == 0
    assert counted(tmp_path, "ended") == dict.fromkeys(range(6), 1)
    began = counted(tmp_path, "began")
    assert sorted(began.values()) == [1] * 5 + [2]


def in_the_middle(path):
    """Trials that have begun and not ended."""
    return sorted(set(counted(path, "began")) - set(counted(path, "ended")))


def busy_workers(process, path):
    """Workers whose trial has begun and not ended."""
    found = []
    for worker in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.Error, IndexError):  # its trial has just ended
            found.append((worker, int(Path(worker.children()[0].cmdline()[-2]).stem)))
    return [worker for worker, number in found if number in in_the_middle(path)]


def test_a_killed_client_takes_everything_with_it_and_is_gone_on_with(
    client, fake, workers, tmp_path
):
    process = client()
    until(lambda: in_the_middle(tmp_path) == [2, 3])
    everyone = family(process)
    assert len(everyone) >= 5  # the client, two workers, two trials
    listening = [c for each in everyone for c in each.net_connections() if c.status == "LISTEN"]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(everyone[1:], timeout=20)
    assert alive == []
    before = counted(tmp_path, "ended")
    assert before == {0: 1, 1: 1}
    (tmp_path / "released").touch()
    trials, given_up = fake.sweep(tmp_path, workers)
    assert [trial.state for trial in trials] == ["finished"] * 6
    assert given_up == set()
    assert counted(tmp_path, "ended") == dict.fromkeys(range(6), 1)
    began = counted(tmp_path, "began")
    assert all(began[number] == 1 for number in before)
    assert sum(began.values()) == 6 + 2  # those that were running


def test_what_a_process_refuses_is_stored_and_the_rest_goes_on(fake, workers, tmp_path):
    told = []
    trials, given_up = fake.sweep(tmp_path, workers, bad=30, tell=lambda *what: told.append(what))
    assert collections.Counter(trial.state for trial in trials) == {"finished": 4, "failed": 2}
    assert {cell.n_hidden for cell in given_up} == {30}
    assert {trial.reason for trial in trials if trial.state == "failed"} == {"this cannot be"}
    assert told[-1][0] == 6
    assert any("this cannot be" in note for _, _, note in told)
    trials, _ = fake.sweep(tmp_path, workers)  # the obstacle is gone
    assert collections.Counter(trial.state for trial in trials) == {"finished": 6, "failed": 2}
    cells = [trial.cell for trial in trials if trial.state == "finished"]
    assert len(set(cells)) == 6


def test_an_interrupted_client_ends_its_trials_and_is_gone_on_with(fake, workers, tmp_path):
    def interrupt(over, _running, _note):
        if over == 2:
            until(lambda: len(in_the_middle(tmp_path)) > 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fake.sweep(tmp_path, workers, held_from=HELD_FROM, tell=interrupt)
    until(lambda: not trials_of_this_process())
    before = counted(tmp_path, "ended")
    assert before == {0: 1, 1: 1}
    (tmp_path / "released").touch()
    trials, _ = fake.sweep(tmp_path, workers)
    assert [trial.state for trial in trials] == ["finished"] * 6
    assert counted(tmp_path, "ended") == dict.fromkeys(range(6), 1)
    assert all(counted(tmp_path, "began")[number] == 1 for number in before)


def trials_of_this_process():
    """Processes of trials that workers of this process have started."""
    return [
        trial
        for worker in psutil.Process().children()
        for trial in worker.children()
        if trial.status() != psutil.STATUS_ZOMBIE
    ]


def test_a_search_gives_up_the_dying_and_fits_its_best_with_every_seed(fake, workers, tmp_path):
    asked = fake.request(n_search=6, seeds=(0, 1))
    trials, given_up = fake.sweep(tmp_path, workers, asked, dying=0.015)
    assert given_up == set()
    assert len(trials) == 6 + 3  # what was given up half-way has been tried
    pruned = [trial for trial in trials if trial.state == "pruned"]
    assert {trial.cell for trial in pruned} == {
        trial.cell for trial in trials if trial.cell.l1 > 0.015
    }
    assert 0 < len(pruned) <= 3
    assert all("50 % of its units" in trial.reason for trial in pruned)
    score = {t.cell: fake.score_of(t.cell) for t in trials[:6] if t not in pruned}
    best = sorted(score, key=score.get, reverse=True)[:3]
    assert [trial.cell for trial in trials[6:]] == [cell._replace(seed=1) for cell in best]
    assert not trials_of_this_process()
