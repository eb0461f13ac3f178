"""Two pulls of one file."""

import os
import threading
from pathlib import Path

import pytest

from toollama.errors import ModelError
from toollama.models.fetch.lock import only_pull


def test_the_second_pull_is_told_who_holds_the_file(tmp_path: Path) -> None:
    told: list[str] = []
    target = tmp_path / "m.gguf"
    with (
        only_pull(target, on_wait=told.append),
        pytest.raises(ModelError, match=f"process {os.getpid()}"),
        only_pull(target, on_wait=told.append, timeout_s=0),
    ):
        pass
    assert told == [f"m.gguf is being pulled by process {os.getpid()}; waiting"]


def test_the_second_pull_goes_on_when_the_first_ends(tmp_path: Path) -> None:
    target = tmp_path / "m.gguf"
    waiting = threading.Event()
    waited: list[bool] = []

    def second() -> None:
        with only_pull(target, on_wait=lambda _who: waiting.set(), timeout_s=10) as had_to:
            waited.append(had_to)

    thread = threading.Thread(target=second)
    with only_pull(target, on_wait=pytest.fail) as had_to:
        thread.start()
        assert waiting.wait(10)
        waited.append(had_to)
    thread.join()
    assert waited == [False, True]
