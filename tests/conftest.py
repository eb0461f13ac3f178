"""Every test starts from the same environment, with directories of its own."""

import atexit
import os
import signal
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import settings

from toollama.secrets import process_redactor
from toollama.tools.discovery import discover

# A shared machine may stall for longer than hypothesis's limit of 0.2 s for one example. The
# examples are the same in every run; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("toollama", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("toollama")

# Under nohup, or behind a shell's &, a suite ignores these, and so would the programs it starts.
for _signal, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, _usual)

# Some modules look at the tools while they are collected; they must see none of the user's own.
_WHILE_COLLECTED = tempfile.TemporaryDirectory(prefix="toollama-tests-")
atexit.register(_WHILE_COLLECTED.cleanup)
for _kind in ("CONFIG", "DATA", "STATE", "CACHE"):
    os.environ[f"TOOLLAMA_{_kind}_DIR"] = str(Path(_WHILE_COLLECTED.name) / _kind.lower())


@pytest.fixture(scope="session")
def tools_index() -> Path:
    """Return the compiled index of the tools, which a process of its own need not compile again."""
    discover()
    return Path(_WHILE_COLLECTED.name, "cache", "tools.json")


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() - {"TEXTUAL_SNAPSHOT_TEMPDIR"}:  # the snapshot plugin's own
        if name == "NO_COLOR" or name.startswith(("TOOLLAMA_", "TEXTUAL_")):
            monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"TOOLLAMA_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.setattr(process_redactor, "_spellings", frozenset())
    monkeypatch.setattr(process_redactor, "_pattern", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
