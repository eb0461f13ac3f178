"""Programs on a terminal of their own, and what a shell in front of them sees."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

STAGED = Path(__file__).with_name("staged.py")
REPLAY = ["tui", "--replay", str(Path(__file__).parents[1] / "tui/fixtures/three_tasks.jsonl")]
Environ = Callable[..., dict[str, str]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what starts one more full screen to `pytest -m deep`."""
    if config.getoption("markexpr"):
        return
    for item in items:
        if item.path.parent == Path(__file__).parent and item.get_closest_marker("deep"):
            item.add_marker(pytest.mark.skip(reason="run with pytest -m deep"))


@pytest.fixture
def environ(tmp_path: Path, tools_index: Path) -> Environ:
    """Return the function that makes the environment of a program; None takes a name away."""
    (tmp_path / "cache").mkdir()
    shutil.copy(tools_index, tmp_path / "cache")

    def made(**changes: str | None) -> dict[str, str]:
        whole = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **changes}
        return {name: value for name, value in whole.items() if value is not None}

    return made
