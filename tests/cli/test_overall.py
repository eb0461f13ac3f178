"""The options before the command, the project's settings, and the variables that mirror options."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession
from toollama.cli import overall
from toollama.secrets import process_redactor


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the settings file of the working directory."""
    directory = tmp_path / "project"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory / "toollama.toml"


def _origins(cli: Cli, *before: str) -> dict[str, list[str]]:
    shown = cli(*before, "config", "show", "--origin").out
    return {line.split("\t")[0]: line.split("\t")[1:] for line in shown.splitlines()}


def test_an_option_beats_the_variable_the_project_and_the_user(
    cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("config", "set", "profile", "24gb")
    project.write_text('profile = "16gb"\n')
    assert _origins(cli)["profile"][:2] == ["16gb", "toollama.toml:1"]
    monkeypatch.setenv("TOOLLAMA_PROFILE", "12gb")
    value, origin, beaten = _origins(cli)["profile"]
    assert (value, origin) == ("12gb", "TOOLLAMA_PROFILE")
    assert beaten.startswith("toollama.toml:1: 16gb; ")
    assert "config.toml:1: 24gb; default:" in beaten
    assert _origins(cli, "--profile", "8gb")["profile"][0] == "8gb"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('output_dir = "/"', "toollama.toml:1 output_dir: a project may not set this"),
        ("network = { base_urls = {} }", "toollama.toml:1 network: a project may not set this"),
        ("offline = false", "toollama.toml:1 offline: a project may only switch it on"),
        ('vrma = "1GiB"', "toollama.toml:1 vrma: unknown key"),
    ],
)
def test_a_project_may_not_set_what_writes_or_sends(
    cli: Cli, project: Path, line: str, problem: str
) -> None:
    project.write_text(f"{line}\n")
    assert problem in cli("config", "show").err
    done = cli("config", "validate")
    assert (done.code, "toollama.toml\tbad\t" in done.out) == (2, True)


def test_another_settings_file_is_read_in_place_of_the_users(cli: Cli, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('vram = "3GiB"\n')
    assert cli("--config", str(other), "config", "get", "vram").out == "3GiB\n"
    assert "there is no such file" in cli("--config", f"{other}x", "runs").err


def test_runs_are_kept_in_the_directory_that_was_named(cli: Cli, tmp_path: Path) -> None:
    assert cli("--data-dir", str(tmp_path / "elsewhere"), "ask", " ").code == 2
    assert (tmp_path / "elsewhere" / "toollama.db").exists()


def test_a_variable_stands_for_an_option_that_is_not_given(
    cli: Cli, use_session: UseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_session(FakeSession())
    monkeypatch.setenv("TOOLLAMA_JSON", "1")
    assert "answer" in from_json(cli("ask", "x").out)


def test_no_variable_approves_anything(
    cli: Cli, use_session: UseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = use_session(FakeSession())
    monkeypatch.setenv("TOOLLAMA_YES", "send")
    cli("ask", "x")
    assert session.asked is not None
    assert session.asked.granted == frozenset()


@pytest.fixture
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


@pytest.mark.usefixtures("_own_logging")
def test_a_log_file_holds_neither_keys_nor_control_characters(tmp_path: Path) -> None:
    process_redactor.learn("s3cret-value-of-a-key")
    file = tmp_path / "log.txt"
    overall.log_to(file, overall.Level.INFO)
    logging.getLogger("library").info("sent s3cret-value-of-a-key\x1b[2J")
    logging.getLogger("library").debug("not kept")
    text = file.read_text()
    assert "INFO library sent " in text
    assert "s3cret" not in text
    assert "\x1b" not in text
    assert "not kept" not in text


def test_a_log_file_that_cannot_be_written_is_refused(cli: Cli, tmp_path: Path) -> None:
    done = cli("--log-file", str(tmp_path / "absent" / "log"), "runs")
    assert (done.code, "--log-file" in done.err) == (2, True)
