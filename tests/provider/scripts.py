"""Faults of a service, each in place of whatever it would have served."""

import gzip
from dataclasses import replace

from tests.provider.wire import Reply

RETRY_AFTER_S = 30
_PAGE = b"<!doctype html><html><head><title>Login</title></head><body>Sign in</body></html>"
_NOISE = bytes(range(256)) * 8


def unauthorised(_reply: Reply) -> Reply:
    return Reply(401, {"Content-Type": "application/json"}, b'{"error": "invalid key"}')


def forbidden(_reply: Reply) -> Reply:
    return Reply(403, {"Content-Type": "text/html"}, _PAGE)


def too_many(_reply: Reply) -> Reply:
    return Reply(429, {"Retry-After": str(RETRY_AFTER_S)})


def broken(_reply: Reply) -> Reply:
    return Reply(500, {"Content-Type": "text/html"}, _PAGE)


def hanging(reply: Reply) -> Reply:
    return replace(reply, hangs=True)


def dripping(reply: Reply) -> Reply:
    return replace(reply, drip_s=0.02)


def garbage(reply: Reply) -> Reply:
    """The page of a captive portal; noise where a page is what is documented."""
    if reply.headers.get("Content-Type", "").startswith("text/html"):
        return replace(reply, body=_NOISE)
    return Reply(200, {"Content-Type": "text/html"}, _PAGE)


def hollow(reply: Reply) -> Reply:
    """A success without a body."""
    return replace(reply, body=b"")


def truncated_gzip(reply: Reply) -> Reply:
    packed = gzip.compress(reply.body)
    return replace(
        reply,
        headers={**reply.headers, "Content-Encoding": "gzip"},
        body=packed[: len(packed) // 2],
    )


def bomb(reply: Reply) -> Reply:
    """300 MB of blanks in 300 KB."""
    packer = gzip.compress(b" " * 1_000_000) * 300
    return replace(reply, headers={**reply.headers, "Content-Encoding": "gzip"}, body=packer)


def inward(_reply: Reply) -> Reply:
    """A redirect to where clouds keep their credentials."""
    return Reply(302, {"Location": "http://169.254.169.254/latest/meta-data/"})


def flood(reply: Reply) -> Reply:
    """A body that does not end."""
    return replace(reply, endless=b" " * 65_536)
