"""A trial that sleeps instead of fitting, and keeps count of how often it began and ended."""

import json
import sys
import time
from pathlib import Path

from popcode.files import RunRecord, write_json, write_record
from popcode.sweep.lifeline import follow_starter
from popcode.sweep.results import STATISTICS

follow_starter(grace_s=0.2)
task = json.loads(Path(sys.argv[1]).read_text())
run, counts = Path(task["run"]), Path(task["counts"])


def count(what):
    with counts.open("a") as file:
        file.write(f"{task['number']} {what}\n")


if (run / "metrics.json").exists():
    sys.exit(0)
count("began")
if task["n_hidden"] == task["bad"]:
    print("popcode: this cannot be", flush=True)
    sys.exit(2)
time.sleep(task["seconds"])
run.mkdir(exist_ok=True)
score = 1 - abs(task["n_hidden"] - 30) / 100 - task["l1"] + 0.001 * task["seed"]
write_record(run, RunRecord("fake", {}, task["seed"], input_hash="hash"))
scores = {"score": score, "score_perfect": 0.97, "score_independent": 0.3}
training = {
    "updates": 10, "hidden_alive": task["n_hidden"], "converged": True, "seconds": 1.0,
}  # fmt: skip
metrics = {
    "statistics": dict.fromkeys(STATISTICS, scores),
    "reconstruction": {"nllh_median": 0.2},
    "training": training,
}
write_json(run / "metrics.json", metrics)
count("ended")
