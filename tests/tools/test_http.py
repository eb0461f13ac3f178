import asyncio
import gzip
import logging
import random
import ssl
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loopback import Answer, Loopback, json_answer, redirect_to
from toollama.base_urls import parse_base_urls
from toollama.clock import FixedClock
from toollama.errors import ConfigError
from toollama.retry_after import retry_after_s
from toollama.secrets import REDACTED, process_redactor
from toollama.tools.base import NoNetwork, ToolFailure
from toollama.tools.downloads import download
from toollama.tools.http import Door, HttpSettings
from toollama.tools.http.bodies import Inflater, UnusableBody
from toollama.tools.http.guard import GuardedBackend, GuardedTransport

HOST = "api.example.org"
URL = f"https://{HOST}/data"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CANARY = "canary-7f3a91"


def door_to(server: Loopback) -> Door:
    settings = HttpSettings(base_urls=server.base_urls, contact="me@example.org", version="1.2")
    return Door(settings, clock=FixedClock(NOW))


async def failure_of(
    server: Loopback, *, hosts: Sequence[str] = (HOST,), **options: Any
) -> ToolFailure:
    async with door_to(server) as door:
        with pytest.raises(ToolFailure) as caught:
            await door.get_json(URL, hosts=hosts, **options)
    return caught.value


async def refusal_of(url: str, *, addresses: Sequence[str] = (), hosts: Sequence[str]) -> str:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    async with Door(HttpSettings(), resolve=resolve) as door:
        with pytest.raises(ToolFailure) as caught:
            await door.get_json(url, hosts=hosts)
    assert caught.value.kind == "blocked"
    return caught.value.message


async def test_an_answer_comes_back_as_data() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", json_answer({"a": [1, 2]}), query={"q": "x y&z", "n": "3"})
        async with door_to(server) as door:
            answer = await door.get_json(URL, params={"q": "x y&z", "n": 3}, hosts=[HOST])
        assert answer == {"a": [1, 2]}


async def test_a_service_is_told_who_asks_and_whom_to_write_to() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", json_answer({}))
        async with door_to(server) as door:
            await door.get_json(URL, hosts=[HOST])
        assert server.received[0].headers["user-agent"] == "ToolLama/1.2 (+me@example.org)"


def test_a_contact_cannot_smuggle_a_header() -> None:
    assert HttpSettings(contact="a@b.org\r\nX: y", version="1").user_agent() == (
        "ToolLama/1 (+a@b.orgX:y)"
    )


async def test_cookies_are_not_sent_back() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b"{}", headers={"Set-Cookie": "id=1; Path=/"}))
        async with door_to(server) as door:
            await door.get_json(URL, hosts=[HOST])
            await door.get_json(URL, hosts=[HOST])
        assert len(server.received) == 2


async def test_an_escaped_slash_in_a_path_stays_escaped() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/page/AC%2FDC", json_answer({}))
        async with door_to(server) as door:
            assert await door.get_json(f"https://{HOST}/page/AC%2FDC", hosts=[HOST]) == {}


async def test_offline_nothing_is_asked() -> None:
    async with Door(HttpSettings(offline=True)) as door:
        with pytest.raises(ToolFailure, match="offline") as caught:
            await door.get_json(URL, hosts=[HOST])
    assert caught.value.kind == "unavailable"


async def test_a_slow_drip_ends_at_the_deadline() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b"[" + b" " * 200, drip_s=0.05))
        started_s = asyncio.get_running_loop().time()
        failure = await failure_of(server, deadline_s=0.3)
        took_s = asyncio.get_running_loop().time() - started_s
    assert failure.kind == "unavailable"
    assert took_s < 1.5


async def test_a_body_over_the_cap_is_not_read_on() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b" " * 900_000))
        failure = await failure_of(server, max_bytes=50_000)
    assert (failure.kind, "50,000 bytes" in failure.message) == ("upstream", True)


TWO_MB_OF_DIGITS = random.Random(1).randbytes(1_100_000).hex().encode()


