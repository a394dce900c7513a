"""How an input is to be read: the options that commands share, and errors that name them so."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from cyclopts import Parameter

from popcode.cli.trial import refuse_what_crashes
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.recording import Recording

Flag = Parameter(negative="")
Result = TypeVar("Result")


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class Reading:
    """Options of reading, the same as those of `popcode.load`.

    Parameters
    ----------
    bin_s : float
        Bin width in seconds: of the bins that spike times are counted in (0.02 by default);
        merges whole bins of other inputs, or states their width where they do not know it.
    quality : {"all", "good", "allen"}
        Which sorted units to keep: all, those labelled good, or those that pass the thresholds
        of the Allen Institute.
    min_rate_hz : float
        Drop units with fewer spikes a second.
    keep_layers : bool
        Name regions with their cortical layer (VISp2/3, not VISp).
    array : str
        Which array, table or series to read where the input holds several.
    sampling_rate_hz : float
        Samples a second, where the input counts time in samples and does not say.
    allow_pickle : bool
        Read pickled files of the input (stat.npy and ops.npy of suite2p); only arrays and plain
        values are made of them.
    """

    bin_s: float | None = None
    quality: Literal["all", "good", "allen"] = "all"
    min_rate_hz: float = 0.0
    keep_layers: Annotated[bool, Flag] = False
    array: str | None = None
    sampling_rate_hz: float | None = None
    allow_pickle: Annotated[bool, Flag] = False

    def arguments(self) -> dict[str, Any]:
        """Arguments of `popcode.load`."""
        return dataclasses.asdict(self)


AS_IT_IS = Reading()
_NAMES = "|".join(field.name for field in dataclasses.fields(Reading))
_PLAIN = "|".join(field.name for field in dataclasses.fields(Reading) if "_" in field.name)
# Arguments of functions that a command calls for the user, where a message begins with one.
_OPTIONS = {"sd_s": "smooth-s", "epochs_s": "epochs"}
_FIRST = "sd_s|epochs_s|quantile|threshold|z|seed|rise_s|decay_s"
_METHOD = r"(?P<method>\.(?:select|binned)\([^)]*\))"
_VALUE = r"'[^']*'|\d+(?:\.\d+)?|\.{3}|\w+"
_AS_TYPED = re.compile(
    rf"(?P<python>popcode\.Recording\([^)]*\))"
    rf"|popcode\.load\(path, (?P<called>{_NAMES})=(?P<argument>{_VALUE})\)"
    rf"|\b(?P<both>{_NAMES})(?P<between>(?:=(?:{_VALUE}))?) \(--[\w-]+\)"
    rf"|\b(?P<given>{_NAMES})=(?P<value>{_VALUE})?"
    rf"|(?<!')\b(?P<named>{_PLAIN})\b(?!')"
    rf"|(?<=\bwith )(?P<with_array>array)\b(?! [a-z])"
    rf"|\bquality '(?P<quality>\w+)'"
    rf"|{_METHOD}(?: \((?P<instead>(?:--|popcode )[^)]*)\))?"
    rf"|^(?P<first>{_FIRST})(?= (?:is|has)\b)"
)


def as_typed(text: str) -> str:
    """Options in the words of the command line: ``array='dff'`` becomes ``--array dff``."""
    return _AS_TYPED.sub(_typed, text)


def _typed(match: re.Match[str]) -> str:
    found = match.groupdict()
    if found["python"]:
        return found["python"]
    if found["method"]:
        return found["instead"] or f"{found['method']} in Python"
    if found["quality"]:
        return f"--quality {found['quality']}"
    if found["first"]:
        return f"--{_OPTIONS.get(found['first'], found['first']).replace('_', '-')}"
    name = next(found[k] for k in ("called", "both", "given", "named", "with_array") if found[k])
    value = (found["argument"] or (found["between"] or "").lstrip("=") or found["value"]) or ""
    value = "" if value.strip("'") in ("True", "...") else value.strip("'")
    return f"--{name.replace('_', '-')} {value}".rstrip()


@contextlib.contextmanager
def about(path: str) -> Iterator[None]:
    """Name an input in the errors of what is done to it, and options as they are typed."""
    try:
        yield
    except InputError as error:
        named = error.where.startswith(path)
        where = error.where if named else ", ".join(part for part in (path, error.where) if part)
        raise InputError(
            as_typed(error.what), where=where, remedy=as_typed(error.remedy)
        ) from error


def recording_at(path: str, reading: Reading) -> Recording:
    """Read an input.

    Raises
    ------
    InputError
        See `popcode.load`.
    """
    from popcode.io import load

    with about(path):
        return surviving(path, lambda: load(path, **reading.arguments()))


def surviving(path: str, read: Callable[[], Result]) -> Result:
    """What `read` gives; a file that would crash this process is refused.

    Raises
    ------
    InputError
        See `popcode.cli.trial.refuse_what_crashes`.
    """
    refuse_what_crashes(path, read)
    return read()
