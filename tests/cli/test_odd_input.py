"""Paths, addresses and words that nobody means, and outputs that cannot be written."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.fake_session import FakeSession
from tests.cli.harness import FAKE_PROGRAM, Cli, UseSession
from tests.tools.answering import OFFLINE
from toollama.agents.messages import Attached
from toollama.cli import attachments
from toollama.errors import InputError, NetworkNeeded
from toollama.host import files
from toollama.text import json_text
from toollama.tools.numbers.arithmetic import read_arithmetic
from toollama.tools.reading.requested_files import READABLE_SUFFIXES, path_candidates

LONG = "a" * 300
FULL_DISK = Path("/dev/full")

needs_full_disk = pytest.mark.skipif(not FULL_DISK.exists(), reason="this system has no /dev/full")


def attach(name: str) -> list[Attached]:
    return attachments.attach([name])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "-f names no file"),
        (LONG, "File name too long"),
        ("~nobody-of-that-name/a", "No such file"),
        ("http://[::1", "names no host"),
    ],
)
def test_what_cannot_be_attached_is_the_users_to_mend(name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        attach(name)


def test_a_file_whose_name_is_not_utf_8_is_refused_with_a_way_out(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")
    Path(name).write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="not UTF-8") as refused:
        attach(name)
    assert refused.value.fix.endswith("-f - < FILE")


def test_a_page_that_cannot_be_had_may_be_saved_and_attached(cli: Cli) -> None:
    done = cli("ask", "-f", "http://127.0.0.1:1/", "x")
    assert done.code == NetworkNeeded.exit_code
    assert done.err.endswith("fix: save the page, and give its file with -f\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["tools", "import", LONG],
        ["ask", "-o", LONG, "x"],
        ["ask", "--schema", "~nobody-of-that-name/s.json", "x"],
        ["ask", "--from-plan", LONG, "x"],
        ["eval", LONG],
        ["--config", LONG, "models", "list"],
        ["models", "info", "/dev/null"],
    ],
)
def test_an_impossible_path_is_wrong_usage(cli: Cli, arguments: list[str]) -> None:
    done = cli(*arguments)
    assert done.code == 2
    assert "error[internal]" not in done.err


def test_a_missing_settings_file_is_fixed_by_the_command_that_makes_it(
    cli: Cli, tmp_path: Path
) -> None:
    missing = tmp_path / "my settings.toml"
    refused = cli("--config", str(missing), "models", "list")
    assert refused.err.endswith(f"fix: toollama --config '{missing}' config init\n")
    cli("--config", str(missing), "config", "init")
    assert missing.is_file()


def test_a_model_whose_path_is_impossible_is_missing(cli: Cli) -> None:
    done = cli("models", "verify", f"{LONG}.gguf")
    assert "error[internal]" not in done.err
    assert (done.code, "missing" in done.out + done.err) == (3, True)


def test_a_setting_is_written_through_a_link(cli: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("", encoding="utf-8")
    link = tmp_path / "config.toml"
    link.symlink_to(kept)
    assert cli("--config", str(link), "config", "set", "vram", "8GiB").code == 0
    assert link.is_symlink()
    assert kept.read_text(encoding="utf-8") == 'vram = "8GiB"\n'


def test_a_setting_that_cannot_be_written_names_the_file(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLLAMA_CONFIG", str(tmp_path / "file" / "config.toml"))
    done = cli("config", "set", "vram", "8GiB")
    assert done.err.startswith(f"error[config.invalid]: {tmp_path / 'file' / 'config.toml'}: ")


def test_a_directory_that_is_gone_is_said_to_be(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert cli("models", "add", "m.gguf").err == (
        "error[input.invalid]: the directory that this was started in is gone"
        " — fix: cd to another\n"
    )


def test_a_directory_named_after_nobody_is_a_name_like_others(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOOLLAMA_DATA_DIR", "~nobody-of-that-name/data")
    assert cli("runs", "list").code == 0


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write_whole(pipe, "36\n")
    assert os.read(reader, 10) == b"36\n"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_file_called_dash_is_stdout(
    cli: Cli, use_session: UseSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    use_session(FakeSession())
    plain = cli("ask", "x")
    assert cli("ask", "-o", "-", "x") == plain
    assert list(tmp_path.glob("-")) == []


def test_a_refused_request_closes_its_json_lines(cli: Cli) -> None:
    lines = cli("ask", "--jsonl", "--depth", "deep", "x").out.splitlines()
    assert [from_json(line)["type"] for line in lines] == ["run.started", "run.failed"]
    assert from_json(lines[-1])["data"]["exit_code"] == 2


def test_an_internal_error_is_a_document_with_json(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode() -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("toollama.models.catalog.load_catalog", explode)
    document = from_json(cli("models", "list", "--json").out)
    assert (document["error"]["code"], document["exit_code"]) == ("internal", 1)


def test_what_the_system_refuses_names_its_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied", "/etc/shadow")

    monkeypatch.setattr("toollama.models.catalog.load_catalog", refuse)
    done = cli("models", "list")
    assert done.err.startswith("error[system.refused]: /etc/shadow: Permission denied — fix: ")


def test_a_name_outside_utf_8_fails_as_a_document(cli: Cli) -> None:
    document = from_json(cli("tools", "info", "--json", "\udcff").out)
    assert document["error"]["message"] == "no tool is called ?"


def test_json_has_a_question_mark_for_a_lone_surrogate() -> None:
    assert from_json(json_text({"name": "a\ud800b"})) == {"name": "a?b"}


def test_a_long_cause_is_cut_and_its_fix_is_not(cli: Cli) -> None:
    line = cli("tools", "info", "a" * 5000).err
    assert len(line) < 1100
    assert line.endswith("… — fix: toollama tools list\n")


def test_an_empty_command_is_no_question(cli: Cli) -> None:
    assert cli("").err.startswith("error[usage]: No such command ''")


@pytest.mark.parametrize("text", ["a" * 100_000, "a-" * 50_000])
def test_a_word_of_a_hundred_thousand_letters_is_searched_for_files_at_once(text: str) -> None:
    """It took minutes: each of its letters was tried as the beginning of an address or a name."""
    assert path_candidates(text, OFFLINE, suffixes=READABLE_SUFFIXES) == ()


def test_a_number_of_sixty_thousand_digits_is_read_at_once() -> None:
    """8,000 took half a minute: each digit was tried as the first of a number."""
    digits = "1" * 60_000
    assert read_arithmetic(digits).expressions in ((), (digits,))


@needs_full_disk
@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["models", "list", "--json"], ["ask", "--jsonl", ""]]
)
def test_a_full_stdout_is_one_line_on_stderr(arguments: list[str]) -> None:
    with FULL_DISK.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "toollama", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr.startswith(b"error[")
    assert done.stderr.count(b"\n") == 1


@needs_full_disk
def test_a_full_stderr_changes_no_exit_code() -> None:
    with FULL_DISK.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "toollama", "--nope"], stderr=full, check=False
        )
    assert done.returncode == 2


@needs_full_disk
def test_json_lines_that_cannot_be_written_stop_the_run() -> None:
    with FULL_DISK.open("wb") as full:
        done = subprocess.run(
            [sys.executable, str(FAKE_PROGRAM), "ask", "--jsonl", "x"],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "SCENE": "hang"},
            timeout=20,
            check=False,
        )
    assert done.returncode == 1
    assert b"error[run.failed]: the output cannot be written: No space left" in done.stderr
