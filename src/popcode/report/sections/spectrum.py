"""The spectrum of a recording: its exponents, and how they change with the width of the bins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popcode.files import RunRecord
from popcode.report.blocks import (
    Block,
    Bullets,
    Column,
    Command,
    Facts,
    Picture,
    Section,
    Table,
    Text,
)
from popcode.report.figures.canvas import drawn
from popcode.report.figures.spectrum import METHODS, draw_spectra, draw_widths
from popcode.report.numbers import DASH, decimal, whole, with_interval

Part = Mapping[str, Any]
_HOW = (
    "Left: variance along the components, as a share of the first; lines: the power laws fitted "
    "over the ranks of the table, each drawn over its own. Grey: the same method where random "
    "halves of the neurons were shifted circularly in time, 500 times over: neurons that share "
    "nothing but their own courses in time. Right: exponents with 95 % intervals over stretches "
    "of time drawn anew (control: over shifts). Dotted: 2/3, a large critical symmetric network; "
    "smaller networks, fewer ranks and wider bins raise it."
)
_COLUMNS = (
    Column("method", "label"),
    Column("exponent"),
    Column("ranks"),
    Column("r²"),
    Column("divided by", "prose"),
)
_WIDTHS = (
    "Exponent of the shared spectrum where bins are averaged. Line: a symmetric network of the "
    "fitted radius and time constant, of which as many neurons are seen, without noise and with "
    "bins without end; in wide bins of a short recording the noise of few bins flattens the "
    "spectrum. Dotted: 2/3 and 4/3, the limits of a large critical symmetric network for bins "
    "much shorter and much longer than its slowest mode."
)


def run_section(record: RunRecord, metrics: Part) -> Section:
    """What was asked for."""
    parameters = record.parameters
    seconds = (metrics.get("training") or {}).get("seconds")
    size = parameters["network_neurons"]
    first, last = parameters["ranks"]
    rows = (
        ("input", str(record.input_path)),
        ("content", f"sha256 {str(record.input_hash)[:16]}"),
        ("ranks of the power laws", f"{first} to {last}"),
        ("network size assumed", whole(size) if size else "as many as recorded, and ten times"),
        ("begun", f"{record.created.replace('T', ' ')}; took {decimal(seconds, 0)} s"),
        ("seed", str(record.seed)),
        ("versions", ", ".join(f"{name} {each}" for name, each in record.versions.items())),
    )
    command = Command("The command that made this run", record.command)
    return Section("run", "The run", (Facts(rows), command))


def exponents_section(parts: Mapping[str, Part]) -> Section:
    """Spectra and their exponents, beside the control."""
    there = [name for name in (*METHODS, "shuffled") if "absent" not in parts[name]]
    blocks: list[Block] = []
    if there:
        image = drawn(
            "spectra", "Spectra and their exponents, a colour a method",
            lambda: draw_spectra({name: parts[name] for name in there}),
        )  # fmt: skip
        rows = tuple(_row(name, parts[name]) for name in there)
        blocks = [
            Picture("Spectra and exponents", image, _HOW),
            Table(_COLUMNS, rows, "95 % intervals in brackets."),
        ]
    for name in (*METHODS, "shuffled"):
        blocks += absence(parts[name], f"{METHODS.get(name, 'Neurons shifted')}: not fitted")
    blocks += notes_of(*(parts[name] for name in (*METHODS, "shuffled")))
    return Section("spectrum", "The spectrum", tuple(blocks))


def widths_section(parts: Mapping[str, Part]) -> Section:
    """Exponents against bin width, beside the theory."""
    part = parts["bin_widths"]
    blocks: list[Block] = []
    if "absent" not in part and len(part["widths"]) > 1:
        theory = parts["verdict"].get("curves")
        image = drawn(
            "widths", "Exponent of the spectrum against the width of the bins",
            lambda: draw_widths(part, theory),
        )  # fmt: skip
        first, last = part["ranks"]
        blocks.append(Picture("Wider bins", image, f"{_WIDTHS} Ranks {first} to {last}."))
    elif "absent" not in part:
        blocks.append(Text("Only one width leaves bins enough for a spectrum.", "absent"))
    blocks += absence(part, "No curve")
    return Section("widths", "The width of the bins", tuple(blocks))


def absence(part: Part, title: str) -> list[Block]:
    """Why a part is not there."""
    return [Text(f"{title}: {part['absent']}", "absent")] if "absent" in part else []


def notes_of(*parts: Part) -> list[Block]:
    """What the analyses said on their way."""
    notes = tuple(dict.fromkeys(note for part in parts for note in part.get("notes", ())))
    return [Bullets("To know", notes)] if notes else []


def _row(name: str, part: Part) -> tuple[str, ...]:
    first, last = part["ranks"]
    return (
        METHODS.get(name, "neurons shifted (svca2)"),
        with_interval(part["value"], part["low"], part["high"]),
        f"{first}–{last}",
        decimal(part.get("r_squared"), 3),
        part.get("division", DASH),
    )
