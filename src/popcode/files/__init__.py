"""Files that outlive a kill: atomic replacement, the lock of a folder, the run folder."""

from popcode.files.atomic import atomic_write, jsonable, write_error, write_json, write_text

__all__ = ["atomic_write", "jsonable", "write_error", "write_json", "write_text"]
