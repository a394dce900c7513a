"""Asking a server, and what can go wrong with that in the words of one error."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from popcode.errors import InputError

TIMEOUT_S = 60.0
MAX_ANSWER_BYTES = 1 << 26  # of a list of files
# Whatever the network does while an answer is read.
NETWORK_ERRORS = (OSError, http.client.HTTPException)


def opened(url: str, headers: dict[str, str] | None = None) -> Any:
    """Open an address; the answer is read and closed by the caller.

    Raises
    ------
    InputError
        Another scheme than http(s), no network, a server that refuses.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError(
            "the address is none of http or https", where=url, remedy="Check where it comes from."
        )
    # Without this a server may compress what it sends, and sizes and ranges mean nothing.
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"} | (headers or {}))
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise RangeRefused(url, error.headers.get("Content-Range", "")) from error
        raise refused(url, error.code, error.reason) from error
    except NETWORK_ERRORS as error:
        raise unreachable(url, error) from error


def answer(url: str) -> bytes:
    """All that an address answers.

    Raises
    ------
    InputError
        As `opened`, and an answer longer than any list of files.
    """
    try:
        with opened(url) as response:
            content = response.read(MAX_ANSWER_BYTES + 1)
    except NETWORK_ERRORS as error:
        raise unreachable(url, error) from error
    if len(content) > MAX_ANSWER_BYTES:
        raise InputError(
            f"the list of files is longer than {MAX_ANSWER_BYTES >> 20} MiB",
            where=url,
            remedy="Download the files from the page of the data set.",
        )
    return content


class RangeRefused(InputError):
    """A server sends nothing from where a download stopped.

    Parameters
    ----------
    url : str
    said : str
        The range that it states; ``bytes */100`` where the file has 100 bytes.
    """

    def __init__(self, url: str, said: str) -> None:
        super().__init__(
            f"the server does not go on from where it stopped ({said or 'no range'})",
            where=url,
            remedy="Remove the unfinished file (.part) and run it again.",
        )
        size = said.strip().removeprefix("bytes */")
        self.total = int(size) if size.isdecimal() else None


def refused(url: str, code: int, reason: str) -> InputError:
    """The error for an answer that is none."""
    if code in (404, 410):
        remedy = "The deposit may have moved: see its page (popcode datasets list)."
    elif code in (401, 403):
        remedy = "It may need an account: see its page (popcode datasets list)."
    else:
        remedy = "The server has a problem: try later, and the download goes on."
    return InputError(f"the server answers {code} {reason}", where=url, remedy=remedy)


def unreachable(url: str, error: BaseException) -> InputError:
    """The error for a network that does not work."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        remedy = "The certificate is not trusted here: set SSL_CERT_FILE to those of your network."
    else:
        remedy = (
            "Check the network (behind a proxy, set https_proxy) and run it again: "
            "a download goes on from where it stopped."
        )
    text = str(reason) or type(reason).__name__
    return InputError(f"cannot reach {urlsplit(url).netloc} ({text})", where=url, remedy=remedy)
