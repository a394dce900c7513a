"""Teams run every call once, report failures, and leave BLAS as they found it."""

import threading
import time

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import popcode.rbm.cpu  # noqa: F401  loads the libraries whose threads are counted
from popcode.threads import Team, available_threads


def blas_threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def two_blas_threads():
    """Every test starts from two threads, and what a test leaves behind harms no other."""
    with threadpool_limits(2, user_api="blas"):
        yield


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
@pytest.mark.parametrize("n_calls", [0, 1, 2, 7])
def test_every_call_runs_once(n_threads, n_calls):
    done = []
    with Team(n_threads) as team:
        for _ in range(3):
            team.run(lambda k=k: done.append(k) for k in range(n_calls))
    assert sorted(done) == sorted(3 * list(range(n_calls)))


def test_by_default_a_team_has_every_processor():
    assert Team().n_threads == available_threads() >= 1


def test_blas_has_one_thread_within_and_its_own_after():
    before = blas_threads()
    assert set(before) == {2}
    with Team(2):
        assert set(blas_threads()) == {1}
    assert blas_threads() == before


def test_blas_is_restored_after_an_error():
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), Team(2) as team:
        team.run([lambda: None, lambda: 1 / 0])
    assert blas_threads() == before


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_the_error_of_any_thread_is_raised_once_all_are_done(failing):
    """A call still at work after `run` would change the state under the caller's hands."""
    done = []

    def call(k):
        if k == failing:
            raise ValueError(k)
        time.sleep(0.05 * k)  # the last is still at work when the others are done
        done.append(k)

    with Team(3) as team:
        with pytest.raises(ValueError, match=str(failing)):
            team.run([lambda k=k: call(k) for k in range(3)])
        assert sorted(done) == [k for k in range(3) if k != failing]
        team.run([lambda: done.append("next")])
    assert done[-1] == "next"


def test_nested_teams_restore_blas():
    before = blas_threads()
    with Team(2):
        with Team(1):
            assert set(blas_threads()) == {1}
        assert set(blas_threads()) == {1}
    assert blas_threads() == before


def test_overlapping_teams_keep_blas_at_one_thread_and_restore_it():
    """Two fits in one process: the first to end must not give the other's BLAS its threads."""
    before = blas_threads()
    first, second = Team(2), Team(2)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    during = blas_threads()
    second.__exit__(None, None, None)
    assert set(during) == {1}
    assert blas_threads() == before


def test_teams_of_two_threads_do_not_wait_for_each_other():
    barrier = threading.Barrier(2, timeout=20)

    def fit():
        with Team(2) as team:
            team.run([barrier.wait])

    threads = [threading.Thread(target=fit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not barrier.broken
