"""How much can be asked of a model: its tier, and the verdicts of probes that were run.

Without a probe the tier follows the size alone, which is a rule of thumb. A probe
(`models.examination`) corrects it; its result is kept under the file's sha256. `tier` in
models.toml overrides both.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from toollama import paths
from toollama.models.gguf import GgufHeader

Tier = Literal["T0", "T1", "T2", "T3"]
"""T0 fills slots and no more; T1 chooses among a few; T2 plans in JSON; T3 thinks first."""

_TIERS: tuple[Tier, ...] = get_args(Tier)
_UPPER_PARAMETERS: tuple[tuple[float, Tier], ...] = ((0.4e9, "T0"), (5e9, "T1"), (18e9, "T2"))
_LEAST_PASSED: tuple[tuple[int, Tier], ...] = ((7, "T3"), (6, "T2"), (4, "T1"))
"""Items of eight that a tier needs."""

ROLES: dict[Tier, tuple[str, ...]] = {
    "T0": ("drummer",),
    "T1": ("drummer", "belter"),
    "T2": ("drummer", "belter", "camina"),
    "T3": ("drummer", "belter", "camina", "observer"),
}
"""What a model of each tier plays well; any model may be given any role."""


class ProbeResult(BaseModel):
    """Which of the items a file passed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edition: Literal[1] = 1
    """Raised when the items or their marking change: older results are then not read."""
    passed: tuple[str, ...]
    failed: tuple[str, ...]


def tier(header: GgufHeader, *, cached: ProbeResult | None = None) -> Tier:
    """Return the tier of a file.

    By parameter count: below 0.4, 5 and 18 thousand million. A probe lowers that as far as its
    score says, and raises it by one step at most: eight easy items do not tell a large model from
    a small one that is good at them.
    """
    by_size = _tier_by_size(header)
    if cached is None:
        return by_size
    by_score = _tier_by_score(len(cached.passed))
    ceiling = min(_TIERS.index(by_size) + 1, len(_TIERS) - 1)
    return _TIERS[min(_TIERS.index(by_score), ceiling)]


def _tier_by_size(header: GgufHeader) -> Tier:
    for limit, name in _UPPER_PARAMETERS:
        if header.parameters < limit:
            return name
    return "T3"


def _tier_by_score(passed: int) -> Tier:
    return next((name for least, name in _LEAST_PASSED if passed >= least), "T0")


def recall(path: Path) -> ProbeResult | None:
    """Return the result of an earlier probe of this file, or None.

    The file is not read: its path, size and time of change lead to the digest it had.
    """
    try:
        digest = _stamp_file(path).read_text(encoding="ascii")
        return ProbeResult.model_validate_json(_result_file(digest).read_bytes())
    except (OSError, ValueError, ValidationError):
        return None


def remember(path: Path, *, passed: Sequence[str], failed: Sequence[str]) -> ProbeResult:
    """Keep a result under the file's sha256. Reads the whole file: a second per GB or more."""
    result = ProbeResult(passed=tuple(passed), failed=tuple(failed))
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    target = _result_file(digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(result.model_dump_json(), encoding="utf-8")
    _stamp_file(path).write_text(digest, encoding="ascii")
    return result


def _result_file(digest: str) -> Path:
    return paths.cache_dir() / "probes" / f"{Path(digest).name}.json"


def _stamp_file(path: Path) -> Path:
    stat = path.stat()
    stamp = f"{path.absolute()} {stat.st_size} {stat.st_mtime_ns}"
    digest = hashlib.sha256(stamp.encode("utf-8", "surrogateescape")).hexdigest()
    return paths.cache_dir() / "probes" / f"{digest}.stamp"