def encoded(body: bytes, encoding: str = "gzip") -> Answer:
    return Answer(body, headers={"Content-Encoding": encoding})


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("X-GZIP ", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("gzip", lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:])),
        ("identity", bytes),
    ],
)
async def test_a_compressed_body_that_was_not_asked_for_is_read(
    encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", encoded(compress(b'{"a": [1, 2, 3]}'), encoding))
        async with door_to(server) as door:
            assert await door.get_json(URL, hosts=[HOST]) == {"a": [1, 2, 3]}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (encoded(gzip.compress(TWO_MB_OF_DIGITS)), "more than 2,000,000 bytes once decompressed"),
        (encoded(gzip.compress(b" " * 1_500_000)), "grows more than 100-fold"),
        (encoded(gzip.compress(b"[1, 2, 3]")[:-9]), "broke off in the middle"),
        (encoded(b"no gzip at all"), "damaged compressed body"),
        (encoded(b"...", "br"), "encoded as br, which was not asked for"),
        (encoded(b"...", "gzip, gzip"), "encoded as gzip, gzip"),
    ],
)
async def test_a_compressed_body_that_cannot_be_used_is_upstream(answer: Answer, said: str) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", answer)
        failure = await failure_of(server)
    assert (failure.kind, said in failure.message) == ("upstream", True)


@given(st.binary(max_size=5_000), st.integers(1, 999))
def test_a_compressed_body_is_the_same_however_it_is_cut(body: bytes, size: int) -> None:
    wire = gzip.compress(body)
    inflater = Inflater(max_bytes=10_000)
    chunks = [wire[start : start + size] for start in range(0, len(wire), size)]
    assert b"".join(piece for chunk in chunks for piece in inflater.feed(chunk)) == body
    inflater.finish()


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_unusable(wire: bytes) -> None:
    inflater = Inflater(max_bytes=10_000)
    with suppress(UnusableBody):
        list(inflater.feed(wire))
        inflater.finish()


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


async def test_a_port_is_reached_where_the_tool_names_it() -> None:
    async with Loopback("odd.example.org") as server:
        server.expect("odd.example.org", "/x", json_answer(1))
        async with door_to(server) as door:
            url = "https://odd.example.org:2096/x"
            assert await door.get_json(url, hosts=["odd.example.org:2096"]) == 1


async def test_a_tool_with_free_urls_is_still_kept_off_private_addresses() -> None:
    for url in ("http://10.1.2.3/", "http://localhost/", "https://any.org:22/"):
        assert await refusal_of(url, addresses=["10.1.2.3"], hosts=["*"])


async def test_a_download_goes_into_the_file_as_it_comes(tmp_path: Path) -> None:
    body = bytes(range(256)) * 1_000
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(body, headers={"Content-Type": "image/png; q=1"}))
        async with door_to(server) as door:
            done = await download(door, URL, directory=tmp_path / "out", name="a.png", hosts=[HOST])
    assert (done.path, done.size_bytes, done.media_type) == (
        tmp_path / "out" / "a.png",
        256_000,
        "image/png",
    )
    assert done.path.read_bytes() == body


async def test_a_download_never_goes_over_another_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("mine")
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b"new"))
        async with door_to(server) as door:
            done = await download(door, URL, directory=tmp_path, name="a.png", hosts=[HOST])
    assert (done.path.name, (tmp_path / "a.png").read_text()) == ("a-2.png", "mine")


@pytest.mark.parametrize(
    "answers",
    [
        [Answer(b" " * 900_000)],
        [Answer(b"gone", 404)],
        [Answer(b"x" * 100, headers={"Content-Length": "200"}), Answer(reset=True)],
    ],
)
async def test_a_download_that_fails_leaves_no_file(tmp_path: Path, answers: list[Answer]) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", *answers)
        async with door_to(server) as door:
            with pytest.raises(ToolFailure):
                await download(
                    door, URL, directory=tmp_path, name="a", hosts=[HOST],
                    max_bytes=50_000, deadline_s=0.5,
                )  # fmt: skip
    assert names_in(tmp_path) == []


async def test_a_download_that_broke_off_begins_anew(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b"whole"))
        path = tmp_path / "a"
        path.write_bytes(b"left over from a first attempt")
        async with door_to(server) as door:
            with path.open("r+b") as file:
                file.seek(0, 2)
                await door.download(URL, into=file, hosts=[HOST])
    assert path.read_bytes() == b"whole"


