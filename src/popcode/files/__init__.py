"""Files that outlive a kill: atomic replacement, the lock of a folder, the run folder."""

from popcode.files.atomic import atomic_write, jsonable, write_error, write_json, write_text
from popcode.files.history import read_history, write_history
from popcode.files.lock import folder_lock
from popcode.files.run_folder import RunFolder, refuse_what_is_there
from popcode.files.run_record import RunRecord, installed_versions, read_record, write_record

__all__ = [
    "RunFolder",
    "RunRecord",
    "atomic_write",
    "folder_lock",
    "installed_versions",
    "jsonable",
    "read_history",
    "read_record",
    "refuse_what_is_there",
    "write_error",
    "write_history",
    "write_json",
    "write_record",
    "write_text",
]
