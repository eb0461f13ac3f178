"""Files of a plain URL, over real sockets, from a server that misbehaves in every known way."""

import hashlib
import os
import shutil
from collections import namedtuple

import pytest

from tests.hub_double import Fault, HubDouble
from tests.models.fetch.harness import Fetch, leftovers
from toollama import paths
from toollama.errors import InputError, ModelCorrupt, NetworkNeeded
from toollama.models.fetch.files import DiskFull

_PATH = "/files/tiny.gguf"


def _arrived() -> bytes:
    assert leftovers() == {"tiny.gguf"}
    return (paths.models_dir() / "tiny.gguf").read_bytes()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(truncate_at=100_000),
        Fault(reset_at=100_000),
        Fault(stall_at=100_000),
        Fault(content_length=10_000_000),
        Fault(status=500),
        Fault(status=503, headers={"Retry-After": "7"}),
        Fault(status=429),
    ],
    ids=["truncated", "reset", "stalled", "length too large", "500", "503", "429"],
)
def test_a_file_arrives_whole_after_a_fault(
    double: HubDouble, model: bytes, fetch: Fetch, fault: Fault
) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, fault)
    digest = hashlib.sha256(model).hexdigest()
    assert fetch(url, sha256=digest).path == paths.models_dir() / "tiny.gguf"
    assert _arrived() == model


def test_a_broken_transfer_goes_on_where_it_stopped(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, Fault(truncate_at=100_000))
    fetch(url)
    assert [get.headers.get("range") for get in double.gets(_PATH)] == [None, "bytes=100000-"]


def test_a_later_pull_goes_on_where_an_earlier_one_gave_up(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, Fault(truncate_at=100_000))
    with pytest.raises(NetworkNeeded):
        fetch(url, attempts=1)
    assert leftovers() == {"tiny.gguf.part", "tiny.gguf.part.json"}
    fetch(url)
    assert double.gets(_PATH)[-1].headers["range"] == "bytes=100000-"
    assert _arrived() == model


def test_a_whole_file_in_answer_to_a_range_starts_over(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, Fault(truncate_at=100_000), Fault(ignore_range=True))
    fetch(url)
    assert _arrived() == model


@pytest.mark.parametrize("lies", [False, True], ids=["If-Range honoured", "If-Range ignored"])
def test_bytes_of_two_versions_are_never_joined(
    double: HubDouble, model: bytes, fetch: Fetch, *, lies: bool
) -> None:
    url = double.put(_PATH, b"x" * len(model))
    double.fail(_PATH, Fault(truncate_at=100_000))
    with pytest.raises(NetworkNeeded):
        fetch(url, attempts=1)
    double.put(_PATH, model)
    double.fail(_PATH, Fault(ignore_if_range=lies))
    fetch(url)
    assert _arrived() == model


def test_without_a_validator_nothing_is_continued(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model, etag='W/"weak"')
    double.fail(_PATH, Fault(truncate_at=100_000))
    fetch(url)
    assert [get.headers.get("range") for get in double.gets(_PATH)] == [None, None]


def test_a_drip_is_given_up(double: HubDouble, model: bytes, fetch: Fetch) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, Fault(drip_bytes=1))
    with pytest.raises(NetworkNeeded, match="sent only"):
        fetch(url, attempts=1)


def test_progress_makes_the_attempts_count_anew(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, *[Fault(truncate_at=20_000)] * 6)
    fetch(url, attempts=2)
    assert _arrived() == model


def test_a_server_that_always_breaks_off_ends_the_pull(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, *[Fault(truncate_at=0)] * 9)
    with pytest.raises(NetworkNeeded, match="broke the connection off"):
        fetch(url)
    assert len(double.gets(_PATH)) == 3


def test_the_wait_a_server_asks_for_is_kept(double: HubDouble, model: bytes, fetch: Fetch) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, Fault(status=429, headers={"Retry-After": "7"}))
    fetch(url)
    assert fetch.waits_s == [7.0]


@pytest.mark.parametrize(
    ("status", "error"), [(401, NetworkNeeded), (403, NetworkNeeded), (404, InputError)]
)
def test_a_refusal_is_final(
    double: HubDouble, model: bytes, fetch: Fetch, status: int, error: type[Exception]
) -> None:
    url = double.put(_PATH, model)
    double.fail(_PATH, Fault(status=status))
    with pytest.raises(error, match=str(status)):
        fetch(url)
    assert len(double.gets(_PATH)) == 1