@pytest.mark.parametrize("name", ["../a", "a/b", ".a", "", "a\0b", "a" * 200])
async def test_a_download_stays_in_its_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(ToolFailure) as caught:
        await download(NoNetwork(), URL, directory=tmp_path, name=name, hosts=[HOST])
    assert caught.value.kind == "invalid_input"


async def test_a_shut_door_downloads_nothing(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure) as caught:
        await download(NoNetwork(), URL, directory=tmp_path, name="a", hosts=[HOST])
    assert caught.value.kind == "unavailable"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><h1>Sorry</h1></html>", "a page instead of JSON: <html><h1>Sorry"),
        (b"", "not JSON"),
        (b'{"a":', "not JSON"),
        (b"[NaN]", "not JSON"),
        (b'"\\ud800"', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe\x1b[2J", "not JSON"),
    ],
)
async def test_a_body_that_is_not_json_is_an_upstream_failure(body: bytes, said: str) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(body))
        failure = await failure_of(server)
    assert failure.kind == "upstream"
    assert said in failure.message
    assert "\x1b" not in failure.message
    assert len(failure.message) < 300


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "upstream"),
        (401, "missing_credential"),
        (403, "blocked"),
        (404, "not_found"),
        (410, "not_found"),
        (429, "rate_limited"),
        (500, "unavailable"),
        (503, "unavailable"),
        (304, "upstream"),
    ],
)
async def test_a_status_has_its_kind_of_failure(status: int, kind: str) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b"", status))
        assert (await failure_of(server)).kind == kind


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
async def test_a_429_says_how_long_to_wait(value: str, seconds: float | None) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b"", 429, {"Retry-After": value}))
        assert (await failure_of(server)).retry_after_s == seconds


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_any_retry_after_is_a_wait_or_nothing(value: str) -> None:
    wait_s = retry_after_s(value, now=NOW)
    assert wait_s is None or wait_s >= 0


async def test_a_reset_connection_is_tried_once_more() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(reset=True), json_answer({"ok": True}))
        async with door_to(server) as door:
            assert await door.get_json(URL, hosts=[HOST]) == {"ok": True}


async def test_a_connection_that_always_resets_is_given_up_after_two_tries() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(reset=True))
        failure = await failure_of(server)
        assert len(server.received) == 2
    assert failure.kind == "unavailable"


async def test_a_closed_port_is_unavailable() -> None:
    async with Loopback(HOST) as server:
        pass
    failure = await failure_of(server)
    assert (failure.kind, HOST in failure.message) == ("unavailable", True)


async def test_a_name_without_an_address_is_unavailable() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    async with Door(HttpSettings(), resolve=resolve) as door:
        with pytest.raises(ToolFailure) as caught:
            await door.get_json(URL, hosts=[HOST])
    assert caught.value.kind == "unavailable"


async def test_at_most_four_requests_run_at_a_host_at_once() -> None:
    running = 0
    peak = 0

    async def hold() -> None:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.05)
        running -= 1

    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", Answer(b"{}", until=hold))
        async with door_to(server) as door:
            await asyncio.gather(*(door.get_json(URL, hosts=[HOST]) for _ in range(9)))
    assert peak == 4


async def test_a_redirect_is_followed_to_an_allowed_host() -> None:
    async with Loopback(HOST, "b.example.org") as server:
        server.expect(HOST, "/data", redirect_to("https://b.example.org/there?x=1"))
        server.expect("b.example.org", "/there", json_answer({"at": "b"}), query={"x": "1"})
        async with door_to(server) as door:
            assert await door.get_json(URL, hosts=["*.example.org"]) == {"at": "b"}


async def test_a_relative_redirect_stays_with_what_was_asked_for() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", redirect_to("/elsewhere"))
        server.expect(HOST, "/elsewhere", json_answer(1))
        async with door_to(server) as door:
            assert await door.get_json(URL, hosts=[HOST]) == 1


