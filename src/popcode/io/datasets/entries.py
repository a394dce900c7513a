"""What is known of a public data set before anything is downloaded."""

from typing import Literal, NamedTuple

Service = Literal["figshare", "dandi", "s3"]


class RemoteFile(NamedTuple):
    """A file of a data set.

    Parameters
    ----------
    name : str
        Where it is put, below the folder of the data set; "/" between folders.
    url : str
    n_bytes : int, optional
        Its size, where known.
    digest : str, optional
        "md5:..." or "sha256:..." in hexadecimal, where known.
    """

    name: str
    url: str
    n_bytes: int | None = None
    digest: str | None = None


class Listing(NamedTuple):
    """Where a service lists the files of a deposit.

    Parameters
    ----------
    service : {"figshare", "dandi", "s3"}
        The form of its answer.
    url : str
    """

    service: Service
    url: str


class Dataset(NamedTuple):
    """A public data set.

    Parameters
    ----------
    name : str
        Its short name here.
    title : str
        What it holds.
    article : str
        The article that it belongs to.
    page : str
        The page that describes it.
    licence : str
        As far as known; "unknown" where not.
    size : str
        In words, as far as known; "unknown" where not.
    files : tuple of RemoteFile
        Those at a fixed address.
    listing : Listing, optional
        Where the others are listed.
    first : str
        Pattern of the files that are fetched where none are chosen; empty for all.
    note : str
        What a user should know first.
    """

    name: str
    title: str
    article: str
    page: str
    licence: str
    size: str
    files: tuple[RemoteFile, ...] = ()
    listing: Listing | None = None
    first: str = ""
    note: str = ""
