"""Every test starts from the same environment, with directories of its own."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import settings

# A shared machine may stall for longer than hypothesis's limit of 0.2 s for one example. The
# examples are the same in every run; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("toollama", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("toollama")


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ.keys() - {"TEXTUAL_SNAPSHOT_TEMPDIR"}:  # the snapshot plugin's own
        if name == "NO_COLOR" or name.startswith(("TOOLLAMA_", "TEXTUAL_")):
            monkeypatch.delenv(name)
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"TOOLLAMA_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