@pytest.mark.parametrize(("onward", "kept"), [(f"https://{HOST}/b", True), ("https://o.org/b", 0)])
async def test_headers_stay_within_their_origin(onward: str, kept: bool) -> None:
    async with Loopback(HOST, "o.org") as server:
        server.expect(HOST, "/data", redirect_to(onward))
        server.expect(onward.split("/")[2], "/b", json_answer(1))
        async with door_to(server) as door:
            await door.get_json(URL, headers={"X-Api-Key": CANARY}, hosts=[HOST, "o.org"])
        assert ("x-api-key" in server.received[-1].headers) is bool(kept)


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://169.254.169.254/latest/meta-data", "not a host"),
        ("https://evil.example.com/", "not a host"),
        (f"http://{HOST}/data", "from https to http"),
        (f"https://user:pw@{HOST}/data", "user name"),
        ("ftp://api.example.org/data", "only http"),
        ("file:///etc/passwd", "only http"),
        ("https://api.example.org:8443/", "port 8443"),
        ("https://[::1/", "not a URL"),
    ],
)
async def test_a_redirect_is_checked_like_a_request(location: str, said: str) -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", redirect_to(location))
        failure = await failure_of(server)
        assert len(server.received) == 1
    assert (failure.kind, said in failure.message) == ("blocked", True)


async def test_a_redirect_to_the_address_behind_an_override_is_refused() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", redirect_to(f"https://127.0.0.1:{server.port}/secret"))
        failure = await failure_of(server, hosts=[HOST, "127.0.0.1"])
        assert len(server.received) == 1
    assert failure.kind == "blocked"


async def test_an_address_behind_an_override_is_not_reached_by_its_own_name() -> None:
    async with Door(HttpSettings(base_urls={HOST: "http://127.0.0.1"})) as door:
        with pytest.raises(ToolFailure, match="only be reached through") as caught:
            await door.get_json("http://127.0.0.1/secret", hosts=["127.0.0.1"])
    assert caught.value.kind == "blocked"


async def test_a_redirect_loop_ends_after_five_hops() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", redirect_to(URL))
        failure = await failure_of(server)
        assert len(server.received) == 6
    assert failure.kind == "upstream"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "0177.0.1",
        "127。0。0。1",
        "localhost",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "168.63.129.16",
    ],
)
async def test_no_spelling_of_an_internal_address_is_reached(host: str) -> None:
    """With the system's own resolver, as an allow-list that names the host would reach it."""
    spelled = host.strip("[]").replace("。", ".")
    async with Door(HttpSettings()) as door:
        with pytest.raises(ToolFailure) as caught:
            await door.get_json(f"http://{host}/", hosts=[spelled])
    assert caught.value.kind == "blocked"
    assert "not on the public internet" in caught.value.message


@pytest.mark.parametrize("addresses", [["10.0.0.5"], ["1.1.1.1", "10.0.0.5"], ["1.1.1.1", "::1"]])
async def test_one_private_answer_of_a_name_refuses_all(addresses: list[str]) -> None:
    assert "public internet" in await refusal_of(URL, addresses=addresses, hosts=[HOST])


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.org/",
        "https://example.org.evil.com/",
        "https://user@api.example.org/",
        "https://api.example.org:8443/",
        "ftp://api.example.org/",
        "file:///etc/passwd",
        "https:///data",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
    ],
)
async def test_a_url_outside_the_allow_list_is_refused(url: str) -> None:
    await refusal_of(url, addresses=["1.1.1.1"], hosts=[HOST])


async def test_a_starred_host_covers_its_subdomains_only() -> None:
    for host in ("example.org", "evilexample.org"):
        await refusal_of(f"https://{host}/", addresses=["1.1.1.1"], hosts=["*.example.org"])


class RecordingBackend(httpcore.AsyncNetworkBackend):
    """Notes where it is asked to connect, and fails for the addresses in `down`."""

    def __init__(self, *down: str, stream: httpcore.AsyncNetworkStream | None = None) -> None:
        self.down = down
        self.stream = stream or httpcore.AsyncMockStream([])
        self.dialled: list[str] = []

    async def connect_tcp(
        self, host: str, *args: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        if host in self.down:
            raise httpcore.ConnectError("refused")
        return self.stream


async def test_a_name_is_resolved_once_and_the_checked_address_is_dialled() -> None:
    """A second look-up that answers 127.0.0.1 (DNS rebinding) never happens."""
    answers = [["93.184.215.14"], ["127.0.0.1"]]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    inner = RecordingBackend()
    backend = GuardedBackend(resolve=resolve, trusted=frozenset(), inner=inner)
    await backend.connect_tcp(HOST, 443)
    assert inner.dialled == ["93.184.215.14"]
    with pytest.raises(ToolFailure, match="public internet"):
        await backend.connect_tcp(HOST, 443)


class TlsStream(httpcore.AsyncMockStream):
    """Answers one request and notes whom TLS was asked to verify."""

    def __init__(self) -> None:
        super().__init__([b"HTTP/1.1 204 No Content\r\n\r\n"])
        self.sent = b""
        self.server_hostname: str | None = None

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
    ) -> httpcore.AsyncNetworkStream:
        self.server_hostname = server_hostname
        return self

    async def write(self, buffer: bytes, *args: Any, **options: Any) -> None:
        self.sent += buffer


