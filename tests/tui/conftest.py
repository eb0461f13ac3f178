"""Screens are drawn the same on every machine: UTF-8, no animation, no colour switches."""

import pytest

from toollama.tui import launch


@pytest.fixture(autouse=True)
def _unicode_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_writes_unicode", lambda: True)
