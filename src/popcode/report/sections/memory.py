"""How long networks remember: what was found, task by task, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.files import RunRecord
from popcode.report.blocks import Block, Bullets, Column, Command, Facts, Picture, Section, Table
from popcode.report.figures.canvas import drawn
from popcode.report.figures.memory import draw_memory, looks_of
from popcode.report.numbers import DASH, decimal, with_interval

Part = Mapping[str, Any]
_HOW = (
    "Mean over networks; bands: 95 % intervals over networks (Student's t). Thin lines: the first "
    "network without noise, the ceiling that past stimuli alone leave. Grey: the same decoder "
    "with the stimuli of trials exchanged; it should lie on chance. Left: all trials are read out "
    "at the same delay after their stimulus. Right: each trial at any delay up to that shown, "
    "unknown to the decoder."
)
_COLUMNS = (
    Column("network, neurons", "label"),
    Column("delay", "label"),
    Column("at 120 ms"),
    Column("at 1 s"),
    Column("last"),
    Column("shuffled"),
    Column("half-decay (s)"),
    Column("of each (s)"),
)
_CAPTION = (
    "Accuracy, with 95 % intervals over networks in brackets. Half-decay: the delay at which the "
    "mean accuracy is half-way from 1 to chance; < and >: it lies before the first or beyond the "
    "last read-out."
)
_TIMES = {"known": "known", "unknown": "unknown"}


def run_section(record: RunRecord, metrics: Part) -> Section:
    """What was asked for."""
    parameters = record.parameters
    seconds = (metrics.get("training") or {}).get("seconds")
    rows = (
        ("tasks", ", ".join(parameters["tasks"])),
        ("networks", ", ".join(parameters["networks"])),
        ("of each kind", f"{parameters['seeds']}, seeds from {parameters['seed']}"),
        ("constants", parameters["preset"]),
        ("begun", f"{record.created.replace('T', ' ')}; took {decimal(seconds, 0)} s"),
        ("versions", ", ".join(f"{name} {each}" for name, each in record.versions.items())),
    )
    command = Command("The command that made this run", record.command)
    return Section("run", "The run", (Facts(rows), command))


def verdict_section(metrics: Part) -> Section:
    """Who remembers longer, in a sentence a task."""
    items = tuple(_ranking(task, time) for task in metrics["memory"].values() for time in _TIMES)
    return Section("verdict", "What was found", (Bullets("Half-decay, longest first", items),))


def task_section(name: str, task: Part) -> Section:
    """Curves of a task with their table."""
    image = drawn(
        f"memory-{name}",
        f"Accuracy against delay in the task {name}, a curve a network",
        lambda: draw_memory(task),
    )
    chance = f"1/{round(1 / task['chance'])}"
    caption = f"{_HOW} {task['n_trials']:,} trials a network; chance is {chance}."
    blocks: list[Block] = [Picture(_capital(task["title"]), image, caption)]
    looks = looks_of(task["networks"])
    rows = [
        _row(looks[key].label, time, network[time], task["delays_s"])
        for time in _TIMES
        for key, network in task["networks"].items()
    ]
    blocks.append(Table(_COLUMNS, tuple(rows), _CAPTION + _gains(task)))
    return Section(name, f"Task: {name}", tuple(blocks))


def _gains(task: Part) -> str:
    """Gains of the echo-state networks, in a sentence."""
    gains = [gain for each in task["networks"].values() if each["kind"] == "echo"
             for gain in each["gains"]]  # fmt: skip
    told = ", ".join(decimal(gain) for gain in gains)
    return f" Gains of the echo-state networks: {told} (published: 1.35)." if gains else ""


def _ranking(task: Part, time: str) -> str:
    """Networks of a task by half-decay."""
    looks = looks_of(task["networks"])
    ordered = sorted(
        task["networks"].items(), key=lambda pair: -pair[1][time]["half_decay_s"]["seconds"]
    )
    told = "; ".join(f"{looks[name].label}: {_half(each[time])} s" for name, each in ordered)
    return f"{_capital(task['title'])}, delay {time}: {told}."


def _row(label: str, time: str, curve: Part, delays_s: list[float]) -> tuple[str, ...]:
    second = min(range(len(delays_s)), key=lambda k: abs(delays_s[k] - 1))
    at = [
        with_interval(curve["accuracy"][k], curve["low"][k], curve["high"][k])
        for k in (0, second, -1)
    ]
    each = "; ".join(_bounded(one) for one in curve["half_decay_of_networks_s"]) or DASH
    shuffled = decimal(sum(curve["shuffled"]) / len(curve["shuffled"]), 3)
    return (label, _TIMES[time], *at, shuffled, _half(curve), each)


def _half(curve: Part) -> str:
    return _bounded(curve["half_decay_s"])


def _bounded(found: Part) -> str:
    return f"{found['bound']} {found['seconds']:.2f}".strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