async def test_tls_and_the_host_header_still_name_the_host() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["1.1.1.1"]

    inner = RecordingBackend(stream=(stream := TlsStream()))
    backend = GuardedBackend(resolve=resolve, trusted=frozenset(), inner=inner)
    async with GuardedTransport(backend) as transport:
        response = await transport.handle_async_request(httpx.Request("GET", URL))
        await response.aclose()
    assert (inner.dialled, stream.server_hostname) == (["1.1.1.1"], HOST)
    assert f"Host: {HOST}\r\n".encode() in stream.sent


async def test_the_next_address_is_tried_when_one_is_down() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["2606:4700::1", "1.1.1.1"]

    inner = RecordingBackend("2606:4700::1")
    backend = GuardedBackend(resolve=resolve, trusted=frozenset(), inner=inner)
    await backend.connect_tcp(HOST, 443)
    assert inner.dialled == ["2606:4700::1", "1.1.1.1"]


async def test_only_the_override_s_own_port_is_trusted() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    inner = RecordingBackend()
    trusted = frozenset({("127.0.0.1", 8001)})
    backend = GuardedBackend(resolve=resolve, trusted=trusted, inner=inner)
    await backend.connect_tcp("127.0.0.1", 8001)
    for host, port in (("127.0.0.1", 8002), ("localhost", 8001)):
        with pytest.raises(ToolFailure, match="public internet"):
            await backend.connect_tcp(host, port)


@pytest.mark.parametrize("status", [200, 400, 403, 404, 429, 500])
async def test_a_credential_is_in_no_message_and_no_log(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Answer(f"bad key {CANARY} and Bearer {CANARY}2".encode(), status, {"X-Echo": CANARY})
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", echo, query={"api-key": CANARY})
        failure = await failure_of(
            server, params={"api-key": CANARY}, headers={"Authorization": f"Bearer {CANARY}2"}
        )
    assert CANARY not in failure.line()
    assert CANARY not in caplog.text


async def test_what_a_tool_calls_secret_is_struck_out_of_every_later_text() -> None:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", json_answer(1), query={"t": "token-of-the-day"})
        async with door_to(server) as door:
            params = {"t": "token-of-the-day"}
            await door.request("GET", URL, params=params, secrets=[params["t"]], hosts=[HOST])
    assert process_redactor.redact("got token-of-the-day") == f"got {REDACTED}"


def test_base_urls_are_read_from_one_line() -> None:
    assert parse_base_urls(" A.org=http://127.0.0.1:1/a/ , b.org=https://m.example ") == {
        "a.org": "http://127.0.0.1:1/a",
        "b.org": "https://m.example",
    }


def test_no_base_urls_are_an_empty_mapping() -> None:
    assert parse_base_urls("") == {}


@pytest.mark.parametrize(
    "entry",
    [
        "a.org",
        "=http://127.0.0.1",
        "a.org=",
        "a.org=ftp://127.0.0.1",
        "a.org=127.0.0.1:80",
        "a.org=http://u:secret@127.0.0.1",
        "a.org=http://127.0.0.1/?q=secret",
        "a.org=http://127.0.0.1:99999",
        "a b=http://127.0.0.1",
        "https://a.org=http://127.0.0.1",
    ],
)
def test_a_malformed_base_url_is_named_without_its_value(entry: str) -> None:
    with pytest.raises(ConfigError, match="TOOLLAMA_BASE_URLS") as caught:
        parse_base_urls(f"ok.org=http://127.0.0.1,{entry}")
    assert "secret" not in caught.value.line()
