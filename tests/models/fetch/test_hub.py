"""Files of the hub through huggingface_hub itself, against a double on a loopback address."""

import hashlib
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from tests.hub_double import COMMIT, Fault, HubDouble
from tests.models.fetch.harness import Fetch
from toollama.errors import InputError, ModelCorrupt, NetworkNeeded
from toollama.models.fetch.files import DiskFull

_SOURCE = "hf:owner/repo/tiny.gguf"


@pytest.fixture
def path(hub: HubDouble, model: bytes) -> str:
    return hub.put_hub("owner/repo", "tiny.gguf", model)


def test_a_file_of_the_hub_lies_in_the_hubs_own_cache(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch, tmp_path: Path
) -> None:
    found = fetch(_SOURCE).path
    assert found == tmp_path / "hub/models--owner--repo/snapshots" / COMMIT / "tiny.gguf"
    assert found.read_bytes() == model


def test_a_cached_file_is_not_transferred_again(hub: HubDouble, path: str, fetch: Fetch) -> None:
    fetch(_SOURCE)
    fetch(_SOURCE)
    assert len(hub.gets(path)) == 1


def test_other_programs_find_the_file_by_the_name_of_its_branch(
    hub: HubDouble, path: str, fetch: Fetch
) -> None:
    from huggingface_hub import hf_hub_download

    found = fetch(_SOURCE).path
    assert hf_hub_download("owner/repo", "tiny.gguf", local_files_only=True) == str(found)


def test_force_transfers_a_cached_file_again(hub: HubDouble, path: str, fetch: Fetch) -> None:
    fetch(_SOURCE)
    fetch(_SOURCE, force=True)
    assert len(hub.gets(path)) == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(truncate_at=100_000),
        Fault(reset_at=100_000),
        Fault(stall_at=100_000),
        Fault(status=503),
    ],
    ids=["truncated", "reset", "stalled", "503"],
)
def test_a_file_of_the_hub_arrives_whole_after_a_fault(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch, fault: Fault
) -> None:
    hub.fail(path, fault)
    assert fetch(_SOURCE).path.read_bytes() == model


def test_a_whole_file_in_answer_to_a_range_is_not_joined(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch
) -> None:
    hub.fail(path, Fault(truncate_at=100_000), Fault(ignore_range=True))
    assert fetch(_SOURCE).path.read_bytes() == model


def test_damage_in_transit_is_found_and_mended(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch
) -> None:
    hub.fail(path, Fault(body=b"x" * len(model)))
    assert fetch(_SOURCE).path.read_bytes() == model


def test_lasting_damage_leaves_no_file_that_other_programs_would_use(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch, tmp_path: Path
) -> None:
    hub.fail(path, *[Fault(body=b"x" * len(model))] * 2)
    with pytest.raises(ModelCorrupt, match="not the file that the hub recorded"):
        fetch(_SOURCE)
    cache = tmp_path / "hub/models--owner--repo"
    assert [each.suffix for each in (cache / "blobs").iterdir()] == [".bad"]
    assert not list(cache.glob("snapshots/*/*"))


def test_the_recorded_sha256_binds_the_hub_too(hub: HubDouble, path: str, fetch: Fetch) -> None:
    with pytest.raises(ModelCorrupt, match=r"models\.toml records"):
        fetch(_SOURCE, sha256="0" * 64)


def test_every_part_of_a_split_hub_model_is_fetched(
    hub: HubDouble, model: bytes, fetch: Fetch
) -> None:
    for number in (1, 2):
        hub.put_hub("owner/repo", f"q4/big-0000{number}-of-00002.gguf", model)
    pulled = fetch("hf:owner/repo/q4/big-00001-of-00002.gguf")
    assert pulled.path.with_name("big-00002-of-00002.gguf").exists()


@pytest.mark.parametrize(
    ("fault", "error", "fix"),
    [
        (Fault(status=403, headers={"X-Error-Code": "GatedRepo"}), NetworkNeeded, "accept"),
        (Fault(status=401, headers={"X-Error-Code": "RepoNotFound"}), InputError, "HF_TOKEN"),
        (Fault(status=403), NetworkNeeded, "HF_TOKEN"),
        (Fault(status=404, headers={"X-Error-Code": "EntryNotFound"}), InputError, "tree/main"),
        (Fault(status=404, headers={"X-Error-Code": "RevisionNotFound"}), InputError, "tree"),
        (Fault(status=503), NetworkNeeded, "HF_ENDPOINT"),
    ],
    ids=["gated", "private", "forbidden", "no file", "no revision", "down"],
)
def test_a_refusal_of_the_hub_names_the_next_step(
    hub: HubDouble, path: str, fetch: Fetch, *, fault: Fault, error: type[NetworkNeeded], fix: str
) -> None:
    hub.answer_head(path, fault)
    with pytest.raises(error) as caught:
        fetch(_SOURCE)
    assert fix in caught.value.fix
    assert "\n" not in caught.value.line()


def test_a_name_that_no_repository_can_have_is_refused(hub: HubDouble, fetch: Fetch) -> None:
    with pytest.raises(InputError, match="not a repository"):
        fetch("hf:owner/re--po/tiny.gguf")
    assert not hub.received


def test_a_file_on_another_host_is_fetched_without_the_users_token(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    away = hub.put("/elsewhere/blob", model).replace("127.0.0.1", "localhost")
    linked = {
        "Location": away,
        "X-Repo-Commit": COMMIT,
        "X-Linked-Etag": f'"{hashlib.sha256(model).hexdigest()}"',
        "X-Linked-Size": str(len(model)),
    }
    hub.answer_head(path, Fault(status=302, headers=linked))
    assert fetch(_SOURCE).path.read_bytes() == model
    assert hub.received[0].headers["authorization"] == "Bearer hf_test"
    assert "authorization" not in hub.gets("/elsewhere/blob")[0].headers


def test_a_rate_limit_is_waited_for(hub: HubDouble, path: str, fetch: Fetch) -> None:
    hub.answer_head(path, Fault(status=429, headers={"Retry-After": "7"}))
    with pytest.raises(NetworkNeeded, match="429"):
        fetch(_SOURCE)
    assert fetch.waits_s == [7.0, 7.0]


def test_a_cached_file_is_used_when_the_hub_cannot_be_reached(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch
) -> None:
    fetch(_SOURCE)
    hub.answer_head(path, Fault(status=503))
    assert fetch(_SOURCE).path.read_bytes() == model


def test_a_server_that_is_no_hub_is_named_as_such(hub: HubDouble, path: str, fetch: Fetch) -> None:
    hub.answer_head(path, Fault(status=200))
    with pytest.raises(InputError, match="no Hugging Face hub"):
        fetch(_SOURCE)


def test_the_hub_is_not_asked_for_more_than_the_disk_holds(
    hub: HubDouble, path: str, model: bytes, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil returns it
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(len(model), 0, len(model)))
    with pytest.raises(DiskFull):
        fetch(_SOURCE)
    assert not hub.gets(path)
