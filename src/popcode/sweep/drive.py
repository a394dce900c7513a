"""Carry a sweep from wherever it stands to its end, on whatever workers there are."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError

from distributed import Client, Future
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from popcode.errors import InputError
from popcode.sweep.choice import best_of_search
from popcode.sweep.folder import SweepFolder
from popcode.sweep.plan import Cell, next_of
from popcode.sweep.request import SweepRequest
from popcode.sweep.results import read_result
from popcode.sweep.store import Trial, TrialStore
from popcode.sweep.watched import read_watched
from popcode.sweep.work import Ended, carry

# A search gives a fit up when, with the penalty down to its value, fewer units than this are alive.
_KEPT, _KEPT_FROM = 0.8, 0.6
_POLL_S = 1.0
_BAD_INPUT = 2


# Told after every change: trials that are over, those running, a sentence where it is worth one.
Told = Callable[[int, int, str], None]


class Drive:
    """A sweep in progress on some workers.

    Parameters
    ----------
    folder : SweepFolder
    request : SweepRequest
    store : TrialStore
    client : Client
    arguments_of : callable
        Gives the arguments of Python in a trial's process; the number of threads is added to them.
    n_threads : int or None
        For a fit; by default a worker's share of its processors.
    """

    def __init__(
        self,
        folder: SweepFolder,
        request: SweepRequest,
        store: TrialStore,
        client: Client,
        arguments_of: Callable[[Trial], list[str]],
        n_threads: int | None,
    ) -> None:
        self.folder, self.request, self.store = folder, request, store
        self._client, self._arguments_of, self._n_threads = client, arguments_of, n_threads
        self._running: dict[Future, Trial] = {}
        self._ended = threading.Event()
        self._workers = set(client.nthreads())
        self._reported: dict[int, int] = {}
        self.given_up: set[Cell] = set()

    def run(self, tell: Told) -> None:
        """Fit what is left. Interrupted, it lets every fit write its checkpoint.

        Raises
        ------
        InputError
            The input has changed, or the scheduler has gone.
        """
        try:
            for trial in self.store.trials():
                if not trial.is_over:  # of a client that has gone
                    self._submit(
                        self.store.begin(trial.cell) if trial.state == "waiting" else trial
                    )
            none = "" if self._workers else "no worker is there yet: waiting for the first"
            self._tell(tell, none)
            while self._fill() or self._running:
                for future in self._done():
                    note = self._end(future, self._running.pop(future))
                    self._tell(tell, note)
                self._watch(tell)
        except (CommClosedError, CancelledError) as error:
            raise InputError(
                "the connection to the Dask scheduler was lost",
                remedy=f"Start it again, and go on with: popcode sweep --resume {self.folder.path}",
            ) from error
        finally:
            self._stop()

    def _fill(self) -> bool:
        """Begin as many fits as there are idle workers; whether any was begun."""
        slots = sum(self._client.nthreads().values()) or 1
        begun = False
        while len(self._running) < slots:
            trials = self.store.trials()
            best = best_of_search(self.folder, self.request, trials)
            following = next_of(self.request, trials, best, self.given_up)
            if following is None:
                break
            if following.cell is None:
                trial = self.store.suggest()
            else:
                trial = self.store.begin(following.cell, following.warm_from)
            self._submit(trial)
            begun = True
        return begun

    def _submit(self, trial: Trial) -> None:
        arguments, log = self._arguments_of(trial), str(self.folder.log(trial.number))
        key = f"trial-{trial.number}-{uuid.uuid4().hex}"
        future = self._client.submit(
            carry, arguments, log, self._n_threads, key=key, pure=False, retries=0
        )
        future.add_done_callback(lambda _: self._ended.set())
        self._running[future] = trial

    def _done(self) -> list[Future]:
        """Futures of trials that ended; waits a while for one."""
        self._ended.wait(_POLL_S)
        self._ended.clear()
        return [future for future in self._running if future.done()]

    def _end(self, future: Future, trial: Trial) -> str:
        """Store how a trial ended; a sentence where it is worth one."""
        try:
            ended: Ended = future.result()
        except (CommClosedError, CancelledError):
            raise
        except KilledWorker as killed:
            return self._fail(trial, f"its workers died {killed.allowed_failures + 1} times")
        except Exception as error:
            return self._fail(trial, f"{type(error).__name__}: {error}")
        if ended.code == _BAD_INPUT:
            return self._fail(trial, ended.last.removeprefix("popcode: "))
        if ended.code != 0:
            return self._fail(trial, f"its process ended with {ended.code}: {ended.last}")
        result = read_result(self.folder, trial)
        self._refuse_other_input(trial, result.input_hash)
        if result.worst is None:
            return self._fail(trial, "its scores are not defined")
        self.store.finish(trial, result.criterion)
        return ""

    def _refuse_other_input(self, trial: Trial, found: str | None) -> None:
        if found != self.request.input_hash:
            raise InputError(
                "its content has changed since the sweep began",
                where=self.request.input_path,
                remedy="Put the former file back, or sweep the new one into a new folder",
            )

    def _fail(self, trial: Trial, reason: str) -> str:
        self.given_up.add(trial.cell)
        self.store.fail(trial, reason)
        return f"trial {trial.number} failed: {reason} (see {self.folder.log(trial.number)})"

    def _watch(self, tell: Told) -> None:
        """Note workers that died, and give up the fits of a search that lag behind."""
        workers = set(self._client.nthreads())
        if lost := self._workers - workers:
            self._tell(tell, f"{len(lost)} of the workers died; what they were at is done again")
        self._workers = workers
        if self.request.n_search:
            for future, trial in list(self._running.items()):
                if reason := self._lagging(trial):
                    self._client.cancel([future], force=True)
                    del self._running[future]
                    self.store.prune(trial, reason)
                    self._tell(tell, f"trial {trial.number} given up: {reason}")

    def _lagging(self, trial: Trial) -> str:
        """Why a fit is not worth going on with; nothing where it is."""
        seen = read_watched(self.folder.watched(trial.number))
        if seen is None or seen.nllh is None or self._reported.get(trial.number) == seen.update:
            return ""
        self._reported[trial.number] = seen.update
        if self.store.report(trial, seen.update, seen.nllh):
            return f"in the last quarter of the fits by its reconstruction at update {seen.update}"
        share = seen.update / self.request.parameters["n_updates"]
        if share >= _KEPT_FROM and seen.alive < _KEPT:
            return f"{100 * seen.alive:.0f} % of its units alive at update {seen.update}"
        return ""

    def _tell(self, tell: Told, note: str = "") -> None:
        over = sum(trial.state in ("finished", "pruned") for trial in self.store.trials())
        tell(over + len(self.given_up), len(self._running), note)

    def _stop(self) -> None:
        """Let what is running write its checkpoints and end."""
        with contextlib.suppress(CommClosedError):
            self._client.cancel(list(self._running), force=True)
        self._running.clear()


def drive(
    folder: SweepFolder,
    request: SweepRequest,
    store: TrialStore,
    client: Client,
    arguments_of: Callable[[Trial], list[str]],
    n_threads: int | None,
    tell: Told,
) -> set[Cell]:
    """Carry a sweep to its end; give the models that came to nothing.

    Parameters
    ----------
    folder, request, store, client, arguments_of, n_threads
        As in :class:`Drive`.
    tell : callable
        Called after every change.
    """
    drive = Drive(folder, request, store, client, arguments_of, n_threads)
    drive.run(tell)
    return drive.given_up


def is_complete(folder: SweepFolder, request: SweepRequest, trials: list[Trial]) -> bool:
    """Whether nothing is left to fit."""
    best = best_of_search(folder, request, trials)
    return all(trial.is_over for trial in trials) and not next_of(request, trials, best, ())
