import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toollama.clock import FixedClock
from toollama.errors import ExitCode, ModelBusy
from toollama.models import lock
from toollama.models.lock import Holder, hold, holder, is_needed

HOLD_UNTIL_STDIN_CLOSES = """
import sys
from toollama.models.lock import hold
with hold(wait=True):
    print("held", flush=True)
    sys.stdin.read()
"""
Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process that owns the GPU until its standard input is closed."""
    with ExitStack() as processes:

        def popen() -> "subprocess.Popen[str]":
            process = processes.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", HOLD_UNTIL_STDIN_CLOSES],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            processes.callback(process.kill)
            return process

        yield popen


def wait_until_held(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"


def test_the_second_process_is_told_who_has_the_gpu(start: Start) -> None:
    process = start()
    wait_until_held(process)
    with pytest.raises(ModelBusy) as caught, hold(wait=False):
        pass
    assert f"process {process.pid} (-c)" in caught.value.message
    assert "--wait" in caught.value.fix
    assert "--cpu" in caught.value.fix
    assert caught.value.exit_code == ExitCode.MODEL


def test_who_waits_gets_the_gpu_when_it_is_free(start: Start) -> None:
    first = start()
    wait_until_held(first)
    second = start()
    assert first.stdin is not None
    first.stdin.close()
    wait_until_held(second)
    assert first.wait(10) == 0


def test_a_killed_holder_holds_nothing(start: Start) -> None:
    process = start()
    wait_until_held(process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    assert holder() is None
    with hold(wait=False):
        pass


def test_the_holder_is_known_while_it_holds(start: Start) -> None:
    assert holder() is None
    process = start()
    wait_until_held(process)
    found = holder()
    assert found is not None
    assert found.pid == process.pid


def test_a_wait_can_be_cancelled(start: Start) -> None:
    wait_until_held(start())
    asked_at_s = time.monotonic()
    with pytest.raises(ModelBusy), hold(wait=True, cancelled=lambda: True):
        pass
    assert time.monotonic() - asked_at_s < 5


def test_the_note_says_who_and_since_when_and_is_gone_afterwards(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    note = tmp_path / "state" / "gpu.json"
    with hold(wait=False, clock=FixedClock(noon)):
        written = Holder.model_validate_json(note.read_bytes())
    assert (written.pid, written.since) == (os.getpid(), noon)
    assert not note.exists()


def test_a_damaged_note_hides_the_name_only(start: Start, tmp_path: Path) -> None:
    wait_until_held(start())
    (tmp_path / "state" / "gpu.json").write_bytes(b'{"pid": ')
    with pytest.raises(ModelBusy, match="another process is using the GPU"), hold(wait=False):
        pass


def test_the_directory_of_the_lock_is_the_users_own(tmp_path: Path) -> None:
    with hold(wait=False):
        assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_only_a_gpu_needs_the_lock_unless_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_needed(uses_gpu=True)
    assert not is_needed(uses_gpu=False)
    monkeypatch.setenv(lock.FORCE_VARIABLE, "always")
    assert is_needed(uses_gpu=False)
