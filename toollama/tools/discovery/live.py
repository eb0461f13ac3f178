"""When each tool last answered against its real service: the user's own record, one JSON file.

Owns `<state>/tools-live.json`. A damaged record is an empty one: the next check writes it anew.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from toollama import paths
from toollama.tools.discovery import files


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """The last time a tool was run against its real service."""

    date: str
    """ISO date of the check."""
    passed: bool
    detail: str = ""
    """What it said, or why it failed."""


def path() -> Path:
    """Return the file of the record."""
    return paths.state_dir() / "tools-live.json"


def load() -> dict[str, LiveCheck]:
    """Return the last check of each tool that was ever checked."""
    import json

    try:
        return {name: LiveCheck(**one) for name, one in json.loads(path().read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def record(checks: Mapping[str, LiveCheck]) -> None:
    """Add checks to the record. Raises `OSError`."""
    from pydantic_core import to_json

    merged = {**load(), **checks}
    content = to_json({name: asdict(one) for name, one in sorted(merged.items())}, indent=2)
    files.replace(path(), content)


def verified(name: str, declared: str, checks: Mapping[str, LiveCheck]) -> str:
    """Return the day a tool last answered: the user's own check before what the tool declares."""
    check = checks.get(name)
    return check.date if check is not None and check.passed else declared
