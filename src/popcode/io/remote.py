"""NWB files on a server, of which only the parts that are needed are fetched."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

import h5py

from popcode.errors import InputError
from popcode.io.nwb import is_nwb, recording_of_nwb
from popcode.io.options import ReadOptions
from popcode.recording import Recording

SCHEMES = ("http", "https", "s3")
TIMEOUT_S = 30.0
SIGNATURE = b"\x89HDF\r\n\x1a\n"
DOWNLOAD = "Download it, and give the path of the file."


class Remote(NamedTuple):
    """A file on a server: where it is after all redirections, its bytes, its ETag or ""."""

    url: str
    n_bytes: int
    etag: str


def is_url(source: object) -> bool:
    """Whether a source is the address of a remote file: http, https or s3."""
    return isinstance(source, str) and source.split("://", 1)[0].lower() in SCHEMES


def read_url(url: str, options: ReadOptions) -> Recording:
    """Recording of a remote NWB file, such as an Allen session or an asset of DANDI.

    Its step "load" keeps the address without its query (which may hold a signature) and, as
    hashing would fetch the whole file, a hash of address, size and ETag in place of the content.

    Raises
    ------
    InputError
        No such file, no server, a server that sends no parts of files, another format, or
        remfile is not installed.
    """
    opener = _remfile()
    remote = ask(https_url(url))
    with h5py.File(opener(remote.url), "r") as file:
        if not is_nwb(file):
            raise InputError("it is HDF5 but not NWB", remedy=DOWNLOAD)
        recording = recording_of_nwb(file, options)
    address = _without_query(url)
    step = {
        "step": "load",
        "path": address,
        "format": "nwb",
        "n_bytes": remote.n_bytes,
        "sha256": _identity(address, remote),
        "sha256_of": "address, size and ETag: not hashed (remote)",
    }
    return replace(recording, provenance=(*recording.provenance, step))


def https_url(url: str) -> str:
    """Address by which anyone may read s3://bucket/key; others as they are.

    Examples
    --------
    >>> https_url("s3://dandiarchive/blobs/a b")
    'https://dandiarchive.s3.amazonaws.com/blobs/a%20b'
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() != "s3":
        return url
    bucket, _, key = rest.partition("/")
    if not bucket or not key:
        raise InputError("the address names no file", remedy="Give s3://bucket/key.")
    if "." in bucket:  # no certificate covers its name as part of the host
        return f"https://s3.amazonaws.com/{bucket}/{quote(key)}"
    return f"https://{bucket}.s3.amazonaws.com/{quote(key)}"


def ask(url: str) -> Remote:
    """Fetch the first bytes: whether the file is there, is HDF5, and comes in parts.

    Raises
    ------
    InputError
        It is not, or the server does not answer.
    """
    request = Request(url, headers={"Range": f"bytes=0-{len(SIGNATURE) - 1}"})
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:
            status, head, headers = answer.status, answer.read(len(SIGNATURE)), answer.headers
            final = answer.url
    except HTTPError as error:
        raise InputError(
            f"the server answers {error.code} ({error.reason})",
            remedy="Check the address, and that the file may be read without logging in.",
        ) from None
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise InputError(
            f"the server cannot be reached ({reason})", remedy="Check the address and the network."
        ) from None
    if head != SIGNATURE:
        raise InputError("it is no NWB file: only those are read remotely", remedy=DOWNLOAD)
    total = headers.get("Content-Range", "").rpartition("/")[2]
    if status != 206 or not total.isdigit():
        raise InputError("the server does not send parts of files", remedy=DOWNLOAD)
    return Remote(final, int(total), headers.get("ETag", ""))


def _remfile() -> Any:
    try:
        from remfile import File  # noqa: PLC0415  (an extra)
    except ImportError:
        raise InputError(
            "reading remote files needs the package remfile, which is not installed",
            remedy="Run: pip install 'popcode[remote]'.",
        ) from None
    return File


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _identity(address: str, remote: Remote) -> str:
    told = f"{address}\n{remote.n_bytes}\n{remote.etag}\n"
    return hashlib.sha256(told.encode()).hexdigest()
