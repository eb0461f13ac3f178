"""A Hugging Face hub and a plain file server on 127.0.0.1, with scripted faults.

It answers what huggingface_hub asks for a file outside Xet storage: HEAD and GET of
/OWNER/REPO/resolve/REVISION/FILE with X-Repo-Commit, X-Linked-Etag (the sha256 of the file) and
X-Linked-Size. Every other path is a plain file by that path. Each GET takes the next fault of its
path, and when none is left it is served well.
"""

import hashlib
import re
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"

_RESOLVE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one GET is answered wrongly. Byte counts are of the body of that answer."""

    truncate_at: int | None = None
    """Close the connection in order after so many bytes."""
    reset_at: int | None = None
    """Reset the connection after so many bytes."""
    stall_at: int | None = None
    """Send nothing more after so many bytes, until the double closes."""
    drip_bytes: int = 0
    """Send so many bytes at a time, 0.02 s apart."""
    ignore_range: bool = False
    """Answer 200 and the whole file to a Range."""
    ignore_if_range: bool = False
    """Answer 206 to a Range although the file has changed."""
    content_length: int | None = None
    """Lie about the length."""
    status: int | None = None
    """Answer this and no file."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Send other bytes under the same headers."""


@dataclass
class _File:
    body: bytes
    etag: str


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    """By lower-case name."""


class HubDouble:
    """The state that a test scripts and reads; `serving` makes one that listens."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self._head_faults: dict[str, Fault] = {}
        self.received: list[Received] = []
        self.closing = threading.Event()
        self.url = ""

    def put(self, path: str, body: bytes, *, etag: str = "") -> str:
        """Serve the bytes at a path from now on and return the URL."""
        self._files[path] = _File(body, etag or f'"{hashlib.sha256(body).hexdigest()}"')
        return f"{self.url}{path}"

    def put_hub(self, repo: str, file: str, body: bytes) -> str:
        """Serve the bytes as a file of a repository, at every revision, and return its path."""
        path = f"/{repo}/{file}"
        self.put(path, body)
        return path

    def fail(self, path: str, *faults: Fault) -> None:
        """Answer the next GETs of a path so."""
        self._faults[path] += faults

    def answer_head(self, path: str, fault: Fault) -> None:
        """Answer every HEAD of a file of a repository so."""
        self._head_faults[path] = fault

    def gets(self, path: str) -> list[Received]:
        """Return the GETs of a path, oldest first."""
        return [each for each in self.received if (each.method, _key(each.path)) == ("GET", path)]

    def next_fault(self, method: str, key: str) -> Fault:
        """Return how to answer the next request of a path."""
        if method == "HEAD":
            return self._head_faults.get(key, Fault())
        return self._faults[key].pop(0) if self._faults[key] else Fault()

    def file(self, key: str) -> _File | None:
        """Return the file at a path."""
        return self._files.get(key)


@contextmanager
def serving() -> Iterator[HubDouble]:
    """Serve while the block runs."""
    double = HubDouble()
    handler = type("Handler", (_Handler,), {"double": double})
    server = _Server(("127.0.0.1", 0), handler)
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield double
    finally:
        double.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: HubDouble
    timeout = 5

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep stderr clean."""

    def _answer(self) -> None:
        key = _key(self.path)
        self.close_connection = True
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.double.received.append(Received(self.command, self.path, headers))
        fault = self.double.next_fault(self.command, key)
        file = self.double.file(key)
        if fault.status is not None or file is None:
            self._plain(fault.status or 404, fault.headers)
            return
        offset = self._offset(file, fault)
        whole = file.body if fault.body is None else fault.body
        if offset is not None and offset >= len(whole):
            self._plain(416, {"Content-Range": f"bytes */{len(whole)}", "ETag": file.etag})
            return
        body = whole[offset or 0 :]
        self.send_response(200 if offset is None else 206)
        self.send_header("ETag", file.etag)
        self.send_header("Content-Length", str(fault.content_length or len(body)))
        self.send_header("Connection", "close")
        if offset is not None:
            self.send_header("Content-Range", f"bytes {offset}-{len(whole) - 1}/{len(whole)}")
        if _RESOLVE.fullmatch(self.path):
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(file.body).hexdigest()}"')
            self.send_header("X-Linked-Size", str(len(file.body)))
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self._send(body, fault)

    def _offset(self, file: _File, fault: Fault) -> int | None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range", file.etag) == file.etag or fault.ignore_if_range
        return int(asked[1]) if asked and same and not fault.ignore_range else None

    def _plain(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, body: bytes, fault: Fault) -> None:
        cuts = (fault.truncate_at, fault.reset_at, fault.stall_at)
        end = next((cut for cut in cuts if cut is not None), len(body))
        step = fault.drip_bytes or len(body) or 1
        for start in range(0, min(end, len(body)), step):
            self.wfile.write(body[start : min(start + step, end)])
            self.wfile.flush()
            if fault.drip_bytes and self.double.closing.wait(0.02):
                return
        if fault.reset_at is not None:
            # Closing with a linger of zero seconds sends RST.
            time.sleep(0.05)
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        if fault.stall_at is not None:
            self.double.closing.wait(20)


def _key(path: str) -> str:
    """Return the name under which a path is scripted: without query, and without a revision."""
    bare = path.partition("?")[0]
    found = _RESOLVE.fullmatch(bare)
    return f"/{found['repo']}/{found['file']}" if found else bare
