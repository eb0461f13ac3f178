"""`toollama serve --jsonl` as a process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic_core import from_json

from tests.cli.harness import FAKE_PROGRAM, Cli

ASK = '{"kind": "ask", "options": {"prompt": "x"}}\n'


@contextmanager
def served(scene: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, str(FAKE_PROGRAM), "serve", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SCENE": scene},
    ) as process:
        yield process


def test_what_was_asked_is_served_after_the_input_has_ended() -> None:
    with served("answer") as process:
        written, complaints = process.communicate(ASK, timeout=20)
    lines = [from_json(line) for line in written.splitlines()]
    assert (process.returncode, complaints) == (0, "")
    assert lines[-2]["event"]["type"] == "run.completed"
    assert lines[-1] == {"kind": "ended", "error": ""}


def test_a_signal_stops_the_run_and_ends_the_host_while_stdin_is_open() -> None:
    with served("hang") as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(ASK)
        process.stdin.flush()
        assert "run.started" in process.stdout.readline()
        process.terminate()
        rest = [from_json(line) for line in process.stdout]
        assert process.wait(timeout=20) == 143
    assert rest[-1]["kind"] == "ended"
    assert rest[-2]["event"]["type"] == "run.cancelled"


@pytest.mark.parametrize("options", [(), ("--web", "--jsonl")])
def test_one_thing_is_served(cli: Cli, options: tuple[str, ...]) -> None:
    done = cli("serve", *options)
    assert (done.code, "toollama serve --web, or --jsonl" in done.err) == (2, True)
