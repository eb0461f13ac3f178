"""Digests, and the stamps that spare reading a file twice."""

import hashlib
import os
from pathlib import Path

import pytest

from toollama import paths
from toollama.errors import ModelCorrupt, ModelMissing
from toollama.models.fetch import verify
from toollama.models.fetch.verify import ensure_verified, known_digest, sha256_of

_BYTES = b"model"
_DIGEST = hashlib.sha256(_BYTES).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(_BYTES)
    return path


def test_a_file_with_its_digest_is_verified(file: Path) -> None:
    ensure_verified(file, _DIGEST)
    assert known_digest(file) == _DIGEST


def test_another_digest_is_corrupt(file: Path) -> None:
    with pytest.raises(ModelCorrupt, match="sha256"):
        ensure_verified(file, "0" * 64)


def test_no_recorded_digest_fits_any_file(tmp_path: Path) -> None:
    ensure_verified(tmp_path / "nowhere", "")


def test_a_file_is_read_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_verified(file, _DIGEST)
    monkeypatch.setattr(verify, "sha256_of", pytest.fail)
    ensure_verified(file, _DIGEST)


def test_a_changed_file_is_read_again(file: Path) -> None:
    ensure_verified(file, _DIGEST)
    file.write_bytes(b"MODEL")
    os.utime(file, ns=(0, 1))
    with pytest.raises(ModelCorrupt):
        ensure_verified(file, _DIGEST)


def test_a_replaced_file_is_read_again_though_size_and_time_agree(file: Path) -> None:
    ensure_verified(file, _DIGEST)
    about = file.stat()
    other = file.with_name("other")
    other.write_bytes(b"MODEL")
    os.utime(other, ns=(about.st_atime_ns, about.st_mtime_ns))
    other.replace(file)
    with pytest.raises(ModelCorrupt):
        ensure_verified(file, _DIGEST)


def test_a_damaged_stamp_is_no_stamp(file: Path) -> None:
    ensure_verified(file, _DIGEST)
    for stamp in (paths.cache_dir() / "verified").iterdir():
        stamp.write_bytes(b"{not json")
    assert known_digest(file) == ""


def test_a_cache_that_cannot_be_written_is_no_failure(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLLAMA_CACHE_DIR", str(file))
    ensure_verified(file, _DIGEST)


def test_a_file_that_is_gone_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        sha256_of(tmp_path / "nowhere")
