"""Bytes of a plain URL into a part file: resumed, bounded by patience, never believed.

It fills `Part` and stops there; whether the bytes are a model is checked by `pull`. Nothing is
continued unless the server shows that the file is still the same (`answers`). Proxies come from the
environment, as httpx reads them; credentials in the URL stay with its host.
"""

import errno
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from toollama import __version__
from toollama.errors import InputError, NetworkNeeded
from toollama.models.fetch import answers
from toollama.models.fetch.files import disk_full, require_space
from toollama.models.fetch.part import Part
from toollama.models.fetch.retry import Attempts, Patience
from toollama.models.fetch.sources import WebFile
from toollama.models.fetch.verify import Progress
from toollama.text import one_line

if TYPE_CHECKING:
    import httpx

_SLOWEST_BYTES_PER_S = 1024
_CONNECT_TIMEOUT_S = 10.0
_HELP = "check the network and HTTPS_PROXY, and pull again: it goes on where it stopped"


class _Broken(Exception):
    """The transfer ended early; it may go on."""

    def __init__(self, reason: str, *, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(slots=True)
class _Pace:
    """Ends a connection that drips: every byte resets a socket's own timeout."""

    stall_s: float
    _since_s: float = field(default_factory=time.monotonic)
    _bytes: int = 0

    def note(self, count: int) -> None:
        self._bytes += count
        passed_s = time.monotonic() - self._since_s
        if passed_s < self.stall_s:
            return
        if self._bytes < _SLOWEST_BYTES_PER_S * passed_s:
            raise _Broken(f"sent only {self._bytes:,} bytes in {passed_s:.0f} s")
        self._since_s, self._bytes = time.monotonic(), 0


def download(source: WebFile, part: Part, *, progress: Progress, patience: Patience) -> None:
    """Fill the part with every byte of the file, on disk and not only in the page cache.

    Raises `NetworkNeeded`, `InputError` for an answer that asking again will not change, and
    `DiskFull`; the part stays for the next attempt. So it does on `KeyboardInterrupt`.
    """
    import httpx

    attempts = Attempts(patience, have_bytes=part.have_bytes)
    timeout = httpx.Timeout(patience.stall_s, connect=_CONNECT_TIMEOUT_S)
    greeting = {"User-Agent": f"ToolLama/{__version__}", "Accept-Encoding": "identity"}
    with httpx.Client(timeout=timeout, headers=greeting, follow_redirects=True) as client:
        while True:
            try:
                if _transfer(client, source, part, progress=progress, patience=patience):
                    return
                problem, wait_s = "the file changes while it is sent", 0.0
            except _Broken as broken:
                problem, wait_s = str(broken), broken.wait_s
            except httpx.TransportError as fault:
                problem, wait_s = _reason(fault, patience), 0.0
            except (httpx.TooManyRedirects, httpx.InvalidURL) as fault:
                raise InputError(
                    f"{source.host}: {one_line(str(fault))}", fix="check the address"
                ) from None
            if not attempts.failed(have_bytes=part.have_bytes, wait_s=wait_s):
                raise NetworkNeeded(f"{source}: {problem}", fix=_HELP) from None


def _transfer(
    client: "httpx.Client",
    source: WebFile,
    part: Part,
    *,
    progress: Progress,
    patience: Patience,
) -> bool:
    """Ask once for what is missing; return False where all bytes must be asked for anew."""
    have_bytes, known = part.have_bytes, part.validator
    asked = answers.range_request(have_bytes=have_bytes, known=known)
    with client.stream("GET", source.url, headers=asked) as response:
        if source.url.startswith("https:") and response.url.scheme != "https":
            raise InputError(
                f"{source.host} redirects to an address without TLS", fix="use another source"
            )
        match answers.read(
            response.status_code, response.headers, have_bytes=have_bytes, known=known
        ):
            case answers.Complete():
                return True
            case answers.Changed():
                part.forget()
                return False
            case answers.Later(reason, wait_s):
                raise _Broken(reason, wait_s=wait_s)
            case answers.Refused(status, reason):
                raise _refusal(source, status, reason)
            case answers.Body() as body:
                new_validator = answers.validator(response.headers) or (
                    known if body.offset else ""
                )
                require_space(part.path.parent, (body.total_bytes or 0) - body.offset)
                try:
                    with part.open_at(body.offset, validator=new_validator) as file:
                        _write(response, file, body, progress=progress, pace=patience.stall_s)
                except OSError as fault:
                    raise _write_failed(part, fault) from None
                return True


def _write(
    response: "httpx.Response",
    file: BinaryIO,
    body: answers.Body,
    *,
    progress: Progress,
    pace: float,
) -> None:
    done_bytes = body.offset
    steady = _Pace(pace)
    progress(done_bytes, body.total_bytes)
    for chunk in response.iter_raw():
        file.write(chunk)
        done_bytes += len(chunk)
        progress(done_bytes, body.total_bytes)
        steady.note(len(chunk))
    if body.total_bytes is not None and done_bytes != body.total_bytes:
        raise _Broken(f"sent {done_bytes:,} of {body.total_bytes:,} bytes")
    os.fsync(file.fileno())


def _write_failed(part: Part, fault: OSError) -> Exception:
    if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        return disk_full(part.path.parent, "the disk is full")
    return InputError(
        f"{part.path}: cannot be written: {fault.strerror}", fix="check its permissions"
    )


def _refusal(source: WebFile, status: int, reason: str) -> Exception:
    if status in {401, 403}:
        return NetworkNeeded(
            f"{source}: access refused ({status})",
            fix="use a URL that you may read, or hf:owner/repo/file with HF_TOKEN",
            code="download.refused",
        )
    if status in {404, 410}:
        return InputError(f"{source}: there is no such file ({status})", fix="check the address")
    return NetworkNeeded(f"{source}: {reason}", fix="use another source", code="download.refused")


def _reason(fault: "httpx.TransportError", patience: Patience) -> str:
    import httpx

    reasons: list[tuple[type[Exception], Callable[[], str]]] = [
        (httpx.ConnectTimeout, lambda: "could not be reached in time"),
        (httpx.TimeoutException, lambda: f"sent nothing for {patience.stall_s:g} s"),
        (httpx.ProxyError, lambda: f"the proxy failed: {one_line(str(fault))}"),
        (httpx.ConnectError, lambda: f"could not be reached: {one_line(str(fault))}"),
        (httpx.UnsupportedProtocol, lambda: "leads to an address that is not http"),
    ]
    for kind, reason in reasons:
        if isinstance(fault, kind):
            return reason()
    return "broke the connection off"
