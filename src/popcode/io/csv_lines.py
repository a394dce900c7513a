"""First lines of a file of text that hold more than comments."""

from __future__ import annotations

from pathlib import Path

HEAD_BYTES = 1 << 12
LINE_BYTES = 1 << 26
MAX_COMMENTS = 1000  # lines looked at for the first numbers
CONTROL = bytes(set(range(32)) - set(b"\t\r\n\f")) + b"\x7f"


def first_lines(path: Path, n: int = 2) -> list[tuple[int, str]]:
    """First lines with content and their numbers, from 0; none where the file is no text."""
    lines: list[tuple[int, str]] = []
    with path.open("rb") as file:
        if _has_control_characters(file.read(HEAD_BYTES)):
            return []
        file.seek(0)
        for number in range(MAX_COMMENTS):
            raw = file.readline(LINE_BYTES)
            if not raw or _has_control_characters(raw):
                return []
            line = content_of(_decoded(raw))
            if line:
                lines.append((number, line))
            if len(lines) == n or (lines and not file.peek(1)):
                return lines
    return lines


def _has_control_characters(raw: bytes) -> bool:
    return len(raw.translate(None, CONTROL)) != len(raw)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def content_of(line: str) -> str:
    """A line without its comment and the space around it."""
    return line.split("#", 1)[0].strip(" \r\n\f")
