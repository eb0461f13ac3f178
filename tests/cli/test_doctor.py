"""`toollama doctor`: findings, fixes and the exit code."""

from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from toollama.cli import doctor
from toollama.cli.doctor import Finding
from toollama.errors import ConfigError

OK = Finding("disk", "ok", "fine")
WARN = Finding("network", "warn", "slow", "wait")
FAIL = Finding("model", "fail", "gone", "get it")


@pytest.mark.parametrize(("findings", "code"), [([OK], 0), ([OK, WARN], 0), ([FAIL, OK], 1)])
def test_only_a_failed_check_fails_the_command(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, findings: list[Finding], code: int
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", [lambda found=found: found for found in findings])
    assert cli("doctor").code == code


def test_a_line_names_state_check_finding_and_fix(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", [lambda: FAIL])
    assert cli("doctor").out == "fail\tmodel\tgone\tget it\n"
    assert from_json(cli("doctor", "--json").out) == [
        {"check": "model", "state": "fail", "detail": "gone", "fix": "get it"}
    ]


def test_a_check_that_raises_is_a_failed_finding_with_its_fix() -> None:
    def _settings() -> Finding:
        raise ConfigError("config.toml:1 vram: not a size", fix="write 8GiB")

    assert doctor.examine(_settings) == Finding(
        "settings", "fail", "config.toml:1 vram: not a size", "write 8GiB"
    )


def test_a_check_that_breaks_does_not_hide_the_others(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _broken() -> Finding:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(doctor, "CHECKS", [_broken, lambda: OK])
    lines = cli("doctor").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["fail", "ok"]
    assert "ZeroDivisionError" in lines[0]


def test_a_profile_without_its_files_fails_and_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOOLLAMA_PROFILE", "24gb")
    found = doctor.examine(doctor._active_profile)
    assert found.state == "fail"
    assert "toollama models pull" in found.fix


def test_a_directory_that_cannot_be_made_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLLAMA_STATE_DIR", str(tmp_path / "file" / "state"))
    found = doctor.examine(doctor._directories)
    assert (found.state, found.detail) == (
        "fail",
        f"{tmp_path / 'file' / 'state'} cannot be written",
    )


def test_a_runtime_that_cannot_be_imported_fails_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "_BACKENDS_PROGRAM", "raise ImportError('libllama.so is gone')")
    found = doctor.examine(doctor._llama_cpp)
    assert (found.state, found.detail) == ("fail", "ImportError: libllama.so is gone")


@pytest.mark.parametrize(
    "check",
    [
        doctor._python,
        doctor._settings,
        doctor._catalogue,
        doctor._saved_conversations,
        doctor._directories,
    ],
)
def test_a_fresh_machine_passes(check: doctor.Check) -> None:
    assert doctor.examine(check).state == "ok"
