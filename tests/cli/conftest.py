"""How the command-line tests start the program: in this process, or as a real one in a pipe."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.fake_session import FakeSession, as_module
from tests.cli.harness import FAKE_PROGRAM, Cli, Outcome, Start, UseSession
from toollama.cli import process


@pytest.fixture(autouse=True)
def _own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"TOOLLAMA_{kind}_DIR", str(tmp_path / kind.lower()))
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "ACCESSIBLE",
        "TOOLLAMA_DEBUG",
        "TOOLLAMA_OFFLINE",
        "TOOLLAMA_CONFIG",
        "TOOLLAMA_PROFILE",
        "TOOLLAMA_NO_INPUT",
    ):
        monkeypatch.setenv(name, "")  # options may set them; the empty text is as good as none
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run one command line in this process."""

    def run(*arguments: str) -> Outcome:
        code = process.run(arguments)
        captured = capsys.readouterr()
        return Outcome(int(code), captured.out, captured.err)

    return run


@pytest.fixture
def use_session(monkeypatch: pytest.MonkeyPatch) -> UseSession:
    """Let the commands open the given session."""

    def use(session: FakeSession) -> FakeSession:
        monkeypatch.setitem(sys.modules, "toollama.session", as_module(session))
        return session

    return use


@pytest.fixture
def start() -> Start:
    """Start `toollama` as a process whose session plays a scene, with every stream a pipe."""

    def popen(*arguments: str, scene: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(FAKE_PROGRAM), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "SCENE": scene},
        )

    return popen
