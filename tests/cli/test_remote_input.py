"""Commands take the address of a remote file where they take a path."""

import os

from popcode.cli import work
from popcode.cli.fitting import from_anywhere


def test_an_address_is_kept_and_a_path_made_absolute():
    url = "https://example.org/a.nwb"
    assert from_anywhere(url) == url
    assert from_anywhere("a.nwb") == os.path.join(os.getcwd(), "a.nwb")


def test_a_remote_input_is_not_looked_for_on_the_disk(monkeypatch):
    class Run:
        class record:
            input_path, input_hash = "https://example.org/a.nwb", "same"

    monkeypatch.setattr(work, "prepare", lambda path, options: _Prepared)
    monkeypatch.setattr(work, "content_hash", lambda recording: "same")
    assert work.prepared_input(Run, None) is _Prepared


class _Prepared:
    recording = None
