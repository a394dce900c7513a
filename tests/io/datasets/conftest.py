"""A server of this machine that can go on in the middle, break off and change its mind."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest


@dataclass
class Site:
    """What a server holds, how it behaves, and what it was asked."""

    url: str = ""
    content: dict = field(default_factory=dict)  # path -> bytes
    ranges: bool = True
    tag: str = '"first"'
    break_after: list = field(default_factory=list)  # bytes of each answer to come
    chunked: bool = False
    says_length: bool = True
    status: int = 0  # of every answer, where not 0
    asked: list = field(default_factory=list)  # (path, Range) of every request


def handler_of(site):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            wanted = self.headers.get("Range")
            site.asked.append((self.path, wanted))
            body = site.content.get(self.path)
            if site.status or body is None:
                self.send_error(site.status or 404)
                return
            start = self.start_of(wanted)
            if start >= len(body) and start:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.head(body, start)
            self.send(body[start:])

        def start_of(self, wanted):
            same = self.headers.get("If-Range", site.tag) == site.tag
            if not (wanted and site.ranges and same):
                return 0
            return int(wanted.removeprefix("bytes=").rstrip("-"))

        def head(self, body, start):
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            if site.tag:
                self.send_header("ETag", site.tag)
            if site.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif site.says_length:
                self.send_header("Content-Length", str(len(body) - start))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()

        def send(self, body):
            breaks = bool(site.break_after)
            if breaks:
                body = body[: site.break_after.pop(0)]
                self.close_connection = True
            if site.chunked:
                self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
                if not breaks:
                    self.wfile.write(b"0\r\n\r\n")
            else:
                self.wfile.write(body)

        def log_message(self, *_args):
            pass

    return Handler


@pytest.fixture
def site(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(made))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def content():
    """Three chunks and a bit."""
    return np.random.default_rng(0).bytes((3 << 20) + 12345)
