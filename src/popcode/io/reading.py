"""What reading any file has in common: its checks before, its errors in one form, its hash."""

import difflib
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from popcode.errors import InputError
from popcode.recording.memory import refuse_beyond_memory

__all__ = ["checked_path", "reading", "refuse_beyond_memory", "sha256_of"]

MOST_COMPARED = 10_000  # names of a folder, when one is misspelt
ALIKE = 0.7  # of difflib: one letter of five may differ, but not the name before an ending


@contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Turn whatever a damaged file makes its reader raise into one InputError with the path.

    The readers of zip, npy and HDF5 raise at least seven types of exception on damaged files,
    so every one is taken; an InputError keeps its words.
    """
    try:
        yield
    except InputError as error:
        within = error.where.removeprefix(str(path))
        where = f"{path}, {within}" if within else str(path)
        raise InputError(error.what, where=where, remedy=error.remedy) from None
    except MemoryError:
        raise InputError(
            "there is not enough memory to read it",
            where=str(path),
            remedy="Close other programs, or use a machine with more memory.",
        ) from None
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"the file cannot be read ({type(error).__name__}: {reason})",
            where=str(path),
            remedy="It is damaged, cut short or in another format: copy or export it again.",
        ) from error


def checked_path(path: Path) -> Path:
    """Raise InputError unless `path` is a folder, or a regular file that is not empty."""
    if not path.exists():
        raise InputError("there is no such file", where=str(path), remedy=_alike(path))
    if path.is_dir():
        return path
    if not path.is_file():  # reading it may wait for ever
        raise InputError(
            "it is a pipe or device, not a file",
            where=str(path),
            remedy="Write what it gives to a file first, and read that.",
        )
    if path.stat().st_size == 0:
        raise InputError("the file is empty", where=str(path), remedy="Copy or export it again.")
    return path


def _alike(path: Path) -> str:
    """What to do about a file that is not there: its folder may hold some of nearly its name."""
    try:
        entries = list(itertools.islice(path.parent.iterdir(), MOST_COMPARED))
    except OSError:
        entries = []
    names = {entry.name.casefold(): entry.name for entry in entries if entry.name.isprintable()}
    stem = path.stem.casefold()
    near = difflib.get_close_matches(path.name.casefold(), sorted(names), cutoff=ALIKE)
    near = near or [name for name in sorted(names) if Path(name).stem == stem][:3]
    if not near:
        return "Check the path."
    return f"Its folder holds {', '.join(names[name] for name in near)}: is that the one?"


def sha256_of(files: Sequence[Path]) -> str:
    """Content hash, in hexadecimal: of the one file, or of the names and hashes of several."""
    hashes = [_sha256_of_file(path) for path in files]
    if len(files) == 1:
        return hashes[0]
    listed = "".join(f"{path.name} {digest}\n" for path, digest in zip(files, hashes, strict=True))
    return hashlib.sha256(listed.encode()).hexdigest()


def _sha256_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
