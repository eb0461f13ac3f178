"""A run that is stopped from outside, as a real process."""

import signal
import subprocess
import time

import pytest
from pydantic_core import from_json

from tests.cli.harness import Start


def _wait_until_it_hangs(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    assert process.stderr.readline() == "warning: hanging\n"


@pytest.mark.parametrize("scene", ["hang", "busy"])
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_stops_the_run_with_its_code(
    start: Start, scene: str, number: signal.Signals, code: int
) -> None:
    with start("ask", "--jsonl", "x", scene=scene) as process:
        _wait_until_it_hangs(process)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    last = from_json(out.splitlines()[-1])
    assert process.returncode == code
    assert (last["type"], last["data"]["exit_code"]) == ("run.cancelled", code)
    assert err == "error[run.cancelled]: the run was stopped — fix: toollama runs show last\n"


def test_the_first_interrupt_ends_the_process_at_once(start: Start) -> None:
    with start("ask", "x", scene="busy") as process:
        _wait_until_it_hangs(process)
        process.send_signal(signal.SIGINT)
        sent_s = time.monotonic()
        process.wait(timeout=20)
        elapsed_s = time.monotonic() - sent_s
        assert process.stdout is not None
        assert process.stdout.read() == "Par"
    assert elapsed_s < 5.0  # 0.2 s is the goal; a shared core may be busy


def test_a_reader_that_leaves_stops_the_run_quietly(start: Start) -> None:
    with start("ask", "x", scene="flood") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "a line of the answer\n"
        process.stdout.close()
        assert process.wait(timeout=20) == 141
        assert process.stderr.read() == ""


def test_a_reader_that_never_came_is_141_and_quiet(start: Start) -> None:
    with start("ask", "x", scene="answer") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=20) == 141
        assert process.stderr.read() == ""


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_help_and_version_into_a_closed_pipe_are_141_and_quiet(
    start: Start, arguments: list[str]
) -> None:
    with start(*arguments, scene="answer") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(timeout=20) == 141
        assert process.stderr.read() == ""


def test_a_failed_run_in_a_pipe_is_one_line(start: Start) -> None:
    with start("ask", "x", scene="missing") as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (3, "")
    assert err == ("error[model.missing]: mistral-7b: no file — fix: toollama models add PATH\n")


def test_the_bytes_of_a_piped_answer(start: Start) -> None:
    with start("ask", "x", scene="answer") as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out == "Paris.\n\n[1] sales.csv — /data/sales.csv\n"
