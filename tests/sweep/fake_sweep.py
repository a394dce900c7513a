"""A sweep of fake trials on two local workers: ``python fake_sweep.py FOLDER SECONDS [BAD]``."""

import json
import sys
from pathlib import Path

from popcode.sweep.cluster import local_workers
from popcode.sweep.drive import drive
from popcode.sweep.folder import SweepFolder
from popcode.sweep.request import SweepRequest
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
        parameters={"n_updates": 10},
    )


def commands(folder, seconds, bad=None):
    def command(trial):
        task = {
            "run": str(folder.run(trial.number)),
            "counts": str(folder.path / "counts"),
            "number": trial.number,
            "seconds": seconds,
            "bad": bad,
            **trial.cell._asdict(),
        }
        folder.task(trial.number).write_text(json.dumps(task))
        return [sys.executable, str(FAKE), str(folder.task(trial.number))]

    return command


def sweep(path, seconds=0.0, bad=None, asked=None, tell=lambda *_: None):
    folder, asked = SweepFolder(path), asked or request()
    folder.make()
    store = TrialStore(folder.journal, asked)
    with local_workers(2, folder.scratch) as client:
        given_up = drive(folder, asked, store, client, commands(folder, seconds, bad), 1, tell)
    return store.trials(), given_up


if __name__ == "__main__":
    sweep(Path(sys.argv[1]), float(sys.argv[2]))
