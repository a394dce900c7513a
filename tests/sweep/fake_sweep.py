"""A sweep of fake trials on two local workers: ``python fake_sweep.py FOLDER HELD_FROM``."""

import json
import sys
from pathlib import Path

from popcode.files import RunRecord, write_record
from popcode.sweep.cluster import local_workers
from popcode.sweep.drive import drive
from popcode.sweep.folder import SweepFolder
from popcode.sweep.request import SweepRequest
from popcode.sweep.results import STATISTICS
from popcode.sweep.store import TrialStore

FAKE = Path(__file__).with_name("fake_trial.py")


def request(hidden=(10, 30, 50), l1=(0.01, 0.02), seeds=(0,), n_search=0, warm=False):
    return SweepRequest(
        command="popcode sweep",
        input_path="recording.npz",
        input_hash="hash",
        hidden=hidden,
        l1=l1,
        seeds=seeds,
        n_search=n_search,
        warm=warm,
        parameters={
            "n_updates": 10,
            "n_chains": 10,
            "n_sweeps": 1,
            "batch_size": 10,
            "learning_rate": 0.005,
            "holdout": 0.3,
            "split": "matched",
        },
    )


def score_of(cell):
    """The best model has 30 units and the least penalty."""
    return 1 - abs(cell.n_hidden - 30) / 100 - cell.l1 + 0.001 * cell.seed


def metrics_of(cell):
    scores = {"score": score_of(cell), "score_perfect": 0.97, "score_independent": 0.3}
    training = {
        "updates": 10, "hidden_alive": cell.n_hidden, "converged": True, "seconds": 1.0,
    }  # fmt: skip
    return {
        "statistics": dict.fromkeys(STATISTICS, scores),
        "reconstruction": {"nllh_median": 0.2},
        "training": training,
    }


def arguments(folder, held_from=1000, bad=None, dying=1.0):
    """Trials from a number on wait until they are released.

    Those with `bad` units are refused; those with an l1 beyond `dying` lose their units.
    """

    def of(trial):
        task = {
            "run": str(folder.run(trial.number)),
            "counts": str(folder.path / "counts"),
            "number": trial.number,
            "held": trial.number >= held_from,
            "released": str(folder.path / "released"),
            "watched": str(folder.watched(trial.number)),
            "dying": trial.cell.l1 > dying,
            "bad": trial.cell.n_hidden == bad,
            "metrics": metrics_of(trial.cell),
        }
        run = folder.run(trial.number)
        run.mkdir(exist_ok=True)
        write_record(run, RunRecord("fake", {}, trial.cell.seed, input_hash="hash"))
        folder.task(trial.number).write_text(json.dumps(task))
        return [str(FAKE), str(folder.task(trial.number))]

    return of


def sweep(path, client, asked=None, tell=lambda *_: None, **manner):
    folder, asked = SweepFolder(path), asked or request()
    folder.make()
    store = TrialStore(folder.journal, asked)
    given_up = drive(folder, asked, store, client, arguments(folder, **manner), 1, tell)
    return store.trials(), given_up


if __name__ == "__main__":
    folder = SweepFolder(Path(sys.argv[1]))
    with local_workers(2, folder.scratch) as client:
        sweep(folder.path, client, held_from=int(sys.argv[2]))
