"""What the failures of huggingface_hub mean to the person who pulls, and which may pass."""

import errno
from pathlib import Path

from toollama.errors import InputError, NetworkNeeded, ToolLamaError
from toollama.models.fetch.files import disk_full
from toollama.models.fetch.sources import HubFile
from toollama.text import one_line


def final(source: HubFile, fault: Exception) -> ToolLamaError | None:
    """Return the failure that another attempt will not change, or None."""
    from huggingface_hub import constants, errors

    page = f"https://huggingface.co/{source.repo}"
    match fault:
        case errors.OfflineModeIsEnabled():
            return NetworkNeeded(
                f"{source}: the hub's offline mode is on", fix="unset HF_HUB_OFFLINE, or copy it"
            )
        case errors.HFValidationError():
            return InputError(
                f"{source}: not a repository: {one_line(str(fault))}", fix="check the spelling"
            )
        case errors.GatedRepoError():
            return NetworkNeeded(
                f"{source}: its owner asks for consent first",
                fix=f"accept the terms on {page}, then set HF_TOKEN",
                code="hub.gated",
            )
        case errors.RepositoryNotFoundError():
            return InputError(
                f"{source}: no such repository, or a private one",
                fix=f"check {page}; for a private one set HF_TOKEN",
            )
        case errors.RevisionNotFoundError():
            return InputError(f"{source}: no such revision", fix=f"see {page}/tree/main")
        case errors.RemoteEntryNotFoundError():
            return InputError(f"{source}: no such file", fix=f"see {page}/tree/main")
        case errors.HfHubHTTPError() if 400 <= fault.response.status_code < 500:
            return _refusal(source, fault.response.status_code)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT, filename=place):
            return disk_full(Path(place or constants.HF_HUB_CACHE), "the disk is full")
        case OSError(errno=errno.EACCES | errno.EROFS | errno.EPERM, filename=place):
            return InputError(f"{place}: cannot be written", fix="check HF_HOME, permissions")
        case _:
            return None


def _refusal(source: HubFile, status: int) -> ToolLamaError | None:
    if status in {408, 425, 429}:
        return None
    return NetworkNeeded(
        f"{source}: the hub refused ({status})",
        fix="check HF_TOKEN and its rights, or HF_ENDPOINT",
        code="hub.refused",
    )


def reason(fault: Exception) -> str:
    """Return what happened, on one line."""
    response = getattr(fault, "response", None)
    if response is not None:
        return f"the hub answered {response.status_code}"
    return one_line(str(fault) or type(fault).__name__, 160)


def wait_s(fault: Exception) -> float:
    """Return what a rate limit asks us to wait, at most 120 s."""
    response = getattr(fault, "response", None)
    asked = response.headers.get("retry-after", "") if response is not None else ""
    return min(float(asked), 120.0) if asked.isdecimal() else 0.0
