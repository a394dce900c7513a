"""The files of a data set, as the services that hold it list them."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from popcode.errors import InputError
from popcode.io.datasets.entries import Dataset, RemoteFile, Service
from popcode.io.datasets.web import answer

MAX_PAGES = 1000


def files_of(dataset: Dataset) -> tuple[RemoteFile, ...]:
    """Every file of a data set; goes online where a service lists them.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    tuple of RemoteFile

    Raises
    ------
    InputError
        No network, a server that refuses, an answer of another form.
    """
    if dataset.listing is None:
        return dataset.files
    service, url = dataset.listing
    try:
        listed = _SERVICES[service](url)
    except (KeyError, TypeError, ValueError, AttributeError, ElementTree.ParseError) as error:
        raise InputError(
            f"the list of files cannot be read ({type(error).__name__}: {error})",
            where=url,
            remedy=f"Download them from {dataset.page}.",
        ) from error
    for file in listed:
        _refuse_unsafe(file, url)
    return (*dataset.files, *listed)


def _refuse_unsafe(file: RemoteFile, url: str) -> None:
    """A server may not say that a file belongs outside of the folder."""
    path = PurePosixPath(file.name)
    if not file.name or path.is_absolute() or ".." in path.parts or "\\" in file.name:
        raise InputError(
            f"it lists a file with the name {file.name!r}",
            where=url,
            remedy="Download the files from the page of the data set.",
        )


def _figshare(url: str) -> list[RemoteFile]:
    """One answer: ``files``, each with name, size, download_url and computed_md5."""
    return [
        RemoteFile(
            entry["name"],
            entry["download_url"],
            int(entry["size"]),
            f"md5:{entry['computed_md5']}" if entry.get("computed_md5") else None,
        )
        for entry in json.loads(answer(url))["files"]
    ]


def _dandi(url: str) -> list[RemoteFile]:
    """Pages of ``results``, each with asset_id, path and size; ``next`` is the next page."""
    api = url.partition("/dandisets/")[0]
    found: list[RemoteFile] = []
    for _ in range(MAX_PAGES):
        page: dict[str, Any] = json.loads(answer(url))
        found += [
            RemoteFile(
                entry["path"], f"{api}/assets/{entry['asset_id']}/download/", int(entry["size"])
            )
            for entry in page["results"]
        ]
        if not page["next"]:
            return found
        url = page["next"]
    raise ValueError(f"more than {MAX_PAGES} pages")


def _s3(url: str) -> list[RemoteFile]:
    """Pages of ``Contents``, each with Key and Size; names are those below the prefix."""
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    root, prefix = f"{parts.scheme}://{parts.netloc}/", query["prefix"]
    found: list[RemoteFile] = []
    for _ in range(MAX_PAGES):
        page = ElementTree.fromstring(answer(f"{root}?{urllib.parse.urlencode(query)}"))
        for entry in page.iterfind("{*}Contents"):
            key = entry.findtext("{*}Key", "")
            if not key.endswith("/"):
                address = root + urllib.parse.quote(key)
                size = int(entry.findtext("{*}Size", ""))
                found.append(RemoteFile(key.removeprefix(prefix), address, size))
        if page.findtext("{*}IsTruncated") != "true":
            return found
        query["continuation-token"] = page.findtext("{*}NextContinuationToken", "")
    raise ValueError(f"more than {MAX_PAGES} pages")


_SERVICES: dict[Service, Callable[[str], list[RemoteFile]]] = {
    "figshare": _figshare,
    "dandi": _dandi,
    "s3": _s3,
}
