"""Whether a model is the one whose sha256 is recorded. Hashes once, then trusts a stamp.

A stamp remembers the digest of a path together with the file's size, modification time and inode;
any change makes the file be read again. It guards against damage and mix-ups, not against somebody
who can write to the user's own cache directory.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from toollama import paths
from toollama.errors import ModelCorrupt, ModelMissing
from toollama.models.fetch.files import write_whole
from toollama.models.gguf.split import files_of

Progress = Callable[[int, int | None], None]
"""Called with the bytes done and the bytes in all, which may be unknown."""

_CHUNK_BYTES = 4 << 20


class _Stamp(BaseModel):
    """What a file was like when it was hashed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    size: int
    mtime_ns: int
    inode: int
    sha256: str


def sha256_of(path: Path, *, progress: Progress | None = None) -> str:
    """Read the whole file and return its digest, in hex. Raises `ModelMissing`."""
    digest = hashlib.sha256()
    done_bytes = 0
    try:
        total_bytes = path.stat().st_size
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                done_bytes += len(chunk)
                if progress is not None:
                    progress(done_bytes, total_bytes)
    except OSError as fault:
        raise ModelMissing(
            f"{path}: cannot be read: {fault.strerror}", fix="check the path and its permissions"
        ) from None
    return digest.hexdigest()


def remember(path: Path, sha256: str) -> None:
    """Keep the digest of the file as it is now. A cache that cannot be written is no failure."""
    try:
        stamp = _current(path, sha256)
        write_whole(_stamp_file(path), stamp.model_dump_json())
    except OSError:
        return


def known_digest(path: Path) -> str:
    """Return the digest that was found for the file as it is now, or `""`."""
    try:
        stamp = _Stamp.model_validate_json(_stamp_file(path).read_bytes())
        return stamp.sha256 if stamp == _current(path, stamp.sha256) else ""
    except (OSError, ValidationError):
        return ""


def digest_of(path: Path, *, progress: Progress | None = None, reread: bool = False) -> str:
    """Return the digest of a model, in hex; what is known of its files is not read again.

    Of a model in one file it is the file's sha256. Of a split one it is the sha256 of its parts'
    digests, a line each: `sha256sum NAME-*.gguf | cut -d' ' -f1 | sha256sum`. Raises `ModelMissing`
    for the part that cannot be read, and `InputError` for a part number that cannot be.
    """
    digests = []
    for file in files_of(path):
        known = "" if reread else known_digest(file)
        digests.append(known or sha256_of(file, progress=progress))
        if not known:
            remember(file, digests[-1])
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def ensure_verified(path: Path, sha256: str, *, progress: Progress | None = None) -> None:
    """Return if the model has this digest; the empty digest, which nobody recorded, fits any.

    `path` is its file, or the first part of a split one. Raises `ModelCorrupt` where the digest
    differs and `ModelMissing` where a file cannot be read.
    """
    if sha256:
        _compare(path, digest_of(path, progress=progress), sha256)


def ensure_file_verified(path: Path, sha256: str, *, progress: Progress | None = None) -> None:
    """Return if this one file, perhaps a part of a model, has the digest, as above."""
    if not sha256 or known_digest(path) == sha256:
        return
    found = sha256_of(path, progress=progress)
    remember(path, found)
    _compare(path, found, sha256)


def _compare(path: Path, found: str, sha256: str) -> None:
    if found != sha256:
        raise ModelCorrupt(
            f"{path}: its sha256 is {found[:12]}…, recorded is {sha256[:12]}…: damaged or replaced",
            fix="toollama models pull NAME --force; if you replaced it: models add PATH --replace",
        )


def _current(path: Path, sha256: str) -> _Stamp:
    about = path.stat()
    return _Stamp(
        path=str(path.absolute()),
        size=about.st_size,
        mtime_ns=about.st_mtime_ns,
        inode=about.st_ino,
        sha256=sha256,
    )


def _stamp_file(path: Path) -> Path:
    name = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()
    return paths.cache_dir() / "verified" / f"{name[:32]}.json"
