"""Every failure is one line and a documented exit code."""

import subprocess
import sys

import pytest
from pydantic_core import from_json

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, Outcome, UseSession
from toollama._version import __version__
from toollama.cli import out
from toollama.errors import ApprovalNeeded, ModelMissing, NetworkNeeded, ToolLamaError
from toollama.tui import launch


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version_is_one_line(cli: Cli, option: str) -> None:
    assert cli(option) == Outcome(0, f"toollama {__version__}\n", "")


def test_python_m_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "toollama", "-V"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"toollama {__version__}\n"


def test_no_command_prints_short_help_on_stderr(cli: Cli) -> None:
    done = cli()
    assert (done.code, done.out) == (2, "")
    assert 'toollama ask "' in done.err


def test_no_command_on_a_terminal_runs_the_dashboard(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "run", lambda _options: 7)
    monkeypatch.setattr(out, "is_terminal", lambda _stream: True)
    assert cli().code == 7


def test_a_bare_question_names_the_command_that_takes_it(cli: Cli) -> None:
    done = cli("capital of France?")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error[input.invalid]: capital of France? is not a command; did you mean: "
        'toollama ask "capital of France?" — fix: toollama --help\n'
    )


def test_a_question_the_shell_would_change_is_quoted_for_it(cli: Cli) -> None:
    assert "toollama ask 'what is $HOME'" in cli("what", "is", "$HOME").err


def test_a_mistyped_command_names_the_nearest(cli: Cli) -> None:
    done = cli("modles", "list")
    assert done.code == 2
    assert "Did you mean 'models'?" in done.err


def test_a_mistyped_option_names_the_nearest(cli: Cli) -> None:
    done = cli("ask", "--jsno", "x")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("error[usage]: No such option: --jsno")
    assert "--json" in done.err
    assert done.err.endswith(" — fix: toollama ask --help\n")


def test_a_bad_value_names_those_there_are(cli: Cli) -> None:
    assert cli("ask", "--depth", "deep", "x").err == (
        "error[usage]: Invalid value for '--depth': 'deep' is not one of 'basic', 'detailed', "
        "'comprehensive' — fix: toollama ask --help\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["runs", "show", "last", "--json"], "name.unknown"),
        (["ask", "--nonsense", "--json"], "usage"),
    ],
)
def test_with_json_a_failure_is_a_document_too(cli: Cli, arguments: list[str], code: str) -> None:
    done = cli(*arguments)
    document = from_json(done.out)
    assert (document["exit_code"], document["error"]["code"]) == (2, code)
    assert document["error"]["message"] in done.err


def test_a_group_without_a_command_lists(cli: Cli) -> None:
    assert cli("models") == cli("models", "list")
    assert cli("models", "--json") == cli("models", "list", "--json")


def test_a_group_without_a_list_needs_a_command(cli: Cli) -> None:
    assert cli("config").err == ("error[usage]: Missing command — fix: toollama config --help\n")


@pytest.mark.parametrize("arguments", [["-h"], ["ask", "-h"], ["tools", "run", "-h"]])
def test_help_has_no_escape_sequences_in_a_pipe(cli: Cli, arguments: list[str]) -> None:
    done = cli(*arguments)
    assert (done.code, done.err) == (0, "")
    assert "Usage: toollama " in done.out
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (ModelMissing("no file", fix="get it"), 3),
        (ApprovalNeeded("send_mail waits", fix="-y send"), 4),
        (NetworkNeeded("no answer", fix="try again"), 5),
    ],
)
def test_a_known_failure_is_its_line_and_its_exit_code(
    cli: Cli, use_session: UseSession, failure: ToolLamaError, code: int
) -> None:
    use_session(FakeSession(failure=failure))
    done = cli("ask", "x")
    assert (done.code, done.out, done.err) == (code, "", failure.line() + "\n")


def test_an_internal_error_is_one_line_without_a_traceback(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toollama.models.catalog.load_catalog", _explode)
    done = cli("models", "list")
    assert done.code == 1
    assert done.err == (
        "error[internal]: RuntimeError: \N{SYMBOL FOR ESCAPE}[2J boom"
        " — fix: toollama doctor; run again with -v for the traceback\n"
    )


def test_verbose_shows_the_traceback_without_its_locals(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toollama.models.catalog.load_catalog", _explode)
    done = cli("-v", "models", "list")
    assert "Traceback (most recent call last)" in done.err
    assert "hunter2" not in done.err
    assert "\x1b" not in done.err


def test_the_debug_variable_shows_the_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toollama.models.catalog.load_catalog", _explode)
    monkeypatch.setenv("TOOLLAMA_DEBUG", "1")
    assert "Traceback" in cli("models", "list").err


def test_an_interrupt_outside_a_run_is_130_and_silent(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toollama.models.catalog.load_catalog", _interrupt)
    done = cli("models", "list")
    assert (done.code, done.out, done.err) == (130, "", "")


def test_an_interrupt_before_a_run_closes_the_json_lines(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toollama.cli.app.build_command", _interrupt)
    done = cli("ask", "--jsonl", "x")
    last = from_json(done.out.splitlines()[-1])
    assert (last["type"], last["data"]["exit_code"]) == ("run.failed", 130)
    assert (done.code, done.err.count("\n")) == (130, 1)


def _explode() -> None:
    password = "hunt" + "er2"
    raise RuntimeError(f"\x1b[2J boom{password[:0]}")


def _interrupt() -> None:
    raise KeyboardInterrupt
