"""`toollama models bench` on a model of noise, and Ctrl-C while it runs."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.tiny_gguf import write_tiny_gguf
from toollama.models import lock


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOOLLAMA_THREADS", "1")
    return write_tiny_gguf(tmp_path / "tiny.gguf", context=2048)


def test_load_prefill_decode_and_the_cost_of_a_constraint_are_told(cli: Cli, tiny: Path) -> None:
    done = cli("models", "bench", str(tiny), "--json")
    (measured,) = from_json(done.out)
    assert (done.code, measured["id"], measured["repetitions"]) == (0, "tiny", 3)
    for figure in ("load_s", "prefill_tokens_per_s", "decode_tokens_per_s", "constrained_ratio"):
        assert measured[figure] > 0


def test_a_pipe_gets_one_line_per_model_and_no_progress(cli: Cli, tiny: Path) -> None:
    done = cli("models", "bench", str(tiny))
    fields = done.out.removesuffix("\n").split("\t")
    assert (done.err, fields[0]) == ("", "tiny")
    assert [field.split(" ", 1)[1] for field in fields[1:]] == ["s", "tok/s", "tok/s", "of free"]


def test_nothing_is_measured_beside_another_owner_of_the_gpu(
    cli: Cli, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(lock.FORCE_VARIABLE, "always")
    with lock.hold(wait=False):
        done = cli("models", "bench", str(tiny))
    assert (done.code, done.out) == (3, "")


def _read_until(descriptor: int, wanted: bytes) -> None:
    seen = b""
    while wanted not in seen:
        seen += os.read(descriptor, 1024)


def test_ctrl_c_ends_a_bench_with_code_130(tmp_path: Path) -> None:
    slow = write_tiny_gguf(tmp_path / "slow.gguf", layers=8, embedding=256, context=2048)
    screen, stderr = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "toollama", "models", "bench", str(slow)],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env={**os.environ, "TOOLLAMA_THREADS": "1", "TERM": "xterm"},
    )
    _read_until(screen, b"run 1 of at most 3")
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    os.close(screen)
    os.close(stderr)
    assert (running.returncode, said) == (130, "")
