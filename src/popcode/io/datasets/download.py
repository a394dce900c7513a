"""One file from a server, whole or not at all, going on where a former try stopped."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from popcode.errors import InputError
from popcode.files import write_error
from popcode.files.atomic import sync_folder
from popcode.io.datasets.entries import RemoteFile
from popcode.io.datasets.web import NETWORK_ERRORS, RangeRefused, opened, unreachable

CHUNK_BYTES = 1 << 20
TRIES = 4  # a connection that breaks is taken up again this often before the user is told

Watch = Callable[[int, int | None], None]  # bytes there, bytes in all where known


class Part(NamedTuple):
    """What is there of a file that is not whole: the bytes, and which version they are of."""

    path: Path
    version: Path

    @property
    def n_bytes(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    def remove(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)
        self.version.unlink(missing_ok=True)


class Received(NamedTuple):
    """Whether all came, and the size of the whole where it is known."""

    whole: bool
    total: int | None


def part_of(target: Path) -> Part:
    """Where the unfinished download of a file is kept, beside it."""
    return Part(target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.version"))


def download(file: RemoteFile, target: Path, watch: Watch) -> None:
    """Download a file to `target`, from where a former try stopped.

    The bytes are kept in ``NAME.part`` until all are there and their hash is that of the file
    (where it is known); then it is renamed. A server that cannot go on in the middle, or whose
    file has changed since, sends it from its start. An interruption leaves the part.

    Parameters
    ----------
    file : RemoteFile
    target : Path
        In a folder that exists; not there yet.
    watch : callable
        Told the bytes there and the bytes in all (None where the server does not say).

    Raises
    ------
    InputError
        No network, a server that refuses, a size or hash that is not that of the file (the part
        is removed), a disk that is full or closed to writing (the part is kept).
    """
    part = part_of(target)
    for left in reversed(range(TRIES)):
        received = _receive_or_restart(file, part, target, watch)
        if received.whole:
            break
        if left == 0:
            raise _broken_off(file, part.n_bytes)
    verify(file, part.path, received.total, part.remove)
    try:
        os.replace(part.path, target)
        part.version.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(target, error) from error
    sync_folder(target.parent)


def _receive_or_restart(file: RemoteFile, part: Part, target: Path, watch: Watch) -> Received:
    """As `_receive`, from the start where the server cannot go on from the part."""
    try:
        return _receive(file, part, target, watch)
    except RangeRefused as error:
        if part.n_bytes and error.total == part.n_bytes:
            return Received(True, error.total)
        part.remove()
        return _receive(file, part, target, watch)


def _receive(file: RemoteFile, part: Part, target: Path, watch: Watch) -> Received:
    """Add to the part what the server sends."""
    start = part.n_bytes
    if start and file.n_bytes == start:
        return Received(True, start)
    with opened(file.url, _resuming(part) if start else {}) as response:
        start, total = _place(response, start)
        total = file.n_bytes if total is None else total
        _write_version(part, response.headers, target)
        watch(start, total)
        ended = _append(part, target, response, start, lambda n: watch(n, total))
    return Received(ended and (total is None or part.n_bytes >= total), total)


def _resuming(part: Part) -> dict[str, str]:
    """Headers that ask for the rest; for the whole where the file has changed since."""
    headers = {"Range": f"bytes={part.n_bytes}-"}
    try:
        validator = json.loads(part.version.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return headers
    return headers | {"If-Range": str(validator)}


def _write_version(part: Part, headers: Any, target: Path) -> None:
    tag = headers.get("ETag", "")
    validator = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified")
    try:
        if validator:
            part.version.write_text(json.dumps(validator), encoding="utf-8")
        else:
            part.version.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(target, error) from error


def _place(response: Any, wanted: int) -> tuple[int, int | None]:
    """First byte that an answer holds, and the size of the whole where it says so."""
    length = response.headers.get("Content-Length")
    if response.status != http.client.PARTIAL_CONTENT:
        return 0, int(length) if length else None
    said = re.fullmatch(
        r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip()
    )
    if said is None or int(said[1]) != wanted:
        raise RangeRefused(response.url, response.headers.get("Content-Range", ""))
    return wanted, None if said[2] == "*" else int(said[2])


def _append(
    part: Part, target: Path, response: Any, start: int, watch: Callable[[int], None]
) -> bool:
    """Write an answer behind the first `start` bytes; gives whether it came to its end."""
    try:
        with part.path.open("r+b" if start else "wb") as sink:
            sink.truncate(start)
            sink.seek(start)
            n_bytes = start
            for chunk in _chunks(response):
                if chunk is None:
                    return False
                sink.write(chunk)
                n_bytes += len(chunk)
                watch(n_bytes)
            sink.flush()
            os.fsync(sink.fileno())
    except OSError as error:
        raise write_error(target, error) from error
    return True


def _chunks(response: Any) -> Iterator[bytes | None]:
    """What comes, and None where the connection breaks: errors that are left are the disk's."""
    while True:
        try:
            chunk = response.read(CHUNK_BYTES)
        except http.client.IncompleteRead as error:
            yield error.partial
            yield None
            return
        except NETWORK_ERRORS:
            yield None
            return
        if not chunk:
            return
        yield chunk


def _broken_off(file: RemoteFile, n_bytes: int) -> InputError:
    return unreachable(file.url, ConnectionError(f"it broke off after {n_bytes:,} bytes"))


def verify(
    file: RemoteFile, path: Path, total: int | None, discard: Callable[[], None] | None = None
) -> None:
    """Check size and hash of what was downloaded, as far as they are known.

    Parameters
    ----------
    file : RemoteFile
    path : Path
    total : int, optional
        Size that the server stated.
    discard : callable, optional
        Called before the error.

    Raises
    ------
    InputError
        They are not those of the file.
    """
    n_bytes = path.stat().st_size
    expected = total if file.n_bytes is None else file.n_bytes
    if expected is not None and n_bytes != expected:
        wrong = f"it has {n_bytes:,} bytes; expected {expected:,}"
    elif file.digest and (found := digest_of(path, file.digest.partition(":")[0])) != file.digest:
        wrong = f"its hash is {found}; expected {file.digest}"
    else:
        return
    if discard is not None:
        discard()
    raise InputError(
        f"the download is not the file: {wrong}",
        where=file.url,
        remedy="What came was removed: run it again; the deposit may have changed.",
    )


def digest_of(path: Path, algorithm: str) -> str:
    """Hash of a file in the form of `RemoteFile.digest`."""
    with path.open("rb") as source:
        return f"{algorithm}:{hashlib.file_digest(source, algorithm).hexdigest()}"
