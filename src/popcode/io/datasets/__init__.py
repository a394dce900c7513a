"""Public recordings: what there is, and fetching it. Only fetching and listing files go online."""

from popcode.io.datasets.catalogue import CATALOGUE, find_dataset
from popcode.io.datasets.entries import Dataset, Listing, RemoteFile
from popcode.io.datasets.fetching import Fetched, fetch
from popcode.io.datasets.listing import files_of

__all__ = [
    "CATALOGUE",
    "Dataset",
    "Fetched",
    "Listing",
    "RemoteFile",
    "fetch",
    "files_of",
    "find_dataset",
]
