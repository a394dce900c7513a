"""Remote NWB files are read in parts, from a server of this test's own."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import h5py
import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.io.remote import https_url, is_url


class Server(ThreadingHTTPServer):
    """Serves `files` (path -> content); `sent` counts the bytes of all answers."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.in_parts, self.sent = True, 0

    def handle_error(self, request, client_address):
        """A client that hangs up early is no error."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self):
        content = self.server.files.get(self.path.partition("?")[0])
        if content is None:
            self.send_error(404)
            return
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        body, total = content, len(content)
        if asked and self.server.in_parts:
            first, last = int(asked[1]), min(int(asked[2]), total - 1)
            body = content[first : last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{total}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"v1"')
        self.end_headers()
        try:
            self.wfile.write(body)
            self.server.sent += len(body)
        except OSError:  # the client asked for the length alone
            self.close_connection = True

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    pytest.importorskip("remfile")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Server()
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.fixture
def session(tmp_path):
    """Path of an NWB file of 3 units with 20 MB of other data between, and its counts."""
    counts = np.random.default_rng(0).poisson(0.5, (400, 3)).astype(np.uint8)
    counts[0, 0] = counts[-1, 0] = 1
    path = tmp_path / "a.nwb"
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.8.0"
        file["units/id"] = np.arange(3)
        file["acquisition/lfp/data"] = np.random.default_rng(1).bytes(1)[0] * np.ones(2_500_000)
        bins = [np.repeat(np.arange(400), counts[:, unit]) for unit in range(3)]
        shifts = [np.where((b == 0) & (unit == 0), 0.0, 0.5) for unit, b in enumerate(bins)]
        times = [b * 0.02 + s * 0.02 for b, s in zip(bins, shifts, strict=True)]
        file["units/spike_times"] = np.concatenate(times)
        file["units/spike_times_index"] = np.cumsum([len(b) for b in bins])
    return path, counts


def refused(url) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(url)
    assert caught.value.where.startswith(url)
    assert caught.value.remedy
    return str(caught.value)


def test_what_is_read_is_what_the_file_gives(server, session):
    path, counts = session
    server.files["/s/a.nwb"] = path.read_bytes()
    url = f"{server.address}/s/a.nwb"
    recording = popcode.load(f"{url}?token=secret")
    np.testing.assert_array_equal(recording.activity, counts)
    np.testing.assert_array_equal(recording.activity, popcode.load(path).activity)
    step = recording.provenance[-1]
    assert (step["path"], step["format"]) == (url, "nwb")
    assert step["n_bytes"] == path.stat().st_size
    assert len(step["sha256"]) == 64
    assert "secret" not in str(recording.provenance)


def test_what_is_not_needed_is_not_fetched(server, session):
    path, _ = session
    server.files["/a.nwb"] = path.read_bytes()
    popcode.load(f"{server.address}/a.nwb")
    # The request for the length is cut off by the client, of which buffers hold a few MB at most.
    assert server.sent < path.stat().st_size / 2


def test_another_content_has_another_hash(server, session):
    path, _ = session
    server.files["/a.nwb"] = path.read_bytes()
    first, again = (popcode.load(f"{server.address}/a.nwb") for _ in range(2))
    server.files["/a.nwb"] = path.read_bytes() + b"\0"
    other = popcode.load(f"{server.address}/a.nwb")
    hashes = [r.provenance[-1]["sha256"] for r in (first, again, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_info_says_that_nothing_was_hashed(server, session):
    server.files["/a.nwb"] = session[0].read_bytes()
    text = popcode.info(f"{server.address}/a.nwb")
    assert "MB, not hashed (remote)" in text


def test_what_cannot_be_read_is_said(server, session, tmp_path):
    assert "the server answers 404" in refused(f"{server.address}/none.nwb")
    server.files["/a.npz"] = b"PK\x03\x04 and more"
    assert "it is no NWB file" in refused(f"{server.address}/a.npz")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["data"] = np.zeros(3)
    server.files["/b.h5"] = (tmp_path / "b.h5").read_bytes()
    assert "it is HDF5 but not NWB" in refused(f"{server.address}/b.h5")
    server.in_parts = False
    server.files["/a.nwb"] = session[0].read_bytes()
    assert "does not send parts of files" in refused(f"{server.address}/a.nwb")


def test_no_server(server):
    url = f"{server.address}/a.nwb"
    server.shutdown()
    server.server_close()
    assert "the server cannot be reached" in refused(url)


def test_without_remfile_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "remfile", None)
    assert "pip install 'popcode[remote]'" in refused("https://example.org/a.nwb")


def test_addresses():
    assert https_url("s3://bucket/a/b c.nwb") == "https://bucket.s3.amazonaws.com/a/b%20c.nwb"
    assert https_url("s3://a.b/c.nwb") == "https://s3.amazonaws.com/a.b/c.nwb"
    assert https_url("https://host/a?b=c") == "https://host/a?b=c"
    assert [is_url(x) for x in ("https://a", "S3://a", "a/b.nwb", "C:\\a", 3)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(InputError, match="the address names no file"):
        https_url("s3://bucket")
