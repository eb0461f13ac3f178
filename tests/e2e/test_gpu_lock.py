"""One owner of the GPU per machine, with two real processes. The lock is forced: no GPU is here."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import command, error_lines

pytestmark = pytest.mark.starter


def _start(environment: dict[str, str], text: Path, *options: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command("ask", "-v", *options, "-f", str(text), "--direct", "What happens here?"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment | {"TOOLLAMA_GPU_LOCK": "always"},
    )


def _loaded(process: "subprocess.Popen[bytes]") -> None:
    assert process.stderr
    for line in process.stderr:
        if b"inference.started" in line:
            return


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "long.txt"
    path.write_text("The quick brown fox jumps over the lazy dog near the river. " * 220)
    return path


def test_the_second_process_is_told_who_has_the_gpu(
    environment: dict[str, str], text: Path
) -> None:
    with _start(environment, text) as first:
        _loaded(first)
        second = _start(environment, text)
        _, err = second.communicate(timeout=60)
        first.kill()
    shown = subprocess.CompletedProcess([], second.returncode, "", err.decode())
    [line] = error_lines(shown)
    assert line.startswith(f"error[model.busy]: process {first.pid} ")
    assert "--wait" in line
    assert second.returncode == 3


def test_a_killed_owner_leaves_the_gpu_to_who_waits(
    environment: dict[str, str], text: Path
) -> None:
    with _start(environment, text) as first:
        _loaded(first)
        with _start(environment, text, "--wait") as second:
            first.kill()
            _loaded(second)
            second.kill()
            assert second.stderr
            assert b"error[" not in second.stderr.read()
