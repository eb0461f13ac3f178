"""Files of Hugging Face repositories, through huggingface_hub and its cache.

The library brings what users already have: a cache shared with other programs, HF_ENDPOINT,
HF_TOKEN, HF_HOME, HF_HUB_OFFLINE. It compares sizes only, so what arrives is hashed here and
compared with the hub's own record of the file. Files stay in the cache, where they were found;
nothing is linked or copied into the models directory, and only files proven bad are moved away.

An interrupted transfer is continued within one call. A later call starts the file anew, because
the library (2.x) removes what is unfinished.
"""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from toollama import __version__
from toollama.errors import InputError, ModelCorrupt, NetworkNeeded
from toollama.models.fetch import hub_faults
from toollama.models.fetch.files import require_space
from toollama.models.fetch.retry import Attempts, Patience
from toollama.models.fetch.sources import HubFile
from toollama.models.fetch.verify import Progress, ensure_file_verified

_T = TypeVar("_T")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_HELP = (
    "check the network and HTTPS_PROXY, set HF_ENDPOINT to a mirror, or copy the file here and: "
    "toollama models add PATH --name NAME"
)


@dataclass(frozen=True, slots=True)
class _About:
    """What the hub says of a file."""

    commit: str
    sha256: str
    """`""` for files outside LFS, whose ETag is no sha256 of their bytes."""
    size: int | None


def fetch(
    source: HubFile,
    *,
    progress: Progress,
    check_progress: Progress,
    patience: Patience,
    force: bool = False,
) -> Path:
    """Return the path in the hub's cache of a file that is whole and is what the hub recorded.

    A file in the cache is used without a transfer, and without the network where there is none.
    `force` transfers it in any case. Raises `NetworkNeeded`, `InputError` for what does not exist,
    `ModelCorrupt` and `DiskFull`.
    """
    _silence()
    for renew in (force, True):
        step = partial(_transfer, source, progress=progress, renew=renew)
        try:
            path, sha256 = _patiently(source, patience, step)
        except NetworkNeeded:
            cached = None if renew else _cached(source)
            if cached is None:
                raise
            return cached
        try:
            ensure_file_verified(path, sha256, progress=check_progress)
            return path
        except ModelCorrupt:
            if renew:
                break
    bad = _set_aside(path)
    raise ModelCorrupt(
        f"{source}: what arrived is not the file that the hub recorded; kept as {bad}",
        fix="pull again; behind a mirror (HF_ENDPOINT), try without it",
    )


def _about(source: HubFile) -> _About:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(source.repo, source.file, revision=source.revision)
    found = get_hf_file_metadata(url, library_name="toollama", library_version=__version__)
    if not found.commit_hash or not found.etag:
        raise InputError(
            f"{source}: the server is no Hugging Face hub", fix="check HF_ENDPOINT and HTTPS_PROXY"
        )
    sha256 = found.etag if _SHA256.fullmatch(found.etag) else ""
    return _About(found.commit_hash, sha256, found.size)


def _transfer(source: HubFile, *, progress: Progress, renew: bool) -> tuple[Path, str]:
    """Return the file in the cache and the sha256 that the hub recorded for it.

    The library is asked for the revision by name, so that its cache knows the name as well.
    """
    from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache

    about = _about(source)
    here = try_to_load_from_cache(source.repo, source.file, revision=about.commit)
    if renew or not isinstance(here, str):
        require_space(Path(constants.HF_HUB_CACHE), about.size or 0)
    found = hf_hub_download(
        source.repo,
        source.file,
        revision=source.revision,
        force_download=renew,
        tqdm_class=_reporter(progress),
        library_name="toollama",
        library_version=__version__,
    )
    path = Path(found)
    if about.commit not in path.parts:
        raise RuntimeError("the repository changed in between")
    return path, about.sha256


def _cached(source: HubFile) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(source.repo, source.file, revision=source.revision)
    return Path(found) if isinstance(found, str) else None


def _set_aside(pointer: Path) -> Path:
    """Rename the bytes behind a cache entry, so that no program takes them for the file."""
    blob = pointer.resolve()
    bad = blob.with_name(f"{blob.name}.bad")
    blob.replace(bad)
    with suppress(OSError):  # where links are not supported, it was the file itself
        pointer.unlink()
    return bad


def _patiently(source: HubFile, patience: Patience, step: Callable[[], _T]) -> _T:
    """Return what `step` returns, trying again where that may help."""
    import httpx2

    attempts = Attempts(patience)
    while True:
        try:
            return step()
        except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as fault:
            # hf_xet reports every failure as RuntimeError; the library a short file as OSError and
            # a forced transfer whose server went away as ValueError.
            final = hub_faults.final(source, fault)
            if final is not None:
                raise final from None
            if not attempts.failed(wait_s=hub_faults.wait_s(fault)):
                raise NetworkNeeded(f"{source}: {hub_faults.reason(fault)}", fix=_HELP) from None


def _reporter(progress: Progress) -> type[Any]:
    """Return the class that the library makes its progress bars of: it draws nothing, and tells."""
    from huggingface_hub.utils.tqdm import tqdm

    class Reporter(tqdm):
        best = 0

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]
            self.done = int(kwargs.get("initial") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            # hf_xet keeps two bars over the same bytes, and a transfer may begin anew.
            self.done += int(n or 0)
            if self.done > Reporter.best:
                Reporter.best = self.done
                progress(self.done, int(self.total) if self.total else None)
            return None

    return Reporter


def _silence() -> None:
    """Keep the library's log lines off stderr: they are untrusted text and not ours to print."""
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