def test_a_redirect_to_another_host_is_followed_without_credentials(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    double.put("/elsewhere/tiny.gguf", model)
    away = double.url.replace("127.0.0.1", "localhost")
    double.put(_PATH, b"")
    moved = {"Location": f"{away}/elsewhere/tiny.gguf"}
    double.fail(_PATH, Fault(status=302, headers=moved))
    fetch(double.url.replace("://", "://me:secret@") + _PATH)
    assert "authorization" in double.gets(_PATH)[0].headers
    assert "authorization" not in double.gets("/elsewhere/tiny.gguf")[0].headers
    assert _arrived() == model


def test_endless_redirects_are_refused(double: HubDouble, fetch: Fetch) -> None:
    url = double.put(_PATH, b"")
    double.fail(_PATH, *[Fault(status=302, headers={"Location": url})] * 30)
    with pytest.raises(InputError, match="redirects"):
        fetch(url)


def test_an_unreachable_host_is_one_line_with_the_next_step(fetch: Fetch) -> None:
    with pytest.raises(NetworkNeeded) as caught:
        fetch("http://127.0.0.1:1/tiny.gguf")
    assert "could not be reached" in caught.value.message
    assert "HTTPS_PROXY" in caught.value.fix


@pytest.mark.parametrize(
    "fault",
    [Fault(body=b"<html>not here</html>"), Fault(content_length=100_000)],
    ids=["a web page", "length too small"],
)
def test_what_is_no_model_is_set_aside_and_the_good_file_stays(
    double: HubDouble, model: bytes, fetch: Fetch, fault: Fault
) -> None:
    url = double.put(_PATH, model)
    fetch(url)
    double.fail(_PATH, fault)
    with pytest.raises(ModelCorrupt):
        fetch(url, force=True)
    assert leftovers() == {"tiny.gguf", "tiny.gguf.bad"}
    assert (paths.models_dir() / "tiny.gguf").read_bytes() == model


def test_another_sha256_than_recorded_is_refused(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model)
    with pytest.raises(ModelCorrupt, match="sha256"):
        fetch(url, sha256="0" * 64)
    assert leftovers() == {"tiny.gguf.bad"}


def test_a_file_that_is_here_is_not_asked_for(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    url = double.put(_PATH, model)
    fetch(url)
    fetch(url)
    assert len(double.gets(_PATH)) == 1


def test_nothing_is_written_where_the_disk_is_too_small(
    double: HubDouble, model: bytes, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = double.put(_PATH, model)
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil returns it
    small = usage(len(model), 0, len(model))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: small)
    with pytest.raises(DiskFull, match="GB free"):
        fetch(url)
    assert leftovers() == set()


def test_a_disk_that_fills_up_keeps_what_was_written(
    double: HubDouble, model: bytes, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = double.put(_PATH, model)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        with pytest.raises(DiskFull):
            fetch(url)
    assert (paths.models_dir() / "tiny.gguf.part").stat().st_size == len(model)


def test_an_interrupt_keeps_what_was_written(
    double: HubDouble, model: bytes, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = double.put(_PATH, model)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(url)
    fetch(url)
    assert double.gets(_PATH)[-1].headers["range"] == f"bytes={len(model)}-"
    assert _arrived() == model


def test_every_part_of_a_split_model_is_fetched(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    names = [f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    urls = [double.put(f"/files/{name}", model) for name in names]
    pulled = fetch(urls[1])
    assert (pulled.path.name, pulled.parts) == (names[0], 3)
    assert leftovers() == set(names)


def test_progress_ends_at_the_size_of_the_file(
    double: HubDouble, model: bytes, fetch: Fetch
) -> None:
    fetch(double.put(_PATH, model))
    assert fetch.seen[-1] == (len(model), len(model))


def _no_space(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def _interrupt(_descriptor: int) -> None:
    raise KeyboardInterrupt


def test_the_models_directory_is_made(double: HubDouble, model: bytes, fetch: Fetch) -> None:
    assert not paths.models_dir().exists()
    fetch(double.put(_PATH, model))
    assert _arrived() == model
