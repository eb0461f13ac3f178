"""The promises of the command line in pipes, each with the program as a user starts it."""

import os
import signal
import subprocess
from pathlib import Path

from pydantic_core import from_json

from tests.e2e.conftest import Toollama, command

SUM = "what is 15% of 80?"


def test_a_quiet_answer_is_one_line_and_nothing_else(toollama: Toollama) -> None:
    done = toollama("ask", SUM, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "15% of 80 = 12\n", "")


def test_a_piped_diff_is_reviewed_as_an_attachment(toollama: Toollama) -> None:
    done = toollama("ask", "how many words are in this text?", stdin="one two three four\n")
    assert (done.returncode, "4 words" in done.stdout) == (0, True)


def test_every_call_can_be_picked_out_of_the_json_lines(toollama: Toollama) -> None:
    events = [from_json(line) for line in toollama("ask", SUM, "--jsonl").stdout.splitlines()]
    (call,) = [event for event in events if event["type"] == "tool.call.completed"]
    assert call["attributes"]["gen_ai.tool.name"] == "calculator"
    assert call["agent"]["name"].startswith("drummer.")
    assert call["duration_ms"] == round(call["data"]["duration_s"] * 1000)
    assert events[-1]["type"] == "run.completed"


def test_an_answer_goes_to_a_file_as_a_whole(toollama: Toollama, tmp_path: Path) -> None:
    done = toollama("ask", SUM, "-o", "answer.md")
    assert (done.stdout, done.stderr) == ("", "written to answer.md\n")
    assert (tmp_path / "answer.md").read_text() == "15% of 80 = 12\n"


def test_a_glob_attaches_every_file_it_matches(toollama: Toollama, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for name in ("a", "b"):
        (tmp_path / "src" / f"{name}.txt").write_text("one two")
    done = toollama("ask", "-f", "src/**/*.txt", "--jsonl", "how many words are in a.txt?")
    started = from_json(done.stdout.splitlines()[0])
    assert started["data"]["attachments"] == ["src/a.txt", "src/b.txt"]


def test_a_plan_is_printed_edited_and_run(toollama: Toollama, tmp_path: Path) -> None:
    plan = toollama("ask", "--plan-only", SUM)
    assert "belter:" in plan.stdout
    assert "tool.call" not in toollama("runs", "show", "last", "--events").stdout
    (tmp_path / "plan.yaml").write_text(plan.stdout)
    done = toollama("ask", "--from-plan", "plan.yaml", SUM)
    assert (done.returncode, "12" in done.stdout) == (0, True)


def test_no_words_and_an_empty_stdin_are_a_usage_error(toollama: Toollama) -> None:
    done = toollama("ask")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[input.invalid]: the prompt is empty")


def test_c_goes_on_from_this_terminal_and_from_no_other(
    toollama: Toollama, environment: dict[str, str]
) -> None:
    environment["TOOLLAMA_SESSION"] = "one"
    assert toollama("ask", "how many miles are 42 km?").returncode == 0
    assert "31.07 mi" in toollama("ask", "-c", "and 50?").stdout
    environment["TOOLLAMA_SESSION"] = "two"
    assert toollama("ask", "-c", "and 50?").returncode == 2


def test_last_attaches_the_answer_before(toollama: Toollama, environment: dict[str, str]) -> None:
    environment["TOOLLAMA_SESSION"] = "one"
    toollama("ask", "how many miles are 42 km?")
    done = toollama("ask", "-f", "@last", "how many words are in this text?")
    assert "5 words" in done.stdout


def test_an_open_and_silent_stdin_is_given_up_in_time(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        command("ask", "--stdin-timeout", "100ms", SUM),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.wait(60) == 2
        assert process.stderr
        assert "stdin was silent" in process.stderr.read()


def test_an_open_and_silent_stdin_is_not_waited_for_without_stdin(
    environment: dict[str, str],
) -> None:
    with subprocess.Popen(
        command("ask", "--no-stdin", "-q", SUM),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.read() == "15% of 80 = 12\n"
        assert process.wait(60) == 0


def test_an_interrupt_while_stdin_is_silent_is_130_and_closes_the_json_lines(
    environment: dict[str, str],
) -> None:
    with subprocess.Popen(
        command("ask", "--jsonl", SUM),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        data = Path(environment["TOOLLAMA_DATA_DIR"])
        while process.poll() is None and not (data / "toollama.db").exists():
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stdout
        assert process.stderr
        last = from_json(process.stdout.read().splitlines()[-1])
        assert (last["type"], last["data"]["exit_code"]) == ("run.failed", 130)
        assert process.stderr.read().startswith("error[run.cancelled]: stopped before")


def test_a_reader_that_wants_one_line_gets_it_and_the_rest_is_kept(
    toollama: Toollama, environment: dict[str, str]
) -> None:
    line = " ".join([*command("ask", SUM), "| head -1; exit ${PIPESTATUS[0]}"])
    done = subprocess.run(
        ["bash", "-c", line.replace(SUM, f"'{SUM}'")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("15% of 80 = 12\n", "")
    assert "12" in toollama("runs", "show", "last").stdout


def test_a_line_that_was_picked_from_the_models_is_what_info_takes(
    environment: dict[str, str],
) -> None:
    program = " ".join(command())
    done = subprocess.run(
        ["bash", "-c", f"{program} models | head -1 | xargs {program} models info"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("id\tsmollm2-135m\n")
