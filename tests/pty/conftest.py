"""Programs on a terminal of their own, and what a shell in front of them sees."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

STAGED = Path(__file__).with_name("staged.py")
REPLAY = ["tui", "--replay", str(Path(__file__).parents[1] / "tui/fixtures/three_tasks.jsonl")]

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")

Environ = Callable[..., dict[str, str]]


@pytest.fixture
def environ(tmp_path: Path, tools_index: Path) -> Environ:
    """Return the function that makes the environment of a program; None takes a name away."""
    (tmp_path / "cache").mkdir()
    shutil.copy(tools_index, tmp_path / "cache")

    def made(**changes: str | None) -> dict[str, str]:
        whole = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **changes}
        return {name: value for name, value in whole.items() if value is not None}

    return made
