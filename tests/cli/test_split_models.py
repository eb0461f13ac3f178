"""A split model is one model to every command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.hub_double import HubDouble, serving
from tests.tiny_gguf import write_tiny_gguf
from toollama import paths
from toollama.models.gguf.split import files_of


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The first of three parts."""
    return write_tiny_gguf(tmp_path / "big.gguf", tensors_per_part=8)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubDouble]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving() as server:
        yield server


def _bytes(first: Path) -> int:
    return sum(part.stat().st_size for part in files_of(first))


def test_a_split_model_is_named_after_all_its_parts(cli: Cli, first: Path) -> None:
    assert cli("models", "add", str(first)).out == "big\n"


def test_list_and_info_count_every_part(cli: Cli, first: Path) -> None:
    cli("models", "add", str(first))
    listed = {model["id"]: model for model in from_json(cli("models", "list", "--json").out)}
    info = from_json(cli("models", "info", "big", "--json").out)
    assert listed["big"]["file_bytes"] == info["file_bytes"] == _bytes(first)


def test_list_calls_a_model_without_all_its_parts_missing(cli: Cli, first: Path) -> None:
    cli("models", "add", str(first))
    files_of(first)[2].unlink()
    listed = {model["id"]: model for model in from_json(cli("models", "list", "--json").out)}
    assert listed["big"]["state"] == "missing"


def test_verify_notices_damage_in_a_later_part(cli: Cli, first: Path) -> None:
    cli("models", "add", str(first))
    assert cli("models", "verify", "big").code == 0
    last = files_of(first)[2]
    data = last.read_bytes()
    last.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    done = cli("models", "verify", "big")
    assert (done.code, done.out.split("\t")[:2]) == (3, ["big", "bad"])


def test_verify_names_a_part_that_is_missing(cli: Cli, first: Path) -> None:
    cli("models", "add", str(first))
    files_of(first)[1].unlink()
    assert cli("models", "verify", "big").out.split("\t")[:2] == ["big", "missing"]


def test_a_pulled_split_model_is_verified_and_removed_as_one(
    cli: Cli, first: Path, double: HubDouble
) -> None:
    names = [part.name for part in files_of(first)]
    urls = [double.put(f"/{part.name}", part.read_bytes()) for part in files_of(first)]
    assert cli("models", "pull", urls[1]).out == "big\n"
    assert cli("models", "verify", "big").out.split("\t")[1] == "ok"
    assert cli("models", "pull", "big").code == 0
    assert {each.name for each in paths.models_dir().glob("*.gguf")} == set(names)
    cli("models", "rm", "big", "--yes")
    assert not list(paths.models_dir().glob("*.gguf"))
