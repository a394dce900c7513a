"""A trial that waits instead of fitting, and keeps count of how often it began and ended."""

import json
import sys
import time
from pathlib import Path

from popcode.sweep.lifeline import follow_starter

follow_starter(grace_s=0.2)
task = json.loads(Path(sys.argv[1]).read_text())
run, counts = Path(task["run"]), Path(task["counts"])


def count(what):
    with counts.open("a") as file:
        file.write(f"{task['number']} {what}\n")


if (run / "metrics.json").exists():
    sys.exit(0)
count("began")
if task["bad"]:
    print("popcode: this cannot be", flush=True)
    sys.exit(2)
if task["dying"]:
    alive = {"update": 8, "nllh": 0.1, "alive": 0.5}
    Path(task["watched"]).write_text(json.dumps(alive))
    time.sleep(600)
while task["held"] and not Path(task["released"]).exists():
    time.sleep(0.02)
(run / "metrics.json").write_text(json.dumps(task["metrics"]))
count("ended")
