"""The list of models, and the cache that spares its validation."""

import json
import os
from pathlib import Path

import pytest

from toollama import paths
from toollama.errors import ConfigError
from toollama.models.listing import Declared, declared


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"TOOLLAMA_{kind}_DIR", str(tmp_path / kind))
    path = paths.user_models_toml()
    path.parent.mkdir(parents=True)
    return path


def _listed(name: str) -> Declared | None:
    return next((model for model in declared() if model.id == name), None)


def test_a_cached_list_is_the_built_one(user_file: Path) -> None:
    user_file.write_text('[models.mine]\nfile = "mine.gguf"\n')
    assert declared() == declared()
    assert _listed("mine") is not None


def test_a_changed_file_is_read_again(user_file: Path) -> None:
    assert _listed("mine") is None
    user_file.write_text('[models.mine]\nfile = "mine.gguf"\n')
    assert _listed("mine") is not None


def test_a_faulty_file_is_told_where_the_list_was_cached_before(user_file: Path) -> None:
    declared()
    user_file.write_text("[models.mine]\nfil = 1\n")
    with pytest.raises(ConfigError):
        declared()


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"stamp": []}', b"\xff"])
def test_a_damaged_cache_costs_time_only(user_file: Path, damaged: bytes) -> None:
    built = declared()
    cache = paths.cache_dir() / "models.json"
    cache.write_bytes(damaged)
    assert declared() == built
    assert json.loads(cache.read_bytes())["models"]


def test_a_cache_that_cannot_be_written_is_built_each_time(user_file: Path) -> None:
    assert not user_file.exists()
    paths.cache_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.cache_dir().write_text("a file in the way")
    assert declared() == declared()


def test_a_model_of_a_server_has_no_file_here(user_file: Path) -> None:
    user_file.write_text('[models.far]\nendpoints = [{ url = "http://127.0.0.1:1" }]\n')
    far = _listed("far")
    assert far is not None
    assert (far.remote, far.file_bytes()) == (True, None)


def test_a_file_that_is_there_has_its_size(user_file: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"12345")
    user_file.write_text(f'[models.mine]\nfile = "{os.fspath(tmp_path)}/mine.gguf"\n')
    mine = _listed("mine")
    assert mine is not None
    assert mine.file_bytes() == 5
