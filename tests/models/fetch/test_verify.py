"""Digests, and the stamps that spare reading a file twice."""

import hashlib
import os
from pathlib import Path

import pytest

from toollama import paths
from toollama.errors import ModelCorrupt, ModelMissing
from toollama.models.fetch import verify
from toollama.models.fetch.verify import digest_of, ensure_verified, known_digest, sha256_of

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


def test_the_digest_of_a_split_model_is_what_sha256sum_makes_of_its_parts(tmp_path: Path) -> None:
    parts = [tmp_path / f"m-0000{number}-of-00002.gguf" for number in (1, 2)]
    for number, part in enumerate(parts):
        part.write_bytes(bytes([number]))
    lines = "".join(f"{hashlib.sha256(part.read_bytes()).hexdigest()}\n" for part in parts)
    assert digest_of(parts[0]) == hashlib.sha256(lines.encode()).hexdigest()


def test_a_known_digest_is_not_computed_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert digest_of(file) == _DIGEST
    monkeypatch.setattr(verify, "sha256_of", pytest.fail)
    assert digest_of(file) == _DIGEST


def test_reading_again_ignores_what_is_known(file: Path) -> None:
    verify.remember(file, "0" * 64)
    assert digest_of(file, reread=True) == _DIGEST
