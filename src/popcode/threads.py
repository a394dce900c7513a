"""Threads that share fixed pieces of work, and leave BLAS one thread each meanwhile.

Plain threads over kernels that release the interpreter's lock: any number of fits may run in one
process, nothing spins between calls, and which thread takes which piece changes no bit.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Lock, Thread
from types import TracebackType

from threadpoolctl import threadpool_limits


def available_threads() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pieces(total: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut `total` into (start, stop) of `size` each: the shares do not depend on the threads."""
    for start in range(0, total, size):
        yield start, min(start + size, total)


class _SingleThreadedBlas:
    """The process-wide limit on BLAS, held while any team is at work and put back by the last."""

    def __init__(self) -> None:
        self._lock, self._teams = Lock(), 0

    def enter(self) -> None:
        with self._lock:
            if self._teams == 0:
                self._limits = threadpool_limits(1, user_api="blas")
            self._teams += 1

    def leave(self) -> None:
        with self._lock:
            self._teams -= 1
            if self._teams == 0:
                self._limits.restore_original_limits()


# The number of BLAS threads belongs to the process, so the count of its users does too.
_single_threaded_blas = _SingleThreadedBlas()


class Team:
    """A context in which `run` spreads calls over threads and BLAS runs on one thread a call.

    Parameters
    ----------
    n_threads : int, optional
        By default every processor that the process may use.
    """

    def __init__(self, n_threads: int | None = None) -> None:
        self.n_threads = n_threads or available_threads()

    def __enter__(self) -> "Team":
        _single_threaded_blas.enter()
        self._inboxes: list[Inbox] = [SimpleQueue() for _ in range(self.n_threads - 1)]
        self._threads = [Thread(target=_serve, args=(box,), daemon=True) for box in self._inboxes]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for inbox in self._inboxes:
            inbox.put(None)
        for thread in self._threads:
            thread.join()
        _single_threaded_blas.leave()

    def run(self, calls: Iterable[Callable[[], object]]) -> None:
        """Run every call once and wait; the calling thread takes its share."""
        work = list(calls)
        shares = [work[k :: self.n_threads] for k in range(self.n_threads)]
        results: Results = SimpleQueue()
        for inbox, share in zip(self._inboxes, shares[1:], strict=True):
            if share:
                inbox.put((share, results))
        errors = []
        try:
            _run_all(shares[0])
        finally:
            errors = [error for share in shares[1:] if share and (error := results.get())]
        if errors:
            raise errors[0]


# Futures would do the same at ten times the cost, which small recordings notice: a fit of a
# thousand neurons runs five hundred times a second.
Results = SimpleQueue[BaseException | None]
Inbox = SimpleQueue[tuple[list[Callable[[], object]], Results] | None]


def _serve(inbox: Inbox) -> None:
    """Run the shares that come in, and send for each what it raised or None."""
    while (item := inbox.get()) is not None:
        share, results = item
        try:
            _run_all(share)
            results.put(None)
        except BaseException as error:
            results.put(error)


def _run_all(calls: list[Callable[[], object]]) -> None:
    for call in calls:
        call()
